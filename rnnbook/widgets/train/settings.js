/** What can be trained in the page: each task with its usual network, and what a reader may change. */

/** @typedef {import("./network.js").Config} Config */
/** @typedef {"sine" | "adding" | "recall" | "parity" | "brackets" | "text" | "births" | "cat" | "reviews"} TaskName */
/** @typedef {Partial<Config> & {distractors?: number}} Settings */
/**
 * @typedef {object} Task
 * @property {string} label
 * @property {string} about what the network reads and what it shall answer
 * @property {Settings} usual
 * @property {string} metric what the number beside the loss says
 * @property {string} [asset] the data that it needs
 * @property {"text" | "reviews"} [own] whether a reader may bring data, and of what kind
 * @property {boolean} [writes] whether the network can go on by itself
 */

/** @type {Record<TaskName, Task>} */
export const TASKS = {
  sine: {
    label: "noisy sine", metric: "error on new waves", writes: true,
    about: "A wave with noise, a value a timestep. The network forecasts the next value of the wave without the noise.",
    usual: { cell: "simple_rnn", units: 16, features: 1, outputs: 1, every: true, loss: "mse", timesteps: 40, rate: 0.003 },
  },
  adding: {
    label: "adding problem", metric: "error on new sequences",
    about: "Random numbers, two of them marked. After the last timestep the network gives the sum of the two.",
    usual: { cell: "lstm", units: 32, features: 2, outputs: 1, loss: "mse", timesteps: 50, rate: 0.01 },
  },
  recall: {
    label: "recall", metric: "right on new sequences",
    about: "The first input is plus or minus one. Distractors follow. After the last timestep the network says which it was.",
    usual: { cell: "lstm", units: 16, features: 1, outputs: 1, loss: "bce", timesteps: 50, rate: 0.01, distractors: 0.3 },
  },
  parity: {
    label: "parity", metric: "right on new sequences",
    about: "Zeros and ones. At every timestep the network says whether the number of ones so far is odd.",
    usual: { cell: "simple_rnn", units: 16, features: 1, outputs: 1, every: true, loss: "bce", timesteps: 20, rate: 0.01 },
  },
  brackets: {
    label: "brackets", metric: "closing brackets of the right kind",
    about: "Nested round and square brackets. The network forecasts the next one: a closing bracket must fit the one that is open.",
    usual: { cell: "gru", units: 32, tokens: 4, features: 8, outputs: 4, every: true, loss: "ce", timesteps: 40, rate: 0.01 },
  },
  text: {
    label: "characters of a text", metric: "bits a character on the last tenth", asset: "train-text", own: "text", writes: true,
    about: "A text, a character a timestep. The network forecasts the next character; what it expects, it can write.",
    usual: { cell: "lstm", units: 64, features: 32, every: true, loss: "ce", timesteps: 32, rate: 0.006, carry: true },
  },
  births: {
    label: "births a day", metric: "error on the last two years", asset: "train-births", writes: true,
    about: "Births a day in the United States, 1969 to 1988, in standard deviations from their mean. The network forecasts the next day.",
    usual: { cell: "gru", units: 32, features: 1, outputs: 1, every: true, loss: "mse", timesteps: 35, rate: 0.01 },
  },
  cat: {
    label: "running cat", metric: "error of the next frame", asset: "train-cat", writes: true,
    about: "Muybridge’s 24 photographs of a running cat, 1887. The network forecasts the next one, then dreams on by itself.",
    usual: { cell: "simple_rnn", units: 64, features: 1040, outputs: 1040, every: true, loss: "mse", timesteps: 24, batch: 4, rate: 0.003 },
  },
  reviews: {
    label: "reviews", metric: "right on reviews not trained on", asset: "train-reviews", own: "reviews",
    about: "The last words of film reviews; those of the book are generated. After the last word the network says whether the writer liked the film.",
    usual: { cell: "simple_rnn", units: 32, features: 16, outputs: 1, loss: "bce", timesteps: 40, rate: 0.003 },
  },
};

/** @type {Settings} what every network starts from */
export const BASE = {
  cell: "lstm", units: 32, layers: 1, bidirectional: false, tokens: 0, features: 1, outputs: 1, every: false, loss: "mse",
  batch: 32, timesteps: 50, optimizer: "adam", rate: 0.01, clip: 1, dropout: 0, recurrentDropout: 0, fresh: false,
  carry: false, radius: 1, scale: 1, forgetBias: 1, distractors: 0.3,
};

/** @param {number[]} values @returns {[any, string][]} */
const numbers = (...values) => values.map((v) => [v, String(v)]);

/** @type {{key: keyof Settings, label: string, options: [value: any, text: string][], more?: boolean, when?: (s: Settings, task: TaskName) => boolean}[]} */
export const CHOICES = [
  { key: "cell", label: "Layer", options: [["simple_rnn", "SimpleRNN"], ["lstm", "LSTM"], ["gru", "GRU"], ["diagonal", "diagonal linear"]] },
  { key: "units", label: "Units", options: numbers(2, 4, 8, 16, 32, 64, 128) },
  { key: "timesteps", label: "Timesteps", options: numbers(10, 20, 24, 30, 32, 35, 40, 50, 75, 100, 150, 200), when: (_, task) => task !== "cat" },
  { key: "rate", label: "Learning rate", options: numbers(0.0003, 0.001, 0.003, 0.006, 0.01, 0.03, 0.1, 1) },
  { key: "clip", label: "Clip the gradient at", options: [[0, "never"], ...numbers(0.1, 1, 5)] },
  { key: "radius", label: "Spectral radius at the start", options: numbers(0.5, 0.7, 0.9, 1, 1.1, 1.3, 1.6, 2) },
  { key: "distractors", label: "Distractors", options: [[0.1, "quiet"], [0.3, "audible"], [1, "loud"]], when: (_, task) => task === "recall" },
  { key: "layers", label: "Layers", options: numbers(1, 2, 3), more: true },
  { key: "bidirectional", label: "Directions", options: [[false, "one"], [true, "both"]], more: true, when: (s) => !s.every },
  { key: "optimizer", label: "Optimizer", options: [["adam", "Adam"], ["rmsprop", "RMSprop"], ["sgd", "SGD"]], more: true },
  { key: "forgetBias", label: "Forget bias at the start", options: numbers(-2, 0, 1, 3, 5), more: true, when: (s) => s.cell === "lstm" },
  { key: "scale", label: "Scale of the input weights", options: numbers(0.1, 0.5, 1, 2, 5), more: true },
  { key: "dropout", label: "Dropout of inputs", options: numbers(0, 0.1, 0.2, 0.5), more: true },
  { key: "recurrentDropout", label: "Dropout of the state", options: numbers(0, 0.1, 0.2, 0.5), more: true, when: (s) => s.cell !== "diagonal" },
  { key: "fresh", label: "Dropout masks", options: [[false, "one a sequence"], [true, "new each step"]], more: true, when: (s) => !!(s.dropout || s.recurrentDropout) },
  { key: "carry", label: "State before a batch", options: [[true, "carried on"], [false, "zero"]], more: true, when: (_, task) => task === "text" },
];

/**
 * All settings of a network for a task: the base, the task's usual ones, what the reader chose where it is known and can matter.
 * @param {TaskName} task
 * @param {Settings} chosen
 * @returns {Settings}
 */
export function complete(task, chosen) {
  /** @type {any} */
  const all = { ...BASE, ...TASKS[task].usual };
  for (const { key, options, when } of CHOICES) {
    if (options.some(([value]) => value === chosen[key]) && (!when || when(all, task))) all[key] = chosen[key];
  }
  return all;
}
