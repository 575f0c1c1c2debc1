import { h } from "./kit.js";

/** @typedef {{label: string, task: import("./train/settings.js").TaskName, a: import("./train/settings.js").Settings, b: import("./train/settings.js").Settings, question: string, answers: string[], watch: string}} Experiment */

/** @type {Experiment[]} what each shows is left to the reader's eyes: `watch` says where to look, and why */
export const EXPERIMENTS = [
  {
    label: "Make it vanish", task: "recall", a: { cell: "simple_rnn", timesteps: 100, radius: 0.9 }, b: { cell: "lstm", timesteps: 100, forgetBias: 5 },
    question: "The answer depends on an input 100 timesteps back. Which network gets a gradient that reaches it?",
    answers: ["the SimpleRNN", "the LSTM", "both", "neither"],
    watch: "In the first hundred updates, look at the gradient’s length at timestep 1 before you look at the loss: where it is tiny, the end teaches nothing to the beginning. Some seeds of A learn all the same: their gradient has grown before the loss falls. Later both are short, since who is right has little left to learn.",
  },
  {
    label: "Make it explode", task: "sine", a: { radius: 1, clip: 0 }, b: { radius: 2, clip: 0 },
    question: "Network B starts with eigenvalues of modulus 2, network A of modulus 1; nothing is clipped. How long is B’s gradient at the first timestep, compared with the last?",
    answers: ["about as long", "some ten times as long", "hundreds of times as long"],
    watch: "Look at the gradient’s length from right to left, the way it travels; Reset and One step show it before any learning. tanh keeps states bounded; it does not bound the gradient. Then compare the losses.",
  },
  {
    label: "Clip it", task: "sine", a: { radius: 2, rate: 0.03, clip: 0.1 }, b: { radius: 2, rate: 0.03, clip: 0 },
    question: "The same start twice, with gradients that explode; network A clips its gradient at 0.1. Adam divides every step by the gradient’s usual size. What is left for clipping to do?",
    answers: ["it helps", "it changes nothing", "it slows A down"],
    watch: "Compare the losses after some fifty updates. A factor on all steps alike would change nothing; but the huge first gradients stay in Adam’s idea of what is usual. Then give both networks SGD under More settings: now clipping cuts the steps themselves. Which is ahead?",
  },
  {
    label: "Open the forget gate", task: "adding", a: { cell: "lstm", timesteps: 50, forgetBias: 3 }, b: { cell: "lstm", timesteps: 50, forgetBias: -2 },
    question: "At the start, the forget gate of A is open and that of B nearly shut. Which learns first to add two numbers up to 50 steps apart?",
    answers: ["A", "B", "no difference"],
    watch: "The gradient flows back through the cell as long as the forget gates are open. Compare the two at timestep 1 before anything is learned: A’s is short, B’s is next to nothing. Most seeds of A then learn within some hundred updates, not all of them. Watch whether B’s curve of the gradient opens up later.",
  },
  {
    label: "Overfit and stop", task: "reviews", a: { units: 32 }, b: { units: 32, dropout: 0.5, recurrentDropout: 0.2 },
    question: "On 960 short reviews, network A has no dropout. Where does its training loss end, and where its score on other reviews?",
    answers: ["the loss near zero, the score near perfect", "the loss near zero, the score far from perfect", "neither gets far"],
    watch: "Compare the loss with the score on reviews not trained on, in the curve beside it. What lies between the two has been learned by heart. Where the score was best, early stopping would have ended the training. Does dropout narrow the gap?",
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
