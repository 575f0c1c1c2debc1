/** Trains one network with one seed, away from the page, and tells the page how it goes. */
import { eigenvalues } from "./eigenvalues.js";
import { inWebAssembly } from "./memory.js";
import { Network } from "./network.js";
import { uniforms } from "./random.js";
import { HELD_OUT, makeBatch, readData } from "./tasks.js";

/** @typedef {import("./tasks.js").Data} Data */

const REPORT = 90; // milliseconds between two reports
const FEW = 256; // a network with no more weights (with padding) shows each of them
const PROBES = 8; // batches that measure a network
const PICTURES = 320; // and at least between two that hold pictures, which take at most a tenth of the time

/** @type {any} */
const page = self;
/** Makes the memory of a network: in WebAssembly, else what plain.js has put here. @type {(size: number) => import("./layer.js").Memory} */
let room = page.inJavaScript;

/** @type {{net: Network, task: string, data: Data, losses: number[], probes: import("./tasks.js").Batch[], writer?: Network} | null} */
let now = null;
let running = false;
let next = 0; // the timer of the next turn of the loop
let pause = 0; // milliseconds after every update
let rest = 0; // how many times as long as a turn of the loop it rests after it, so that the page gets its share of the processor
let until = Infinity; // the update at which it stops by itself
let reported = 0;
let pictured = 0;
let wait = PICTURES;

/** @param {{task: import("./settings.js").TaskName, settings: any, seed: number, bytes?: ArrayBuffer, simd: ArrayBuffer | false}} given `settings` are complete */
function setUp({ task, settings, seed, bytes, simd }) {
  if (simd) room = inWebAssembly(simd) ?? room;
  const data = readData(task, bytes);
  const config = { ...settings, seed };
  if (data.tokens) config.tokens = data.tokens;
  if (task === "text") config.outputs = data.tokens;
  const net = new Network(/** @type {any} */ (config), room);
  now = { net, task, data, losses: [], probes: Array.from({ length: task === "cat" ? 1 : PROBES }, (_, k) => makeBatch(task, /** @type {any} */ (config), data, HELD_OUT + k)) };
  report(true);
}

/** @param {Network} net @param {import("./tasks.js").Batch} batch */
function put(net, batch) {
  if (net.config.tokens) net.setTokens(batch.x);
  else net.setInputs(batch.x);
  net.setTargets(batch.y);
}

/** @param {boolean} trace */
function update(trace) {
  if (!now) return;
  const { net, task, data } = now;
  const batch = makeBatch(task, /** @type {any} */ (net.config), data, net.updates);
  put(net, batch);
  now.losses.push(net.train(trace, batch.begins));
}

function loop() {
  if (!running || !now) return;
  const start = performance.now();
  try {
    let due = false;
    do {
      // Pictures come right after an update that has noted its gradient, and after the first at once.
      due = !now.net.updates || now.net.updates + 1 >= until || performance.now() - pictured > wait;
      update(due);
    } while (!pause && !due && performance.now() - start < (rest ? 20 : 40));
    if (now.net.updates >= until) {
      halt();
      return report(true);
    }
    if (due || performance.now() - reported > REPORT) report(due);
  } catch (error) {
    return stop(error);
  }
  next = setTimeout(loop, Math.max(pause, rest * (performance.now() - start)));
}

/** No turn that was planned comes any more, so that a new start does not make two loops of one. */
function halt() {
  running = false;
  clearTimeout(next);
}

/** @param {any} error an Error, of this code or of the browser */
function stop(error) {
  halt();
  report(false);
  postMessage({ type: "error", message: error.message });
}

/** @param {boolean} pictures */
function report(pictures) {
  if (!now) return;
  reported = performance.now();
  const { net, losses } = now;
  /** @type {any} */
  const message = { type: "report", updates: net.updates, tokens: net.config.tokens, losses: Float32Array.from(losses.splice(0)), done: net.updates >= until };
  if (pictures) {
    message.norms = net.top[0].gradientNorms; // numbers travel as typed arrays: the page does not have to build them anew
    if (net.size <= FEW) message.weights = weights(net);
    Object.assign(message, look(), { eigenvalues: spectrum(net) });
    pictured = performance.now();
    wait = Math.max(PICTURES, 9 * (pictured - reported));
  }
  postMessage(message);
}

/** Every weight with its gradient, row by row. @param {Network} net */
const weights = (net) => net.weights.map((w) => ({ name: w.name, shape: [w.shape[0], w.gates * w.shape[1]], values: Array.from(net.getWeight(w)), gradients: Array.from(net.getWeight(w, net.size)) }));

/** The eigenvalues of the recurrent weights; of a gated layer those of the candidate, of a diagonal one its decays. @param {Network} net @returns {[number, number][]} */
function spectrum(net) {
  const { cell, units } = net.config;
  const layer = net.top[0];
  if (cell === "diagonal") return Array.from(net.F.subarray(layer.decay, layer.decay + units), (v) => [v, 0]);
  const columns = layer.G;
  const block = { simple_rnn: 0, lstm: 2, gru: 2 }[cell] * layer.H;
  const W = new Float64Array(units * units);
  for (let i = 0; i < units; i++) for (let j = 0; j < units; j++) W[i * units + j] = net.F[layer.W + i * columns + block + j];
  return eigenvalues(W, units);
}

/** What the network makes of sequences it has not seen: a number for all, and the first of them to look at. */
function look() {
  const { net, task, data, probes } = /** @type {NonNullable<typeof now>} */ (now);
  const { batch: B, timesteps: T, outputs, every, tokens, features } = net.config;
  // Training goes on from the states that it has now.
  const kept = net.layers.flat().map((layer) => /** @type {const} */ ([net.F.slice(layer.h, layer.bent), layer]));
  const scores = new Float32Array(net.rows * outputs);
  let sum = 0;
  // The first comes last: its states are shown.
  for (const batch of [...probes].reverse()) {
    net.forget();
    put(net, batch);
    net.forward(false);
    for (let i = 0; i < scores.length; i++) scores[i] = net.F[net.y + Math.floor(i / outputs) * net.O + (i % outputs)];
    sum += measure(task, scores, batch);
  }
  const [probe] = probes;
  const top = net.top[0];
  const shown = Math.min(net.config.units, 32);
  const states = Float32Array.from({ length: shown * T }, (_, i) => net.F[top.out.at + ((i % T) * B) * top.H + Math.floor(i / T)]);
  const rows = every ? T : 1;
  const firstOf = (/** @type {ArrayLike<number>} */ all, /** @type {number} */ steps, /** @type {number} */ width) =>
    Float32Array.from({ length: steps * width }, (_, i) => all[Math.floor(i / width) * B * width + (i % width)]);
  const first = task === "adding" ? scores : firstOf(scores, rows, outputs);
  const x = firstOf(probe.x, T, tokens ? 1 : features);
  const y = task === "adding" ? probe.y : firstOf(probe.y, rows, net.config.loss === "ce" ? 1 : outputs);
  for (const [state, layer] of kept) net.F.set(state, layer.h);
  return { metric: sum / probes.length, states, shown, sample: { x, y, scores: task === "cat" ? [] : first, names: data.names && task !== "text" ? Array.from(x, (token) => data.names?.[token]) : undefined }, written: write(x) };
}

/** The metric of a task over a batch. @param {string} task @param {ArrayLike<number>} scores @param {import("./tasks.js").Batch} batch */
function measure(task, scores, { y }) {
  const { net } = /** @type {NonNullable<typeof now>} */ (now);
  if (task === "text") return net.loss() / Math.LN2;
  if (net.config.loss === "mse") return net.loss();
  let [right, all] = [0, 0];
  for (let r = 0; r < y.length; r++) {
    if (net.config.loss === "bce") right += scores[r] > 0 === y[r] > 0.5 ? 1 : 0;
    else if (y[r] < 2) continue; // which bracket opens is a matter of luck
    else right += scores[4 * r + y[r]] > scores[4 * r + 5 - y[r]] ? 1 : 0;
    all++;
  }
  return right / all;
}

/** What the network goes on with by itself, fed with its own answers. @param {Float32Array} x the first sequence */
function write(x) {
  const { net, task, data } = /** @type {NonNullable<typeof now>} */ (now);
  if (net.config.bidirectional || !["sine", "text", "births", "cat"].includes(task)) return undefined;
  /** @type {Network} */
  const writer = ((/** @type {NonNullable<typeof now>} */ (now)).writer ??= new Network({ ...net.config, batch: 1, timesteps: 1, carry: true, dropout: 0, recurrentDropout: 0 }, room));
  writer.copyWeights(net);
  const { outputs, tokens, features } = net.config;
  const answer = (/** @type {ArrayLike<number>} */ input, /** @type {boolean} */ first) => {
    writer.startStates(!first);
    if (tokens) writer.setTokens(input);
    else writer.setInputs(input);
    writer.forward(false);
    return writer.F.slice(writer.y, writer.y + outputs);
  };
  if (task === "text") return writeText(answer, Array.from(x.slice(0, 12)), data.names ?? []);
  const given = task === "cat" ? 3 : Math.floor(x.length / 2);
  const steps = task === "cat" ? 24 : 2 * given;
  /** @type {Float32Array} */
  let y = new Float32Array();
  const out = [];
  for (let t = 0; t < steps; t++) {
    y = answer(t < given ? x.slice(t * features, (t + 1) * features) : y, t === 0);
    if (task !== "cat" || t >= given) out.push(...y);
  }
  return Float32Array.from(out);
}

/** @param {(input: number[], first: boolean) => Float32Array} answer @param {number[]} start @param {string[]} names */
function writeText(answer, start, names) {
  const u = uniforms(7, 7);
  /** @type {Float32Array} */
  let scores = new Float32Array();
  start.forEach((token, t) => (scores = answer([token], t === 0)));
  let text = "";
  for (let k = 0; k < 200; k++) {
    const high = Math.max(...scores);
    const odds = Array.from(scores, (v) => Math.exp((v - high) / 0.6));
    let left = u() * odds.reduce((a, b) => a + b, 0);
    const token = Math.max(0, odds.findIndex((p) => (left -= p) <= 0));
    text += names[token];
    scores = answer([token], false);
  }
  return [start.map((token) => names[token]).join(""), text];
}

page.onmessage = (/** @type {MessageEvent} */ { data: message }) => {
  try {
    if (message.type === "set") {
      halt();
      setUp(message);
    } else if (message.type === "run") {
      pause = message.pause ?? 0;
      rest = message.rest;
      until = message.until ?? Infinity;
      if (running || (now && now.net.updates >= until)) return;
      running = true;
      loop();
    } else if (message.type === "pause") {
      if (running) report(true);
      halt();
    } else if (message.type === "step") {
      update(true);
      report(true);
    } else if (message.type === "weights" && now) {
      postMessage({ type: "weights", weights: weights(now.net) });
    }
  } catch (error) {
    stop(error);
  }
};
