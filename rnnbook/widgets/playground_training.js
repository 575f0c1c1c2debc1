/** Networks that train in workers, one a seed, never on the page's own thread: what they report, and what it says. */
import { num, percent } from "./kit.js";
import { TASKS, complete } from "./train/settings.js";

/** @typedef {import("./train/settings.js").TaskName} TaskName */
/** @typedef {import("./train/settings.js").Settings} Settings */
/** @typedef {import("./kit.js").Point} Point */
/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {{points: Point[], sums: Point, count: number, every: number}} Curve the points of a curve; what has come since the last, `count` values, waits in `sums` for `every` to share one */
/** @typedef {{worker: Worker, loss: Curve, metric: Curve, seen: number, updates: number, last: any, stopped: string, onWeights?: (weights: any) => void}} Run `seen` losses have come */
/** @typedef {{name: string, settings: Settings, color: import("./kit.js").Colour, dash: string, runs: Run[]}} Lane a network with complete settings, its look in every picture, and a run a seed */
/** @typedef {{task: TaskName, seeds: number, seed: number, networks: {name: string, settings: Settings}[]}} Plan what is to be trained; settings as the reader chose them */
/** @typedef {ReturnType<typeof makeTraining>} Training */

/** Networks differ by dash as well as by colour. */
export const LOOKS = /** @type {Pick<Lane, "color" | "dash">[]} */ ([{ color: "z", dash: "" }, { color: "c", dash: "7 4" }, { color: "x", dash: "2 4" }]);
const MOST_POINTS = 240; // of a curve
const DRAW = 100; // milliseconds between two drawings of what workers report, however many there are
const HEAD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10];
const ZERO = [65, 0, 253, 15];
/** Modules of one function, which multiplies and adds in one instruction, or needs 128-bit SIMD: where one is valid, so are these kernels. */
const PROBES = /** @type {const} */ ([
  ["train-fused", [...HEAD, 19, 1, 17, 0, ...ZERO, ...ZERO, ...ZERO, 253, 133, 2, 11]],
  ["train-simd", [...HEAD, 10, 1, 8, 0, ...ZERO, 253, 98, 11]],
]);

/** The fastest kernels that this browser can run, undefined where it takes those in JavaScript. */
const fastest = () => typeof WebAssembly !== "undefined" && typeof DecompressionStream !== "undefined"
  ? PROBES.find(([, bytes]) => WebAssembly.validate(new Uint8Array(bytes)))?.[0] : undefined;

/** @returns {Curve} */
const curve = () => ({ points: [], sums: [0, 0], count: 0, every: 1 });

/** The mean of some points. @param {Point} sums @param {number} n @returns {Point} */
const mean = (sums, n) => [sums[0] / n, sums[1] / n];

/** Adds a value to a curve; the longer it gets, the more values share a point. @param {Curve} curve @param {number} update @param {number} value */
export function add(curve, update, value) {
  curve.sums = [curve.sums[0] + update, curve.sums[1] + value];
  if (++curve.count < curve.every) return;
  curve.points.push(mean(curve.sums, curve.count));
  [curve.sums, curve.count] = [[0, 0], 0];
  if (curve.points.length < MOST_POINTS) return;
  curve.every *= 2;
  const { points } = curve;
  curve.points = Array.from({ length: MOST_POINTS / 2 }, (_, i) => mean([points[2 * i][0] + points[2 * i + 1][0], points[2 * i][1] + points[2 * i + 1][1]], 2));
}

/** @param {DataView} view @returns {ArrayBuffer} */
const bufferOf = (view) => /** @type {ArrayBuffer} */ (view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));

/** Unpacks what Python's zlib has packed. @param {DataView} view */
const inflate = (view) => new Response(new Blob([bufferOf(view)]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();

/**
 * How many times as long as it has worked each worker rests, so that all together leave the page a processor of its own.
 * @param {number} workers
 * @param {number} processors NaN where the browser does not tell: two
 */
export const restOf = (workers, processors) => Math.max(0, workers / (processors - 1 || 1) - 1);

/**
 * Starts a worker, which says with `changed` that something came.
 * @param {string} address of the engine
 * @param {any} message the first that it is told
 * @param {() => void} changed
 */
function startRun(address, message, changed) {
  /** @type {Run} */
  const run = { worker: new Worker(address), loss: curve(), metric: curve(), seen: 0, updates: 0, last: {}, stopped: "" };
  run.worker.onmessage = ({ data }) => {
    if (data.type === "weights") return run.onWeights?.(data.weights);
    if (data.type === "error") run.stopped = data.message;
    else {
      for (const loss of data.losses) add(run.loss, ++run.seen, loss);
      if (data.metric !== undefined) add(run.metric, data.updates, data.metric);
      run.updates = data.updates;
      run.last = { ...run.last, ...data };
    }
    changed();
  };
  run.worker.onerror = (event) => {
    run.stopped = `The training could not run: ${event.message}`;
    changed();
  };
  run.worker.postMessage(message);
  return run;
}

/** Redraws now and then: workers report far more often, all together, than a page need draw. @param {Ui} ui */
function seldom(ui) {
  let [drawn, waiting] = [0, 0];
  const changed = () => {
    waiting ||= window.setTimeout(() => {
      [drawn, waiting] = [performance.now(), 0];
      ui.redraw();
    }, DRAW - (performance.now() - drawn));
  };
  ui.cleanup(() => clearTimeout(waiting));
  return changed;
}

/** The engine as this browser can run it, and data. @param {Ui} ui @param {ArrayBuffer | string | undefined} needed the name of the data, or the data */
async function fetchEngine(ui, needed) {
  const able = fastest();
  const [code, arithmetic, data] = await Promise.all([ui.asset("train-engine"), ui.asset(able ?? "train-plain"), typeof needed === "string" ? ui.asset(needed) : needed]);
  return {
    simd: able ? await inflate(arithmetic) : false,
    bytes: data instanceof DataView ? bufferOf(data) : data,
    parts: /** @type {BlobPart[]} */ (/** @type {unknown} */ (able ? [code] : [arithmetic, code])),
  };
}

/** @param {Ui} ui @param {() => Plan} plan what stands chosen now */
export function makeTraining(ui, plan) {
  /** @type {Lane[]} */
  let lanes = [];
  let [address, building, task] = ["", 0, plan().task];
  /** @type {ArrayBuffer | undefined} */
  let own;
  const all = () => lanes.flatMap((lane) => lane.runs);
  const changed = seldom(ui);
  const clear = () => {
    for (const run of all()) run.worker.terminate();
    const { networks, ...now } = plan();
    task = now.task;
    lanes = networks.map(({ name, settings }, k) => ({ name, settings: complete(task, settings), ...LOOKS[k], runs: [] }));
  };
  clear();
  ui.cleanup(() => {
    for (const run of all()) run.worker.terminate();
    if (address) URL.revokeObjectURL(address);
  });
  return {
    get lanes() {
      return lanes;
    },
    /** Of the networks at hand. */
    get task() {
      return task;
    },
    all,
    /** Ends all training; the networks that are planned now stand there untrained. */
    clear,
    /** The reader's own data for the task, or none. @param {ArrayBuffer | undefined} bytes */
    setOwn: (bytes) => (own = bytes),
    get own() {
      return own;
    },
    /** Makes the networks anew. @returns {Promise<boolean>} false where another call came in between */
    async build() {
      const mine = ++building;
      const { seeds, seed } = plan();
      const { simd, bytes, parts } = await fetchEngine(ui, own ?? TASKS[plan().task].asset);
      if (mine !== building) return false;
      address ||= URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
      clear();
      for (const lane of lanes) {
        for (let k = 0; k < seeds; k++) lane.runs.push(startRun(address, { type: "set", task, settings: lane.settings, seed: seed + k, bytes, simd }, changed));
      }
      return true;
    },
    /** @param {any} message */
    send: (message) => all().forEach((run, _, { length }) => !run.stopped && run.worker.postMessage({ rest: restOf(length, navigator.hardwareConcurrency), ...message })),
  };
}

const SPEAK = 3000; // milliseconds between two read-outs while networks train

/**
 * Starts and pauses a training, and says where it stands: at once where the reader acts, else every few seconds.
 * @param {Ui} ui
 * @param {Training} training
 * @param {{told: ReturnType<Ui["readout"]>, words?: (training: Training, running: boolean) => (string | false)[], run?: () => any}} options
 *   `run` gives what a worker is told at the start: `pause` in milliseconds after every update, `until` the update at which it stops
 */
export function makeConductor(ui, training, { told, words = says, run = () => ({}) }) {
  let running = false, begun = false, stale = true, spoken = 0;
  const tell = () => {
    spoken = performance.now();
    told.show(...words(training, running));
  };
  const halt = () => {
    running = false;
    training.send({ type: "pause" });
    tell();
    ui.redraw();
  };
  const ready = async () => {
    if (stale && (await training.build())) stale = false;
    return !stale;
  };
  const hidden = () => document.hidden && running && halt();
  document.addEventListener("visibilitychange", hidden);
  ui.cleanup(() => document.removeEventListener("visibilitychange", hidden));
  return {
    get running() {
      return running;
    },
    halt,
    async go() {
      running = true;
      tell();
      ui.redraw();
      if ((await ready()) && running) training.send({ type: "run", ...run() });
    },
    async step() {
      if (running) halt();
      if (await ready()) training.send({ type: "step" });
    },
    /** Hands a new pace to networks that train. */
    repace: () => running && training.send({ type: "run", ...run() }),
    /** Settings that change make a new start. */
    renew() {
      running = false;
      training.clear();
      stale = true;
      tell();
      ui.redraw();
    },
    /** To be called with every drawing. */
    watch() {
      const runs = training.all();
      if (running && runs.length && runs.every((one) => one.stopped || one.last.done)) running = false;
      // At once when the first update is done.
      const first = begun !== (begun = runs.some((one) => one.updates));
      if (!running || first || performance.now() - spoken > SPEAK) tell();
    },
  };
}

/** A number to about three digits, whatever its size. @param {number} v */
export const short = (v) => num(v, v >= 100 ? 0 : v >= 1 ? 2 : v >= 0.01 ? 3 : 4);

/** The loss now, mean over the last points and the seeds. @param {Run[]} runs */
export function meanLoss(runs) {
  const each = runs.map((run) => run.loss.points.slice(-20)).filter((points) => points.length).map((points) => points.reduce((s, [, v]) => s + v, 0) / points.length);
  return each.length ? each.reduce((a, b) => a + b, 0) / each.length : NaN;
}

/** What kind of number the metric of a task is: an error, bits, or a share of right answers. @param {TaskName} task @returns {"error" | "bits" | "share"} */
export const kindOf = (task) => (task === "text" ? "bits" : TASKS[task].usual.loss === "mse" ? "error" : "share");

/** The metric of a task for each seed of a network, and how its values read. @param {TaskName} task @param {Lane} lane */
export function measured(task, { runs }) {
  const values = /** @type {number[]} */ (runs.map((run) => run.last.metric).filter((v) => v !== undefined));
  const text = (/** @type {number} */ v) => (kindOf(task) === "share" ? percent(v, 0) : short(v));
  return { values, mean: values.reduce((a, b) => a + b, 0) / values.length, text };
}

/** What happens, a line a network. @param {Training} training @param {boolean} running */
export function says({ task, lanes, all }, running) {
  if (!all().some((run) => run.updates)) {
    if (running) return ["The networks are being made."];
    return [all().length ? "Paused before the first update. Start goes on." : "Start trains from new weights. Change a setting and the networks start anew."];
  }
  return lanes.map((lane) => {
    const { values, mean, text } = measured(task, lane);
    const range = values.length > 1 ? ` (${text(Math.min(...values))} to ${text(Math.max(...values))} over ${values.length} seeds)` : "";
    const updates = Math.min(...lane.runs.map((run) => run.updates));
    return `${lane.name}: ${updates.toLocaleString("en")} update${updates === 1 ? "" : "s"}, loss ${short(meanLoss(lane.runs))}; ${TASKS[task].metric}: ${text(mean)}${range}.`;
  });
}
