/** Numbers as readers want them, round ticks, and random numbers that are the same in every run. */

const MINUS = "\u2212";

/**
 * A number as a reader wants it: a true minus, no needless digits, powers of ten for the very small and large.
 * @param {number} value
 * @param {number} [digits] digits after the point
 */
export function num(value, digits = 2) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value < 0 ? MINUS + "∞" : "∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.5 * 10 ** -digits || size >= 1e6)) {
    const [head, power] = value.toExponential(1).split("e");
    const raised = String(Number(power)).replace(/./g, (d) => (d === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]));
    return `${head.replace("-", MINUS)}·10${raised}`;
  }
  return (size === 0 ? 0 : value).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", MINUS);
}

/**
 * @param {number} share between 0 and 1
 * @param {number} [digits]
 */
export const percent = (share, digits = 0) => `${num(100 * share, digits)}\u202f%`;

/**
 * Ticks at round numbers.
 * @param {number} low
 * @param {number} high
 * @param {number} count about how many
 * @returns {number[]}
 */
export function ticks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((v) => v >= rough * 0.999) ?? rough;
  const out = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) out.push(Number((i * step).toPrecision(12)));
  return out;
}

/**
 * Ticks at powers of ten.
 * @param {number} low
 * @param {number} high
 * @param {number} count about how many
 */
export function decades(low, high, count) {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const step = Math.max(1, Math.ceil((last - first) / Math.max(1, count)));
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => 10 ** (last - i * step));
}

/**
 * Random numbers that are the same in every run: normal with mean 0 and deviation 1 (mulberry32, Box-Muller).
 * @param {number} seed
 * @returns {() => number}
 */
export function normals(seed) {
  const uniform = uniforms(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/**
 * Random numbers in [0, 1) that are the same in every run (mulberry32).
 * @param {number} seed
 * @returns {() => number}
 */
export function uniforms(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
