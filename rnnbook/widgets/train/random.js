/** Random numbers that are the same in every run and in Python: take_along.py holds the same few lines in NumPy. */

/** Spreads an integer over 32 bits (the end of mulberry32). @param {number} a */
export function mix(a) {
  let t = Math.imul(a ^ (a >>> 15), 1 | a);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return (t ^ (t >>> 14)) >>> 0;
}

/**
 * Uniform numbers in [0, 1), one stream for each pair of a seed and a number.
 * @param {number} seed
 * @param {number} number
 */
export function uniforms(seed, number) {
  let a = mix(mix(seed + 0x9e3779b9) + number);
  return () => mix((a = (a + 0x6d2b79f5) >>> 0)) / 4294967296;
}

/** A normal number from two uniform ones (Box & Muller, 1958). @param {() => number} u */
export const normal = (u) => Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u());
