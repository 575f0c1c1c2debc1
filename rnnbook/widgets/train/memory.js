/** The memory that a network lives in, and its arithmetic in WebAssembly; kernels.js has the same in plain JavaScript. */

/** @typedef {import("./kernels.js").Kernels} Kernels */

/** The first 4 kB of the memory hold the constants of the compiled kernels. */
export const FIRST = 1024;

/**
 * Makes room for floats with the kernels in WebAssembly, where the browser knows their instructions; else undefined.
 * @param {BufferSource} bytes fused.wasm or simd.wasm
 */
export function inWebAssembly(bytes) {
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(bytes)) return undefined;
  const compiled = new WebAssembly.Module(bytes);
  return (/** @type {number} */ size) => {
    const memory = new WebAssembly.Memory({ initial: Math.ceil((4 * size) / 65536) });
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
    return { F: new Float32Array(memory.buffer), K: /** @type {Kernels} */ (/** @type {unknown} */ (exports)) };
  };
}
