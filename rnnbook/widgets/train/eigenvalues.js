/** Eigenvalues of a real matrix: Householder's reduction to Hessenberg form, then the QR algorithm with Francis' double shift. */

/** @param {Float64Array} A (n × n) row by row; overwritten @param {number} n */
function toHessenberg(A, n) {
  for (let k = 0; k < n - 2; k++) {
    const v = new Float64Array(n);
    let size = 0;
    for (let i = k + 1; i < n; i++) size += A[i * n + k] ** 2;
    size = Math.sqrt(size);
    if (size === 0) continue;
    for (let i = k + 1; i < n; i++) v[i] = A[i * n + k];
    v[k + 1] += v[k + 1] >= 0 ? size : -size;
    const square = v.reduce((s, a) => s + a * a, 0);
    for (let j = 0; j < n; j++) {
      let s = 0;
      for (let i = k + 1; i < n; i++) s += v[i] * A[i * n + j];
      for (let i = k + 1; i < n; i++) A[i * n + j] -= (2 * s * v[i]) / square;
    }
    for (let i = 0; i < n; i++) {
      let s = 0;
      for (let j = k + 1; j < n; j++) s += v[j] * A[i * n + j];
      for (let j = k + 1; j < n; j++) A[i * n + j] -= (2 * s * v[j]) / square;
    }
    for (let i = k + 2; i < n; i++) A[i * n + k] = 0;
  }
}

/**
 * One sweep on rows and columns low … high.
 * @param {Float64Array} A @param {number} n @param {number} low @param {number} high
 * @param {number} sum of the two shifts @param {number} product of them
 */
function sweep(A, n, low, high, sum, product) {
  const a = (/** @type {number} */ i, /** @type {number} */ j) => A[i * n + j];
  let x = a(low, low) ** 2 + a(low, low + 1) * a(low + 1, low) - sum * a(low, low) + product;
  let y = a(low + 1, low) * (a(low, low) + a(low + 1, low + 1) - sum);
  let z = high > low + 1 ? a(low + 1, low) * a(low + 2, low + 1) : 0;
  for (let k = low; k < high; k++) {
    const last = Math.min(k + 2, high);
    const v = last > k + 1 ? [x, y, z] : [x, y];
    const size = Math.hypot(...v);
    if (size > 0) {
      v[0] += v[0] >= 0 ? size : -size;
      const square = v.reduce((s, e) => s + e * e, 0);
      for (let j = Math.max(low, k - 1); j <= high; j++) {
        const s = v.reduce((t, e, i) => t + e * A[(k + i) * n + j], 0);
        v.forEach((e, i) => (A[(k + i) * n + j] -= (2 * s * e) / square));
      }
      for (let i = low; i <= Math.min(k + 3, high); i++) {
        const s = v.reduce((t, e, j) => t + e * A[i * n + k + j], 0);
        v.forEach((e, j) => (A[i * n + k + j] -= (2 * s * e) / square));
      }
    }
    if (k > low) for (let i = k + 1; i <= last; i++) A[i * n + k - 1] = 0;
    x = A[(k + 1) * n + k];
    y = k + 2 <= high ? A[(k + 2) * n + k] : 0;
    z = k + 3 <= high ? A[(k + 3) * n + k] : 0;
  }
}

/**
 * @param {ArrayLike<number>} matrix (n × n) row by row
 * @param {number} n
 * @returns {[real: number, imaginary: number][]}
 */
export function eigenvalues(matrix, n) {
  const A = Float64Array.from(matrix);
  toHessenberg(A, n);
  /** @type {[number, number][]} */
  const found = [];
  let high = n - 1;
  for (let tries = 0; high >= 0 && tries < 60; tries++) {
    let low = high;
    while (low > 0 && Math.abs(A[low * n + low - 1]) > 1e-10 * (Math.abs(A[low * n + low]) + Math.abs(A[(low - 1) * n + low - 1]))) low--;
    if (low === high) {
      found.push([A[high * n + high], 0]);
      high--;
      tries = 0;
      continue;
    }
    const [p, q, r, s] = [A[(high - 1) * n + high - 1], A[(high - 1) * n + high], A[high * n + high - 1], A[high * n + high]];
    if (low === high - 1) {
      const [mean, square] = [(p + s) / 2, ((p - s) / 2) ** 2 + q * r];
      const root = Math.sqrt(Math.abs(square));
      if (square >= 0) found.push([mean + root, 0], [mean - root, 0]);
      else found.push([mean, root], [mean, -root]);
      high -= 2;
      tries = 0;
    } else if (tries % 11 === 10) sweep(A, n, low, high, 1.5 * (Math.abs(r) + Math.abs(A[(high - 1) * n + high - 2])), r * r);
    else sweep(A, n, low, high, p + s, p * s - q * r);
  }
  return found;
}
