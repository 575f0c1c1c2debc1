/** Networks that train in workers, one a seed, never on the page's own thread: what they report, and what it says. */
import { num, percent } from "./kit.js";
import { TASKS, complete } from "./train/settings.js";

/** @typedef {import("./train/settings.js").TaskName} TaskName */
/** @typedef {import("./train/settings.js").Settings} Settings */
/** @typedef {import("./kit.js").Point} Point */
/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {{worker: Worker, points: Point[], sum: number, count: number, every: number, updates: number, last: any, stopped: string, onWeights?: (weights: any) => void}} Run */
/** @typedef {{name: string, settings: Settings, color: import("./kit.js").Colour, dash: string, runs: Run[]}} Lane a network with complete settings, its look in every picture, and a run a seed */
/** @typedef {{task: TaskName, seeds: number, seed: number, networks: {name: string, settings: Settings}[]}} Plan what is to be trained; settings as the reader chose them */
/** @typedef {ReturnType<typeof makeTraining>} Training */

/** Networks differ by dash as well as by colour. */
export const LOOKS = /** @type {Pick<Lane, "color" | "dash">[]} */ ([{ color: "z", dash: "" }, { color: "c", dash: "7 4" }, { color: "x", dash: "2 4" }]);
const MOST_POINTS = 400;
/** A module of one function that needs 128-bit SIMD: where it is valid, so is simd.wasm. */
const PROBE = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

/** Adds a loss to the curve of a run; the longer the run, the more updates share a point. @param {Run} run @param {number} update @param {number} loss */
function addLoss(run, update, loss) {
  run.sum += loss;
  if (++run.count < run.every) return;
  run.points.push([update + 1 - (run.count - 1) / 2, run.sum / run.count]);
  [run.sum, run.count] = [0, 0];
  if (run.points.length < MOST_POINTS) return;
  run.every *= 2;
  run.points = Array.from({ length: run.points.length >> 1 }, (_, i) => [0, 1].map((k) => (run.points[2 * i][k] + run.points[2 * i + 1][k]) / 2)).map(([u, l]) => /** @type {Point} */ ([u, l]));
}

/** @param {DataView} view @returns {ArrayBuffer} */
const bufferOf = (view) => /** @type {ArrayBuffer} */ (view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));

/** Unpacks what Python's zlib has packed. @param {DataView} view */
const inflate = (view) => new Response(new Blob([bufferOf(view)]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();

/** @param {Ui} ui @param {() => Plan} plan what stands chosen now @param {() => void} changed runs after every report */
export function makeTraining(ui, plan, changed) {
  /** @type {Lane[]} */
  let lanes = [];
  let [address, building, task] = ["", 0, plan().task];
  /** @type {ArrayBuffer | undefined} */
  let own;
  const all = () => lanes.flatMap((lane) => lane.runs);
  const clear = () => {
    for (const run of all()) run.worker.terminate();
    const { networks, ...now } = plan();
    task = now.task;
    lanes = networks.map(({ name, settings }, k) => ({ name, settings: complete(task, settings), ...LOOKS[k], runs: [] }));
  };
  const start = (/** @type {any} */ message) => {
    /** @type {Run} */
    const run = { worker: new Worker(address), points: [], sum: 0, count: 0, every: 1, updates: 0, last: {}, stopped: "" };
    run.worker.onmessage = ({ data }) => {
      if (data.type === "weights") return run.onWeights?.(data.weights);
      for (const [update, loss] of data.losses) addLoss(run, update, loss);
      run.updates = data.updates;
      if (data.type === "error") run.stopped = data.message;
      else run.last = { ...run.last, ...data };
      changed();
    };
    run.worker.onerror = (event) => {
      run.stopped = `The training could not run: ${event.message}`;
      changed();
    };
    run.worker.postMessage(message);
    return run;
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
      const needed = TASKS[plan().task].asset;
      const able = typeof WebAssembly !== "undefined" && typeof DecompressionStream !== "undefined" && WebAssembly.validate(new Uint8Array(PROBE));
      const [code, arithmetic, data] = await Promise.all([ui.asset("train-engine"), ui.asset(able ? "train-simd" : "train-plain"), own ?? (needed && ui.asset(needed))]);
      const simd = able && (await inflate(arithmetic));
      if (mine !== building) return false;
      const bytes = data instanceof DataView ? bufferOf(data) : data;
      const parts = /** @type {BlobPart[]} */ (/** @type {unknown} */ (able ? [code] : [arithmetic, code]));
      address ||= URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
      clear();
      for (const lane of lanes) {
        for (let k = 0; k < seeds; k++) lane.runs.push(start({ type: "set", task, settings: lane.settings, seed: seed + k, bytes, simd }));
      }
      return true;
    },
    /** @param {any} message */
    send: (message) => all().forEach((run) => !run.stopped && run.worker.postMessage(message)),
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
  const each = runs.filter((run) => run.points.length).map((run) => run.points.slice(-20).reduce((s, [, v]) => s + v, 0) / Math.min(20, run.points.length));
  return each.length ? each.reduce((a, b) => a + b, 0) / each.length : NaN;
}

/** The metric of a task for each seed of a network, and how its values read. @param {TaskName} task @param {Lane} lane */
export function measured(task, { runs }) {
  const values = /** @type {number[]} */ (runs.map((run) => run.last.metric).filter((v) => v !== undefined));
  const text = (/** @type {number} */ v) => (TASKS[task].usual.loss === "mse" || task === "text" ? short(v) : percent(v, 0));
  return { values, text };
}

/** What happens, a line a network. @param {Training} training @param {boolean} running */
export function says({ task, lanes, all }, running) {
  if (!all().some((run) => run.updates)) {
    if (running) return ["The networks are being made."];
    return [all().length ? "Paused before the first update. Start goes on." : "Start trains from new weights. Change a setting and the networks start anew."];
  }
  return lanes.map((lane) => {
    const { values, text } = measured(task, lane);
    const mean = values.reduce((s, v) => s + v, 0) / values.length;
    const range = values.length > 1 ? ` (${text(Math.min(...values))} to ${text(Math.max(...values))} over ${values.length} seeds)` : "";
    const updates = Math.min(...lane.runs.map((run) => run.updates));
    return `${lane.name}: ${updates.toLocaleString("en")} update${updates === 1 ? "" : "s"}, loss ${short(meanLoss(lane.runs))}; ${TASKS[task].metric}: ${text(mean)}${range}.`;
  });
}
