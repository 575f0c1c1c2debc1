import { h, live, normals, num } from "./kit.js";
import { norm, rollout, simpleRnnStep } from "./recurrences.js";

const STEPS = 60;
const HORIZON = 2000;

/**
 * U (2, 1), W (2, 2), b (2) as StateSpace.weights in Python.
 * @param {(key: string) => any} get
 */
export function weights(get) {
  const U = [[Math.SQRT1_2], [Math.SQRT1_2]];
  if (get("eigenvalues") === "real") return { U, W: [[get("first"), get("coupling")], [0, get("second")]], b: [0, 0] };
  const a = (get("angle") * Math.PI) / 180;
  const [c, s] = [get("radius") * Math.cos(a), get("radius") * Math.sin(a)];
  return { U, W: [[c, -s], [s, c]], b: [0, 0] };
}

/**
 * @param {string} kind
 * @returns {number[][]} the input X, one feature over 60 timesteps
 */
export function inputs(kind) {
  const noise = normals(7);
  const value = {
    impulse: (/** @type {number} */ i) => (i === 0 ? 1 : 0),
    step: () => 0.5,
    sine: (/** @type {number} */ i) => 0.5 * Math.sin((2 * Math.PI * i) / 15),
    noise: () => 0.5 * noise(),
  }[kind];
  if (!value) throw new Error(`There is no input “${kind}”.`);
  return Array.from({ length: STEPS }, (_, i) => [value(i)]);
}

/**
 * The states Z over 60 timesteps, from zero.
 * @param {(key: string) => any} get
 */
export const states = (get) => rollout(inputs(get("input")), weights(get), get("activation"));

/**
 * How long an impulse is remembered: the last timestep at which the state is at least 1 % of its first size.
 * @param {ReturnType<typeof weights>} system
 * @param {"linear" | "tanh"} activation
 * @returns {number} Infinity where that is beyond 2,000 timesteps
 */
export function memory(system, activation) {
  let Z = simpleRnnStep([1], [0, 0], system, activation);
  const least = 0.01 * norm(Z);
  let last = 1;
  for (let i = 2; i <= HORIZON; i++) {
    Z = simpleRnnStep([0], Z, system, activation);
    const size = norm(Z);
    if (size >= least) last = i;
    // Below this size no coupling within the slider's range can lift it again.
    if (!(size > 1e-9 * least)) break;
    if (size > 1e9) return Infinity;
  }
  return last === HORIZON ? Infinity : last;
}

/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {{isPair: boolean, activation: "linear" | "tanh", system: ReturnType<typeof weights>, X: number[][], Z: number[][], step: number, now: number[], size: number, radius: number, kind: string}} Shown the states of all timesteps and the one at hand; `size` is where axes of the state end */

const clamp = (/** @type {number} */ v) => Math.max(-1.3, Math.min(1.3, v));

/** @param {Ui} ui */
function makePlots(ui) {
  return {
    complex: ui.plot({ label: "Eigenvalues", caption: "Eigenvalues of $W$: drag them", most: 330, margin: { left: 34, right: 8, top: 8, bottom: 38 } }),
    plane: ui.plot({ label: "State plane", caption: "The path of the state $Z_{i}$", most: 330, margin: { left: 44, right: 8, top: 8, bottom: 38 } }),
    time: ui.plot({ label: "State over time", caption: "The state over time", height: 190, margin: { top: 8, bottom: 22 } }),
    drive: ui.plot({ label: "Input over time", caption: "The input $X_{i}$", height: 92, margin: { top: 6 } }),
  };
}

/** @typedef {ReturnType<typeof makePlots>} Plots */

/** The eigenvalues that are dragged: one of a complex pair, or two real ones. @param {Ui} ui @param {Plots} plots */
function makeHandles(ui, { complex }) {
  const pair = ui.handle(complex, {
    label: "Complex eigenvalue",
    color: "w",
    at: () => {
      const a = (ui.get("angle") * Math.PI) / 180;
      return [ui.get("radius") * Math.cos(a), ui.get("radius") * Math.sin(a)];
    },
    text: () => `radius ${num(ui.get("radius"))}, angle ${num(ui.get("angle"), 0)} degrees`,
    move: ([re, im]) => {
      ui.set("radius", Math.min(1.3, Math.round(Math.hypot(re, im) * 100) / 100));
      ui.set("angle", Math.round((Math.atan2(Math.max(0, im), re) * 1800) / Math.PI) / 10);
    },
    step: [0.02, 0.02],
  });
  const singles = ["first", "second"].map((key) =>
    ui.handle(complex, {
      label: `${key === "first" ? "First" : "Second"} eigenvalue`,
      color: "w",
      at: () => [ui.get(key), 0],
      text: () => num(ui.get(key)),
      move: ([re]) => ui.set(key, Math.round(clamp(re) * 100) / 100),
      step: [0.01, 0],
    }),
  );
  return { pair, singles };
}

/** @typedef {ReturnType<typeof makeHandles>} Handles */

/** @param {Ui} ui @param {Plots} plots */
function arrange(ui, { complex, plane, time, drive }) {
  const polar = ui.row(
    ui.slider("radius", { label: "Spectral radius", min: 0, max: 1.3, step: 0.01 }),
    ui.slider("angle", { label: "Angle", min: 0, max: 180, step: 1, format: (v) => `${num(v, 0)}°` }),
  );
  const real = ui.row(
    ui.slider("first", { label: "First eigenvalue", min: -1.3, max: 1.3, step: 0.01 }),
    ui.slider("second", { label: "Second eigenvalue", min: -1.3, max: 1.3, step: 0.01 }),
    ui.slider("coupling", { label: "Coupling, unit 2 to 1", min: 0, max: 2, step: 0.05 }),
  );
  const told = ui.readout();
  ui.body.append(
    ui.bar(
      ui.choice("eigenvalues", { label: "Eigenvalues", options: [["pair", "complex pair"], ["real", "two real"]] }),
      ui.choice("activation", { label: "Activation", options: ["linear", "tanh"] }),
      ui.choice("input", { label: "Input", options: ["impulse", "step", "sine", "noise"] }),
    ),
    polar,
    real,
    ui.split("1fr 1fr", complex.node, plane.node),
    ui.legend([{ label: "$Z$, first unit", color: "z" }, { label: "$Z$, second unit", color: "c", dash: "5 4" }]),
    h("div", {}, time.node, drive.node),
    ui.player("step", { label: "Timestep", last: () => STEPS, pace: 140 }),
    told.node,
    ui.tryThis(
      "A radius of 1.05 lets the state explode. What does tanh make of it: is the impulse still remembered? And can a state grow although both eigenvalues are below 1?",
      ["Explode", { eigenvalues: "pair", radius: 1.05, angle: 24, input: "impulse", activation: "linear", step: STEPS }],
      ["The same with tanh", { eigenvalues: "pair", radius: 1.05, angle: 24, input: "impulse", activation: "tanh", step: STEPS }],
      ["Grow, then fade", { eigenvalues: "real", first: 0.9, second: 0.85, coupling: 1, input: "impulse", activation: "linear", step: 8 }],
    ),
  );
  return { polar, real, told };
}

/** @param {Plots} plots @param {Handles} handles @param {Shown} shown */
function drawEigenvalues({ complex }, { pair, singles }, { isPair, system, radius }) {
  complex.frame({ domain: [-1.4, 1.4], ticks: [-1, 0, 1], label: "real part" }, { domain: [-1.4, 1.4], ticks: [-1, 0, 1] });
  const unit = complex.x(1) - complex.x(0);
  complex.raw(`<circle cx="${complex.x(0)}" cy="${complex.y(0)}" r="${unit}" fill="var(--z)" fill-opacity=".07" stroke="var(--muted)" stroke-dasharray="4 3"/>`);
  complex.text(-1.32, 1.22, "imaginary part", { color: "ink" });
  if (isPair) {
    const [re, im] = [system.W[0][0], system.W[1][0]];
    complex.line([[0, 0], [re, im]], { color: "w", width: 1.5 });
    complex.dots([[re, -im]], { color: "w", r: 6, hollow: true });
  }
  complex.end();
  pair.show();
  for (const single of singles) single.show();
  complex.describe(`Complex plane with the unit circle and the eigenvalues of W. Spectral radius ${num(radius)}.`);
}

/** @param {Plots} plots @param {Shown} shown */
function drawPlane({ plane }, { Z, step, now, size }) {
  const range = /** @type {[number, number]} */ ([-size, size]);
  plane.frame({ domain: range, count: 4, label: "first unit" }, { domain: range, count: 4 });
  plane.line(/** @type {[number, number][]} */ (Z), { color: "z", width: 1.2, opacity: 0.45 });
  plane.dots(/** @type {[number, number][]} */ (Z.slice(1)), { color: "z", r: 2.6, opacity: (i) => (i + 1 <= step ? 0.9 : 0.22) });
  plane.dots([[now[0], now[1]]], { color: "z", r: 6.5, hollow: true });
  plane.end();
  plane.describe(`State plane. At timestep ${step} the state is ${num(now[0])}, ${num(now[1])}.`);
}

/** @param {Plots} plots @param {Shown} shown */
function drawTime({ time, drive }, { X, Z, step, now, size, kind }) {
  const axis = /** @type {[number, number]} */ ([-1, STEPS + 1]);
  time.frame({ domain: axis, ticks: [0, 15, 30, 45, 60], format: () => "" }, { domain: [-size, size], count: 4 });
  time.rule({ y: 0, color: "line" });
  time.rule({ x: step, color: "ink" });
  time.line(Z.map((z, i) => [i, z[0]]), { color: "z" });
  time.line(Z.map((z, i) => [i, z[1]]), { color: "c", dash: "5 4" });
  time.dots([[step, now[0]]], { color: "z", r: 4 });
  time.dots([[step, now[1]]], { color: "c", r: 4 });
  time.end();
  time.describe(`Both units over 60 timesteps. The largest value is ${num(size / 1.08)}.`);
  const loud = Math.max(1, ...X.map(([x]) => Math.abs(x)));
  drive.frame({ domain: axis, ticks: [0, 15, 30, 45, 60], label: "timestep" }, { domain: [kind === "impulse" || kind === "step" ? 0 : -loud, loud], ticks: [0, loud], format: (v) => num(v, 0) });
  drive.bars(X.map(([x], i) => [i, x]), { color: "x", width: 0.6, opacity: (i) => (i < step ? 1 : 0.4) });
  drive.end();
  drive.describe(`The input: ${kind}.`);
}

/** @param {ReturnType<Ui["readout"]>} told @param {Shown} shown */
function tell(told, { activation, system, step, now, radius }) {
  const kept = memory(system, activation);
  told.show(
    Number.isFinite(kept)
      ? `Spectral radius ${num(radius)}: an impulse is above 1 % of its first size up to timestep ${num(kept, 0)}.`
      : `Spectral radius ${num(radius)}: an impulse never sinks below 1 % of its first size.`,
    `At timestep ${step}, $Z_{${step}}$ = (${num(now[0])}, ${num(now[1])}), of length ${num(norm(now))}.`,
  );
}

export default live("StateSpace", (ui) => {
  ui.title("A state space and its memory");
  const plots = makePlots(ui);
  const handles = makeHandles(ui, plots);
  const { polar, real, told } = arrange(ui, plots);
  ui.draw(() => {
    const isPair = ui.get("eigenvalues") === "pair";
    polar.style.display = isPair ? "" : "none";
    real.style.display = isPair ? "none" : "";
    handles.pair.node.style.display = isPair ? "" : "none";
    for (const single of handles.singles) single.node.style.display = isPair ? "none" : "";

    const activation = ui.get("activation");
    const system = weights(ui.get);
    const kind = ui.get("input");
    const X = inputs(kind);
    const Z = states(ui.get);
    const step = Math.min(STEPS, ui.get("step"));
    const now = Z[step];
    const size = Math.max(0.5, ...Z.flat().map(Math.abs)) * 1.08;
    const radius = isPair ? ui.get("radius") : Math.max(Math.abs(ui.get("first")), Math.abs(ui.get("second")));
    const shown = { isPair, activation, system, X, Z, step, now, size, radius, kind };
    drawEigenvalues(plots, handles, shown);
    drawPlane(plots, shown);
    drawTime(plots, shown);
    tell(told, shown);
  });
});
