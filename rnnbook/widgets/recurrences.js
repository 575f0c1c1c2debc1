/**
 * The recurrences of rnnbook.networks.reference for one sample, in double precision: the same shapes, letters and gate order.
 * U (units, features), W (units, units), b (units); LSTM stacks i, f, c, o; GRU stacks z, r, h with b (2, 3 units).
 */

/** @typedef {ArrayLike<number>} Vector */
/** @typedef {ArrayLike<number>[]} Matrix rows */
/** @typedef {"linear" | "tanh" | "relu"} Activation */

/** @type {Record<Activation, (v: number) => number>} */
export const activations = { linear: (v) => v, tanh: Math.tanh, relu: (v) => Math.max(0, v) };

/** The activation's slope, told from its value. @type {Record<Activation, (value: number) => number>} */
export const slopes = { linear: () => 1, tanh: (a) => 1 - a * a, relu: (a) => (a > 0 ? 1 : 0) };

/** @param {number} v */
export const sigmoid = (v) => 1 / (1 + Math.exp(-v));

/**
 * @param {Vector} row
 * @param {Vector} v
 */
export function dot(row, v) {
  let sum = 0;
  for (let j = 0; j < v.length; j++) sum += row[j] * v[j];
  return sum;
}

/**
 * @param {Matrix} M
 * @param {Vector} v
 * @returns {number[]} M v
 */
export const matvec = (M, v) => M.map((row) => dot(row, v));

/**
 * @param {Matrix} M
 * @param {Vector} v
 * @returns {number[]} the transpose of M times v
 */
export function backvec(M, v) {
  const out = new Array(M[0].length).fill(0);
  for (let i = 0; i < M.length; i++) for (let j = 0; j < out.length; j++) out[j] += M[i][j] * v[i];
  return out;
}

/** @param {Vector} v */
export const norm = (v) => Math.sqrt(dot(v, v));

/**
 * Z' = activation(W Z + U X + b)
 * @param {Vector} X
 * @param {Vector} Z
 * @param {{U: Matrix, W: Matrix, b: Vector}} weights
 * @param {Activation} [activation]
 * @returns {number[]}
 */
export function simpleRnnStep(X, Z, { U, W, b }, activation = "tanh") {
  return W.map((row, i) => activations[activation](dot(row, Z) + dot(U[i], X) + b[i]));
}

/**
 * All states from Z_0 = 0, timesteps + 1 of them.
 * @param {Vector[]} X
 * @param {{U: Matrix, W: Matrix, b: Vector}} weights
 * @param {Activation} [activation]
 * @returns {number[][]}
 */
export function rollout(X, weights, activation = "tanh") {
  const Z = [new Array(weights.W.length).fill(0)];
  for (const x of X) Z.push(simpleRnnStep(x, Z[Z.length - 1], weights, activation));
  return Z;
}

/**
 * Backpropagation through time of a gradient at the last state: dL/dZ_i for every i.
 * @param {number[][]} Z as `rollout` gives them
 * @param {Vector} last dL/dZ at the last step
 * @param {Matrix} W
 * @param {Activation} [activation]
 * @returns {number[][]}
 */
export function stateGradients(Z, last, W, activation = "tanh") {
  const slope = slopes[activation];
  const out = [Array.from(last)];
  for (let i = Z.length - 1; i > 0; i--) out.push(backvec(W, out[out.length - 1].map((g, k) => g * slope(Z[i][k]))));
  return out.reverse();
}

/**
 * @param {Vector} X
 * @param {Vector} Z
 * @param {Vector} C
 * @param {{U: Matrix, W: Matrix, b: Vector}} weights
 */
export function lstmStep(X, Z, C, { U, W, b }) {
  const n = Z.length;
  const a = W.map((row, k) => dot(row, Z) + dot(U[k], X) + b[k]);
  const [i, f, o] = [0, 1, 3].map((block) => a.slice(block * n, (block + 1) * n).map(sigmoid));
  const candidate = a.slice(2 * n, 3 * n).map(Math.tanh);
  const cell = candidate.map((v, k) => f[k] * C[k] + i[k] * v);
  return { Z: cell.map((v, k) => o[k] * Math.tanh(v)), C: cell, i, f, o, candidate };
}

/**
 * The form of Keras with reset_after: the old state passes where z is open.
 * @param {Vector} X
 * @param {Vector} Z
 * @param {{U: Matrix, W: Matrix, b: [Vector, Vector]}} weights
 */
export function gruStep(X, Z, { U, W, b }) {
  const n = Z.length;
  const input = U.map((row, k) => dot(row, X) + b[0][k]);
  const state = W.map((row, k) => dot(row, Z) + b[1][k]);
  const [z, r] = [0, 1].map((block) => input.slice(block * n, (block + 1) * n).map((v, k) => sigmoid(v + state[block * n + k])));
  const candidate = r.map((open, k) => Math.tanh(input[2 * n + k] + open * state[2 * n + k]));
  return { Z: candidate.map((v, k) => z[k] * Z[k] + (1 - z[k]) * v), z, r, candidate };
}
