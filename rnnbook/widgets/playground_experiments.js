import { h } from "./kit.js";

/** @typedef {{label: string, task: import("./train/settings.js").TaskName, a: import("./train/settings.js").Settings, b: import("./train/settings.js").Settings, question: string, answers: string[], watch: string}} Experiment */

/** @type {Experiment[]} what each shows is left to the reader's eyes: `watch` says where to look, and why */
export const EXPERIMENTS = [
  {
    label: "Make it vanish", task: "recall", a: { cell: "simple_rnn", timesteps: 100, radius: 0.9 }, b: { cell: "lstm", timesteps: 100, forgetBias: 5 },
    question: "The answer depends on an input 100 timesteps back. Which network gets a gradient that reaches it?",
    answers: ["the SimpleRNN", "the LSTM", "both", "neither"],
    watch: "Look at the gradient’s length at timestep 1 before you look at the loss: where it is tiny, nothing at the beginning can be learned from the end.",
  },
  {
    label: "Make it explode", task: "sine", a: { radius: 1, clip: 0 }, b: { radius: 2, clip: 0, rate: 0.03 },
    question: "Network B starts with eigenvalues of modulus 2, learns ten times as fast and clips nothing. What does its loss do?",
    answers: ["it falls faster", "it jumps", "the same as A’s"],
    watch: "Look at the gradient’s length from right to left, and at the dots outside the circle. tanh keeps states bounded; it does not bound the gradient.",
  },
  {
    label: "Clip it", task: "sine", a: { radius: 2, rate: 0.03, clip: 0.1 }, b: { radius: 2, rate: 0.03, clip: 0 },
    question: "The same start twice; network A clips its gradient at 0.1. What changes with Adam?",
    answers: ["a lot", "a little", "nothing"],
    watch: "Adam divides by the gradient’s usual size, so a factor on all steps alike changes little. Then give both networks SGD under More settings, and compare again.",
  },
  {
    label: "Open the forget gate", task: "adding", a: { cell: "lstm", timesteps: 100, forgetBias: 3 }, b: { cell: "lstm", timesteps: 100, forgetBias: -2 },
    question: "At the start, the forget gate of A is open and that of B nearly shut. Which learns to add two numbers up to 100 steps apart first?",
    answers: ["A", "B", "no difference"],
    watch: "The gradient flows back through the cell as long as the forget gates are open. Watch B’s curve of the gradient open up, if it does.",
  },
  {
    label: "Overfit and stop", task: "reviews", a: { units: 32 }, b: { units: 32, dropout: 0.5, recurrentDropout: 0.2 },
    question: "On 960 short reviews, network A has no dropout. Where does its training loss end, and where its score on other reviews?",
    answers: ["both get better for ever", "the loss falls on, the score stops", "both stop"],
    watch: "Compare the loss with the score on reviews not trained on, in the line below the curve. Pause where the score was best: that is early stopping.",
  },
  {
    label: "Fixed or fresh masks", task: "adding", a: { cell: "lstm", recurrentDropout: 0.2, fresh: false }, b: { cell: "lstm", recurrentDropout: 0.2, fresh: true },
    question: "Both drop a fifth of the state. A keeps one mask for the whole sequence, B draws a new one at each timestep. Which learns better?",
    answers: ["A, fixed", "B, fresh", "no difference"],
    watch: "A number that must be kept for many steps meets one mask in A and many in B.",
  },
  {
    label: "Alone, it drifts", task: "births", a: { cell: "gru", units: 32 }, b: { cell: "simple_rnn", units: 4 },
    question: "While training, the true value comes in at every step. Halfway through the picture the network is fed with its own forecasts. What happens?",
    answers: ["it goes on as well", "it keeps the week’s rhythm and loses the rest", "it falls silent"],
    watch: "Its small errors come back as inputs it has never seen. The weekly rhythm is what the data taught best; see how long each network keeps it.",
  },
];

/**
 * Asks for a prediction, then lets the networks race.
 * @param {string} label of the experiment
 * @param {HTMLElement} box
 * @param {import("./kit.js").Ui} ui
 * @param {{renew: () => void, go: () => void, choose: () => void}} acts
 */
export function ask(label, box, ui, { renew, go, choose }) {
  const { task, a, b, question, answers, watch } = /** @type {Experiment} */ (EXPERIMENTS.find((e) => e.label === label));
  for (const [key, value] of Object.entries({ task, a, b, compare: true })) ui.set(key, value);
  renew();
  const race = (/** @type {string} */ guess) => {
    go();
    const back = ui.button("Other experiments", choose);
    box.replaceChildren(h("p", {}, h("b", {}, `${label}. `), `You expect: ${guess}. ${watch}`), h("div", { class: "acts" }, back));
    back.focus();
  };
  const buttons = answers.map((text) => ui.button(text, () => race(text)));
  box.replaceChildren(h("p", {}, h("b", {}, `${label}. `), question), h("div", { class: "acts" }, ...buttons));
  buttons[0].focus();
}
