// The worker in which a reader's Python runs: Pyodide and NumPy, served by the book itself. A run that does not end is ended by
// ending the worker, so the page is never blocked.
const LARGEST_MEMORY = 2 ** 30;
const grow = WebAssembly.Memory.prototype.grow;
// Beyond this, NumPy's own "Unable to allocate" comes, in place of a page that dies.
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength + pages * 65536 > LARGEST_MEMORY) throw new RangeError("more memory than a page should take");
  return grow.call(this, pages);
};

const here = new URL("./", self.location.href);
const at = (name) => new URL(name, here).href;

/** The file's bytes, saying on the way how many have come. */
async function load(name) {
  const answer = await fetch(at(name));
  if (!answer.ok) throw new Error(`${name} could not be loaded (${answer.status}).`);
  const parts = [];
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    parts.push(value);
    postMessage({ loaded: name, bytes: value.length });
  }
}

async function start() {
  const began = performance.now();
  const numpy = load("numpy.bin");
  const runner = load("runner.bin");
  new PerformanceObserver((list) => {
    for (const { name } of list.getEntries()) postMessage({ loaded: name.split("/").pop(), whole: true });
  }).observe({ type: "resource", buffered: true });
  const { loadPyodide } = await import("./pyodide.mjs");
  const silent = () => {};
  const python = await loadPyodide({ indexURL: here.href, stdout: silent, stderr: silent });
  python.unpackArchive((await numpy).buffer, "wheel");
  python.FS.writeFile("/home/pyodide/runner.py", await runner);
  python.runPython("import sys; sys.path.insert(0, '/home/pyodide'); import numpy, runner");
  postMessage({ ready: (performance.now() - began) / 1000, version: python.runPython("f'Python {sys.version.split()[0]}, NumPy {numpy.__version__}'") });
  return { run: python.globals.get("runner").run, unpack: (zip) => python.unpackArchive(zip.buffer, "zip", { extractDir: "/home/pyodide" }) };
}

/** The course's own modules and what stands in for SciPy and Matplotlib: few cells name them, so they are fetched when one does. */
const COURSE = /\b(?:rnnbook|scipy|filelock|matplotlib)\b/;
let course = null;

const run = start().catch((error) => {
  postMessage({ broken: String(error.message ?? error) });
  return null;
});

// Part of what may fail while Pyodide starts fails in promises of its own.
self.onunhandledrejection = ({ reason }) => postMessage({ broken: String(reason?.message ?? reason) });

self.onmessage = async ({ data: { id, request } }) => {
  const python = await run;
  if (!python) return;
  try {
    if (COURSE.test(JSON.stringify(request))) await (course ??= load("course.bin").then(python.unpack));
    postMessage({ id, result: JSON.parse(python.run(JSON.stringify(request), (name) => postMessage({ id, now: name }))) });
  } catch (error) {
    // What Python itself does not survive, such as os.abort(): the page starts another worker.
    postMessage({ id, died: String(error.message ?? error).slice(0, 300) });
  }
};
