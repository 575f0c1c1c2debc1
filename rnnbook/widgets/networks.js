/**
 * Trained networks in the reader's browser: the files of rnnbook/weights.py, and the networks of rnnbook/models.py
 * that read them, in double precision.
 */
import { dot, gruStep, lstmStep, sigmoid, simpleRnnStep } from "./recurrences.js";

/** @typedef {{U: any, W: any, b: any}} Weights */
/** @typedef {Weights & {cell: "simple_rnn" | "lstm" | "gru", backward?: Weights}} Layer */
/** @typedef {{E: Float64Array[], layers: Layer[], V: Float64Array, c: number, about: any}} Network */
/** @typedef {{states: number[][], probabilities: number[]}} Reading a state and an answer for every number of words read, from none on */

/**
 * Unpacks raw DEFLATE.
 * @param {DataView} data
 * @returns {Promise<ArrayBuffer>}
 */
function inflate(data) {
  const bytes = /** @type {BlobPart} */ (/** @type {unknown} */ (new Uint8Array(data.buffer, data.byteOffset, data.byteLength)));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).arrayBuffer();
}

/**
 * The vocabulary: the row of each word.
 * @param {DataView} data
 * @returns {Promise<Map<string, number>>}
 */
export async function readWords(data) {
  const rows = new TextDecoder().decode(await inflate(data)).split("\n");
  return new Map(rows.map((word, row) => [word, row]));
}

/**
 * @param {DataView} data
 * @returns {Promise<Network>}
 */
export async function readNetwork(data) {
  const raw = await inflate(data);
  const length = new DataView(raw).getUint32(0, true);
  const { about, arrays } = JSON.parse(new TextDecoder().decode(new Uint8Array(raw, 4, length)));
  const values = (/** @type {string} */ name) => {
    const { shape, offset, kind, scale } = arrays[name];
    const size = shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
    const at = 4 + length + offset;
    if (kind === "float32") return Float64Array.from(new Float32Array(raw, at, size));
    if (kind === "int8") return Float64Array.from(new Int8Array(raw, at, size), (q) => (q * scale) / 127);
    return Float64Array.from(new Int8Array(raw, at, size), (q) => Math.sign(q) * scale * (q / 127) ** 2);
  };
  const rows = (/** @type {string} */ name) => {
    const [flat, [count, width]] = [values(name), arrays[name].shape];
    return Array.from({ length: count }, (_, i) => flat.subarray(i * width, (i + 1) * width));
  };
  const bias = (/** @type {string} */ name) => (arrays[name].shape.length === 2 ? rows(name) : values(name));
  const weights = (/** @type {string} */ end) => ({ U: rows(`U${end}`), W: rows(`W${end}`), b: bias(`b${end}`) });
  const layers = Array.from({ length: about.depth }, (_, level) => ({
    cell: about.cell,
    ...weights(`${level}`),
    ...(about.bidirectional ? { backward: weights(`${level}_backward`) } : {}),
  }));
  const E = rows("E");
  // What rounding took from the most frequent words.
  rows("R").forEach((row, i) => row.forEach((value, j) => (E[i][j] += value)));
  return { E, layers, V: rows("V")[0], c: values("c")[0], about };
}

/**
 * One layer over a sequence.
 * @param {ArrayLike<number>[]} X
 * @param {Weights} weights
 * @param {string} cell
 * @returns {number[][]} all states, from zero on
 */
function roll(X, weights, cell) {
  const zero = () => new Array(weights.W[0].length).fill(0);
  const Z = [zero()];
  let C = zero();
  for (const x of X) {
    const before = Z[Z.length - 1];
    if (cell === "lstm") {
      const now = lstmStep(x, before, C, weights);
      Z.push(now.Z);
      C = now.C;
    } else Z.push(cell === "gru" ? gruStep(x, before, weights).Z : simpleRnnStep(x, before, weights));
  }
  return Z;
}

/**
 * The last state of a backward simple RNN, which starts anew after every word: a flat loop, for it takes most of the time.
 * @param {ArrayLike<number>[]} X
 * @param {Weights} weights
 * @param {number} from number of inputs before the first state that is wanted
 * @returns {number[][]}
 */
function backwardEnds(X, { U, W, b }, from) {
  const units = W.length;
  const flat = new Float64Array(units * units);
  W.forEach((/** @type {ArrayLike<number>} */ row, /** @type {number} */ i) => flat.set(row, i * units));
  const given = X.map((x) => Float64Array.from(U, (row, i) => dot(row, x) + b[i]));
  const ends = [];
  for (let count = from; count <= X.length; count++) {
    let [Z, next] = [new Float64Array(units), new Float64Array(units)];
    for (let t = count - 1; t >= 0; t--) {
      for (let i = 0, at = 0; i < units; i++) {
        let sum = given[t][i];
        for (let j = 0; j < units; j++, at++) sum += flat[at] * Z[j];
        next[i] = Math.tanh(sum);
      }
      [Z, next] = [next, Z];
    }
    ends.push([...Z]);
  }
  return ends;
}

/**
 * Reads tokens as the network does, and tells what it would answer if the review ended after each of them.
 * @param {Network} network
 * @param {number[]} tokens
 * @param {number} [from] tokens read before the first answer that is wanted: a backward layer starts anew for each
 * @returns {Reading} from that answer on
 */
export function read(network, tokens, from = 0) {
  const { E, layers, V, c, about } = network;
  // A network trained without a mask has read zeros before every review.
  const padding = about.mask_zero ? 0 : Math.max(0, about.maxlen - tokens.length);
  const X = [...new Array(padding).fill(0), ...tokens].map((token) => E[token]);
  /** @type {number[][]} */
  let states = [];
  if (layers[0].backward) {
    const ends = backwardEnds(X, layers[0].backward, padding + from);
    states = roll(X, layers[0], layers[0].cell).slice(padding + from).map((z, i) => [...z, ...ends[i]]);
  } else {
    /** @type {ArrayLike<number>[]} */
    let below = X;
    for (const layer of layers) {
      states = roll(below, layer, layer.cell);
      below = states.slice(1);
    }
    states = states.slice(padding + from);
  }
  return { states, probabilities: states.map((z) => sigmoid(dot(V, z) + c)) };
}
