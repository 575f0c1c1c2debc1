// The arithmetic of training in WebAssembly with 128-bit SIMD, in AssemblyScript. kernels.js says what each
// function does; these do the same. Addresses come as indices of float32 values in the memory. Widths (N, units)
// are multiples of 8, the length of a vector and all else of 4: the network pads with zeros. `tanh` takes 8 at a time.
// Compiled twice: simd.wasm rounds a product before it is added, as JavaScript does; fused.wasm rounds the sum alone, in one
// instruction where the processor has it, for browsers with relaxed SIMD. `python tests/widgets/train/test_kernels.py` compiles both anew.

// @ts-nocheck
@inline function at(index: usize): usize { return index << 2; }
@inline function mad(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}
@inline function put(p: usize, a: v128, b: v128): void { v128.store(p, a); v128.store(p, b, 16); }

// Four rows and eight columns at a time stay in registers.
export function matmul(a: usize, b: usize, c: usize, M: i32, K: i32, N: i32, add: i32): void {
  const ra: usize = <usize>K << 2, rb: usize = <usize>N << 2;
  let A: usize = at(a), C: usize = at(c), i: i32 = 0;
  for (; i + 3 < M; i += 4, A += 4 * ra, C += 4 * rb) {
    const a1: usize = A + ra, a2: usize = a1 + ra, a3: usize = a2 + ra;
    for (let j: usize = 0; j < rb; j += 32) {
      const c0: usize = C + j, c1: usize = c0 + rb, c2: usize = c1 + rb, c3: usize = c2 + rb;
      let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
      if (add) {
        s00 = v128.load(c0); s01 = v128.load(c0, 16); s10 = v128.load(c1); s11 = v128.load(c1, 16);
        s20 = v128.load(c2); s21 = v128.load(c2, 16); s30 = v128.load(c3); s31 = v128.load(c3, 16);
      }
      let p: usize = at(b) + j;
      for (let k: usize = 0; k < ra; k += 4, p += rb) {
        const b0 = v128.load(p), b1 = v128.load(p, 16);
        const x0 = v128.load32_splat(A + k); s00 = mad(x0, b0, s00); s01 = mad(x0, b1, s01);
        const x1 = v128.load32_splat(a1 + k); s10 = mad(x1, b0, s10); s11 = mad(x1, b1, s11);
        const x2 = v128.load32_splat(a2 + k); s20 = mad(x2, b0, s20); s21 = mad(x2, b1, s21);
        const x3 = v128.load32_splat(a3 + k); s30 = mad(x3, b0, s30); s31 = mad(x3, b1, s31);
      }
      put(c0, s00, s01); put(c1, s10, s11); put(c2, s20, s21); put(c3, s30, s31);
    }
  }
  for (; i < M; i++, A += ra, C += rb) {
    for (let j: usize = 0; j < rb; j += 32) {
      let s0 = f32x4.splat(0), s1 = s0, p: usize = at(b) + j;
      if (add) { s0 = v128.load(C + j); s1 = v128.load(C + j, 16); }
      for (let k: usize = 0; k < ra; k += 4, p += rb) {
        const x = v128.load32_splat(A + k);
        s0 = mad(x, v128.load(p), s0); s1 = mad(x, v128.load(p, 16), s1);
      }
      put(C + j, s0, s1);
    }
  }
}

export function addOuter(a: usize, b: usize, c: usize, R: i32, M: i32, N: i32): void {
  const ra: usize = <usize>M << 2, rb: usize = <usize>N << 2;
  let C: usize = at(c);
  for (let i: usize = 0; i < ra; i += 16, C += 4 * rb) {
    for (let j: usize = 0; j < rb; j += 32) {
      const c0: usize = C + j, c1: usize = c0 + rb, c2: usize = c1 + rb, c3: usize = c2 + rb;
      let s00 = v128.load(c0), s01 = v128.load(c0, 16), s10 = v128.load(c1), s11 = v128.load(c1, 16);
      let s20 = v128.load(c2), s21 = v128.load(c2, 16), s30 = v128.load(c3), s31 = v128.load(c3, 16);
      let p: usize = at(b) + j, q: usize = at(a) + i;
      for (let r: i32 = 0; r < R; r++, p += rb, q += ra) {
        const b0 = v128.load(p), b1 = v128.load(p, 16);
        const x0 = v128.load32_splat(q); s00 = mad(x0, b0, s00); s01 = mad(x0, b1, s01);
        const x1 = v128.load32_splat(q, 4); s10 = mad(x1, b0, s10); s11 = mad(x1, b1, s11);
        const x2 = v128.load32_splat(q, 8); s20 = mad(x2, b0, s20); s21 = mad(x2, b1, s21);
        const x3 = v128.load32_splat(q, 12); s30 = mad(x3, b0, s30); s31 = mad(x3, b1, s31);
      }
      put(c0, s00, s01); put(c1, s10, s11); put(c2, s20, s21); put(c3, s30, s31);
    }
  }
}

export function transpose(a: usize, b: usize, M: i32, N: i32): void {
  for (let i: i32 = 0; i < M; i++) {
    for (let j: i32 = 0; j < N; j++) store<f32>(at(b + j * M + i), load<f32>(at(a + i * N + j)));
  }
}

export function fillRows(a: usize, c: usize, R: i32, N: i32): void {
  for (let r: i32 = 0; r < R; r++) memory.copy(at(c + r * N), at(a), <usize>N << 2);
}

export function sumRows(a: usize, c: usize, R: i32, N: i32): void {
  const w: usize = <usize>N << 2;
  let p: usize = at(a);
  for (let r: i32 = 0; r < R; r++, p += w) {
    for (let j: usize = 0; j < w; j += 16) v128.store(at(c) + j, f32x4.add(v128.load(at(c) + j), v128.load(p + j)));
  }
}

export function gather(index: usize, a: usize, c: usize, R: i32, N: i32): void {
  for (let r: i32 = 0; r < R; r++) memory.copy(at(c + r * N), at(a + load<i32>(at(index + r)) * N), <usize>N << 2);
}

export function scatter(index: usize, a: usize, c: usize, R: i32, N: i32): void {
  for (let r: i32 = 0; r < R; r++) addTo(a + r * N, c + load<i32>(at(index + r)) * N, N);
}

export function addTo(a: usize, c: usize, n: i32): void {
  const A = at(a), C = at(c);
  for (let i: usize = 0, e: usize = <usize>n << 2; i < e; i += 16) v128.store(C + i, f32x4.add(v128.load(C + i), v128.load(A + i)));
}

export function multiply(a: usize, b: usize, c: usize, n: i32): void {
  const A = at(a), B = at(b), C = at(c);
  for (let i: usize = 0, e: usize = <usize>n << 2; i < e; i += 16) v128.store(C + i, f32x4.mul(v128.load(A + i), v128.load(B + i)));
}

// Constants stand in the memory: a load brings one into all four lanes, which takes less than making it anew.
const TANH = memory.data<f32>([
  -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-8, 1.48572235717979e-5, 6.37261928875436e-4,
  4.89352455891786e-3, 1.19825839466702e-6, 1.18534705686654e-4, 2.268434632439e-3, 4.89352518554385e-3, 7.9, -7.9,
]);

// Two vectors at a time: they share the constants, and each fills the waits in the chain of sums of the other.
@inline function tanh8(to: usize, v: v128, w: v128): void {
  const high = v128.load32_splat(TANH, 44), low = v128.load32_splat(TANH, 48);
  const x = f32x4.max(f32x4.min(v, high), low), X = f32x4.max(f32x4.min(w, high), low);
  const y = f32x4.mul(x, x), Y = f32x4.mul(X, X);
  let k = v128.load32_splat(TANH), c = v128.load32_splat(TANH, 4), p = mad(y, k, c), P = mad(Y, k, c);
  c = v128.load32_splat(TANH, 8); p = mad(y, p, c); P = mad(Y, P, c);
  c = v128.load32_splat(TANH, 12); p = mad(y, p, c); P = mad(Y, P, c);
  c = v128.load32_splat(TANH, 16); p = mad(y, p, c); P = mad(Y, P, c);
  c = v128.load32_splat(TANH, 20); p = mad(y, p, c); P = mad(Y, P, c);
  c = v128.load32_splat(TANH, 24); p = mad(y, p, c); P = mad(Y, P, c);
  k = v128.load32_splat(TANH, 28); c = v128.load32_splat(TANH, 32);
  let q = mad(y, k, c), Q = mad(Y, k, c);
  c = v128.load32_splat(TANH, 36); q = mad(y, q, c); Q = mad(Y, Q, c);
  c = v128.load32_splat(TANH, 40); q = mad(y, q, c); Q = mad(Y, Q, c);
  put(to, f32x4.div(f32x4.mul(x, p), q), f32x4.div(f32x4.mul(X, P), Q));
}
@inline function sigmoid8(to: usize, v: v128, w: v128): void {
  const h = f32x4.splat(0.5);
  tanh8(to, f32x4.mul(h, v), f32x4.mul(h, w));
  put(to, mad(h, v128.load(to), h), mad(h, v128.load(to, 16), h));
}
// The slope of a sigmoid and of tanh, from their values.
@inline function slope(s: v128): v128 { return f32x4.mul(s, f32x4.sub(f32x4.splat(1), s)); }
@inline function bend(t: v128): v128 { return f32x4.sub(f32x4.splat(1), f32x4.mul(t, t)); }

export function tanh(a: usize, c: usize, n: i32): void {
  const A = at(a), C = at(c);
  for (let i: usize = 0, e: usize = <usize>n << 2; i < e; i += 32) tanh8(C + i, v128.load(A + i), v128.load(A + i, 16));
}

export function tanhBack(h: usize, d: usize, c: usize, n: i32): void {
  const H = at(h), D = at(d), C = at(c);
  for (let i: usize = 0, e: usize = <usize>n << 2; i < e; i += 16) v128.store(C + i, f32x4.mul(v128.load(D + i), bend(v128.load(H + i))));
}

export function lstm(z: usize, before: usize, c: usize, bent: usize, h: usize, B: i32, units: i32): void {
  const w: usize = <usize>units << 2;
  let i: usize = at(z), q: usize = 0;
  for (let b: i32 = 0; b < B; b++, i += 3 * w) {
    for (let e: usize = q + w; q < e; i += 32, q += 32) {
      const f = i + w, g = f + w, o = g + w;
      sigmoid8(i, v128.load(i), v128.load(i, 16)); sigmoid8(f, v128.load(f), v128.load(f, 16));
      tanh8(g, v128.load(g), v128.load(g, 16)); sigmoid8(o, v128.load(o), v128.load(o, 16));
      const C = mad(v128.load(f), v128.load(at(before) + q), f32x4.mul(v128.load(i), v128.load(g)));
      const D = mad(v128.load(f, 16), v128.load(at(before) + q, 16), f32x4.mul(v128.load(i, 16), v128.load(g, 16)));
      const t = at(bent) + q;
      put(at(c) + q, C, D); tanh8(t, C, D);
      put(at(h) + q, f32x4.mul(v128.load(o), v128.load(t)), f32x4.mul(v128.load(o, 16), v128.load(t, 16)));
    }
  }
}

export function lstmBack(z: usize, before: usize, bent: usize, d: usize, dc: usize, B: i32, units: i32): void {
  const w: usize = <usize>units << 2;
  let Z: usize = at(z), q: usize = 0;
  for (let b: i32 = 0; b < B; b++, Z += 4 * w) {
    for (let j: usize = 0; j < w; j += 16, q += 16) {
      const p = Z + j;
      const i = v128.load(p), f = v128.load(p + w), g = v128.load(p + 2 * w), o = v128.load(p + 3 * w);
      const t = v128.load(at(bent) + q), dh = v128.load(at(d) + q);
      const C = mad(f32x4.mul(dh, o), bend(t), v128.load(at(dc) + q));
      v128.store(p, f32x4.mul(f32x4.mul(C, g), slope(i)));
      v128.store(p + w, f32x4.mul(f32x4.mul(C, v128.load(at(before) + q)), slope(f)));
      v128.store(p + 2 * w, f32x4.mul(f32x4.mul(C, i), bend(g)));
      v128.store(p + 3 * w, f32x4.mul(f32x4.mul(dh, t), slope(o)));
      v128.store(at(dc) + q, f32x4.mul(C, f));
    }
  }
}

export function gru(z: usize, r: usize, before: usize, h: usize, B: i32, units: i32): void {
  const w: usize = <usize>units << 2, one = f32x4.splat(1);
  let u: usize = at(z), q: usize = 0;
  for (let b: i32 = 0; b < B; b++, u += 2 * w) {
    for (let e: usize = q + w; q < e; u += 32, q += 32) {
      const k = u + w, g = k + w, s = u - at(z) + at(r), t = s + w, m = t + w, H = at(before) + q;
      sigmoid8(u, f32x4.add(v128.load(u), v128.load(s)), f32x4.add(v128.load(u, 16), v128.load(s, 16)));
      sigmoid8(k, f32x4.add(v128.load(k), v128.load(t)), f32x4.add(v128.load(k, 16), v128.load(t, 16)));
      tanh8(g, mad(v128.load(k), v128.load(m), v128.load(g)), mad(v128.load(k, 16), v128.load(m, 16), v128.load(g, 16)));
      const U = v128.load(u), V = v128.load(u, 16);
      const a = f32x4.mul(f32x4.sub(one, U), v128.load(g)), c = f32x4.mul(f32x4.sub(one, V), v128.load(g, 16));
      put(at(h) + q, mad(U, v128.load(H), a), mad(V, v128.load(H, 16), c));
    }
  }
}

export function gruBack(z: usize, r: usize, before: usize, d: usize, B: i32, units: i32): void {
  const w: usize = <usize>units << 2, one = f32x4.splat(1);
  let Z: usize = at(z), R: usize = at(r), q: usize = 0;
  for (let b: i32 = 0; b < B; b++, Z += 3 * w, R += 3 * w) {
    for (let j: usize = 0; j < w; j += 16, q += 16) {
      const p = Z + j, s = R + j, D = at(d) + q;
      const u = v128.load(p), k = v128.load(p + w), g = v128.load(p + 2 * w), dh = v128.load(D);
      const du = f32x4.mul(f32x4.mul(dh, f32x4.sub(v128.load(at(before) + q), g)), slope(u));
      const dg = f32x4.mul(f32x4.mul(dh, f32x4.sub(one, u)), bend(g));
      const dk = f32x4.mul(f32x4.mul(dg, v128.load(s + 2 * w)), slope(k));
      v128.store(p, du); v128.store(p + w, dk); v128.store(p + 2 * w, dg);
      v128.store(s, du); v128.store(s + w, dk); v128.store(s + 2 * w, f32x4.mul(dg, k));
      v128.store(D, f32x4.mul(dh, u));
    }
  }
}

export function diagonal(z: usize, before: usize, decay: usize, c: usize, h: usize, B: i32, units: i32): void {
  const w: usize = <usize>units << 2;
  let q: usize = 0;
  for (let b: i32 = 0; b < B; b++) {
    for (let j: usize = 0; j < w; j += 32, q += 32) {
      const k = at(decay) + j, s = at(before) + q, Z = at(z) + q;
      const C = mad(v128.load(k), v128.load(s), v128.load(Z)), D = mad(v128.load(k, 16), v128.load(s, 16), v128.load(Z, 16));
      put(at(c) + q, C, D); tanh8(at(h) + q, C, D);
    }
  }
}

export function diagonalBack(z: usize, before: usize, decay: usize, h: usize, d: usize, dc: usize, ddecay: usize, B: i32, units: i32): void {
  const w: usize = <usize>units << 2;
  let q: usize = 0;
  for (let b: i32 = 0; b < B; b++) {
    for (let j: usize = 0; j < w; j += 16, q += 16) {
      const C = mad(v128.load(at(d) + q), bend(v128.load(at(h) + q)), v128.load(at(dc) + q));
      v128.store(at(z) + q, C);
      v128.store(at(ddecay) + j, mad(C, v128.load(at(before) + q), v128.load(at(ddecay) + j)));
      v128.store(at(dc) + q, f32x4.mul(C, v128.load(at(decay) + j)));
    }
  }
}

@inline function sum4(a: v128): f32 { return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3); }

export function sumSquares(a: usize, n: i32): f32 {
  let s = f32x4.splat(0);
  for (let p: usize = at(a), e: usize = p + (<usize>n << 2); p < e; p += 16) { const x = v128.load(p); s = mad(x, x, s); }
  return sum4(s);
}

// exp for arguments up to 0, to about 1e-7: 2 to the nearest whole power, and a polynomial for the rest.
@inline function exp4(v: v128): v128 {
  const x = f32x4.max(v, f32x4.splat(-87)), n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375))), f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  let p = mad(f32x4.splat(1.987569150e-4), r, f32x4.splat(1.3981999507e-3));
  p = mad(p, r, f32x4.splat(8.3334519073e-3));
  p = mad(p, r, f32x4.splat(4.1665795894e-2));
  p = mad(p, r, f32x4.splat(1.6666665459e-1));
  p = mad(p, r, f32x4.splat(0.5));
  p = f32x4.add(mad(p, f32x4.mul(r, r), r), f32x4.splat(1));
  return f32x4.mul(p, i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23));
}

export function crossEntropy(y: usize, target: usize, R: i32, outputs: i32, N: i32): f32 {
  const w: usize = <usize>N << 2, share: f32 = 1.0 / <f32>R;
  let Y: usize = at(y), loss: f32 = 0;
  for (let r: i32 = 0; r < R; r++, Y += w) {
    let m = v128.load(Y);
    for (let j: usize = 16; j < w; j += 16) m = f32x4.max(m, v128.load(Y + j));
    const high: f32 = max<f32>(max<f32>(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1)), max<f32>(f32x4.extract_lane(m, 2), f32x4.extract_lane(m, 3)));
    const t: usize = Y + at(load<i32>(at(target + r)));
    const score: f32 = load<f32>(t) - high;
    let s = f32x4.splat(0);
    for (let j: usize = 0; j < w; j += 16) { const e = exp4(f32x4.sub(v128.load(Y + j), f32x4.splat(high))); v128.store(Y + j, e); s = f32x4.add(s, e); }
    const total: f32 = sum4(s), k = f32x4.splat(share / total);
    loss += Mathf.log(total) - score;
    for (let j: usize = 0; j < w; j += 16) v128.store(Y + j, f32x4.mul(v128.load(Y + j), k));
    store<f32>(t, load<f32>(t) - share);
    for (let j: i32 = outputs; j < N; j++) store<f32>(Y + at(j), 0);
  }
  return loss * share;
}

export function sgd(p: usize, g: usize, n: i32, rate: f32): void {
  const a = f32x4.splat(-rate);
  for (let i: usize = 0, e: usize = <usize>n << 2; i < e; i += 16) v128.store(at(p) + i, mad(a, v128.load(at(g) + i), v128.load(at(p) + i)));
}

export function rmsprop(p: usize, g: usize, v: usize, n: i32, rate: f32, scale: f32): void {
  const a = f32x4.splat(rate), s = f32x4.splat(scale), rho = f32x4.splat(0.9), rest = f32x4.splat(0.1), tiny = f32x4.splat(1e-7);
  for (let i: usize = 0, e: usize = <usize>n << 2; i < e; i += 16) {
    const G = f32x4.mul(v128.load(at(g) + i), s), V = mad(rho, v128.load(at(v) + i), f32x4.mul(rest, f32x4.mul(G, G)));
    v128.store(at(v) + i, V);
    v128.store(at(p) + i, f32x4.sub(v128.load(at(p) + i), f32x4.div(f32x4.mul(a, G), f32x4.sqrt(f32x4.add(V, tiny)))));
  }
}

export function adam(p: usize, g: usize, m: usize, v: usize, n: i32, rate: f32, scale: f32): void {
  const a = f32x4.splat(rate), s = f32x4.splat(scale), tiny = f32x4.splat(1e-7);
  const b1 = f32x4.splat(0.9), c1 = f32x4.splat(0.1), b2 = f32x4.splat(0.999), c2 = f32x4.splat(0.001);
  for (let i: usize = 0, e: usize = <usize>n << 2; i < e; i += 16) {
    const G = f32x4.mul(v128.load(at(g) + i), s);
    const M = mad(b1, v128.load(at(m) + i), f32x4.mul(c1, G)), V = mad(b2, v128.load(at(v) + i), f32x4.mul(c2, f32x4.mul(G, G)));
    v128.store(at(m) + i, M); v128.store(at(v) + i, V);
    v128.store(at(p) + i, f32x4.sub(v128.load(at(p) + i), f32x4.div(f32x4.mul(a, M), f32x4.add(f32x4.sqrt(V), tiny))));
  }
}
