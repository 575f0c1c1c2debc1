import { FACTS } from "./facts.js";
import { esc, live, num, percent } from "./kit.js";
import { rollout, stateGradients } from "./recurrences.js";

const MOST = 6;

/**
 * Forward and backward through n timesteps of the network with one unit.
 * @param {{U: number, W: number, V: number, b: number, c: number, target: number, X: number[]}} net
 * @param {number} n
 */
export function passes({ U, W, V, b, c, target, X }, n) {
  const weights = { U: [[U]], W: [[W]], b: [b] };
  const states = rollout(X.slice(0, n).map((x) => [x]), weights);
  const Z = states.map(([z]) => z);
  const Y = V * Z[n] + c;
  const dY = Y - target;
  const dZ = stateGradients(states, [V * dY], weights.W).map(([g]) => g);
  // What timestep i adds to dL/dW, dL/dU and dL/db; nothing reaches a weight through Z_0 itself.
  const through = Z.map((z, i) => (i === 0 ? 0 : (1 - z * z) * dZ[i]));
  const dW = Z.map((_, i) => (i === 0 ? 0 : through[i] * Z[i - 1]));
  const dU = Z.map((_, i) => (i === 0 ? 0 : through[i] * X[i - 1]));
  return { Z, Y, loss: 0.5 * dY * dY, dY, dZ, dW, dU, db: through };
}

/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {import("./kit.js").Plot} Plot */
/** @typedef {{u: number, n: number, step: number, lit: string, net: Parameters<typeof passes>[0], done: ReturnType<typeof passes>}} Shown how far it is unfolded, to how many timesteps, the step at hand, the weight that lights up, and both passes */

/** The timestep up to which states are known, and down to which gradients are. @param {Shown} shown */
const reached = ({ n, step }) => ({ forward: Math.min(step, n), back: step > n + 1 ? 2 * n + 2 - step : Infinity });

/** A slider of a weight, which says when it is touched. @param {Ui} ui @param {string} key @param {string} label @param {(name: string) => void} light */
function weight(ui, key, label, light) {
  const node = ui.slider(key, { label, min: -2, max: 2, step: 0.05 });
  for (const event of ["pointerenter", "focusin"]) node.addEventListener(event, () => light(key));
  for (const event of ["pointerleave", "focusout"]) node.addEventListener(event, () => light(""));
  return node;
}

/** @param {Ui} ui @param {() => number} steps @param {(name: string) => void} light */
function arrange(ui, steps, light) {
  const drawing = ui.plot({ label: "The network", height: 330, margin: { left: 0, right: 0, top: 0, bottom: 0 } });
  const told = ui.readout();
  ui.body.append(
    ui.slider("unfold", { label: "Pull to unfold", min: 0, max: MOST, step: 0.05, format: (v) => (v < 0.5 ? "folded" : v <= 1 ? "1 timestep" : `${num(Math.ceil(v - 1e-9), 0)} timesteps`) }),
    drawing.node,
    ui.player("step", {
      label: "Forward, then backward",
      last: () => 2 * steps() + 1,
      format: (i) => (i === 0 ? "start" : i <= steps() ? "forward" : i === steps() + 1 ? "loss" : "backward"),
      pace: 1400,
    }),
    told.node,
    ui.row(
      weight(ui, "U", "$U$, input to state", light),
      weight(ui, "W", "$W$, state to state", light),
      weight(ui, "V", "$V$, state to output", light),
    ),
    ui.tryThis(
      "Touch a weight's slider: all its copies light up, for there is one number behind them. Then see how much of the gradient reaches $Z_{1}$ with a small $W$. A large $W$ must be better, or is it?",
      ["A small W, back at the first state", { unfold: 6, W: 0.3, step: 13 }],
      ["A large W", { unfold: 6, W: 1.8, step: 13 }],
    ),
  );
  return { drawing, told };
}

const [ROW_X, ROW_Z, ROW_Y] = [276, 160, 34];

/** Where copies stand, how large, and how much of each is shown. @param {number} width @param {number} u */
function placing(width, u) {
  const r = width < 480 ? 16 : 21;
  const gap = Math.min(118, (width - 2 * r - 8) / Math.max(1, u));
  // Copy j stands at j, or where the slider has pulled the last one.
  const at = (/** @type {number} */ j) => width / 2 + (Math.min(j, u) - u / 2) * gap;
  const shown = (/** @type {number} */ j) => (j === 0 ? Math.min(1, u) : j === 1 ? 1 : Math.max(0, Math.min(1, u - j + 1)));
  return { r, at, shown };
}

/** @typedef {ReturnType<typeof placing>} Places */

/** An arrow of the weight `key` between two nodes. @param {Plot} drawing @param {number} r @param {number[]} ends @param {string} key @param {{opacity: number, active: boolean, strong: boolean}} look */
function arrow(drawing, r, [x0, y0, x1, y1], key, { opacity, active, strong }) {
  const color = strong ? "var(--focus)" : active ? "var(--ink)" : `var(--${FACTS.letters[key]})`;
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 2 * r + 4) return;
  const [a, b] = [(x1 - x0) / length, (y1 - y0) / length];
  const [sx, sy, ex, ey] = [x0 + a * r, y0 + b * r, x1 - a * (r + 3), y1 - b * (r + 3)];
  drawing.raw(
    `<g opacity="${opacity.toFixed(2)}" stroke="${color}" fill="${color}"><line x1="${sx}" y1="${sy}" x2="${ex - a * 6}" y2="${ey - b * 6}" stroke-width="${strong ? 5 : active ? 3 : 1.6}"/>` +
      `<path stroke="none" d="M${ex} ${ey}L${ex - a * 10 - b * 5} ${ey - b * 10 + a * 5}L${ex - a * 10 + b * 5} ${ey - b * 10 - a * 5}z"/></g>` +
      `<text x="${(sx + ex) / 2 + (a === 0 ? 12 : 0)}" y="${(sy + ey) / 2 + (a === 0 ? 5 : -9)}" text-anchor="middle" opacity="${opacity.toFixed(2)}" style="fill:${color};font:italic ${strong ? 700 : 400} 15px Georgia,serif">${key}</text>`,
  );
}

/**
 * A node: its letter inside, or its value once computed, with the letter beside it.
 * @param {Plot} drawing
 * @param {number} r
 * @param {[x: number, y: number]} place
 * @param {[letter: string, index: string, color: string]} name
 * @param {{opacity: number, text: string, dx?: number, dy: number}} look
 */
function node(drawing, r, [x, y], [letter, index, color], { opacity, text, dx = 0, dy }) {
  const name = (/** @type {number} */ nx, /** @type {number} */ ny, /** @type {number} */ size, /** @type {string} */ anchor) =>
    `<text x="${nx}" y="${ny}" text-anchor="${anchor}" style="fill:var(--${color});font:italic ${size}px Georgia,serif">${esc(letter)}<tspan dy="3" style="font:${Math.round(size * 0.68)}px Georgia,serif">${esc(index)}</tspan></text>`;
  drawing.raw(
    `<g opacity="${opacity.toFixed(2)}"><circle cx="${x}" cy="${y}" r="${r}" fill="var(--${text ? color : "surface"})" stroke="var(--${color})" stroke-width="2"/>` +
      (text ? `<text x="${x}" y="${y + 4}" text-anchor="middle" style="fill:var(--surface);font-size:${r < 20 ? 11.5 : 12.5}px;font-weight:600">${esc(text)}</text>${name(x + dx, y + dy, 15, dx < 0 ? "end" : "middle")}` : name(x, y + 5, r < 20 ? 14 : 17, "middle")) +
      "</g>",
  );
}

/** The loop of a network that is not wholly unfolded. @param {Plot} drawing @param {Places} places @param {Shown} shown */
function drawLoop(drawing, { r, at }, { u, lit }) {
  const x = at(1);
  const k = 1 - u;
  const color = lit === "W" ? "var(--focus)" : `var(--${FACTS.letters.W})`;
  drawing.raw(
    `<g opacity="${k.toFixed(2)}"><path d="M${x + r * 0.8} ${ROW_Z - r * 0.7}C${x + 90} ${ROW_Z - 75},${x + 90} ${ROW_Z + 75},${x + r * 0.9 + 7} ${ROW_Z + r * 0.75 + 3}" fill="none" stroke="${color}" stroke-width="${lit === "W" ? 5 : 1.6}"/>` +
      `<path d="M${x + r * 0.8} ${ROW_Z + r * 0.7}l12 2l-6 8z" fill="${color}"/><text x="${x + 84}" y="${ROW_Z + 5}" text-anchor="middle" style="fill:${color};font:italic 15px Georgia,serif">W</text></g>`,
  );
}

/** @param {Plot} drawing @param {Places} places @param {Shown} now */
function drawArrows(drawing, { r, at, shown }, now) {
  const { u, n, step, lit } = now;
  const { forward } = reached(now);
  const put = (/** @type {string} */ key, /** @type {number[]} */ ends, /** @type {number} */ opacity, /** @type {boolean} */ active) =>
    arrow(drawing, r, ends, key, { opacity, active, strong: lit === key });
  for (let j = 1; j <= n; j++) {
    put("W", [at(j - 1), ROW_Z, at(j), ROW_Z], Math.min(shown(j), u), forward === j && step <= n);
    put("U", [at(j), ROW_X, at(j), ROW_Z], shown(j), forward === j && step <= n);
  }
  put("V", [at(n), ROW_Z, at(n), ROW_Y], 1, step === n + 1);
}

/** @param {Plot} drawing @param {Places} places @param {Shown} now */
function drawNodes(drawing, { r, at, shown }, now) {
  const { u, n, step, net, done: { Z, Y } } = now;
  const { forward } = reached(now);
  const [folded, digits] = [u < 0.5, r < 20 ? 1 : 2];
  if (u > 0) node(drawing, r, [at(0), ROW_Z], ["Z", "0", "z"], { opacity: shown(0) * 0.7, text: step > 0 ? "0" : "", dy: r + 17 });
  const index = (/** @type {number} */ j) => (folded ? "i+1" : String(j));
  for (let j = 1; j <= n; j++) {
    node(drawing, r, [at(j), ROW_X], ["X", folded ? "i" : String(j - 1), "x"], { opacity: shown(j), text: folded ? "" : num(net.X[j - 1], 1), dy: r + 18 });
    node(drawing, r, [at(j), ROW_Z], ["Z", index(j), "z"], { opacity: shown(j), text: j <= forward ? num(Z[j], digits) : "", dx: -5, dy: r + 17 });
  }
  node(drawing, r, [at(n), ROW_Y], ["Y", index(n), "y"], { opacity: 1, text: step > n ? num(Y, digits) : "", dx: -r - 6, dy: 5 });
}

/** The gradients at the states, and the way from one to the one before. @param {Plot} drawing @param {Places} places @param {Shown} now */
function drawGradients(drawing, { r, at }, now) {
  const { n, done: { dZ } } = now;
  const { back } = reached(now);
  for (let j = back; j <= n; j++) {
    const tiny = Math.abs(dZ[j]) < 0.005 ? "≈ 0" : num(dZ[j]);
    const last = j === n;
    const [x, y] = [at(j), ROW_Z - r - (last ? 34 : 10)];
    drawing.raw(`<text x="${last ? x - 6 : x}" y="${y}" text-anchor="${last ? "end" : "middle"}" style="fill:var(--g);font-size:12px;font-weight:650">${esc(tiny)}</text>`);
    if (j === back) continue;
    const to = at(j - 1);
    drawing.raw(`<path d="M${x - 4} ${ROW_Z - r - 25}Q${(x + to) / 2} ${ROW_Z - r - (last ? 32 : 48)},${to + 9} ${ROW_Z - r - 28}" fill="none" stroke="var(--g)" stroke-width="2"/><path d="M${to + 3} ${ROW_Z - r - 24}l11 -3l-6 -7z" fill="var(--g)"/>`);
  }
}

/** @param {ReturnType<Ui["readout"]>} told @param {Shown} now */
function tell(told, now) {
  const { u, n, step, net, done: { Z, Y, loss, dY, dZ, dW } } = now;
  const { back } = reached(now);
  const sum = (/** @type {number} */ from) => dW.slice(from).reduce((a, v) => a + v, 0);
  const put = (/** @type {number} */ v, digits = 2) => (v < 0 ? `(${num(v, digits)})` : num(v, digits));
  told.show(
    `5 parameters, $U$, $W$, $V$, $b$, $c$, at any length. ${u < 0.5 ? "Folded, the network is one layer that feeds itself." : `Unfolded it is ${n} ${n === 1 ? "layer" : "layers"} deep.`}`,
    step === 0 && "Step forward to compute the first state from $Z_{0}$ = 0.",
    step > 0 &&
      step <= n &&
      `$Z_{${step}}$ = tanh($W Z_{${step - 1}}$ + $U X_{${step - 1}}$ + $b$) = tanh(${num(net.W)} · ${put(Z[step - 1])} + ${put(net.U)} · ${put(net.X[step - 1])} + ${put(net.b)}) = ${num(Z[step])}`,
    step === n + 1 && `$Y_{${n}}$ = $V Z_{${n}}$ + $c$ = ${num(Y)}. The target is ${num(net.target)}, so the loss is $L$ = ½ (${num(Y)} − ${put(net.target)})² = ${num(loss, 3)}.`,
    back === n && `$∂L$/$∂Z_{${n}}$ = $V$ ($Y_{${n}}$ − target) = ${num(net.V)} · ${put(dY)} = ${num(dZ[n], 3)}`,
    back < n && `$∂L$/$∂Z_{${back}}$ = $W$ (1 − $Z_{${back + 1}}^{2}$) $∂L$/$∂Z_{${back + 1}}$ = ${num(net.W)} · ${num(1 - Z[back + 1] ** 2)} · ${put(dZ[back + 1], 3)} = ${num(dZ[back], 3)}, ${percent(Math.abs(dZ[back] / dZ[n]), 1)} of what it was at $Z_{${n}}$.`,
    back <= n && `This timestep adds ${num(dW[back], 4)} to $∂L$/$∂W$, which now stands at ${num(sum(back), 4)}.`,
  );
}

export default live("Unfold", (ui) => {
  ui.title("Unfold the network");
  let lit = "";
  const steps = () => Math.max(1, Math.ceil(ui.get("unfold") - 1e-9));
  const { drawing, told } = arrange(ui, steps, (name) => {
    lit = name;
    ui.redraw();
  });
  ui.draw(() => {
    const u = ui.get("unfold");
    const n = steps();
    const step = Math.min(ui.get("step"), 2 * n + 1);
    const net = { U: ui.get("U"), W: ui.get("W"), V: ui.get("V"), b: ui.get("b"), c: ui.get("c"), target: ui.get("target"), X: ui.get("X") };
    const now = { u, n, step, lit, net, done: passes(net, n) };

    drawing.frame({ domain: [0, 1], ticks: [] }, { domain: [0, 1], ticks: [] });
    const places = placing(drawing.width, u);
    if (u < 1) drawLoop(drawing, places, now);
    drawArrows(drawing, places, now);
    drawNodes(drawing, places, now);
    drawGradients(drawing, places, now);
    drawing.end();
    drawing.describe(
      `${u < 0.5 ? "The folded network with its loop W" : `The network unfolded over ${n} timesteps`}. ${step === 0 ? "No value computed yet." : `States: ${now.done.Z.slice(1, reached(now).forward + 1).map((z) => num(z)).join(", ")}.`}`,
    );
    tell(told, now);
  });
});
