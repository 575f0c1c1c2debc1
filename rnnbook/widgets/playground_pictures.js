// The pictures of networks that train: their loss, and what happens inside.
import { h, num, percent } from "./kit.js";
import { kindOf, meanLoss, measured, short } from "./playground_training.js";
import { TASKS } from "./train/settings.js";

/** @typedef {import("./kit.js").Point} Point */
/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {import("./playground_training.js").Lane} Lane */
/** @typedef {import("./playground_training.js").Training} Training */

/** Tells whether any of the values is another one than at the call before. @returns {(...values: any[]) => boolean} */
export function changes() {
  /** @type {any[]} */
  let before = [];
  return (...values) => {
    const other = values.length !== before.length || values.some((value, i) => value !== before[i]);
    before = values;
    return other;
  };
}

/** The mean of several curves and its lowest and highest, at the updates that all have reached; between two points a curve is straight. @param {Point[][]} curves @returns {{mean: Point[], low: Point[], high: Point[]}} */
export function spread(curves) {
  const [first, ...rest] = curves;
  /** @type {{mean: Point[], low: Point[], high: Point[]}} */
  const out = { mean: [], low: [], high: [] };
  if (!first) return out;
  const at = curves.map(() => 0);
  for (const [update] of first) {
    if (rest.some((curve) => !curve.length || curve[curve.length - 1][0] < update)) break;
    const values = curves.map((curve, k) => {
      while (at[k] < curve.length - 1 && curve[at[k]][0] < update) at[k]++;
      const [u, v] = curve[at[k]], [u0, v0] = curve[at[k] - 1] ?? [u, v];
      return u > u0 ? v0 + ((v - v0) * (Math.min(u, update) - u0)) / (u - u0) : v;
    });
    out.mean.push([update, values.reduce((a, b) => a + b, 0) / values.length]);
    out.low.push([update, Math.min(...values)]);
    out.high.push([update, Math.max(...values)]);
  }
  return out;
}

/** What the first seed of each network last reported. @param {Training} training @returns {[Lane, any][]} */
const lasts = ({ lanes }) => lanes.flatMap((lane) => (lane.runs[0] ? [/** @type {[Lane, any]} */ ([lane, lane.runs[0].last])] : []));

/** The length of the gradient at every timestep. @param {Ui} ui @param {Training} training */
export function makeGradient(ui, training) {
  const plot = ui.plot({ label: "Length of the gradient", caption: "Length of the gradient at each timestep", height: 220, margin: { left: 54, top: 14, bottom: 38 } });
  const changed = changes();
  ui.draw(() => {
    const shown = lasts(training);
    if (!changed(ui.theme, plot.width, ...training.lanes, ...shown.map(([, last]) => last.norms))) return;
    const norms = shown.map(([lane, last]) => /** @type {[Lane, Point[]]} */ ([lane, Array.from(last.norms ?? [], (/** @type {number} */ v, /** @type {number} */ t) => /** @type {Point} */ ([t + 1, v])).filter(([, v]) => v > 0)]));
    const values = norms.flatMap(([, points]) => points.map(([, v]) => v));
    const low = 10 ** Math.max(-14, Math.floor(Math.log10(Math.min(0.01, ...values)))), high = 10 ** Math.ceil(Math.log10(Math.max(0.1, ...values)));
    plot.frame({ domain: [1, Math.max(2, ...training.lanes.map(({ settings }) => settings.timesteps ?? 2))], label: "timestep" }, { domain: [low, high], log: true, count: 5, format: power });
    for (const [{ color, dash }, points] of norms) plot.line(points.filter(([, v]) => v >= low), { color, dash, width: 2.5 });
    plot.end();
    plot.describe(values.length ? `Length of the gradient by timestep. ${norms.map(([{ name }, p]) => `${name}: ${short(p[0]?.[1] ?? 0)} at the first timestep, ${short(p[p.length - 1]?.[1] ?? 0)} at the last`).join(". ")}.` : "Length of the gradient by timestep: nothing has been trained yet.");
  });
  return plot.node;
}

/** The eigenvalues of the recurrent weights. @param {Ui} ui @param {Training} training */
function makePlane(ui, training) {
  const plot = ui.plot({ label: "Eigenvalues", caption: "Eigenvalues of $W$", most: 250, margin: { left: 34, top: 12, bottom: 26, right: 12 } });
  const circle = Array.from({ length: 73 }, (_, k) => /** @type {Point} */ ([Math.cos((k * Math.PI) / 36), Math.sin((k * Math.PI) / 36)]));
  const changed = changes();
  ui.draw(() => {
    const points = lasts(training).map(([lane, last]) => /** @type {[Lane, Point[]]} */ ([lane, last.eigenvalues ?? []]));
    if (!changed(ui.theme, plot.width, ...points.map(([, p]) => p))) return;
    const reach = Math.max(1.25, ...points.flatMap(([, p]) => p.map(([x, y]) => 1.1 * Math.hypot(x, y))));
    plot.frame({ domain: [-reach, reach], ticks: [-1, 0, 1] }, { domain: [-reach, reach], ticks: [-1, 0, 1] });
    plot.line(circle, { color: "muted", width: 1, dash: "3 3" });
    points.forEach(([{ color }, p], k) => plot.dots(p, { color, r: 3.2, hollow: k > 0, opacity: 0.85 }));
    plot.end();
    plot.describe(`Eigenvalues of the recurrent weights in the complex plane. ${points.map(([{ name }, p]) => `${name}: largest modulus ${num(Math.max(0, ...p.map(([x, y]) => Math.hypot(x, y))))}`).join(". ")}.`);
  });
  return plot.node;
}

/** The states of the first network over one sequence. @param {Ui} ui @param {Training} training */
function makeStates(ui, training) {
  const plot = ui.plot({ label: "States", caption: "States of network A over one sequence", height: 170, cells: true, margin: { left: 44, top: 20, bottom: 34 } });
  const changed = changes();
  ui.draw(() => {
    const last = training.lanes[0]?.runs[0]?.last;
    if (!changed(ui.theme, plot.width, last?.states)) return;
    const [count, T] = last?.states ? [last.shown, last.states.length / last.shown] : [1, training.lanes[0]?.settings.timesteps ?? 2];
    plot.frame({ domain: [0, T], label: "timestep" }, { domain: [0, count], count: 3, label: "unit" });
    if (last?.states) plot.cells(count, T, (i, j) => last.states[i * T + j], { theme: ui.theme });
    plot.end();
    plot.describe(last?.states ? `States of ${count} units of network A over ${T} timesteps, between minus one and one.` : "States of network A: nothing yet.");
  });
  return plot.node;
}

/** The pictures of what happens inside. @param {Ui} ui @param {Training} training */
export function makeInside(ui, training) {
  const note = h("p", { class: "muted" }, "The gradient of the loss at the state of the top layer, mean over a batch, on a log scale. Of a gated layer the plane shows the weights of the candidate; of the diagonal one its decays. Inside the dashed circle, what a state holds fades.");
  return h("div", { class: "body" }, ui.split("1.7fr 1fr", makeGradient(ui, training), makePlane(ui, training)), makeStates(ui, training), note);
}

/** A power of ten for the axis. @param {number} value */
const power = (value) => {
  const p = Math.round(Math.log10(value));
  return p === 0 ? "1" : p === 1 ? "10" : `10${String(p).replace(/./g, (d) => (d === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]))}`;
};

const ROUND = Array.from({ length: 66 }, (_, i) => Number(`${[1, 2, 5][i % 3]}e${Math.floor(i / 3) - 14}`));

/** A log axis from one round number to another that holds the values; with ticks at all of them where they are few. @param {number} low @param {number} high */
export function logAxis(low, high) {
  const from = ROUND.filter((v) => v <= low).pop() ?? ROUND[0], to = ROUND.find((v) => v > from && v >= high) ?? ROUND[ROUND.length - 1];
  const within = ROUND.filter((v) => v >= from && v <= to);
  return { domain: /** @type {Point} */ ([from, to]), log: true, count: 5, ticks: within.length < 7 ? within : undefined, format: (/** @type {number} */ v) => (v >= 0.001 && v < 1e4 ? String(Number(v.toPrecision(2))) : power(v)) };
}

/** The axis of a curve's values: what is right, in percent, and bits are read on a plain scale, losses and errors on a log scale. @param {number[]} values in order @param {"error" | "bits" | "share"} kind */
function axisFor(values, kind) {
  const [low, high] = [values[0] ?? 0.1, values[Math.ceil(0.99 * values.length) - 1] ?? 1];
  if (kind === "error") return logAxis(low, high);
  if (kind === "bits") return { domain: /** @type {Point} */ ([Math.floor(Math.min(2, low)), Math.ceil(high)]) };
  return { domain: /** @type {Point} */ ([Math.min(0.4, Math.floor(10 * low) / 10), 1]), format: (/** @type {number} */ v) => percent(v) };
}

/** The curves of the loss, or of the metric. @param {Ui} ui @param {Training} training @param {"loss" | "metric"} [what] */
export function makeCurves(ui, training, what = "loss") {
  const caption = h("div", { class: "caption" }, "Loss on the training batches");
  const plot = ui.plot({ label: "Loss", height: 270, margin: { left: 54, top: 14, bottom: 38 } });
  const changed = changes();
  ui.draw(() => {
    const { task, lanes } = training;
    if (!changed(plot.width, lanes, ...training.all().map((run) => run[what].points[run[what].points.length - 1]))) return;
    const name = what === "loss" ? "Loss" : TASKS[task].metric[0].toUpperCase() + TASKS[task].metric.slice(1);
    if (what === "metric") caption.textContent = name;
    const all = lanes.map((lane) => ({ lane, curves: lane.runs.map((run) => (what === "loss" ? smooth(run.loss.points) : run.metric.points)) }));
    const values = all.flatMap(({ curves }) => curves.flatMap((c) => c.map(([, v]) => v))).filter((v) => Number.isFinite(v)).sort((x, y) => x - y);
    const last = Math.max(100, ...training.all().map((run) => run.updates));
    const axis = axisFor(values, what === "loss" ? "error" : kindOf(task));
    const [low, high] = axis.domain;
    plot.frame({ domain: [0, last], label: "update" }, axis);
    // What lies beyond the axis runs along it.
    const inside = (/** @type {Point[]} */ points) => points.map(([u, v]) => /** @type {Point} */ ([u, Math.min(high, Math.max(low, v))]));
    for (const { lane: { color, dash }, curves } of all) {
      const found = spread(curves), mean = inside(found.mean);
      const edge = [...inside(found.high), ...inside(found.low).reverse()].map(([u, v]) => `${plot.x(u).toFixed(1)},${plot.y(v).toFixed(1)}`);
      if (mean.length > 1) plot.raw(`<polygon points="${edge.join(" ")}" fill="var(--${color})" opacity="0.13"/>`);
      if (curves.length > 1) for (const curve of curves) plot.line(inside(curve), { color, width: 1, opacity: 0.4 });
      if (mean.length === 1) plot.dots(mean, { color });
      plot.line(mean, { color, dash, width: 2.5 });
    }
    plot.end();
    const now = (/** @type {Lane} */ lane) => {
      if (what === "loss") return short(meanLoss(lane.runs));
      const { mean, text } = measured(task, lane);
      return text(mean);
    };
    plot.describe(values.length ? `${name} over ${last} updates. ${lanes.filter(({ runs }) => runs.length).map((lane) => `${lane.name}, mean of ${lane.runs.length}: ${now(lane)}`).join(". ")}.` : `${name} over updates: nothing has been trained yet.`);
  });
  return h("div", {}, caption, plot.node);
}

/** A moving mean over some points, for the eye. @param {Point[]} points @returns {Point[]} */
function smooth(points) {
  const width = Math.max(1, Math.floor(points.length / 60));
  let sum = 0;
  return points.map(/** @returns {Point} */ ([u, v], i) => {
    sum += v - (i >= width ? points[i - width][1] : 0);
    return [u, sum / Math.min(i + 1, width)];
  });
}
