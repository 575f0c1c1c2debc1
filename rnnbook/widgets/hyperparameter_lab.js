import { FACTS } from "./facts.js";
import { h, live, num, percent } from "./kit.js";
import { load } from "./parts.js";

/** @typedef {Record<string, number | boolean>} Config */
/** @typedef {Record<"loss" | "accuracy" | "val_loss" | "val_accuracy", number[]>} History one value an epoch */
/** @typedef {{config: Config, parameters: number, train: number, runs: ({best: number, test: number} & History)[]}} Recorded */
/** @typedef {"a" | "b"} Side */

const LABELS = /** @type {Record<string, string>} */ ({
  units: "Units in a layer",
  depth: "Layers",
  bidirectional: "Direction",
  dropout: "Dropout",
  recurrent_dropout: "Recurrent dropout",
  learning_rate: "Learning rate",
  maxlen: "Words kept (maxlen)",
});
const KEYS = Object.keys(LABELS);
const SIDES = /** @type {Side[]} */ (["a", "b"]);

const USUAL = FACTS.usual;
/** Pairs of configurations that surprise. @type {[label: string, settings: Record<Side, Config>][]} */
const TRIALS = [
  ["8 units or 64", { a: { ...USUAL, units: 8 }, b: { ...USUAL, units: 64 } }],
  ["Dropout on the input or on the state", { a: { ...USUAL, dropout: 0.2 }, b: { ...USUAL, recurrent_dropout: 0.2 } }],
  ["1 layer or 4", { a: USUAL, b: { ...USUAL, depth: 4 } }],
  ["Small steps or large ones", { a: { ...USUAL, learning_rate: 0.0003 }, b: { ...USUAL, learning_rate: 0.003 } }],
];

/** @param {number | boolean} value */
const word = (value) => (typeof value === "boolean" ? (value ? "both ways" : "forward") : String(value));
/** Percent with one digit, however small. @param {number} share */
const tenths = (share) => num(Number((100 * share).toFixed(1)), 1);
/** The same of a deviation, with a digit more where one would tell nothing. @param {number} share */
const deviation = (share) => (share < 5e-4 ? (100 * share).toFixed(2) : tenths(share));
const count = (/** @type {number} */ n) => num(n, 0);

/**
 * The values of each setting that were recorded, in order.
 * @param {Recorded[]} recorded
 * @returns {Record<string, (number | boolean)[]>}
 */
export function choices(recorded) {
  return Object.fromEntries(KEYS.map((key) => [key, [...new Set(recorded.map(({ config }) => config[key]))].sort((p, q) => Number(p) - Number(q))]));
}

/**
 * The recorded configuration nearest to what is wanted, as `nearest` in Python; the setting `held` must agree.
 * @param {Recorded[]} recorded
 * @param {Config} wanted
 * @param {string} [held]
 * @returns {Recorded | undefined}
 */
export function nearest(recorded, wanted, held) {
  const values = Object.fromEntries(
    KEYS.map((key) => [key, [...new Set([...recorded.map(({ config }) => config[key]), wanted[key]])].sort((p, q) => Number(p) - Number(q))]),
  );
  let best;
  let least = Infinity;
  for (const item of recorded) {
    if (held && item.config[held] !== wanted[held]) continue;
    const steps = KEYS.map((key) => Math.abs(values[key].indexOf(item.config[key]) - values[key].indexOf(wanted[key])));
    const distance = 1000 * steps.filter(Boolean).length + steps.reduce((p, q) => p + q, 0);
    if (distance < least) [best, least] = [item, distance];
  }
  return best;
}

/**
 * Mean and standard deviation (over n - 1; 0 for a single value).
 * @param {number[]} values
 */
export function spread(values) {
  const mean = values.reduce((p, q) => p + q, 0) / values.length;
  const square = values.reduce((p, q) => p + (q - mean) ** 2, 0);
  return { mean, sd: values.length > 1 ? Math.sqrt(square / (values.length - 1)) : 0 };
}

/** The validation accuracy of each seed at its own best epoch. @param {Recorded} item */
const validation = (item) => spread(item.runs.map((run) => run.val_accuracy[run.best - 1]));

/** @param {{mean: number, sd: number}} values @param {number} n how many */
const withSpread = ({ mean, sd }, n) => (n > 1 ? `${tenths(mean)} ± ${deviation(sd)}\u202f%` : percent(mean, 1));

/**
 * The curves of several seeds as mean and deviation for each epoch, and the epoch with the lowest mean validation loss.
 * @param {History[]} runs
 */
export function curves(runs) {
  const epochs = Math.min(...runs.map((run) => run.loss.length));
  const of = (/** @type {keyof History} */ name) => Array.from({ length: epochs }, (_, i) => spread(runs.map((run) => run[name][i])));
  const all = { loss: of("loss"), accuracy: of("accuracy"), val_loss: of("val_loss"), val_accuracy: of("val_accuracy") };
  const losses = all.val_loss.map(({ mean }) => mean);
  return { ...all, epochs, best: epochs ? losses.indexOf(Math.min(...losses)) + 1 : 0 };
}

/** @typedef {ReturnType<typeof curves>} Curves */

const LOOK = `
.lab { display: grid; grid-template-columns: minmax(0, 12rem) minmax(0, 13rem) minmax(0, 13rem); gap: 0.2rem 0.7rem; align-items: center; }
@container (max-width: 559px) { .lab { grid-template-columns: minmax(0, 5fr) minmax(0, 6fr) minmax(0, 6fr); column-gap: 0.5rem; } }
.lab .side { font-weight: 650; }
.lab .differs { color: var(--ink); font-weight: 600; }
.lab select { margin: 0; min-height: 30px; padding-block: 0.1rem; padding-right: 0; }
.lab select.moved { border-color: var(--z); box-shadow: 0 0 0 1px var(--z); }
.lab .fact { font-size: 0.9rem; font-weight: 600; padding-left: calc(0.55rem + 5px); }
@container (max-width: 559px) { .lab .fact { padding-left: 0.3rem; white-space: nowrap; letter-spacing: -0.01em; } }
.lab .rule { grid-column: 1 / -1; border-top: 1px solid var(--line); margin: 0.2rem 0; }
`;

/**
 * Loss or accuracy after each epoch, with the spread over seeds, the best epoch and the epoch at hand.
 * @param {import("./kit.js").Plot} plot
 * @param {Curves} all
 * @param {"loss" | "accuracy"} what
 * @param {{epochs: number, high: number, at?: number}} axes
 */
function drawCurves(plot, all, what, { epochs, high, at }) {
  plot.frame(
    { domain: [1, Math.max(2, epochs)], label: "epoch", ticks: Array.from({ length: epochs }, (_, i) => i + 1).filter((e) => epochs <= 12 || e % 5 === 0), format: (v) => num(v, 0) },
    what === "loss" ? { domain: [0, high], count: 4 } : { domain: [0.4, 1], ticks: [0.4, 0.6, 0.8, 1], format: (v) => num(v, 1) },
  );
  if (all.best) plot.rule({ x: all.best, color: "y", dash: "2 3", width: 1.5 });
  if (at) plot.rule({ x: at, color: "ink" });
  for (const [name, color, dash] of /** @type {const} */ ([[what, "x", "6 4"], [`val_${what}`, "z", ""]])) {
    const curve = all[name];
    if (curve.some(({ sd }) => sd > 0)) {
      const edge = (/** @type {number} */ sign) => curve.map(({ mean, sd }, i) => `${plot.x(i + 1).toFixed(1)},${plot.y(Math.min(high, mean + sign * sd)).toFixed(1)}`);
      plot.raw(`<polygon points="${[...edge(1), ...edge(-1).reverse()].join(" ")}" fill="var(--${color})" opacity="0.18"/>`);
    }
    plot.line(curve.map(({ mean }, i) => [i + 1, mean]), { color, dash });
    if (curve.length === 1) plot.dots([[1, curve[0].mean]], { color });
    if (all.best) plot.dots([[all.best, curve[all.best - 1].mean]], { color, r: 4 });
    if (at && curve[at - 1]) plot.dots([[at, curve[at - 1].mean]], { color, r: 5, hollow: true });
  }
  plot.end();
}

export default live("HyperparameterLab", (ui) => {
  ui.title("Hyperparameters: what each one does");
  ui.body.append(h("style", {}, document.createTextNode(LOOK)));
  const recorded = /** @type {Recorded[]} */ (ui.get("recorded"));
  if (recorded.length) explorer(ui, recorded);
  else {
    const told = ui.readout();
    told.show("No run of the study ‘hyperparameters’ has been recorded yet. The command “python -m rnnbook study hyperparameters” records them; this figure then shows them.");
    ui.body.append(told.node);
  }
  if (recorded.length) trainHere(ui);
  if (!ui.static) ownRun(ui);
});

const KEY = /** @type {Parameters<import("./kit.js").Ui["legend"]>[0]} */ ([
  { label: "training", color: "x", dash: "6 4" },
  { label: "validation", color: "z" },
  { label: "best epoch: lowest validation loss", color: "y", dash: "2 3" },
]);

/**
 * The curves of the run that the panel below trains.
 * @param {import("./kit.js").Ui} ui
 */
function ownRun(ui) {
  const loss = ui.plot({ label: "Loss of your run", caption: "Your run: loss", height: 170, margin: { top: 8 } });
  const accuracy = ui.plot({ label: "Accuracy of your run", caption: "Your run: accuracy", height: 170, margin: { top: 8 } });
  const told = ui.readout();
  const place = h("div", { class: "body own", style: "display:none" }, ui.legend(KEY), ui.split("1fr 1fr", loss.node, accuracy.node), told.node);
  ui.body.append(place);
  ui.draw(() => {
    const run = /** @type {{number: number, about: string, message: string, epochs: number, history: History}} */ (ui.get("_run"));
    if (!run.number) return;
    place.style.display = "";
    const all = curves([run.history]);
    const high = 1.04 * Math.max(0.7, ...[...all.loss, ...all.val_loss].map(({ mean }) => mean));
    drawCurves(loss, all, "loss", { epochs: run.epochs, high });
    drawCurves(accuracy, all, "accuracy", { epochs: run.epochs, high: 1 });
    loss.describe(`The loss of your run after ${all.epochs} epochs.`);
    accuracy.describe(`The accuracy of your run after ${all.epochs} epochs.`);
    told.show(run.about, run.message, all.best > 0 && `Lowest validation loss in epoch ${all.best}: ${num(all.val_loss[all.best - 1].mean)}, with a validation accuracy of ${percent(all.val_accuracy[all.best - 1].mean, 1)}.`);
  });
}

/** The test accuracy, in a fold: who chooses by it has no test left. */
function lastOfAll() {
  const line = h("p");
  const node = h("details", { "aria-label": "Test accuracy" }, h("summary", {}, "The test accuracy, once you have chosen"), line);
  return { node, show: (/** @type {string} */ text) => (line.textContent = `${text}. It is measured once, at the end: a configuration chosen by its test accuracy has no test left.`) };
}

/** Trains both configurations in the page; the code comes with the first press. @param {import("./kit.js").Ui} ui */
function trainHere(ui) {
  const place = h("div", { class: "body" });
  const begin = ui.button("Train both in this page", async () => {
    const { $lab_page } = await load(ui, "train-page", "train-lab");
    /** @type {typeof import("./lab_page.js")} */ ($lab_page).trainBoth(ui, place);
  });
  place.append(h("p", {}, "The runs above were recorded on IMDB. The same two networks can learn generated sample reviews, here and now."), ui.bar(begin));
  ui.body.append(place);
}

/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {{side: Side, name: string, item: Recorded, all: Curves}} Shown what is shown of a side */

/**
 * What was recorded nearest to the settings of either side, and what of them could not be had.
 * @param {Ui} ui
 * @param {Recorded[]} recorded
 */
function makeChoosing(ui, recorded) {
  const now = /** @type {Record<Side, Recorded>} */ ({});
  /** What was asked for and could not be had. @type {Record<Side, string>} */
  const notes = { a: "", b: "" };
  /** @type {Record<Side, string[]>} */
  const moved = { a: [], b: [] };

  /**
   * Shows what was recorded nearest to the wanted settings.
   * @param {Side} side @param {string} [held] the setting that the reader has just chosen
   */
  function settle(side, held) {
    const wanted = ui.get(side);
    const found = nearest(recorded, wanted, held);
    if (!found) return;
    now[side] = found;
    moved[side] = KEYS.filter((key) => found.config[key] !== wanted[key]);
    const changes = moved[side].map((key) => `${LABELS[key].toLowerCase()} ${word(found.config[key])} in place of ${word(wanted[key])}`);
    notes[side] = changes.length ? `${side.toUpperCase()}: this combination was not recorded, so the nearest one is shown, with ${changes.join(", ")}.` : "";
    if (changes.length) ui.set(side, { ...found.config });
  }
  let choosing = "";
  for (const side of SIDES) {
    settle(side);
    ui.on(side, () => {
      if (KEYS.some((key) => now[side].config[key] !== ui.get(side)[key])) settle(side, choosing || undefined);
    });
  }
  /** @param {Side} side @param {string} key @param {number | boolean} value */
  const choose = (side, key, value) => {
    choosing = key;
    ui.set(side, { ...now[side].config, [key]: value });
    choosing = "";
  };
  return { now, notes, moved, choose };
}

/** @typedef {ReturnType<typeof makeChoosing>} Choosing */

/** The table of settings and of facts. @param {Ui} ui @param {Record<string, (number | boolean)[]>} values @param {Choosing["choose"]} choose */
function makeTable(ui, values, choose) {
  const cells = /** @type {{side: Side, key: string, cell: HTMLElement, menu?: HTMLSelectElement}[]} */ ([]);
  const names = /** @type {Record<string, HTMLElement>} */ ({});
  const table = h("div", { class: "lab" }, h("span", { class: "name" }, "Settings"), h("span", { class: "side" }, "A"), h("span", { class: "side" }, "B"));
  for (const key of KEYS) {
    names[key] = h("span", { class: "name" }, LABELS[key]);
    table.append(names[key]);
    for (const side of SIDES) {
      if (values[key].length < 2) {
        const cell = h("span", { class: "fact" }, word(values[key][0]));
        cells.push({ side, key, cell });
        table.append(cell);
        continue;
      }
      const menu = h(
        "select",
        {
          "aria-label": `${LABELS[key]}, ${side.toUpperCase()}`,
          onchange: ui.guarded(() => void choose(side, key, values[key][+menu.value])),
        },
        ...values[key].map((value, i) => h("option", { value: i }, word(value))),
      );
      cells.push({ side, key, cell: menu, menu });
      table.append(menu);
    }
  }
  table.append(h("span", { class: "rule" }));
  const facts = /** @type {Record<string, Record<Side, HTMLElement>>} */ ({});
  for (const [key, label] of [["parameters", "Parameters"], ["best", "Best epoch"], ["validation", "Validation accuracy"], ["seeds", "Seeds"]]) {
    facts[key] = { a: h("b", { class: "fact" }), b: h("b", { class: "fact" }) };
    table.append(h("span", { class: "name" }, label), facts[key].a, facts[key].b);
  }
  return { table, cells, names, facts };
}

/** @typedef {ReturnType<typeof makeTable>} Table */

/** @param {Table} table @param {Record<string, (number | boolean)[]>} values @param {Choosing} choosing */
function drawSettings({ cells, names }, values, { now, moved }) {
  for (const { side, key, menu } of cells) {
    if (menu) menu.value = String(values[key].indexOf(now[side].config[key]));
    menu?.classList.toggle("moved", moved[side].includes(key));
    names[key].classList.toggle("differs", now.a.config[key] !== now.b.config[key]);
  }
}

/** @param {Table} table @param {Shown} shown */
function drawFacts({ facts }, { side, item, all }) {
  facts.parameters[side].textContent = count(item.parameters);
  facts.best[side].textContent = `${all.best} of ${all.epochs}`;
  facts.validation[side].textContent = withSpread(validation(item), item.runs.length);
  facts.seeds[side].textContent = String(item.runs.length);
}

/** @typedef {Record<string, {loss: import("./kit.js").Plot, accuracy: import("./kit.js").Plot}>} Plots */

/** The loss and the accuracy of either side. @param {Ui} ui @returns {Plots} */
function makePlots(ui) {
  return Object.fromEntries(
    SIDES.map((side) => [side, {
      loss: ui.plot({ label: `Loss of ${side.toUpperCase()}`, caption: `${side.toUpperCase()}: loss`, height: 170, margin: { top: 8 } }),
      accuracy: ui.plot({ label: `Accuracy of ${side.toUpperCase()}`, caption: `${side.toUpperCase()}: accuracy`, height: 170, margin: { top: 8 } }),
    }]),
  );
}

/** @param {Plots} plots @param {Shown} shown @param {{epochs: number, high: number, at: number}} axes */
function drawSide(plots, { side, name, all }, { epochs, high, at }) {
  drawCurves(plots[side].loss, all, "loss", { epochs, high, at });
  drawCurves(plots[side].accuracy, all, "accuracy", { epochs, high: 1, at });
  const end = all.epochs - 1;
  plots[side].loss.describe(`${name}: the training loss goes from ${num(all.loss[0].mean)} to ${num(all.loss[end].mean)}, the validation loss from ${num(all.val_loss[0].mean)} to ${num(all.val_loss[end].mean)}, lowest in epoch ${all.best}.`);
  plots[side].accuracy.describe(`${name}: the training accuracy goes from ${percent(all.accuracy[0].mean)} to ${percent(all.accuracy[end].mean)}, the validation accuracy from ${percent(all.val_accuracy[0].mean)} to ${percent(all.val_accuracy[end].mean)}.`);
}

/** @param {Ui} ui @param {Recorded[]} recorded @param {{table: HTMLElement, plots: Plots, last: () => number, noise: number[]}} parts */
function arrange(ui, recorded, { table, plots, last, noise }) {
  const told = ui.readout();
  const tests = lastOfAll();
  ui.body.append(
    table,
    ui.legend([
      ...KEY,
      { label: "the epoch chosen below", color: "ink" },
      .../** @type {typeof KEY} */ (noise.length ? [{ label: "standard deviation over seeds", color: "z", bar: true }] : []),
    ]),
    ui.split("1fr 1fr", plots.a.loss.node, plots.b.loss.node, plots.a.accuracy.node, plots.b.accuracy.node),
    ui.player("epoch", { label: "Epoch", last, format: (e) => (e ? `epoch ${Math.min(e, last())}` : "start"), pace: 600 }),
    told.node,
    tests.node,
    ui.tryThis(
      "Before you look: which of the two will be more accurate on the validation reviews, and which will overfit sooner?",
      ...TRIALS.filter(([, settings]) => SIDES.every((side) => recorded.some(({ config }) => KEYS.every((key) => config[key] === settings[side][key])))),
    ),
  );
  return { told, tests };
}

/** How the accuracy varies from seed to seed. @param {Choosing} choosing @param {Shown[]} sides @param {number[]} noise */
function variation({ now }, sides, noise) {
  const repeated = sides.flatMap(({ name, item }, i) => (item.runs.length > 1 && !(i && now.a === now.b) ? `${name} by ${deviation(validation(item).sd)} points` : []));
  return repeated.length > 0
    ? `From seed to seed the validation accuracy varies: ${repeated.join(", ")} (standard deviation). Smaller differences may be chance.`
    : noise.length > 0 && `One seed each. Where several were run, the validation accuracy varies by ${deviation(noise[noise.length >> 1])} points from seed to seed (median standard deviation): smaller differences may be chance.`;
}

/** B beside A. @param {Choosing["now"]} now */
function difference({ a, b }) {
  if (KEYS.every((key) => a.config[key] === b.config[key])) return `A and B are the same configuration, with ${count(a.parameters)} parameters.`;
  const more = b.parameters - a.parameters;
  const [other, mine] = [a, b].map((item) => Math.round(1000 * validation(item).mean)); // so the difference is that of the numbers shown
  const better = (mine - other) / 1000;
  return `B has ${more ? `${count(Math.abs(more))} parameters ${more > 0 ? "more" : "fewer"} than` : "as many parameters as"} A, and is ${Math.abs(better) < 5e-4 ? "as accurate" : `${tenths(Math.abs(better))} points ${better > 0 ? "more" : "less"} accurate`} on the validation reviews.`;
}

/** @param {Ui} ui @param {Recorded[]} recorded */
function explorer(ui, recorded) {
  const values = choices(recorded);
  const known = new Map(recorded.map((item) => [item, curves(item.runs)]));
  const choosing = makeChoosing(ui, recorded);
  const { now, notes } = choosing;
  const table = makeTable(ui, values, choosing.choose);
  const plots = makePlots(ui);
  const last = () => Math.max(...SIDES.map((side) => known.get(now[side])?.epochs ?? 0));
  const noise = recorded.filter((item) => item.runs.length > 1).map((item) => validation(item).sd).sort((p, q) => p - q);
  const { told, tests } = arrange(ui, recorded, { table: table.table, plots, last, noise });
  ui.draw(() => {
    const sides = SIDES.map((side) => ({ side, name: side.toUpperCase(), item: now[side], all: /** @type {Curves} */ (known.get(now[side])) }));
    const epochs = last();
    const at = Math.min(epochs, ui.get("epoch"));
    const high = Math.max(...sides.flatMap(({ all }) => [...all.loss, ...all.val_loss].map(({ mean, sd }) => mean + sd))) * 1.04;
    drawSettings(table, values, choosing);
    tests.show(sides.map(({ name, item }) => `${name}: ${withSpread(spread(item.runs.map((run) => run.test)), item.runs.length)}`).join("; "));
    for (const shown of sides) {
      drawFacts(table, shown);
      drawSide(plots, shown, { epochs, high, at });
    }
    told.show(
      notes.a,
      notes.b,
      difference(now),
      at > 0 &&
        `Epoch ${at}: ${sides
          .filter(({ all }) => at <= all.epochs)
          .map(({ name, all }) => `${name} training ${percent(all.accuracy[at - 1].mean, 1)}, validation ${percent(all.val_accuracy[at - 1].mean, 1)}`)
          .join("; ")}.`,
      variation(choosing, sides, noise),
    );
  });
}
