/** Batches for every task. Batch number k of a seed is the same in every run, and in the Keras code of take_along.js. */
import { tokenize } from "../tokenize.js";
import { normal, uniforms } from "./random.js";

/** @typedef {import("./network.js").Config} Config */
/** @typedef {{x: ArrayLike<number>, y: ArrayLike<number>, begins?: boolean}} Batch both with time first; whether every row begins a stream, before which no state may be carried */
/** @typedef {{tokens?: number, values?: Float32Array, index?: Int32Array, names?: string[], rows?: Int32Array[], labels?: number[]}} Data what a task reads from its file */

/** Batches from this number on are never trained on. */
export const HELD_OUT = 2 ** 30;
const FIRST_BATCH = 1000;
const MOST_CHARACTERS = 120;
const MOST_WORDS = 4000;
const DAYS_HELD_OUT = 730;

/**
 * What a task reads from its file. Throws an Error with a sentence where the file cannot be used.
 * @param {string} task
 * @param {ArrayBuffer | undefined} bytes
 * @returns {Data}
 */
export function readData(task, bytes) {
  if (task === "births") {
    const births = new Uint16Array(/** @type {ArrayBuffer} */ (bytes));
    // The mean and the deviation of the days that are trained on.
    const known = births.subarray(0, births.length - DAYS_HELD_OUT);
    const mean = known.reduce((a, b) => a + b, 0) / known.length;
    const deviation = Math.sqrt(known.reduce((a, b) => a + (b - mean) ** 2, 0) / known.length);
    return { values: Float32Array.from(births, (v) => (v - mean) / deviation) };
  }
  if (task === "cat") return { values: Float32Array.from(new Uint8Array(/** @type {ArrayBuffer} */ (bytes)), (v) => v / 127.5 - 1) };
  if (task !== "text" && task !== "reviews") return {};
  const text = new TextDecoder().decode(/** @type {ArrayBuffer} */ (bytes)).replace(/\r\n?/g, "\n");
  if (text.includes("\0")) throw new Error("This file holds something other than text. Choose a text file in UTF-8.");
  return task === "text" ? readText(text) : readReviews(text);
}

/** @param {string} text @returns {Data} */
function readText(text) {
  const characters = [...text];
  if (characters.length < 2000) throw new Error(`This text has ${characters.length} characters. A network needs at least 2,000 to learn from.`);
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const c of characters) counts.set(c, (counts.get(c) ?? 0) + 1);
  if (counts.size < 2) throw new Error("This text repeats a single character: there is nothing to forecast.");
  // The rare ones share one token.
  const names = [...counts.keys()].sort((a, b) => /** @type {number} */ (counts.get(b)) - /** @type {number} */ (counts.get(a)) || (a < b ? -1 : 1)).slice(0, MOST_CHARACTERS);
  if (counts.size > names.length) names.push("\ufffd");
  const known = new Map(names.map((c, i) => [c, i]));
  return { names, tokens: names.length, index: Int32Array.from(characters, (c) => known.get(c) ?? names.length - 1) };
}

/** Lines of a label, 0 or 1, and a text. @param {string} text @returns {Data} */
function readReviews(text) {
  const lines = text.split("\n").map((line) => line.match(/^\s*([01+-])[\s,;]+(.*\S)/)).filter((found) => found !== null);
  const labels = lines.map((found) => ("1+".includes(found[1]) ? 1 : 0));
  if (lines.length < 20) throw new Error(`${lines.length} labelled lines were found. At least 20 are needed, each with 1 or 0, a space and the text.`);
  if (new Set(labels).size < 2) throw new Error("All lines have the same label: there is nothing to tell apart.");
  const words = lines.map((found) => tokenize(found[2]));
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const word of words.flat()) counts.set(word, (counts.get(word) ?? 0) + 1);
  // 0 is padding, 1 a rare word.
  const names = ["", "?", ...[...counts.keys()].sort((a, b) => /** @type {number} */ (counts.get(b)) - /** @type {number} */ (counts.get(a)) || (a < b ? -1 : 1)).slice(0, MOST_WORDS)];
  const known = new Map(names.map((word, i) => [word, i]));
  return { names, tokens: names.length, labels, rows: words.map((line) => Int32Array.from(line, (word) => known.get(word) ?? 1)) };
}

/** How many of n examples are trained on; the rest is held out. @param {number} n */
export const trained = (n) => Math.floor(0.8 * n);

/** @type {Record<string, (u: () => number, c: Config & {distractors: number}, data: Data, number: number) => Batch>} */
const MAKE = {
  sine(u, { batch: B, timesteps: T }) {
    const speed = Array.from({ length: B }, () => 0.15 + 0.35 * u());
    const phase = Array.from({ length: B }, () => 2 * Math.PI * u());
    const wave = (/** @type {number} */ i, /** @type {number} */ ahead) => Math.sin(phase[i % B] + speed[i % B] * (Math.floor(i / B) + ahead));
    const x = Float32Array.from({ length: T * B }, (_, i) => wave(i, 0) + 0.1 * normal(u));
    return { x, y: x.map((_, i) => wave(i, 1)) };
  },
  adding(u, { batch: B, timesteps: T }) {
    const half = Math.floor(T / 2);
    const first = Array.from({ length: B }, () => Math.floor(u() * half));
    const second = Array.from({ length: B }, () => half + Math.floor(u() * (T - half)));
    const x = new Float32Array(2 * T * B), y = new Float32Array(B);
    for (let t = 0, i = 0; t < T; t++) {
      for (let b = 0; b < B; b++, i += 2) {
        x[i] = u();
        x[i + 1] = t === first[b] || t === second[b] ? 1 : 0;
        y[b] += x[i] * x[i + 1];
      }
    }
    return { x, y };
  },
  recall(u, { batch: B, timesteps: T, distractors }) {
    const y = Float32Array.from({ length: B }, () => (u() < 0.5 ? 0 : 1));
    return { x: Float32Array.from({ length: T * B }, (_, i) => (i < B ? 2 * y[i] - 1 : distractors * normal(u))), y };
  },
  parity(u, { batch: B, timesteps: T }) {
    const x = Float32Array.from({ length: T * B }, () => (u() < 0.5 ? 0 : 1)), y = x.slice();
    for (let i = B; i < T * B; i++) y[i] = (y[i - B] + x[i]) % 2;
    return { x, y };
  },
  brackets(u, { batch: B, timesteps: T }) {
    const all = new Int32Array((T + 1) * B);
    for (let b = 0; b < B; b++) {
      /** @type {number[]} */
      const open = [];
      for (let t = 0; t <= T; t++) {
        const [opens, kind] = [u(), u() < 0.5 ? 0 : 1];
        if (open.length === 0 || (open.length < 6 && opens < 0.5)) open.push((all[t * B + b] = kind));
        else all[t * B + b] = 2 + /** @type {number} */ (open.pop());
      }
    }
    return { x: all.subarray(0, T * B), y: all.subarray(B) };
  },
  text(_, { batch: B, timesteps: T }, { index = new Int32Array() }, number) {
    const cut = Math.floor(0.9 * index.length);
    const [from, to] = number >= HELD_OUT ? [cut, index.length] : [0, cut];
    // Every row of the batch reads its own part of the text, on and on.
    const stride = Math.floor((to - from - 1) / B), places = Math.max(1, Math.floor(stride / T));
    const at = (/** @type {number} */ i) => from + (((i % B) * stride + (number % places) * T + Math.floor(i / B)) % (to - from - 1));
    const take = (/** @type {number} */ ahead) => Int32Array.from({ length: T * B }, (_, i) => index[at(i) + ahead]);
    return { x: take(0), y: take(1), begins: !(number % places) };
  },
  births(u, { batch: B, timesteps: T }, { values = new Float32Array() }, number) {
    const [from, to] = number >= HELD_OUT ? [values.length - DAYS_HELD_OUT, values.length] : [0, values.length - DAYS_HELD_OUT];
    const starts = Array.from({ length: B }, () => from + Math.floor(u() * (to - from - T)));
    const take = (/** @type {number} */ ahead) => Float32Array.from({ length: T * B }, (_, i) => values[starts[i % B] + Math.floor(i / B) + ahead]);
    return { x: take(0), y: take(1) };
  },
  cat(u, { batch: B, timesteps: T }, { values = new Float32Array() }, number) {
    const size = values.length / 24;
    const starts = Array.from({ length: B }, () => Math.floor(24 * u()));
    const noise = number >= HELD_OUT ? 0 : u();
    const x = new Float32Array(T * B * size), y = new Float32Array(T * B * size);
    for (let r = 0, i = 0; r < T * B; r++) {
      const now = ((starts[r % B] + Math.floor(r / B)) % 24) * size, next = ((starts[r % B] + Math.floor(r / B) + 1) % 24) * size;
      for (let j = 0; j < size; j++, i++) {
        x[i] = values[now + j] + noise * (2 * u() - 1);
        y[i] = values[next + j];
      }
    }
    return { x, y };
  },
  reviews(u, { batch: B, timesteps: T }, { rows = [], labels = [] }, number) {
    const cut = trained(rows.length);
    // Those held out come one after the other, so that eight batches hold all 240 of the book.
    const chosen = Array.from({ length: B }, (_, b) => (number >= HELD_OUT ? cut + (((number - HELD_OUT) * B + b) % (rows.length - cut)) : Math.floor(u() * cut)));
    const x = new Int32Array(T * B);
    // Padded in front; of a long text the end is read.
    chosen.forEach((row, b) => rows[row].slice(-T).forEach((word, i, all) => (x[(T - all.length + i) * B + b] = word)));
    return { x, y: Float32Array.from(chosen, (row) => labels[row]) };
  },
};

/**
 * @param {string} task
 * @param {Config & {distractors: number}} config
 * @param {Data} data
 * @param {number} number of the batch
 * @returns {Batch}
 */
export const makeBatch = (task, config, data, number) => MAKE[task](uniforms(config.seed, FIRST_BATCH + number), config, data, number);
