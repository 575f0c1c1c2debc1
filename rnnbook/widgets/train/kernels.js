/**
 * The arithmetic of training over one Float32Array. Matrices are row-major and named by the index of their first
 * value. simd.ts holds the same functions for WebAssembly with SIMD: where a browser has that, this file is not loaded.
 */

/** @param {number} x tanh as a quotient of polynomials, about 1e-6 off and several times faster than Math.tanh */
export function tanh(x) {
  x = x > 7.9 ? 7.9 : x < -7.9 ? -7.9 : x;
  const y = x * x;
  const p = 4.89352455891786e-3 + y * (6.37261928875436e-4 + y * (1.48572235717979e-5 + y * (5.12229709037114e-8 + y * (-8.60467152213735e-11 + y * (2.00018790482477e-13 + y * -2.76076847742355e-16)))));
  return (x * p) / (4.89352518554385e-3 + y * (2.268434632439e-3 + y * (1.18534705686654e-4 + y * 1.19825839466702e-6)));
}
/** @param {number} x */
export const sigmoid = (x) => 0.5 + 0.5 * tanh(0.5 * x);

/** @typedef {ReturnType<typeof plain>} Kernels */

/**
 * The kernels in plain JavaScript.
 * @param {Float32Array} F
 */
export function plain(F) {
  const I = new Int32Array(F.buffer);
  return { ...products(F), ...rows(F, I), ...gatedCells(F), ...diagonalCell(F), ...updates(F, I) };
}

/** @param {Float32Array} F */
const products = (F) => ({
  /** C (M × N) = A (M × K) B (K × N), or += with `add`. @type {(a: number, b: number, c: number, M: number, K: number, N: number, add: number) => void} */
  matmul(a, b, c, M, K, N, add) {
    for (let i = 0; i < M; i += 2) {
      // Two rows and four columns at a time; the last row of an odd number is done twice.
      const a0 = a + i * K, a1 = a + Math.min(i + 1, M - 1) * K, c0 = c + i * N, c1 = c + Math.min(i + 1, M - 1) * N;
      for (let j = 0; j < N; j += 4) {
        let s0 = 0, s1 = 0, s2 = 0, s3 = 0, t0 = 0, t1 = 0, t2 = 0, t3 = 0;
        if (add) {
          s0 = F[c0 + j], s1 = F[c0 + j + 1], s2 = F[c0 + j + 2], s3 = F[c0 + j + 3];
          t0 = F[c1 + j], t1 = F[c1 + j + 1], t2 = F[c1 + j + 2], t3 = F[c1 + j + 3];
        }
        for (let k = 0, p = b + j; k < K; k++, p += N) {
          const x = F[a0 + k], y = F[a1 + k], b0 = F[p], b1 = F[p + 1], b2 = F[p + 2], b3 = F[p + 3];
          s0 += x * b0, s1 += x * b1, s2 += x * b2, s3 += x * b3;
          t0 += y * b0, t1 += y * b1, t2 += y * b2, t3 += y * b3;
        }
        F[c0 + j] = s0, F[c0 + j + 1] = s1, F[c0 + j + 2] = s2, F[c0 + j + 3] = s3;
        F[c1 + j] = t0, F[c1 + j + 1] = t1, F[c1 + j + 2] = t2, F[c1 + j + 3] = t3;
      }
    }
  },
  /** C (M × N) += Aᵀ B for A (R × M), B (R × N). @type {(a: number, b: number, c: number, R: number, M: number, N: number) => void} */
  addOuter(a, b, c, R, M, N) {
    for (let i = 0; i < M; i += 2) {
      for (let j = 0; j < N; j += 4) {
        const c0 = c + i * N + j, c1 = c0 + N;
        let s0 = F[c0], s1 = F[c0 + 1], s2 = F[c0 + 2], s3 = F[c0 + 3], t0 = F[c1], t1 = F[c1 + 1], t2 = F[c1 + 2], t3 = F[c1 + 3];
        for (let r = 0, p = b + j, q = a + i; r < R; r++, p += N, q += M) {
          const x = F[q], y = F[q + 1], b0 = F[p], b1 = F[p + 1], b2 = F[p + 2], b3 = F[p + 3];
          s0 += x * b0, s1 += x * b1, s2 += x * b2, s3 += x * b3;
          t0 += y * b0, t1 += y * b1, t2 += y * b2, t3 += y * b3;
        }
        F[c0] = s0, F[c0 + 1] = s1, F[c0 + 2] = s2, F[c0 + 3] = s3;
        F[c1] = t0, F[c1 + 1] = t1, F[c1 + 2] = t2, F[c1 + 3] = t3;
      }
    }
  },
  /** B (N × M) = Aᵀ for A (M × N). @type {(a: number, b: number, M: number, N: number) => void} */
  transpose(a, b, M, N) {
    for (let i = 0; i < M; i++) for (let j = 0; j < N; j++) F[b + j * M + i] = F[a + i * N + j];
  },
});

/** @param {Float32Array} F @param {Int32Array} I */
const rows = (F, I) => ({
  /** Every row of C (R × N) = a. @type {(a: number, c: number, R: number, N: number) => void} */
  fillRows(a, c, R, N) {
    for (let r = 0; r < R; r++) F.copyWithin(c + r * N, a, a + N);
  },
  /** c += the sum of the rows of A (R × N). @type {(a: number, c: number, R: number, N: number) => void} */
  sumRows(a, c, R, N) {
    for (let r = 0; r < R; r++) for (let j = 0; j < N; j++) F[c + j] += F[a + r * N + j];
  },
  /** Row r of C = row index[r] of A. @type {(index: number, a: number, c: number, R: number, N: number) => void} */
  gather(index, a, c, R, N) {
    for (let r = 0; r < R; r++) F.copyWithin(c + r * N, a + I[index + r] * N, a + (I[index + r] + 1) * N);
  },
  /** Row index[r] of C += row r of A. @type {(index: number, a: number, c: number, R: number, N: number) => void} */
  scatter(index, a, c, R, N) {
    for (let r = 0; r < R; r++) for (let j = 0; j < N; j++) F[c + I[index + r] * N + j] += F[a + r * N + j];
  },
  /** c += a. @type {(a: number, c: number, n: number) => void} */
  addTo(a, c, n) {
    for (let i = 0; i < n; i++) F[c + i] += F[a + i];
  },
  /** c = a ⊙ b. @type {(a: number, b: number, c: number, n: number) => void} */
  multiply(a, b, c, n) {
    for (let i = 0; i < n; i++) F[c + i] = F[a + i] * F[b + i];
  },
  /** c = tanh(a). @type {(a: number, c: number, n: number) => void} */
  tanh(a, c, n) {
    for (let i = 0; i < n; i++) F[c + i] = tanh(F[a + i]);
  },
  /** c = d ⊙ (1 − h²): a gradient back through h = tanh. @type {(h: number, d: number, c: number, n: number) => void} */
  tanhBack(h, d, c, n) {
    for (let i = 0; i < n; i++) F[c + i] = F[d + i] * (1 - F[h + i] * F[h + i]);
  },
});

/** One timestep of the cells with gates. @param {Float32Array} F */
const gatedCells = (F) => ({
  /** z (B × 4 units; i, f, c, o): sums in, gates out. @type {(z: number, before: number, c: number, bent: number, h: number, B: number, units: number) => void} */
  lstm(z, before, c, bent, h, B, units) {
    for (let b = 0, q = 0; b < B; b++, z += 3 * units) {
      for (let j = 0; j < units; j++, q++, z++) {
        const i = sigmoid(F[z]), f = sigmoid(F[z + units]), g = tanh(F[z + 2 * units]), o = sigmoid(F[z + 3 * units]);
        const C = f * F[before + q] + i * g, t = tanh(C);
        F[z] = i, F[z + units] = f, F[z + 2 * units] = g, F[z + 3 * units] = o;
        F[c + q] = C, F[bent + q] = t, F[h + q] = o * t;
      }
    }
  },
  /** z: gates in, gradients of the sums out; d of h, dc of c, which becomes that of the c before. @type {(z: number, before: number, bent: number, d: number, dc: number, B: number, units: number) => void} */
  lstmBack(z, before, bent, d, dc, B, units) {
    for (let b = 0, q = 0; b < B; b++, z += 3 * units) {
      for (let j = 0; j < units; j++, q++, z++) {
        const i = F[z], f = F[z + units], g = F[z + 2 * units], o = F[z + 3 * units], t = F[bent + q], dh = F[d + q];
        const C = F[dc + q] + dh * o * (1 - t * t);
        F[z] = C * g * i * (1 - i);
        F[z + units] = C * F[before + q] * f * (1 - f);
        F[z + 2 * units] = C * i * (1 - g * g);
        F[z + 3 * units] = dh * t * o * (1 - o);
        F[dc + q] = C * f;
      }
    }
  },
  /** z, r (B × 3 units; z, r, h): sums of the input and of the state in, gates out over z. @type {(z: number, r: number, before: number, h: number, B: number, units: number) => void} */
  gru(z, r, before, h, B, units) {
    for (let b = 0, q = 0; b < B; b++, z += 2 * units, r += 2 * units) {
      for (let j = 0; j < units; j++, q++, z++, r++) {
        const u = sigmoid(F[z] + F[r]), k = sigmoid(F[z + units] + F[r + units]), g = tanh(F[z + 2 * units] + k * F[r + 2 * units]);
        F[z] = u, F[z + units] = k, F[z + 2 * units] = g;
        F[h + q] = u * F[before + q] + (1 - u) * g;
      }
    }
  },
  /** z: gates in; gradients of both sums out over z and r; d becomes what goes to the h before without the product. @type {(z: number, r: number, before: number, d: number, B: number, units: number) => void} */
  gruBack(z, r, before, d, B, units) {
    for (let b = 0, q = 0; b < B; b++, z += 2 * units, r += 2 * units) {
      for (let j = 0; j < units; j++, q++, z++, r++) {
        const u = F[z], k = F[z + units], g = F[z + 2 * units], dh = F[d + q];
        const du = dh * (F[before + q] - g) * u * (1 - u), dg = dh * (1 - u) * (1 - g * g);
        const dk = dg * F[r + 2 * units] * k * (1 - k);
        F[z] = F[r] = du, F[z + units] = F[r + units] = dk, F[z + 2 * units] = dg, F[r + 2 * units] = dg * k;
        F[d + q] = dh * u;
      }
    }
  },
});

/** One timestep of the diagonal cell. @param {Float32Array} F */
const diagonalCell = (F) => ({
  /** c = decay ⊙ before + z, h = tanh(c). @type {(z: number, before: number, decay: number, c: number, h: number, B: number, units: number) => void} */
  diagonal(z, before, decay, c, h, B, units) {
    for (let b = 0, q = 0; b < B; b++) {
      for (let j = 0; j < units; j++, q++) {
        F[c + q] = F[decay + j] * F[before + q] + F[z + q];
        F[h + q] = tanh(F[c + q]);
      }
    }
  },
  /** d of h, dc of c, which becomes that of the c before; z becomes the gradient of the sum. @type {(z: number, before: number, decay: number, h: number, d: number, dc: number, ddecay: number, B: number, units: number) => void} */
  diagonalBack(z, before, decay, h, d, dc, ddecay, B, units) {
    for (let b = 0, q = 0; b < B; b++) {
      for (let j = 0; j < units; j++, q++) {
        const C = F[d + q] * (1 - F[h + q] * F[h + q]) + F[dc + q];
        F[z + q] = C;
        F[ddecay + j] += C * F[before + q];
        F[dc + q] = C * F[decay + j];
      }
    }
  },
});

/** @param {Float32Array} F @param {Int32Array} I */
const updates = (F, I) => ({
  /** @type {(a: number, n: number) => number} */
  sumSquares(a, n) {
    let s = 0;
    for (let i = 0; i < n; i++) s += F[a + i] * F[a + i];
    return s;
  },
  /** Mean cross-entropy of scores y (R × N, of which `outputs` count); y becomes its gradient. @type {(y: number, target: number, R: number, outputs: number, N: number) => number} */
  crossEntropy(y, target, R, outputs, N) {
    let loss = 0;
    for (let r = 0; r < R; r++, y += N) {
      let high = -Infinity, sum = 0;
      for (let j = 0; j < outputs; j++) if (F[y + j] > high) high = F[y + j];
      const t = y + I[target + r], score = F[t] - high;
      for (let j = 0; j < N; j++) sum += F[y + j] = j < outputs ? Math.exp(F[y + j] - high) : 0;
      for (let j = 0; j < outputs; j++) F[y + j] /= sum * R;
      F[t] -= 1 / R;
      loss += Math.log(sum) - score;
    }
    return loss / R;
  },
  /** @type {(p: number, g: number, n: number, rate: number) => void} */
  sgd(p, g, n, rate) {
    for (let i = 0; i < n; i++) F[p + i] -= rate * F[g + i];
  },
  /** RMSprop as in Keras 3. `scale` multiplies the gradient. @type {(p: number, g: number, v: number, n: number, rate: number, scale: number) => void} */
  rmsprop(p, g, v, n, rate, scale) {
    for (let i = 0; i < n; i++) {
      const G = F[g + i] * scale;
      F[v + i] = 0.9 * F[v + i] + 0.1 * G * G;
      F[p + i] -= (rate * G) / Math.sqrt(F[v + i] + 1e-7);
    }
  },
  /** Adam (Kingma & Ba, 2015) as in Keras 3; `rate` with the correction of the start. @type {(p: number, g: number, m: number, v: number, n: number, rate: number, scale: number) => void} */
  adam(p, g, m, v, n, rate, scale) {
    for (let i = 0; i < n; i++) {
      const G = F[g + i] * scale;
      F[m + i] = 0.9 * F[m + i] + 0.1 * G;
      F[v + i] = 0.999 * F[v + i] + 0.001 * G * G;
      F[p + i] -= (rate * F[m + i]) / (Math.sqrt(F[v + i]) + 1e-7);
    }
  },
});

/** Makes room for `size` floats, with the kernels in plain JavaScript. @param {number} size */
export function inJavaScript(size) {
  const F = new Float32Array(size);
  return { F, K: plain(F) };
}
