/** One recurrent layer in one direction over a batch of sequences, forward and backward through time. */

/** @typedef {import("./kernels.js").Kernels} Kernels */
/** @typedef {"simple_rnn" | "lstm" | "gru" | "diagonal"} Cell */
/** @typedef {{at: number, width: number, real: number, gradient: number}} Source a block (timesteps × batch × width) of which `real` columns count; `gradient` 0 where none is wanted */
/** @typedef {{F: Float32Array, K: Kernels}} Memory */
/** @typedef {(n: number) => number} Take reserves n floats and tells where */
/** @typedef {(name: string, rows: number, width: number, shape: number[], gates?: number) => number} Parameter reserves a weight and tells where */

export const GATES = { simple_rnn: 1, lstm: 4, gru: 3, diagonal: 1 };
/** @param {number} n @param {number} [of] */
export const padded = (n, of = 8) => Math.ceil(n / of) * of;

/**
 * @typedef {object} LayerOptions
 * @property {string} name
 * @property {Cell} cell
 * @property {number} units
 * @property {number} batch
 * @property {number} timesteps
 * @property {boolean} reverse reads from the last timestep to the first
 * @property {number} dropout share of the inputs that is dropped
 * @property {number} recurrentDropout share of the state that is dropped before the recurrent product
 * @property {boolean} fresh new masks at every timestep, instead of one for the whole sequence
 */

export class Layer {
  /**
   * @param {LayerOptions} options
   * @param {Source[]} sources what it reads: one block, or those of both directions below
   * @param {Take} take
   * @param {Parameter} parameter
   */
  constructor(options, sources, take, parameter) {
    const { name, cell, units, batch: B, timesteps: T } = options;
    this.options = options;
    this.sources = sources;
    const H = (this.H = padded(units));
    const gates = GATES[cell];
    const G = (this.G = gates * H);
    this.U = sources.map((s, i) => parameter(`${name}/U${i || ""}`, s.width, G, [s.real, units], gates));
    this.W = cell === "diagonal" ? parameter(`${name}/nu`, 1, H, [1, units]) : parameter(`${name}/W`, H, G, [units, units], gates);
    this.b = parameter(`${name}/b`, 1, G, [1, units], gates);
    this.bW = cell === "gru" ? parameter(`${name}/bW`, 1, G, [1, units], gates) : 0;
    // States stand in the order of time, the first one (the last where it reads backward) before any input.
    this.h = take((T + 1) * B * H);
    this.c = take((T + 1) * B * H);
    this.bent = take(T * B * H);
    this.z = take(T * B * G);
    this.r = cell === "gru" ? take(T * B * G) : 0;
    this.WT = take(H * G);
    this.UT = sources.map((s) => (s.gradient ? take(s.width * G) : 0));
    this.decay = take(2 * H);
    this.d = take(B * H);
    this.dc = take(B * H);
    const out = options.reverse ? this.h : this.h + B * H;
    /** What the layers above read. @type {Source} */
    this.out = { at: out, width: H, real: units, gradient: take(T * B * H) };
    const widest = Math.max(H, ...sources.map((s) => s.width));
    this.spare = take(B * T * widest);
    this.masks = sources.map((s) => (options.dropout ? take(T * B * s.width) : 0));
    this.masked = sources.map((s) => (options.dropout ? take(T * B * s.width) : 0));
    this.stateMask = options.recurrentDropout ? take(T * B * H) : 0;
    this.stateMasked = options.recurrentDropout ? take(T * B * H) : 0;
    /** ‖∂L/∂state‖ after each timestep, mean over the batch, of the last backward pass that traced it. */
    this.gradientNorms = new Float32Array(T);
    this.training = false;
  }

  /** @param {number} step in the order of reading @returns {[t: number, before: number, after: number]} the timestep, and the slots of the states before and after it */
  slots(step) {
    const T = this.options.timesteps;
    return this.options.reverse ? [T - 1 - step, T - step, T - 1 - step] : [step, step, step + 1];
  }

  /** Draws masks for this batch. @param {Float32Array} F @param {() => number} u */
  drawMasks(F, u) {
    const { batch: B, timesteps: T, dropout, recurrentDropout, fresh } = this.options;
    const draw = (/** @type {number} */ at, /** @type {number} */ width, /** @type {number} */ rate) => {
      const size = B * width;
      for (let t = 0; t < T; t++) {
        if (t && !fresh) F.copyWithin(at + t * size, at, at + size);
        else for (let i = 0; i < size; i++) F[at + t * size + i] = u() < rate ? 0 : 1 / (1 - rate);
      }
    };
    this.masks.forEach((at, i) => at && draw(at, this.sources[i].width, dropout));
    if (this.stateMask) draw(this.stateMask, this.H, recurrentDropout);
  }

  /**
   * @param {Memory} memory
   * @param {boolean} training whether dropout acts
   */
  forward({ F, K }, training) {
    const { H, G, z, h, c, W } = this;
    const { cell, batch: B, timesteps: T } = this.options;
    this.training = training;
    K.fillRows(this.b, z, T * B, G);
    this.sources.forEach((s, i) => {
      let from = s.at;
      if (training && this.masks[i]) K.multiply(s.at, this.masks[i], (from = this.masked[i]), T * B * s.width);
      K.matmul(from, this.U[i], z, T * B, s.width, G, 1);
    });
    if (cell === "diagonal") for (let j = 0; j < H; j++) F[this.decay + j] = Math.exp(-Math.exp(F[W + j]));
    for (let step = 0; step < T; step++) {
      const [t, from, to] = this.slots(step);
      const [before, after, zt] = [h + from * B * H, h + to * B * H, z + t * B * G];
      const [cBefore, cAfter] = [c + from * B * H, c + to * B * H];
      const read = this.recurrentInput(K, t, before);
      if (cell === "diagonal") K.diagonal(zt, cBefore, this.decay, cAfter, after, B, H);
      else if (cell === "gru") {
        const rt = this.r + t * B * G;
        K.fillRows(this.bW, rt, B, G);
        K.matmul(read, W, rt, B, H, G, 1);
        K.gru(zt, rt, before, after, B, H);
      } else {
        K.matmul(read, W, zt, B, H, G, 1);
        if (cell === "lstm") K.lstm(zt, cBefore, cAfter, this.bent + t * B * H, after, B, H);
        else K.tanh(zt, after, B * H);
      }
    }
  }

  /** What the recurrent product of a timestep reads: the state before it, or that with dropout. @param {Kernels} K @param {number} t @param {number} before */
  recurrentInput(K, t, before) {
    if (!this.training || !this.stateMask) return before;
    const size = this.options.batch * this.H;
    K.multiply(before, this.stateMask + t * size, this.stateMasked + t * size, size);
    return this.stateMasked + t * size;
  }

  /**
   * Adds to the gradients of the weights and of the sources, from the gradient at `out`.
   * @param {Memory} memory
   * @param {number} shift from a weight to its gradient
   * @param {boolean} trace whether to note the lengths of the gradient
   * @param {boolean} lastOnly whether only the last state has a gradient at `out`; what stands for the others is not read
   */
  backward({ F, K }, shift, trace, lastOnly) {
    const { H, G, z, h, c, W, d, dc, decay } = this;
    const { cell, batch: B, timesteps: T } = this.options;
    const size = B * H;
    const gated = cell === "gru" ? this.r : z; // where the gradient of the recurrent sum stands
    if (cell !== "diagonal") K.transpose(W, this.WT, H, G);
    F.fill(0, d, d + size);
    F.fill(0, dc, dc + size);
    F.fill(0, decay + H, decay + 2 * H);
    for (let step = T - 1; step >= 0; step--) {
      const [t, from, to] = this.slots(step);
      const [before, after, zt] = [h + from * size, h + to * size, z + t * B * G];
      if (!lastOnly || step === T - 1) K.addTo(this.out.gradient + t * size, d, size);
      if (trace && cell !== "diagonal") this.gradientNorms[t] = this.meanLength(F, d);
      if (cell === "lstm") K.lstmBack(zt, c + from * size, this.bent + t * size, d, dc, B, H);
      else if (cell === "gru") K.gruBack(zt, this.r + t * B * G, before, d, B, H);
      else if (cell === "diagonal") K.diagonalBack(zt, c + from * size, decay, after, d, dc, decay + H, B, H);
      else K.tanhBack(after, d, zt, size);
      if (trace && cell === "diagonal") this.gradientNorms[t] = this.meanLength(F, zt);
      this.stepBack(F, K, gated + t * B * G, t);
    }
    if (cell === "diagonal") for (let j = 0; j < H; j++) F[W + shift + j] += F[decay + H + j] * F[decay + j] * -Math.exp(F[W + j]);
    else {
      const states = this.training && this.stateMask ? this.stateMasked : this.options.reverse ? h + size : h;
      K.addOuter(states, gated, W + shift, T * B, H, G);
    }
    K.sumRows(z, this.b + shift, T * B, G);
    if (this.bW) K.sumRows(this.r, this.bW + shift, T * B, G);
    this.sources.forEach((_, i) => this.sourceBack(K, i, shift));
  }

  /** Sends d from one timestep's recurrent sum to the state before it. @param {Float32Array} F @param {Kernels} K @param {number} sum @param {number} t */
  stepBack(F, K, sum, t) {
    const { H, G, d, WT } = this;
    const { cell, batch: B } = this.options;
    const size = B * H;
    if (cell === "diagonal") F.fill(0, d, d + size);
    else if (this.training && this.stateMask) {
      K.matmul(sum, WT, this.spare, B, G, H, 0);
      K.multiply(this.spare, this.stateMask + t * size, this.spare, size);
      if (cell !== "gru") F.fill(0, d, d + size);
      K.addTo(this.spare, d, size);
    } else K.matmul(sum, WT, d, B, G, H, cell === "gru" ? 1 : 0);
  }

  /** Gradients of the weights on one source and of that source. @param {Kernels} K @param {number} i @param {number} shift */
  sourceBack(K, i, shift) {
    const { at, width, gradient } = this.sources[i];
    const { batch: B, timesteps: T } = this.options;
    const mask = this.training ? this.masks[i] : 0;
    K.addOuter(mask ? this.masked[i] : at, this.z, this.U[i] + shift, T * B, width, this.G);
    if (!gradient) return;
    K.transpose(this.U[i], this.UT[i], width, this.G);
    K.matmul(this.z, this.UT[i], mask ? this.spare : gradient, T * B, this.G, width, mask ? 0 : 1);
    if (!mask) return;
    K.multiply(this.spare, mask, this.spare, T * B * width);
    K.addTo(this.spare, gradient, T * B * width);
  }

  /** Mean over the batch of the length of the gradient at the state: `at`, for the LSTM hidden and cell state together. @param {Float32Array} F @param {number} at */
  meanLength(F, at) {
    const { H } = this;
    let total = 0;
    for (let b = 0; b < this.options.batch; b++) {
      let s = 0;
      for (let j = b * H; j < (b + 1) * H; j++) s += F[at + j] ** 2 + (this.options.cell === "lstm" ? F[this.dc + j] ** 2 : 0);
      total += Math.sqrt(s);
    }
    return total / this.options.batch;
  }

  /** Puts the states after the sequence (or zeros) before it. @param {Float32Array} F @param {boolean} carry */
  startState(F, carry) {
    const { batch: B, timesteps: T, reverse } = this.options;
    const size = B * this.H;
    const first = reverse ? T * size : 0;
    const last = reverse ? 0 : T * size;
    for (const at of [this.h, this.c]) {
      if (carry) F.copyWithin(at + first, at + last, at + last + size);
      else F.fill(0, at + first, at + first + size);
    }
  }
}
