/** The race itself: it comes with the reader's answer, see training_race.js. */
import { h, heatColour, legend, num } from "./kit.js";
import { makeAnswer } from "./playground_answers.js";
import { makeCurves, makeGradient } from "./playground_pictures.js";
import { kindOf, makeConductor, makeTraining, meanLoss, measured, says } from "./playground_training.js";

/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {import("./playground_training.js").Lane} Lane */
/** @typedef {import("./playground_training.js").Training} Training */

const STYLE = `
.weights { border-collapse: collapse; font-size: 0.8rem; }
.weights caption { text-align: left; white-space: nowrap; font-size: 0.875rem; color: var(--muted); padding: 0.2rem 0; }
.weights td { min-width: 3.6rem; padding: 0.1rem 0.35rem; border: 1px solid var(--line); text-align: right; }
.weights small { display: block; color: var(--g); font-size: 0.72rem; }
.matrices { display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; align-items: end; overflow-x: auto; }
.go { min-width: 6.5rem; font-weight: 650; background: var(--ink); color: var(--surface); border-color: var(--ink); }
.go:hover:enabled { background: var(--ink); opacity: 0.88; }
.said { white-space: pre-wrap; overflow-wrap: anywhere; font: 13.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; background: var(--soft); border-radius: 8px; padding: 0.6rem 0.8rem; }
`;

/**
 * What the seeds of all networks say together, in words: only where no seed of one reaches a seed of the other.
 * @param {number[][]} values for each network the metric of each seed
 * @param {string[]} names
 * @param {boolean} low whether lower is better
 * @returns {string}
 */
export function verdict(values, names, low) {
  if (values.length < 2 || values.some((of) => of.length < 3)) return "";
  const order = values.map((of, k) => ({ name: names[k], best: low ? Math.min(...of) : Math.max(...of), worst: low ? Math.max(...of) : Math.min(...of) }));
  const ahead = (/** @type {typeof order[0]} */ p, /** @type {typeof order[0]} */ q) => (low ? p.worst < q.best : p.worst > q.best);
  const pairs = order.flatMap((p) => order.filter((q) => p !== q && ahead(p, q)).map((q) => `${p.name} ahead of ${q.name}`));
  return pairs.length ? `In every seed: ${pairs.join("; ")}.` : "The seeds of the networks overlap: here and now the race decides nothing.";
}

/** Weights of a small network, each with its gradient below it. @param {Ui} ui @param {Training} training */
function makeWeights(ui, training) {
  const place = h("div", { class: "matrices", tabindex: 0, role: "region", "aria-label": "Weights and their gradients" });
  /** @type {any} */
  let before;
  let theme = "";
  ui.draw(() => {
    const { weights } = training.lanes[0]?.runs[0]?.last ?? {};
    if (before === weights && theme === ui.theme) return;
    [before, theme] = [weights, ui.theme];
    place.replaceChildren(...(weights ?? []).map((/** @type {{name: string, shape: number[], values: number[], gradients: number[]}} */ w) => matrix(w, ui.theme)));
  });
  return h("div", {}, h("div", { class: "caption" }, "Every weight, and below it its gradient at the last update; above each matrix the length of its gradient"), place);
}

/** A number in a column of numbers. @param {number} v @param {number} digits */
const fixed = (v, digits) => num(Number(v.toFixed(digits)), digits);

/** @param {{name: string, shape: number[], values: number[], gradients: number[]}} weight @param {"light" | "dark"} theme */
function matrix({ name, shape: [rows, columns], values, gradients }, theme) {
  const letter = name.replace(/^.*\//, "");
  const length = fixed(Math.hypot(...gradients), 3);
  const cell = (/** @type {number} */ i) => {
    const node = h("td", {}, fixed(values[i], 2), h("small", {}, fixed(gradients[i], 3)));
    node.style.background = `color-mix(in srgb, ${heatColour(values[i] / 2, theme)} 30%, var(--surface))`;
    return node;
  };
  const caption = h("caption", {}, `$${letter}$: ${length}`);
  return h("table", { class: "weights" }, caption, ...Array.from({ length: rows }, (_, r) => h("tr", {}, ...Array.from({ length: columns }, (_, c) => cell(r * columns + c)))));
}

/** @param {Ui} ui @param {HTMLElement} box where the question stood @param {string} said the reader's answer */
export function race(ui, box, said) {
  ui.card.append(Object.assign(h("style"), { textContent: STYLE }));
  const root = /** @type {HTMLElement} */ (/** @type {ShadowRoot} */ (ui.card.getRootNode()).host);
  const { key, label, options } = ui.get("choose");
  const pictures = /** @type {string[]} */ (ui.get("pictures"));
  const menu = h("select", { "aria-label": label ?? "" }, ...(options ?? []).map((/** @type {any} */ value) => h("option", {}, String(value))));
  const networks = () => ui.get("networks").map((/** @type {any} */ { name, settings }) => ({ name, settings: key ? { ...settings, [key]: options[menu.selectedIndex] } : settings }));
  if (key) menu.selectedIndex = Math.max(0, options.indexOf(ui.get("networks")[0].settings[key] ?? 50));
  const training = makeTraining(ui, () => ({ task: ui.get("task"), seeds: ui.get("seeds"), seed: ui.get("seed"), networks: networks() }));
  const told = ui.readout();
  const until = () => ui.get("until");
  const conductor = makeConductor(ui, training, { told, run: () => ({ until: until() }), words: (all, running) => [...says(all, running), ended() && result(all)] });
  const ended = () => training.all().length > 0 && training.all().every((run) => run.last.done || run.stopped);
  const toggle = ui.button("Start", () => (conductor.running ? conductor.halt() : ended() ? again() : conductor.go()));
  toggle.classList.add("go");
  const again = () => {
    ui.set("seed", 1 + ((ui.get("seed") + 99) % 999999));
    conductor.renew();
    return conductor.go();
  };
  menu.addEventListener("change", conductor.renew);
  const trouble = h("p", { role: "alert" });
  const draws = { gradient: makeGradient, answer: makeAnswer, weights: makeWeights };
  box.replaceChildren(h("p", {}, h("b", {}, `You expect: ${said}. `), ui.get("watch")));
  ui.body.append(
    ui.bar(toggle, ui.button("One step", conductor.step), ui.button("Reset", conductor.renew), key && h("label", {}, `${label} `, menu)),
    trouble,
    makeCurves(ui, training),
    training.lanes.length > 1 && legend(training.lanes.map(({ name, color, dash }) => ({ label: name, color, dash }))) || "",
    told.node,
    ...pictures.map((name) => draws[/** @type {"gradient"} */ (name)](ui, training)),
  );
  ui.draw(() => {
    const runs = training.all();
    conductor.watch();
    toggle.textContent = conductor.running ? "Pause" : ended() ? "Again, other seeds" : "Start";
    trouble.textContent = runs.find((run) => run.stopped)?.stopped ?? "";
    root.dataset.updates = String(runs.length ? Math.min(...runs.map((run) => run.updates)) : 0);
    root.dataset.loss = String(meanLoss(training.lanes[0].runs));
  });
  ui.drawNow();
  toggle.focus();
  if (!pictures.includes("weights")) conductor.go();
}

/** The end of a race in words. @param {Training} training */
function result({ task, lanes }) {
  return verdict(lanes.map((lane) => measured(task, lane).values), lanes.map(({ name }) => name), kindOf(task) !== "share");
}
