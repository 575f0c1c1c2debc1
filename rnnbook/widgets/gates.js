import { h, legend, live, num } from "./kit.js";
import { gruStep, lstmStep } from "./recurrences.js";

const STEPS = 16;

/**
 * The states and gates of the unit at every timestep, from zero; weights as in gates.py.
 * @param {(key: string) => any} get
 */
export function run(get) {
  const X = /** @type {number[]} */ (get("X")).map((x) => [x, x * x]);
  if (get("cell") === "lstm") {
    const weights = { U: [[0, 6], [0, 0], [2, 0], [0, 0]], W: [[0], [0], [0.5], [0]], b: [get("input_bias"), get("forget_bias"), 0, get("output_bias")] };
    const out = [{ Z: 0, C: 0, candidate: 0, gates: [0, 0, 0] }];
    for (const x of X) {
      const { Z, C } = out[out.length - 1];
      const s = lstmStep(x, [Z], [C], weights);
      out.push({ Z: s.Z[0], C: s.C[0], candidate: s.candidate[0], gates: [s.i[0], s.f[0], s.o[0]] });
    }
    return out;
  }
  const weights = { U: [[0, -6], [0, 0], [2, 0]], W: [[0], [0], [0.5]], b: /** @type {[number[], number[]]} */ ([[get("update_bias"), get("reset_bias"), 0], [0, 0, 0]]) };
  const out = [{ Z: 0, C: 0, candidate: 0, gates: [0, 0] }];
  for (const x of X) {
    const s = gruStep(x, [out[out.length - 1].Z], weights);
    out.push({ Z: s.Z[0], C: 0, candidate: s.candidate[0], gates: [s.z[0], s.r[0]] });
  }
  return out;
}

/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {import("./kit.js").Plot} Plot */
/** @typedef {{isLstm: boolean, X: number[], all: ReturnType<typeof run>, step: number, names: string[]}} Shown inputs, states and gates of all timesteps, the one at hand, and the names of the gates */

const AXIS = { domain: /** @type {[number, number]} */ ([0, STEPS]), ticks: /** @type {number[]} */ ([]) };

/** @param {Ui} ui */
function makePlots(ui) {
  const margin = { left: 70, top: 6, right: 12 };
  const input = ui.plot({ label: "Input", caption: "The input $X_{i}$: drag the points", height: 130, margin: { ...margin, bottom: 8 } });
  const gates = ui.plot({ label: "Gates", caption: "The gates, from shut to open, by the size of $X_{i}$", height: 132, margin: { ...margin, bottom: 6 } });
  const states = ui.plot({ label: "States", caption: "What the unit holds", height: 180, margin: { ...margin, bottom: 38 } });
  const points = Array.from({ length: STEPS }, (_, i) =>
    ui.handle(input, {
      label: `Input at timestep ${i}`,
      color: "x",
      at: () => [i + 0.5, ui.get("X")[i]],
      text: () => num(ui.get("X")[i], 1),
      move: ([, y]) => ui.set("X", ui.get("X").map((/** @type {number} */ x, /** @type {number} */ j) => (i === j ? Math.max(-1, Math.min(1, Math.round(y * 10) / 10)) : x))),
      step: [0, 0.1],
      r: 5.5,
    }),
  );
  return { input, gates, states, points };
}

/** @typedef {ReturnType<typeof makePlots>} Plots */

/** @param {Ui} ui @param {Plots} plots */
function arrange(ui, { input, gates, states }) {
  const bias = (/** @type {string} */ key, /** @type {string} */ label) => ui.slider(key, { label, min: -6, max: 6, step: 0.1 });
  const lstm = ui.row(bias("input_bias", "Bias of the input gate"), bias("forget_bias", "Bias of the forget gate"), bias("output_bias", "Bias of the output gate"));
  const gru = ui.row(bias("update_bias", "Bias of the update gate"), bias("reset_bias", "Bias of the reset gate"));
  const told = ui.readout();
  const cellKey = legend([{ label: "cell state $C$", color: "c", dash: "6 4" }, { label: "hidden state $Z$", color: "z" }]);
  const gruKey = legend([{ label: "hidden state $Z$", color: "z" }]);
  ui.body.append(
    ui.choice("cell", { label: "Cell", options: [["lstm", "LSTM"], ["gru", "GRU"]] }),
    lstm,
    gru,
    h("div", {}, input.node, gates.node, states.node),
    cellKey,
    gruKey,
    ui.player("step", { label: "Timestep", last: () => STEPS, pace: 700 }),
    told.node,
    ui.tryThis(
      "The large input is written once and kept while small ones pass. Which gate has to fail for the unit to forget it, and which for the noise to get in? Then compare: what do LSTM and GRU make of the second large input?",
      ["Forget gate at 0", { cell: "lstm", forget_bias: 0, input_bias: -3, output_bias: 2, step: 8 }],
      ["Input gate wide open", { cell: "lstm", forget_bias: 4, input_bias: 3, output_bias: 2, step: 16 }],
      ["Output gate shut", { cell: "lstm", forget_bias: 4, input_bias: -3, output_bias: -4, step: 8 }],
      ["GRU", { cell: "gru", update_bias: 3, reset_bias: 2, step: 8 }],
    ),
  );
  /** Shows what belongs to the cell. @param {boolean} isLstm */
  const show = (isLstm) => {
    lstm.style.display = cellKey.style.display = isLstm ? "" : "none";
    gru.style.display = gruKey.style.display = isLstm ? "none" : "";
  };
  return { told, show };
}

/** Shades the timestep at hand. @param {Plot} plot @param {number} step @param {number} low @param {number} high */
function mark(plot, step, low, high) {
  if (step === 0) return;
  const [x0, x1] = [plot.x(step - 1), plot.x(step)];
  plot.raw(`<rect x="${x0}" y="${plot.y(high)}" width="${x1 - x0}" height="${plot.y(low) - plot.y(high)}" fill="var(--soft)"/>`);
}

/** @param {Plots} plots @param {Shown} shown */
function drawInput({ input, points }, { X, step }) {
  input.frame(AXIS, { domain: [-1.15, 1.15], ticks: [-1, 0, 1] });
  mark(input, step, -1.15, 1.15);
  input.rule({ y: 0, color: "line" });
  input.bars(X.map((x, i) => [i + 0.5, x]), { color: "x", width: 0.35, opacity: (i) => (i < step ? 0.9 : 0.4) });
  input.end();
  for (const point of points) point.show();
  input.describe(`Input: ${X.map((x) => num(x, 1)).join(", ")}.`);
}

/** @param {Plots} plots @param {Shown} shown */
function drawGates({ gates }, { all, step, names }) {
  gates.frame(AXIS, { domain: [0, names.length], ticks: [] });
  mark(gates, step, 0, names.length);
  names.forEach((name, row) => {
    const base = names.length - 1 - row;
    gates.text(0, base + 0.42, name, { anchor: "end", dx: -8, dy: 4, color: "ink", size: 13 });
    for (let i = 1; i <= STEPS; i++) {
      const open = all[i].gates[row];
      const [x0, x1, y0, y1] = [gates.x(i - 1) + 1.5, gates.x(i) - 1.5, gates.y(base + 0.08), gates.y(base + 0.92)];
      const clear = i <= step ? 1 : 0.4;
      gates.raw(
        `<rect x="${x0}" y="${y1}" width="${x1 - x0}" height="${y0 - y1}" fill="none" stroke="var(--line)"/>` +
          `<rect x="${x0}" y="${y0 - open * (y0 - y1)}" width="${x1 - x0}" height="${open * (y0 - y1)}" fill="var(--y)" opacity="${clear}"/>`,
      );
    }
  });
  gates.end();
  gates.describe(step ? `Gates at timestep ${step}: ${names.map((name, i) => `${name} ${num(all[step].gates[i])}`).join(", ")}.` : "Gates, before the first timestep.");
}

/** @param {Plots} plots @param {Shown} shown */
function drawStates({ states }, { isLstm, all, step }) {
  const limit = Math.max(1, ...all.map(({ C, Z }) => Math.max(Math.abs(C), Math.abs(Z)))) * 1.08;
  states.frame({ ...AXIS, ticks: [0, 4, 8, 12, 16], label: "timestep" }, { domain: [-limit, limit], count: 4 });
  mark(states, step, -limit, limit);
  states.rule({ y: 0, color: "line" });
  if (isLstm) {
    states.line(all.map(({ C }, i) => [i, C]), { color: "c", dash: "6 4", width: 2.5 });
    states.dots([[step, all[step].C]], { color: "c", r: 5 });
  }
  states.line(all.map(({ Z }, i) => [i, Z]), { color: "z", width: 2.5 });
  states.dots([[step, all[step].Z]], { color: "z", r: 5 });
  states.end();
  states.describe(`Hidden state ${num(all[step].Z)}${isLstm ? `, cell state ${num(all[step].C)}` : ""} at timestep ${step}.`);
}

/** @param {ReturnType<Ui["readout"]>} told @param {Shown} shown */
function tell(told, { isLstm, X, all, step, names }) {
  if (step === 0) return told.show(`$Z_{0}$ = 0${isLstm ? " and $C_{0}$ = 0" : ""}: nothing is held yet. Step on.`);
  const now = all[step];
  const before = all[Math.max(0, step - 1)];
  const put = (/** @type {number} */ v) => (v < 0 ? `(${num(v)})` : num(v));
  const opened = `With $X_{${step - 1}}$ = ${num(X[step - 1], 1)}: ${names.map((name, i) => `${name} gate ${num(now.gates[i])}`).join(", ")}; candidate ${num(now.candidate)}.`;
  if (isLstm) {
    const [i, f, o] = now.gates;
    told.show(
      opened,
      `$C_{${step}}$ = forget · $C_{${step - 1}}$ + input · candidate = ${num(f)} · ${put(before.C)} + ${num(i)} · ${put(now.candidate)} = ${num(now.C)}`,
      `$Z_{${step}}$ = output · tanh($C_{${step}}$) = ${num(o)} · ${put(Math.tanh(now.C))} = ${num(now.Z)}`,
    );
  } else {
    told.show(
      opened,
      `$Z_{${step}}$ = update · $Z_{${step - 1}}$ + (1 − update) · candidate = ${num(now.gates[0])} · ${put(before.Z)} + ${num(1 - now.gates[0])} · ${put(now.candidate)} = ${num(now.Z)}`,
    );
  }
}

export default live("Gates", (ui) => {
  ui.title("What gates keep and let go");
  const plots = makePlots(ui);
  const { told, show } = arrange(ui, plots);
  ui.draw(() => {
    const isLstm = ui.get("cell") === "lstm";
    show(isLstm);
    const names = isLstm ? ["input", "forget", "output"] : ["update", "reset"];
    const shown = { isLstm, X: ui.get("X"), all: run(ui.get), step: Math.min(STEPS, ui.get("step")), names };
    drawInput(plots, shown);
    drawGates(plots, shown);
    drawStates(plots, shown);
    tell(told, shown);
  });
});
