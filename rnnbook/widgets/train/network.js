/** A recurrent network that learns: embedding or numbers in, one to three layers, a dense layer out. */
import { GATES, Layer, padded } from "./layer.js";
import { FIRST } from "./memory.js";
import { normal, uniforms } from "./random.js";

/** @typedef {import("./layer.js").Source} Source */
/** @typedef {import("./layer.js").Memory} Memory */

/**
 * @typedef {object} Config
 * @property {import("./layer.js").Cell} cell
 * @property {number} units at most 128
 * @property {number} layers 1 to 3
 * @property {boolean} bidirectional
 * @property {number} tokens how many different tokens it reads, 0 where it reads numbers
 * @property {number} features width of the embedding, or how many numbers a timestep holds
 * @property {number} outputs
 * @property {boolean} every answers after every timestep, not only after the last
 * @property {"mse" | "bce" | "ce"} loss squared error, binary or categorical cross-entropy, of scores in the latter two
 * @property {number} batch
 * @property {number} timesteps
 * @property {"sgd" | "rmsprop" | "adam"} optimizer
 * @property {number} rate learning rate
 * @property {number} clip the longest gradient of all weights together; 0 clips nothing
 * @property {number} dropout
 * @property {number} recurrentDropout
 * @property {boolean} fresh masks that are new at every timestep
 * @property {boolean} carry starts a batch from the states in which the one before ended, unless it begins new streams
 * @property {number} radius multiplies the orthogonal recurrent weights of the start; for "diagonal" the largest decay
 * @property {number} scale multiplies the input weights of the start
 * @property {number} forgetBias
 * @property {number} seed
 */
/** @typedef {{name: string, at: number, rows: number, width: number, shape: number[], gates: number}} Weight shape [rows, columns a gate] without padding */

export class Network {
  /**
   * @param {Config} config
   * @param {(size: number) => Memory} room makes the memory: `inJavaScript` of kernels.js, or what `inWebAssembly` of memory.js gives
   */
  constructor(config, room) {
    this.config = config;
    const { batch: B, timesteps: T } = config;
    /** @type {Weight[]} */
    this.weights = [];
    let end = FIRST;
    const take = (/** @type {number} */ n) => (end += padded(n, 4)) - padded(n, 4);
    // Weights stand together, and their gradients and the optimizer's two averages after them in the same order.
    this.size = this.countWeights();
    this.first = take(4 * this.size);
    let at = this.first;
    const parameter = (/** @type {string} */ name, /** @type {number} */ rows, /** @type {number} */ width, /** @type {number[]} */ shape, gates = 1) => {
      this.weights.push({ name, at, rows, width, shape, gates });
      return (at += rows * width) - rows * width;
    };
    const width = this.inputWidth();
    this.input = { at: take(T * B * width), width, real: config.features, gradient: config.tokens ? take(T * B * width) : 0 };
    this.index = config.tokens ? take(T * B) : 0;
    this.E = config.tokens ? parameter("E", config.tokens, width, [config.tokens, config.features]) : 0;
    /** @type {Layer[][]} the directions of each layer */
    this.layers = [];
    /** @type {Source[]} */
    let below = [this.input];
    for (let level = 0; level < config.layers; level++) {
      const directions = (config.bidirectional ? [false, true] : [false]).map(
        (reverse) => new Layer({ ...config, name: `${level}${reverse ? "r" : ""}`, reverse }, below, take, parameter),
      );
      this.layers.push(directions);
      below = directions.map((layer) => layer.out);
    }
    this.top = this.layers[this.layers.length - 1];
    this.O = padded(config.outputs);
    this.rows = config.every ? T * B : B;
    this.V = below.map((s, i) => parameter(`V${i || ""}`, s.width, this.O, [s.real, config.outputs]));
    this.c = parameter("c", 1, this.O, [1, config.outputs]);
    this.VT = below.map((s) => take(s.width * this.O));
    /** Scores, and after `loss` their gradients. */
    this.y = take(this.rows * this.O);
    this.target = take(config.loss === "ce" ? this.rows : this.rows * config.outputs);
    const { F, K } = (this.memory = room(end));
    this.F = F;
    this.K = K;
    this.I = new Int32Array(F.buffer);
    this.updates = 0;
    /** Length of the last update's gradient before clipping. */
    this.gradientLength = 0;
    this.masks = uniforms(config.seed, 1);
    this.start();
  }

  /** Columns of the input with its padding; numbers get no gradient, so no product is as wide as they are. */
  inputWidth() {
    return padded(this.config.features, this.config.tokens ? 8 : 4);
  }

  /** How many floats the padded weights take. */
  countWeights() {
    const { tokens, units, layers, bidirectional, outputs, cell } = this.config;
    const width = this.inputWidth();
    const [H, directions] = [padded(units), bidirectional ? 2 : 1];
    const G = GATES[cell] * H;
    let n = tokens * width + (directions * H + 1) * padded(outputs);
    for (let level = 0; level < layers; level++) {
      const below = level ? directions * H : width;
      n += directions * (below * G + (cell === "diagonal" ? H : H * G) + G + (cell === "gru" ? G : 0));
    }
    return n;
  }

  /** Draws the weights of the start as Keras does: Glorot's uniform, orthogonal rows, zero biases. */
  start() {
    const { config, F } = this;
    F.fill(0, this.first, this.first + 4 * this.size);
    // The padded classes never win.
    if (config.loss === "ce") F.fill(-1e9, this.c + config.outputs, this.c + this.O);
    this.weights.forEach((weight, number) => {
      const { name, shape, gates } = weight;
      const u = uniforms(config.seed, 10 + number);
      const kind = name.replace(/.*\/|\d+$/g, "");
      const columns = gates * shape[1];
      const directions = config.bidirectional && (kind === "V" || (kind === "U" && name[0] !== "0")) ? 2 : 1;
      const limit = Math.sqrt(6 / (directions * shape[0] + columns));
      const fill = (/** @type {() => number} */ make) => this.setWeight(weight, Float32Array.from({ length: shape[0] * columns }, make));
      if (kind === "E") fill(() => 0.1 * u() - 0.05);
      else if (kind === "U") fill(() => config.scale * limit * (2 * u() - 1));
      else if (kind === "V") fill(() => limit * (2 * u() - 1));
      else if (kind === "W") this.setWeight(weight, orthogonal(shape[0], columns, u).map((v) => config.radius * v));
      else if (kind === "nu") fill(() => Math.log(-Math.log(config.radius * (0.5 + 0.499 * u()))));
      else if (kind === "b" && config.cell === "lstm") F.fill(config.forgetBias, weight.at + weight.width / 4, weight.at + weight.width / 4 + config.units);
    });
  }

  /** One weight without padding, row by row. @param {Weight} weight @param {number} [shift] to its gradient: `size` */
  getWeight({ at, rows, width, shape, gates }, shift = 0) {
    const out = new Float32Array(shape[0] * gates * shape[1]);
    eachValue(rows, width, shape, gates, (to, from) => (out[to] = this.F[at + shift + from]));
    return out;
  }

  /** @param {Weight} weight @param {ArrayLike<number>} values row by row */
  setWeight({ at, rows, width, shape, gates }, values) {
    eachValue(rows, width, shape, gates, (from, to) => (this.F[at + to] = values[from]));
  }

  /** Takes the weights of a network of the same architecture. @param {Network} other */
  copyWeights(other) {
    this.F.set(other.F.subarray(other.first, other.first + other.size), this.first);
  }

  /** Puts numbers in. @param {ArrayLike<number>} X (timesteps, batch, features) */
  setInputs(X) {
    const { at, width, real } = this.input;
    for (let r = 0, i = 0; i < X.length; r++) for (let j = 0; j < real; j++, i++) this.F[at + r * width + j] = X[i];
  }

  /** Puts tokens in. @param {ArrayLike<number>} tokens (timesteps, batch) */
  setTokens(tokens) {
    this.I.set(tokens, this.index);
  }

  /** @param {ArrayLike<number>} targets as the output, row by row; the number of the class for cross-entropy of several */
  setTargets(targets) {
    (this.config.loss === "ce" ? this.I : this.F).set(targets, this.target);
  }

  /** Where the next sequence starts: from zeros, or from the states in which the one before ended. @param {boolean} carry */
  startStates(carry) {
    for (const layer of this.layers.flat()) layer.startState(this.F, carry);
  }

  /** Forgets the states: the next sequence starts from zeros. */
  forget() {
    this.startStates(false);
  }

  /** Scores at `y`, (rows, outputs) padded. @param {boolean} training whether dropout acts */
  forward(training) {
    const { K, F, config, rows, O } = this;
    const { batch: B, timesteps: T } = config;
    if (config.tokens) K.gather(this.index, this.E, this.input.at, T * B, this.input.width);
    for (const layer of this.layers.flat()) {
      if (training && (config.dropout || config.recurrentDropout)) layer.drawMasks(F, this.masks);
      layer.forward(this.memory, training);
    }
    K.fillRows(this.c, this.y, rows, O);
    this.top.forEach((layer, i) => K.matmul(this.answered(layer, layer.out.at), this.V[i], this.y, rows, layer.H, O, 1));
  }

  /** Where the part of a layer's block begins that is answered: all of it, or its last state. @param {Layer} layer @param {number} at */
  answered(layer, at) {
    const { every, batch, timesteps } = this.config;
    return every || layer.options.reverse ? at : at + (timesteps - 1) * batch * layer.H;
  }

  /** Turns the scores into their gradients. @returns {number} the mean loss */
  loss() {
    const { F, K, y, O, rows, target, config } = this;
    const { outputs } = config;
    if (config.loss === "ce") return K.crossEntropy(y, target, rows, outputs, O);
    const n = rows * outputs;
    let total = 0;
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < O; j++) {
        const at = y + r * O + j;
        const score = F[at];
        if (j >= outputs) F[at] = 0;
        else if (config.loss === "mse") {
          const error = score - F[target + r * outputs + j];
          total += error * error;
          F[at] = (2 * error) / n;
        } else {
          const wanted = F[target + r * outputs + j];
          total += Math.max(score, 0) - score * wanted + Math.log1p(Math.exp(-Math.abs(score)));
          F[at] = (1 / (1 + Math.exp(-score)) - wanted) / n;
        }
      }
    }
    return total / n;
  }

  /** Gradients of all weights, from those of the scores. @param {boolean} [trace] notes the gradient's length at every timestep */
  backward(trace = false) {
    const { F, K, rows, O, size, config } = this;
    const TB = config.timesteps * config.batch;
    F.fill(0, this.first + size, this.first + 2 * size);
    for (const { out } of this.layers.slice(0, -1).flat()) F.fill(0, out.gradient, out.gradient + TB * out.width);
    if (config.tokens) F.fill(0, this.input.gradient, this.input.gradient + TB * this.input.width);
    K.sumRows(this.y, this.c + size, rows, O);
    this.top.forEach((layer, i) => {
      K.addOuter(this.answered(layer, layer.out.at), this.y, this.V[i] + size, rows, layer.H, O);
      K.transpose(this.V[i], this.VT[i], layer.H, O);
      // A layer that reads backward has its last state at the first timestep.
      K.matmul(this.y, this.VT[i], this.answered(layer, layer.out.gradient), rows, O, layer.H, 0);
    });
    for (const layer of this.layers.flat().reverse()) layer.backward(this.memory, size, trace, !config.every && this.top.includes(layer));
    if (config.tokens) K.scatter(this.index, this.input.gradient, this.E + size, TB, this.input.width);
  }

  /** One step of the optimizer, as Keras takes it with `global_clipnorm`. */
  update() {
    const { K, first, size, config } = this;
    const { optimizer, rate, clip } = config;
    const g = first + size;
    this.gradientLength = Math.sqrt(K.sumSquares(g, size));
    const scale = clip && this.gradientLength > clip ? clip / this.gradientLength : 1;
    const step = ++this.updates;
    if (optimizer === "sgd") K.sgd(first, g, size, rate * scale);
    else if (optimizer === "rmsprop") K.rmsprop(first, g, g + size, size, rate, scale);
    else K.adam(first, g, g + size, g + 2 * size, size, (rate * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step), scale);
  }

  /**
   * Forward, backward, update on the batch that was put in.
   * @param {boolean} [trace]
   * @param {boolean} [begins] whether the batch begins new streams: then no state is carried into it
   * @returns {number} the loss before the update
   */
  train(trace = false, begins = false) {
    this.startStates(this.config.carry && this.updates > 0 && !begins);
    this.forward(true);
    const loss = this.loss();
    this.backward(trace);
    this.update();
    if (!Number.isFinite(loss) || !Number.isFinite(this.gradientLength)) {
      throw new Error(`The training diverged at update ${this.updates}: the loss is no longer a number. A smaller learning rate, a smaller spectral radius or clipping keeps it finite.`);
    }
    return loss;
  }
}

/**
 * Calls `each(index without padding, index with padding)` for every value of a weight.
 * @param {number} rows
 * @param {number} width
 * @param {number[]} shape
 * @param {number} gates
 * @param {(plain: number, padded: number) => void} each
 */
function eachValue(rows, width, [height, columns], gates, each) {
  for (let i = 0; i < Math.min(rows, height); i++) {
    for (let g = 0; g < gates; g++) for (let j = 0; j < columns; j++) each((i * gates + g) * columns + j, i * width + (g * width) / gates + j);
  }
}

/**
 * Orthonormal rows (Gram and Schmidt) from normal numbers.
 * @param {number} rows
 * @param {number} columns at least `rows`
 * @param {() => number} u
 */
export function orthogonal(rows, columns, u) {
  const Q = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const row = Q.subarray(i * columns, (i + 1) * columns);
    for (let j = 0; j < columns; j++) row[j] = normal(u);
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < i; k++) {
        let along = 0;
        for (let j = 0; j < columns; j++) along += Q[k * columns + j] * row[j];
        for (let j = 0; j < columns; j++) row[j] -= along * Q[k * columns + j];
      }
    }
    const length = Math.hypot(...row);
    for (let j = 0; j < columns; j++) row[j] /= length;
  }
  return Q;
}
