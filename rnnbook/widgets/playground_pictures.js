// The pictures of a network that trains: its loss, and what happens inside.
import { h, num } from "./kit.js";
import { complete } from "./train/settings.js";

/** @typedef {import("./train/settings.js").TaskName} TaskName */
/** @typedef {import("./kit.js").Point} Point */
/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {import("./playground.js").Run} Run */
/** @typedef {import("./playground.js").Side} Side */
/** @typedef {import("./playground.js").Training} Training */

export const SIDES = /** @type {Side[]} */ (["a", "b"]);
const LOOK = { a: { color: /** @type {const} */ ("z"), dash: "" }, b: { color: /** @type {const} */ ("c"), dash: "7 4" } };
const MOST_POINTS = 400;

/** Adds a loss to the curve of a run; the longer the run, the more updates share a point. @param {Run} run @param {number} update @param {number} loss */
export function addLoss(run, update, loss) {
  run.sum += loss;
  if (++run.count < run.every) return;
  run.points.push([update + 1 - (run.count - 1) / 2, run.sum / run.count]);
  [run.sum, run.count] = [0, 0];
  if (run.points.length < MOST_POINTS) return;
  run.every *= 2;
  run.points = Array.from({ length: run.points.length >> 1 }, (_, i) => [0, 1].map((k) => (run.points[2 * i][k] + run.points[2 * i + 1][k]) / 2)).map(([u, l]) => /** @type {Point} */ ([u, l]));
}

/** The mean of several curves and its lowest and highest, at the updates that all have reached. @param {Point[][]} curves @returns {{mean: Point[], low: Point[], high: Point[]}} */
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
      return curve[at[k]][1];
    });
    out.mean.push([update, values.reduce((a, b) => a + b, 0) / values.length]);
    out.low.push([update, Math.min(...values)]);
    out.high.push([update, Math.max(...values)]);
  }
  return out;
}

/** The pictures of what happens inside. @param {Ui} ui @param {Training} training */
export function makeInside(ui, training) {
  const gradient = ui.plot({ label: "Length of the gradient", caption: "Length of the gradient at each timestep", height: 220, margin: { left: 54, top: 14, bottom: 38 } });
  const plane = ui.plot({ label: "Eigenvalues", caption: "Eigenvalues of $W$", most: 250, margin: { left: 34, top: 12, bottom: 26, right: 12 } });
  const states = ui.plot({ label: "States", caption: "States of network A over one sequence", height: 170, cells: true, margin: { left: 44, top: 8, bottom: 34 } });
  ui.draw(() => {
    const shown = SIDES.flatMap((side) => (training.runs[side][0] ? [[side, training.runs[side][0].last]] : []));
    const task = /** @type {TaskName} */ (ui.get("task"));
    const norms = shown.map(([side, last]) => /** @type {[Side, Point[]]} */ ([side, (last.norms ?? []).map((/** @type {number} */ v, /** @type {number} */ t) => [t + 1, v]).filter((/** @type {Point} */ [, v]) => v > 0)]));
    const values = norms.flatMap(([, points]) => points.map(([, v]) => v));
    const low = 10 ** Math.max(-14, Math.floor(Math.log10(Math.min(0.01, ...values)))), high = 10 ** Math.ceil(Math.log10(Math.max(0.1, ...values)));
    const steps = Math.max(2, ...SIDES.map((side) => complete(task, ui.get(side)).timesteps ?? 2));
    gradient.frame({ domain: [1, steps], label: "timestep" }, { domain: [low, high], log: true, count: 5, format: power });
    for (const [side, points] of norms) gradient.line(points.filter(([, v]) => v >= low), { ...LOOK[side], width: 2.5 });
    gradient.end();
    gradient.describe(values.length ? `Length of the gradient by timestep. ${norms.map(([side, p]) => `Network ${side.toUpperCase()}: ${short(p[0]?.[1] ?? 0)} at the first timestep, ${short(p[p.length - 1]?.[1] ?? 0)} at the last`).join(". ")}.` : "Length of the gradient by timestep: nothing has been trained yet.");

    const points = shown.map(([side, last]) => /** @type {[Side, Point[]]} */ ([side, last.eigenvalues ?? []]));
    const reach = Math.max(1.25, ...points.flatMap(([, p]) => p.map(([x, y]) => 1.1 * Math.hypot(x, y))));
    plane.frame({ domain: [-reach, reach], ticks: [-1, 0, 1] }, { domain: [-reach, reach], ticks: [-1, 0, 1] });
    const circle = Array.from({ length: 73 }, (_, k) => /** @type {Point} */ ([Math.cos((k * Math.PI) / 36), Math.sin((k * Math.PI) / 36)]));
    plane.line(circle, { color: "muted", width: 1, dash: "3 3" });
    for (const [side, p] of points) plane.dots(p, { color: LOOK[side].color, r: 3.2, hollow: side === "b", opacity: 0.85 });
    plane.end();
    plane.describe(`Eigenvalues of the recurrent weights in the complex plane. ${points.map(([side, p]) => `Network ${side.toUpperCase()}: largest modulus ${num(Math.max(0, ...p.map(([x, y]) => Math.hypot(x, y))))}`).join(". ")}.`);

    const last = training.runs.a[0]?.last;
    const [count, T] = [last?.shown ?? 1, last?.states ? last.states.length / last.shown : steps];
    states.frame({ domain: [0, T], label: "timestep" }, { domain: [0, count], count: 3, label: "" });
    if (last?.states) states.cells(count, T, (i, j) => last.states[i * T + j], { theme: ui.theme });
    states.end();
    states.describe(last?.states ? `States of ${count} units of network A over ${T} timesteps, between minus one and one.` : "States of network A: nothing yet.");
  });
  const note = h("p", { class: "muted" }, "The gradient of the loss at the state of the top layer, mean over a batch, on a log scale. Of a gated layer the plane shows the weights of the candidate; of the diagonal one its decays. Inside the dashed circle, what a state holds fades.");
  return h("div", { class: "body" }, ui.split("1.7fr 1fr", gradient.node, plane.node), states.node, note);
}

/** A power of ten for the axis. @param {number} value */
const power = (value) => {
  const p = Math.round(Math.log10(value));
  return p === 0 ? "1" : p === 1 ? "10" : `10${String(p).replace(/./g, (d) => (d === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]))}`;
};
/** A number to about three digits, whatever its size. @param {number} v */
export const short = (v) => num(v, v >= 100 ? 0 : v >= 1 ? 2 : v >= 0.01 ? 3 : 4);

/** The curves of the loss. @param {Ui} ui @param {Training} training */
export function makeCurves(ui, training) {
  const plot = ui.plot({ label: "Loss", caption: "Loss on the training batches", height: 270, margin: { left: 54, top: 14, bottom: 38 } });
  ui.draw(() => {
    const sides = SIDES.map((side) => ({ side, curves: training.runs[side].map((run) => smooth(run.points)) }));
    const values = sides.flatMap(({ curves }) => curves.flatMap((c) => c.map(([, v]) => v))).filter((v) => v > 0 && Number.isFinite(v));
    const last = Math.max(100, ...training.all().map((run) => run.updates));
    const low = Math.min(0.5, ...values), high = Math.max(1, ...values.slice().sort((x, y) => x - y).slice(0, Math.ceil(0.99 * values.length)));
    const domain = /** @type {Point} */ ([10 ** (Math.floor(2 * Math.log10(low)) / 2), 10 ** (Math.ceil(2 * Math.log10(high)) / 2)]);
    plot.frame({ domain: [0, last], label: "update" }, { domain, log: true, count: 5, format: (v) => (v >= 0.01 && v < 1e4 ? String(Number(v.toPrecision(2))) : power(v)) });
    for (const { side, curves } of sides) {
      const { color, dash } = LOOK[side];
      const { mean, low: least, high: most } = spread(curves);
      const clamp = (/** @type {Point} */ [u, v]) => [plot.x(u), plot.y(Math.min(domain[1], Math.max(domain[0], v)))].map((p) => p.toFixed(1)).join(",");
      if (mean.length > 1) plot.raw(`<polygon points="${[...most, ...least.reverse()].map(clamp).join(" ")}" fill="var(--${color})" opacity="0.13"/>`);
      if (curves.length > 1) for (const curve of curves) plot.line(curve, { color, width: 1, opacity: 0.4 });
      plot.line(mean, { color, dash, width: 2.5 });
    }
    plot.end();
    plot.describe(values.length ? `Loss over ${last} updates, on a log scale. ${sides.filter(({ curves }) => curves.length).map(({ side, curves }) => `Network ${side.toUpperCase()}, mean of ${curves.length}: ${short(meanLoss(training.runs[side]))}`).join(". ")}.` : "Loss over updates: nothing has been trained yet.");
  });
  return plot.node;
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

/** The loss now, mean over the last points and the seeds. @param {Run[]} runs */
export function meanLoss(runs) {
  const each = runs.filter((run) => run.points.length).map((run) => run.points.slice(-20).reduce((s, [, v]) => s + v, 0) / Math.min(20, run.points.length));
  return each.length ? each.reduce((a, b) => a + b, 0) / each.length : NaN;
}
