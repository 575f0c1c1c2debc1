import { h, legend, live, num, percent, uniforms } from "./kit.js";

const [UNITS, FEATURES, STEPS, DRAWS] = [8, 4, 24, 80];

/**
 * Undoes random_system of dropout_masks.py.
 * @param {DataView} bytes
 */
export function split(bytes) {
  const all = Float64Array.from({ length: bytes.byteLength / 8 }, (_, i) => bytes.getFloat64(8 * i, true));
  const [a, b] = [UNITS * UNITS, UNITS * (UNITS + FEATURES)];
  return { W: all.slice(0, a), U: all.slice(a, b), X: all.slice(b) };
}

/**
 * Masks of one draw, 0 or 1 / (1 - rate), timesteps by size in one array.
 * @param {() => number} random
 * @param {number} size
 * @param {number} rate
 * @param {"fixed" | "fresh"} masks
 */
function mask(random, size, rate, masks) {
  const out = new Float64Array(STEPS * size);
  for (let i = 0; i < out.length; i++) out[i] = random() >= rate ? 1 / (1 - rate) : 0;
  if (masks === "fixed") for (let i = size; i < out.length; i++) out[i] = out[i - size];
  return out;
}

/**
 * @param {number} seed
 * @param {{masks: "fixed" | "fresh", dropout: number, recurrent: number}} how
 */
export function draw(seed, { masks, dropout, recurrent }) {
  const random = uniforms(seed);
  return { input: mask(random, FEATURES, dropout, masks), recurrent: mask(random, UNITS, recurrent, masks) };
}

/**
 * States under masks as reference.dropout_rollout: Z' = tanh(W (Z r) + U (X m)); timesteps + 1 by units in one array.
 * @param {ReturnType<typeof split>} system
 * @param {ReturnType<typeof draw>} masks
 */
export function states({ W, U, X }, { input, recurrent }) {
  const Z = new Float64Array((STEPS + 1) * UNITS);
  const kept = new Float64Array(UNITS + FEATURES);
  for (let t = 0; t < STEPS; t++) {
    for (let j = 0; j < UNITS; j++) kept[j] = Z[t * UNITS + j] * recurrent[t * UNITS + j];
    for (let j = 0; j < FEATURES; j++) kept[UNITS + j] = X[t * FEATURES + j] * input[t * FEATURES + j];
    for (let i = 0; i < UNITS; i++) {
      let sum = 0;
      for (let j = 0; j < UNITS; j++) sum += W[i * UNITS + j] * kept[j];
      for (let j = 0; j < FEATURES; j++) sum += U[i * FEATURES + j] * kept[UNITS + j];
      Z[(t + 1) * UNITS + i] = Math.tanh(sum);
    }
  }
  return Z;
}

/**
 * Noise over signal at every timestep: the states' spread over many draws divided by the length of their mean.
 * @param {ReturnType<typeof split>} system
 * @param {Parameters<typeof draw>[1]} how
 * @returns {number[]} timesteps + 1, the first is 0
 */
export function noise(system, how) {
  const sum = new Float64Array((STEPS + 1) * UNITS);
  const square = new Float64Array((STEPS + 1) * UNITS);
  for (let k = 0; k < DRAWS; k++) {
    const Z = states(system, draw(1000 + k, how));
    for (let i = 0; i < Z.length; i++) {
      sum[i] += Z[i];
      square[i] += Z[i] * Z[i];
    }
  }
  return Array.from({ length: STEPS + 1 }, (_, t) => {
    let [spread, signal] = [0, 0];
    for (let i = t * UNITS; i < (t + 1) * UNITS; i++) {
      const mean = sum[i] / DRAWS;
      signal += mean * mean;
      spread += Math.max(0, square[i] / DRAWS - mean * mean);
    }
    return signal > 0 ? Math.sqrt(spread / signal) : 0;
  });
}

/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {import("./kit.js").Plot} Plot */
/** @typedef {{step: number, rates: {dropout: number, recurrent: number}, masks: "fixed" | "fresh", drawn: ReturnType<typeof draw>, Z: Float64Array, curves: {fresh: number[], fixed: number[]}}} Shown what is drawn at a timestep: masks, states under them, and the noise of either kind */

const AXIS = { domain: /** @type {[number, number]} */ ([0, STEPS]), ticks: /** @type {number[]} */ ([]) };

/** @param {Ui} ui */
function makePlots(ui) {
  const margin = { left: 46, top: 4, right: 12 };
  return {
    inputs: ui.plot({ label: "Input masks", caption: "Masks of the 4 inputs", height: 70, margin: { ...margin, bottom: 6 }, cells: true }),
    recurrent: ui.plot({ label: "Recurrent masks", caption: "Masks of the 8 units, before $W$", height: 124, margin: { ...margin, bottom: 6 }, cells: true }),
    state: ui.plot({ label: "States", caption: "The states $Z_{i}$", height: 154, margin: { ...margin, bottom: 38 }, cells: true }),
    curve: ui.plot({ label: "Noise over signal", caption: `Noise over signal in ${DRAWS} draws`, height: 200, margin: { ...margin, top: 10, bottom: 38 } }),
  };
}

/** @typedef {ReturnType<typeof makePlots>} Plots */

/** @param {Ui} ui @param {Plots} plots @param {ReturnType<Ui["readout"]>} told */
function arrange(ui, { inputs, recurrent, state, curve }, told) {
  ui.body.append(
    ui.bar(
      ui.choice("masks", { label: "Masks", options: [["fresh", "fresh each timestep"], ["fixed", "one for all"]] }),
      ui.button("New draw", () => ui.set("seed", (ui.get("seed") % 10000) + 1)),
    ),
    ui.row(
      ui.slider("recurrent_dropout", { label: "recurrent_dropout", min: 0, max: 0.8, step: 0.05 }),
      ui.slider("dropout", { label: "dropout (of the inputs)", min: 0, max: 0.8, step: 0.05 }),
    ),
    h("div", {}, inputs.node, recurrent.node, state.node),
    legend([
      { label: "kept", color: "w", bar: true },
      { label: "dropped", color: "line", bar: true },
      { label: "$Z$ below 0", color: "minus", bar: true },
      { label: "$Z$ above 0", color: "plus", bar: true },
    ]),
    ui.player("step", { label: "Timestep", last: () => STEPS, pace: 300 }),
    curve.node,
    legend([{ label: "fresh masks", color: "g", dash: "6 4" }, { label: "one mask", color: "y" }]),
    told.node,
    ui.tryThis(
      "A pulse at timestep 0 is all there is to remember. With fresh masks at 0.3, for how long can you see it in the states? Now keep one mask. And is a fresh mask at 0.1 gentler than one mask at 0.5?",
      ["Fresh, 0.3", { masks: "fresh", recurrent_dropout: 0.3, dropout: 0, step: 24 }],
      ["One mask, 0.3", { masks: "fixed", recurrent_dropout: 0.3, dropout: 0, step: 24 }],
      ["Fresh, 0.1", { masks: "fresh", recurrent_dropout: 0.1, dropout: 0, step: 24 }],
      ["One mask, 0.5", { masks: "fixed", recurrent_dropout: 0.5, dropout: 0, step: 24 }],
    ),
  );
}

/** Frames the column of the last timestep. @param {Plot} plot @param {number} rows @param {number} step */
function frameStep(plot, rows, step) {
  if (step === 0) return;
  const [x0, x1, y0, y1] = [plot.x(step - 1), plot.x(step), plot.y(0), plot.y(rows)];
  plot.raw(`<rect x="${x0 - 1}" y="${y1 - 1}" width="${x1 - x0}" height="${y0 - y1}" fill="none" stroke="var(--ink)" stroke-width="2" rx="2"/>`);
}

/** @param {Plot} plot @param {Float64Array} values @param {number} rows @param {number} step */
function drawMasks(plot, values, rows, step) {
  plot.frame(AXIS, { domain: [0, rows], ticks: [] });
  const [dx, dy] = [plot.x(1) - plot.x(0), plot.y(0) - plot.y(1)];
  // Four paths are much faster than a rectangle a cell.
  const paths = { past: { w: "", soft: "" }, ahead: { w: "", soft: "" } };
  for (let t = 0; t < STEPS; t++) {
    for (let k = 0; k < rows; k++) {
      paths[t < step ? "past" : "ahead"][values[t * rows + k] > 0 ? "w" : "soft"] +=
        `M${plot.x(t).toFixed(1)} ${plot.y(rows - k).toFixed(1)}h${(dx - 2).toFixed(1)}v${(dy - 2).toFixed(1)}h${(2 - dx).toFixed(1)}z`;
    }
  }
  for (const [when, kinds] of Object.entries(paths)) {
    for (const [kind, path] of Object.entries(kinds)) plot.raw(`<path d="${path}" fill="var(--${kind})" opacity="${when === "past" ? 1 : 0.45}"/>`);
  }
  frameStep(plot, rows, step);
  plot.end();
}

/** @param {Plots} plots @param {Shown} shown @param {"light" | "dark"} theme */
function drawStates({ state }, { step, Z }, theme) {
  state.frame({ ...AXIS, ticks: [0, 6, 12, 18, 24], label: "timestep" }, { domain: [0, UNITS], ticks: [] });
  state.cells(UNITS, STEPS, (row, t) => (t < step ? Z[(t + 1) * UNITS + UNITS - 1 - row] : NaN), { theme, gap: 1.5 });
  frameStep(state, UNITS, step);
  state.end();
}

/** @param {Plots} plots @param {Shown} shown */
function drawNoise({ curve }, { step, curves }) {
  const values = [...curves.fresh, ...curves.fixed].filter((v) => v > 0.005);
  const top = Math.max(1, ...values) * 1.1;
  curve.frame({ domain: [0, STEPS], ticks: [0, 6, 12, 18, 24], label: "timestep" }, { domain: [0, top], count: 4 });
  curve.rule({ x: step, color: "ink" });
  curve.line(curves.fresh.map((v, i) => [i, v]), { color: "g", dash: "6 4", width: 2.5 });
  curve.line(curves.fixed.map((v, i) => [i, v]), { color: "y", width: 2.5 });
  curve.dots([[step, curves.fresh[step]]], { color: "g", r: 4.5 });
  curve.dots([[step, curves.fixed[step]]], { color: "y", r: 4.5 });
  curve.end();
}

/** @param {Plots} plots @param {Shown} shown */
function describe({ inputs, recurrent, state, curve }, { step, drawn, Z, curves }) {
  const now = Array.from(Z.slice(step * UNITS, (step + 1) * UNITS));
  const dropped = (/** @type {Float64Array} */ m, /** @type {number} */ size) => Array.from(m.slice((step - 1) * size, step * size)).filter((v) => v === 0).length;
  inputs.describe(step ? `At timestep ${step}, ${dropped(drawn.input, FEATURES)} of ${FEATURES} inputs are dropped.` : "Masks of the inputs.");
  recurrent.describe(step ? `At timestep ${step}, ${dropped(drawn.recurrent, UNITS)} of ${UNITS} units are dropped.` : "Masks of the units.");
  state.describe(`States at timestep ${step}: ${now.map((z) => num(z)).join(", ")}.`);
  curve.describe(`Noise over signal at timestep ${step}: ${num(curves.fresh[step])} with fresh masks, ${num(curves.fixed[step])} with one.`);
}

/** @param {ReturnType<Ui["readout"]>} told @param {Shown} shown */
function tell(told, { step, rates, masks, drawn, curves }) {
  const unbroken = Array.from({ length: UNITS }, (_, k) => k).filter((k) => {
    for (let t = 0; t < step; t++) if (drawn.recurrent[t * UNITS + k] === 0) return false;
    return true;
  }).length;
  const alive = (1 - rates.recurrent) ** (masks === "fixed" ? Math.min(1, step) : step);
  told.show(
    `After ${step} ${step === 1 ? "timestep" : "timesteps"}, ${unbroken} of ${UNITS} units were never dropped; ${percent(alive, alive < 0.1 ? 2 : 0)} are to be expected with ${masks === "fixed" ? "one mask" : "fresh masks"}.`,
    `The noise is ${num(curves.fresh[step])} times the signal with fresh masks, ${num(curves.fixed[step])} times with one mask.`,
  );
}

export default live("DropoutMasks", (ui) => {
  ui.title("One mask or many");
  const system = split(ui.get("system"));
  const plots = makePlots(ui);
  const told = ui.readout();
  arrange(ui, plots, told);
  /** @type {{key: string, fresh: number[], fixed: number[]}} the curves, which only the rates change */
  let curves = { key: "", fresh: [], fixed: [] };
  ui.draw(() => {
    const rates = { dropout: ui.get("dropout"), recurrent: ui.get("recurrent_dropout") };
    const masks = ui.get("masks");
    const step = Math.min(STEPS, ui.get("step"));
    const key = `${rates.dropout} ${rates.recurrent}`;
    if (curves.key !== key) curves = { key, fresh: noise(system, { ...rates, masks: "fresh" }), fixed: noise(system, { ...rates, masks: "fixed" }) };
    const drawn = draw(ui.get("seed"), { ...rates, masks });
    const Z = states(system, drawn);
    const shown = { step, rates, masks, drawn, Z, curves };
    drawMasks(plots.inputs, drawn.input, FEATURES, step);
    drawMasks(plots.recurrent, drawn.recurrent, UNITS, step);
    drawStates(plots, shown, ui.theme);
    drawNoise(plots, shown);
    describe(plots, shown);
    tell(told, shown);
  });
});
