import { legend, live, num } from "./kit.js";
import { backvec, dot, lstmStep, norm, rollout, slopes, stateGradients } from "./recurrences.js";

const UNITS = 8;
const MOST = 100;

/** @typedef {import("./recurrences.js").Activation} Activation */

/**
 * Undoes random_system of gradient_flow.py.
 * @param {DataView} bytes
 */
export function split(bytes) {
  let at = 0;
  const take = (/** @type {number} */ n) => Array.from({ length: n }, () => bytes.getFloat64(8 * at++, true));
  const matrix = (/** @type {number} */ rows, /** @type {number} */ columns) => Array.from({ length: rows }, () => take(columns));
  const X = matrix(MOST, 1);
  const W = matrix(UNITS, UNITS);
  const U = matrix(UNITS, 1);
  const gates = matrix(4 * UNITS, UNITS + 1);
  return { X, W, U, gatesW: gates.map((row) => row.slice(0, UNITS)), gatesU: gates.map((row) => row.slice(UNITS)) };
}

/** The largest singular value, by power iteration on the product with the transpose. @param {number[][]} W */
export function spectralNorm(W) {
  let v = W[0].map((_, i) => 1 + 0.1 * i);
  for (let k = 0; k < 100; k++) {
    const next = backvec(W, W.map((row) => dot(row, v)));
    const size = norm(next);
    if (size === 0) return 0;
    v = next.map((a) => a / size);
  }
  return norm(W.map((row) => dot(row, v)));
}

/**
 * Length of dL/dZ_i for every i, and of the whole gradient with respect to U, W and b.
 * @param {number[][]} X
 * @param {{U: number[][], W: number[][], b: number[]}} weights
 * @param {Activation} activation
 */
export function rnnFlow(X, weights, activation) {
  const Z = rollout(X, weights, activation);
  const dZ = stateGradients(Z, new Array(UNITS).fill(UNITS ** -0.5), weights.W, activation);
  const total = Array.from({ length: UNITS }, () => new Array(UNITS + 2).fill(0));
  for (let i = 1; i < Z.length; i++) add(total, dZ[i].map((g, k) => g * slopes[activation](Z[i][k])), [...Z[i - 1], ...X[i - 1], 1]);
  return { norms: dZ.map(norm), parameters: norm(total.flat()) };
}

/**
 * The same for an LSTM, where the state is Z and C together.
 * @param {number[][]} X
 * @param {{U: number[][], W: number[][], b: number[]}} weights
 */
export function lstmFlow(X, weights) {
  const zero = new Array(UNITS).fill(0);
  const steps = [{ Z: zero, C: zero, i: zero, f: zero, o: zero, candidate: zero }];
  for (const x of X) steps.push(lstmStep(x, steps[steps.length - 1].Z, steps[steps.length - 1].C, weights));
  let dZ = new Array(UNITS).fill(UNITS ** -0.5);
  let dC = zero;
  const norms = [1];
  const total = Array.from({ length: 4 * UNITS }, () => new Array(UNITS + 2).fill(0));
  for (let t = X.length; t > 0; t--) {
    const { C, i, f, o, candidate } = steps[t];
    const before = steps[t - 1];
    const squashed = C.map(Math.tanh);
    const cell = dC.map((g, k) => g + dZ[k] * o[k] * (1 - squashed[k] ** 2));
    const da = [
      ...cell.map((g, k) => g * candidate[k] * i[k] * (1 - i[k])),
      ...cell.map((g, k) => g * before.C[k] * f[k] * (1 - f[k])),
      ...cell.map((g, k) => g * i[k] * (1 - candidate[k] ** 2)),
      ...dZ.map((g, k) => g * squashed[k] * o[k] * (1 - o[k])),
    ];
    add(total, da, [...before.Z, ...X[t - 1], 1]);
    dZ = backvec(weights.W, da);
    dC = cell.map((g, k) => g * f[k]);
    norms.push(Math.hypot(norm(dZ), norm(dC)));
  }
  return { norms: norms.reverse(), parameters: norm(total.flat()) };
}

/**
 * @param {number[][]} total
 * @param {number[]} left
 * @param {number[]} right
 */
function add(total, left, right) {
  for (let k = 0; k < left.length; k++) for (let j = 0; j < right.length; j++) total[k][j] += left[k] * right[j];
}

/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {import("./kit.js").Plot} Plot */

/** @param {Ui} ui @param {Plot} plot */
function arrange(ui, plot) {
  const threshold = ui.slider("threshold", { label: "Clip the parameters' gradient at", min: 0.01, max: 100, step: 0.01, log: true });
  const told = ui.readout();
  ui.body.append(
    ui.bar(ui.choice("activation", { label: "Activation of the simple RNN", options: ["linear", "tanh", "relu"] }), ui.toggle("clip", { label: "clip gradients" })),
    ui.row(
      ui.slider("radius", { label: "Spectral radius of its $W$", min: 0.1, max: 1.6, step: 0.01 }),
      ui.slider("timesteps", { label: "Timesteps", min: 10, max: MOST, step: 1 }),
      ui.slider("forget_bias", { label: "Forget bias of the LSTM", min: -2, max: 6, step: 0.1 }),
    ),
    threshold,
    plot.node,
    legend([
      { label: "simple RNN", color: "z" },
      { label: "LSTM", color: "c", dash: "7 4" },
      { label: "bound ‖$W$‖ per step", color: "muted", dash: "1.5 4" },
    ]),
    told.node,
    ui.tryThis(
      "Let the linear network explode, then bend it with tanh. Clip it: what changes, the height or the slope? And find the forget bias at which the LSTM forgets as fast as the simple RNN.",
      ["Explode", { activation: "linear", radius: 1.3, clip: false, at: 0 }],
      ["Clip it", { activation: "linear", radius: 1.3, clip: true, threshold: 1, at: 0 }],
      ["Bend it", { activation: "tanh", radius: 1.3, clip: false, at: 0 }],
      ["Hold on", { activation: "tanh", radius: 0.9, forget_bias: 5, clip: false, at: 0 }],
    ),
  );
  return { threshold, told };
}

/**
 * Gradients of both networks after clipping, and the bound of the simple RNN's, with the settings at hand.
 * @param {Ui["get"]} get
 * @param {ReturnType<typeof split>} system
 */
function flows(get, system) {
  const T = get("timesteps");
  const activation = get("activation");
  const clip = get("clip");
  const X = system.X.slice(0, T);
  const W = system.W.map((row) => row.map((w) => w * get("radius")));
  const rnn = rnnFlow(X, { W, U: system.U, b: new Array(UNITS).fill(0) }, activation);
  const b = new Array(4 * UNITS).fill(0).fill(get("forget_bias"), UNITS, 2 * UNITS);
  const lstm = lstmFlow(X, { W: system.gatesW, U: system.gatesU, b });
  const scale = ({ parameters = 0 }) => (clip && parameters > get("threshold") ? get("threshold") / parameters : 1);
  const [shrinkRnn, shrinkLstm] = [scale(rnn), scale(lstm)];
  const rnnNorms = rnn.norms.map((g) => g * shrinkRnn);
  const lstmNorms = lstm.norms.map((g) => g * shrinkLstm);
  const size = spectralNorm(W);
  const bound = rnnNorms.map((_, i) => shrinkRnn * size ** (T - i));
  return { T, clip, shrinkRnn, shrinkLstm, rnnNorms, lstmNorms, size, bound, at: Math.min(get("at"), T) };
}

/** @typedef {ReturnType<typeof flows>} Flows */

/** @param {Plot} plot @param {Flows} flows @returns {number} the upper end of the axis */
function drawFlows(plot, { T, rnnNorms, lstmNorms, bound, at }) {
  const all = [...rnnNorms, ...lstmNorms, ...(bound[0] < 1e4 ? bound : [])].filter((g) => g > 0);
  const floor = Math.max(1e-16, 10 ** Math.floor(Math.log10(Math.min(0.01, ...all)) - 0.01));
  const top = Math.min(1e14, 10 ** Math.ceil(Math.log10(Math.max(1, ...all) * 1.5)));
  const clear = (/** @type {number[]} */ values) => values.map((g, i) => /** @type {[number, number]} */ ([i, g])).filter(([, g]) => g >= floor && g <= top);
  plot.frame({ domain: [0, T], label: "timestep of the state" }, { domain: [floor, top], log: true, count: 6, format: power });
  plot.rule({ x: at, color: "ink" });
  plot.line(clear(bound), { color: "muted", dash: "1.5 4", width: 2 });
  plot.line(clear(rnnNorms), { color: "z", width: 2.5 });
  plot.line(clear(lstmNorms), { color: "c", width: 2.5, dash: "7 4" });
  plot.dots(clear(rnnNorms).filter(([i]) => i === at), { color: "z", r: 4.5 });
  plot.dots(clear(lstmNorms).filter(([i]) => i === at), { color: "c", r: 4.5 });
  plot.end();
  plot.describe(`Gradient length on a log scale. At timestep ${at}: simple RNN ${short(rnnNorms[at])}, LSTM ${short(lstmNorms[at])}.`);
  return top;
}

/** @param {ReturnType<Ui["readout"]>} told @param {Flows} flows */
function tell(told, { T, clip, shrinkRnn, shrinkLstm, rnnNorms, lstmNorms, size, bound, at }) {
  const back = T - at;
  told.show(
    `${back} ${back === 1 ? "step" : "steps"} back, at timestep ${at}, the gradient has length ${short(rnnNorms[at])} in the simple RNN and ${short(lstmNorms[at])} in the LSTM.`,
    `The spectral norm of $W$ is ${num(size)}, so the simple RNN's can be at most ${short(bound[at])} there. ${size < 1 ? "Below 1, it must vanish." : "Above 1, it may grow, but need not."}`,
    clip && `Clipping multiplies the simple RNN's gradient by ${short(shrinkRnn)} and the LSTM's by ${short(shrinkLstm)}, the same at each timestep.`,
  );
}

export default live("GradientFlow", (ui) => {
  ui.title("How far the gradient flows");
  const system = split(ui.get("system"));
  const plot = ui.plot({ label: "Gradient over timesteps", caption: "Length of the gradient at the state, loss at the right end", height: 290, margin: { left: 56, top: 14, bottom: 40 } });
  const reader = ui.handle(plot, {
    label: "Timestep that is read out",
    color: "ink",
    at: () => [Math.min(ui.get("at"), ui.get("timesteps")), top],
    text: () => `timestep ${ui.get("at")}`,
    move: ([x]) => ui.set("at", Math.max(0, Math.min(ui.get("timesteps"), Math.round(x)))),
    step: [1, 0],
    r: 6,
  });
  let top = 1;
  const { threshold, told } = arrange(ui, plot);
  ui.draw(() => {
    const now = flows(ui.get, system);
    threshold.style.display = now.clip ? "" : "none";
    top = drawFlows(plot, now);
    reader.show();
    tell(told, now);
  });
});

/** A power of ten for the axis. @param {number} value */
const power = (value) => {
  const p = Math.round(Math.log10(value));
  return p === 0 ? "1" : p === 1 ? "10" : `10${String(p).replace(/./g, (d) => (d === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]))}`;
};

/** A number to about three digits, whatever its size. @param {number} value */
const short = (value) => num(value, value >= 100 || value === 1 ? 0 : value >= 1 ? 2 : 3);
