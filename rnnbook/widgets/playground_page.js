/** The playground itself: it comes when its page is opened, see playground.js. */
import { h, legend, num } from "./kit.js";
import { makeAnswer } from "./playground_answers.js";
import { makeCurves, makeInside } from "./playground_pictures.js";
import { makeConductor, makeTraining, meanLoss, measured } from "./playground_training.js";
import { CHOICES, TASKS, complete } from "./train/settings.js";

/** @typedef {import("./train/settings.js").TaskName} TaskName */
/** @typedef {import("./train/settings.js").Settings} Settings */
/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {"a" | "b"} Side */
/** @typedef {import("./playground_training.js").Training} Training */

const SIDES = /** @type {Side[]} */ (["a", "b"]);
const STYLE = `
.compare { display: grid; grid-template-columns: minmax(8rem, 13rem) minmax(0, 1fr) minmax(0, 1fr); gap: 0.3rem 0.7rem; align-items: center; max-width: 46rem; }
.compare.single { grid-template-columns: minmax(8rem, 13rem) minmax(0, 18rem); }
.compare .top { font-weight: 650; font-size: 0.9rem; }
.compare .side { display: flex; gap: 0.45rem; align-items: center; }
.compare select { margin: 0; padding: 0.2rem 0.4rem; min-width: 0; }
.compare select.differs { border-color: var(--c); box-shadow: inset 3px 0 0 var(--c); }
.swatch { width: 1.6rem; height: 0; border-top: 3px solid var(--z); border-radius: 2px; }
.swatch.b { border-top: 3px dashed var(--c); }
.go { min-width: 6.5rem; font-weight: 650; background: var(--ink); color: var(--surface); border-color: var(--ink); }
.go:hover:enabled { background: var(--ink); opacity: 0.88; }
.about { max-width: 46rem; }
.bar select { width: auto; min-width: 4rem; }
details { border-top: 1px solid var(--line); padding-top: 0.6rem; }
summary { cursor: pointer; font-weight: 600; font-size: 0.95rem; min-height: 28px; }
details > * + * { margin-top: 0.6rem; }
pre, .said { margin: 0; padding: 0.6rem 0.8rem; min-height: 9.5rem; max-height: 18rem; overflow: auto; background: var(--soft); border-radius: 8px; font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.said { white-space: pre-wrap; overflow-wrap: anywhere; }
.aligned { white-space: pre; min-height: 6.5rem; }
u { color: var(--g); text-decoration-thickness: 2px; }
.given { color: var(--muted); }
.frames { display: block; width: 100%; max-width: 260px; aspect-ratio: 40 / 26; image-rendering: pixelated; border-radius: 6px; background: var(--soft); }
.problem { border-left: 3px solid var(--g); padding-left: 0.8rem; }
details textarea { min-height: 6rem; }
@container (max-width: 559px) {
  .compare { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .compare.single { grid-template-columns: minmax(0, 1fr); }
  .compare .name { grid-column: 1 / -1; margin-top: 0.2rem; }
  .compare > span:first-child:empty { display: none; }
}
.printed { display: none; }
@media print { .bar, details, .try, .compare { display: none !important; } .printed { display: block; } }
`;

/** The guided experiments; what they ask and set up comes with playground_experiments.js. */
export const EXPERIMENTS = ["Make it vanish", "Make it explode", "Clip it", "Open the forget gate", "Overfit and stop", "Fixed or fresh masks", "Alone, it drifts"];

/** Settings as they stand in a link. @param {{task: TaskName, a: Settings, b: Settings, compare: boolean, seeds: number, seed: number}} state */
export function toLink({ task, a, b, compare, seeds, seed }) {
  const side = (/** @type {Settings} */ s) => Object.entries(s).map(([key, value]) => `${key}:${value}`).join(",");
  const parts = { task, a: side(a), ...(compare ? { b: side(b) } : {}), seeds: String(seeds), seed: String(seed) };
  return `#play?${new URLSearchParams(parts)}`;
}

/** What a link holds, of it only what is known. @param {string} link */
export function fromLink(link) {
  if (!link.startsWith("#play?")) return {};
  const given = new URLSearchParams(link.slice(6));
  const side = (/** @type {string} */ text) =>
    Object.fromEntries(
      text.split(",").flatMap((pair) => {
        const [key, value] = pair.split(":");
        const found = CHOICES.find((c) => c.key === key)?.options.find(([v]) => String(v) === value);
        return found ? [[key, found[0]]] : [];
      }),
    );
  const whole = (/** @type {string} */ key, /** @type {number} */ most) => {
    const n = Math.round(Number(given.get(key)));
    return n >= 1 && n <= most ? { [key]: n } : {};
  };
  const task = given.get("task") ?? "";
  return { ...(task in TASKS ? { task } : {}), a: side(given.get("a") ?? ""), b: side(given.get("b") ?? ""), compare: given.has("b"), ...whole("seeds", 5), ...whole("seed", 999999) };
}

/** The table of settings, a column a network. @param {Ui} ui @param {() => void} changed */
function makeTable(ui, changed) {
  const make = (/** @type {boolean} */ more) => {
    const table = h("div", { class: "compare" });
    ui.draw(() => {
      const [task, compare] = [/** @type {TaskName} */ (ui.get("task")), ui.get("compare")];
      const full = { a: complete(task, ui.get("a")), b: complete(task, ui.get("b")) };
      const sides = compare ? SIDES : SIDES.slice(0, 1);
      const key = JSON.stringify([task, compare, full]);
      if (table.dataset.key === key) return;
      table.dataset.key = key;
      table.classList.toggle("single", !compare);
      const held = /** @type {HTMLElement | null} */ (table.querySelector(":focus"))?.dataset.name;
      const rows = CHOICES.filter((c) => !!c.more === more && sides.some((side) => !c.when || c.when(full[side], task)));
      table.replaceChildren(
        ...(more ? [] : [h("span"), ...sides.map((side) => h("span", { class: "top side" }, h("span", { class: `swatch ${side}`, "aria-hidden": "true" }), `Network ${side.toUpperCase()}`))]),
        ...rows.flatMap(({ key: name, label, options, when }) => [
          h("span", { class: "name" }, label),
          ...sides.map((side) => {
            if (when && !when(full[side], task)) return h("span", { class: "muted" }, "–");
            const menu = h("select", { "aria-label": `${label}, network ${side.toUpperCase()}`, "data-name": side + name }, ...options.map(([value, text]) => h("option", { selected: value === full[side][name] }, text)));
            menu.classList.toggle("differs", side === "b" && full.a[name] !== full.b[name]);
            menu.addEventListener("change", () => {
              ui.set(side, { ...ui.get(side), [name]: options[menu.selectedIndex][0] });
              changed();
            });
            return menu;
          }),
        ]),
      );
      if (held) /** @type {HTMLElement | null} */ (table.querySelector(`[data-name="${held}"]`))?.focus();
    });
    return table;
  };
  return h("div", { class: "body" }, make(false), h("details", {}, h("summary", {}, "More settings"), make(true)));
}

/** What a link holds. @param {Ui} ui @returns {any} */
const state = (ui) => Object.fromEntries(["task", "a", "b", "compare", "seeds", "seed"].map((key) => [key, ui.get(key)]));

/** All settings of a network. @param {Settings} settings complete @param {TaskName} task */
const inWords = (settings, task) =>
  CHOICES.filter(({ when }) => !when || when(settings, task)).map(({ key, label, options }) => `${label.toLowerCase()} ${options.find(([value]) => value === settings[key])?.[1] ?? settings[key]}`).join(", ");

/** Takes the settings from the address of a page that is the playground's own, and anew where another link is opened. @param {Ui} ui @param {() => void} renew */
function followLinks(ui, renew) {
  const follow = () => {
    const given = Object.entries(fromLink(location.hash));
    for (const [key, value] of given) ui.set(key, value);
    return given.length > 0;
  };
  follow();
  // Another link, opened where the page is open already.
  const turn = () => follow() && renew();
  window.addEventListener("hashchange", turn);
  ui.cleanup(() => window.removeEventListener("hashchange", turn));
}

/**
 * What is trained, how, and the reader's own data; `problem` says what is wrong with these.
 * @param {Ui} ui
 * @param {(name: string) => Promise<any>} load brings a part that a reader opens
 */
function makeStage(ui, load) {
  const said = { problem: "" };
  const networks = () => (ui.get("compare") ? SIDES : SIDES.slice(0, 1)).map((side) => ({ name: `Network ${side.toUpperCase()}`, settings: ui.get(side) }));
  const training = makeTraining(ui, () => ({ task: ui.get("task"), seeds: ui.get("seeds"), seed: ui.get("seed"), networks: networks() }));
  const pace = h("select", { "aria-label": "Speed" }, h("option", {}, "full speed"), h("option", {}, "ten a second"), h("option", {}, "two a second"));
  const told = ui.readout();
  const conductor = makeConductor(ui, training, { told, run: () => ({ pause: [0, 100, 500][pace.selectedIndex] }) });
  const renew = () => {
    said.problem = "";
    conductor.renew();
    if (ui.get("page")) history.replaceState(null, "", toLink(state(ui)));
  };
  for (const key of ["task", "compare", "seeds", "seed"]) ui.on(key, renew);
  ui.on("task", () => training.setOwn(undefined));
  pace.addEventListener("change", conductor.repace);
  const taken = (/** @type {string} */ problem) => {
    renew();
    said.problem = problem;
  };
  const ownData = opened("Your own data", load, "train-own-data", (parts) => parts.$playground_own_data.makeOwnData(ui, training, taken));
  return { said, training, pace, told, conductor, renew, ownData };
}

/** @typedef {ReturnType<typeof makeStage>} Stage */

/** @param {Ui} ui @param {(name: string) => Promise<any>} load @param {Stage} stage */
function arrange(ui, load, { training, pace, told, conductor, renew, ownData }) {
  const toggle = ui.button("Start", () => (conductor.running ? conductor.halt() : conductor.go()));
  toggle.classList.add("go");
  const about = h("p", { class: "about" });
  const trouble = h("p", { class: "problem", role: "alert" });
  const key = legend([]);
  // On paper a line of words stands in place of the menus.
  const printed = h("p", { class: "printed" });
  ui.body.append(
    ui.bar(
      ui.select("task", { label: "Task", options: Object.entries(TASKS).map(([name, { label }]) => [name, label]) }),
      ui.choice("seeds", { label: "Seeds at once", options: [[1, "1"], [2, "2"], [3, "3"], [5, "5"]] }),
      ui.toggle("compare", { label: "two networks" }),
    ),
    about,
    makeTable(ui, renew),
    ui.bar(toggle, ui.button("One step", conductor.step), ui.button("Reset", renew), ui.button("New seed", () => ui.set("seed", 1 + ((ui.get("seed") + 99) % 999999))), pace),
    trouble,
    ui.split("1fr 1fr", makeCurves(ui, training), makeCurves(ui, training, "metric")),
    key,
    told.node,
    makeAnswer(ui, training),
    makeInside(ui, training),
    makeExperiments(ui, load, { renew, go: conductor.go }),
    ownData,
    opened("Take it with me", load, "train-take-along", (parts) => parts.$playground_take_along.makeTakeAlong(ui, training, () => location.href.split("#")[0] + toLink(state(ui)))),
    printed,
  );
  return { toggle, about, trouble, key, printed };
}

/** @param {Ui} ui @param {(name: string) => Promise<any>} load brings a part that a reader opens */
export function playground(ui, load) {
  ui.card.append(Object.assign(h("style"), { textContent: STYLE }));
  if (ui.get("page")) followLinks(ui, () => stage.renew());
  const root = /** @type {HTMLElement} */ (/** @type {ShadowRoot} */ (ui.card.getRootNode()).host);
  const stage = makeStage(ui, load);
  const { said, training, conductor, ownData } = stage;
  const { toggle, about, trouble, key, printed } = arrange(ui, load, stage);
  ui.draw(() => {
    const { task, lanes } = training;
    const runs = training.all();
    conductor.watch();
    toggle.textContent = conductor.running ? "Pause" : "Start";
    about.textContent = TASKS[task].about;
    ownData.style.display = TASKS[task].own ? "" : "none";
    trouble.textContent = said.problem || (runs.find((run) => run.stopped)?.stopped ?? "");
    trouble.style.display = trouble.textContent ? "" : "none";
    if (key.childElementCount !== lanes.length) key.replaceChildren(...legend(lanes.map(({ name, color, dash }) => ({ label: name, color, dash }))).children);
    printed.textContent = `Task: ${TASKS[task].label}; seeds ${ui.get("seed")} to ${ui.get("seed") + ui.get("seeds") - 1}. ${lanes.map(({ name, settings }) => `${name}: ${inWords(settings, task)}`).join(". ")}.`;
    root.dataset.updates = String(runs.length ? Math.min(...runs.map((run) => run.updates)) : 0);
    root.dataset.loss = String(meanLoss(lanes[0].runs));
    root.dataset.metric = String(measured(task, lanes[0]).mean);
  });
  ui.drawNow();
}

/** The list of guided experiments. @param {Ui} ui @param {(name: string) => Promise<any>} load @param {{renew: () => void, go: () => void}} acts */
function makeExperiments(ui, load, acts) {
  const box = h("div", { class: "try" });
  const choose = () => {
    const begin = async (/** @type {string} */ label) => (await load("train-experiments")).$playground_experiments.ask(label, box, ui, { ...acts, choose });
    box.replaceChildren(
      h("p", {}, h("b", {}, "Try this. "), "Each experiment asks what you expect, sets two networks up, and lets you watch."),
      h("div", { class: "acts" }, ...EXPERIMENTS.map((label) => ui.button(label, () => begin(label)))),
    );
  };
  choose();
  return box;
}

/** A fold whose content comes when a reader opens it. @param {string} name @param {(name: string) => Promise<any>} load @param {string} part @param {(parts: any) => Node[]} make */
function opened(name, load, part, make) {
  const details = h("details", {}, h("summary", {}, name));
  let asked = false;
  details.addEventListener("toggle", async () => {
    if (asked || !details.open) return;
    asked = true;
    try {
      details.append(...make(await load(part)));
    } catch (error) {
      asked = false;
      details.append(h("p", { role: "alert" }, error instanceof Error ? error.message : String(error)));
    }
  });
  return details;
}
