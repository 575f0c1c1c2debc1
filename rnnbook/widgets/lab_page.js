/** Trains the two configurations of the lab in the page, on the sample reviews, once the reader has said what to expect. Comes when a reader asks for it. */
import { h, legend } from "./kit.js";
import { makeCurves } from "./playground_pictures.js";
import { makeConductor, makeTraining } from "./playground_training.js";
import { complete } from "./train/settings.js";

/** @typedef {Record<string, any>} Config a configuration of the lab */

const MOST_LAYERS = 3; // of the engine
const EPOCH = 30; // updates: 960 reviews in batches of 32
const EPOCHS = 20;

/** A configuration as the engine's settings. @param {Config} config */
export const settingsOf = (config) => ({
  cell: /** @type {const} */ ("simple_rnn"), units: config.units, layers: Math.min(MOST_LAYERS, config.depth), bidirectional: config.bidirectional,
  dropout: config.dropout, recurrentDropout: config.recurrent_dropout, rate: config.learning_rate,
});

/** @param {import("./kit.js").Ui} ui @param {HTMLElement} place */
export function trainBoth(ui, place) {
  const networks = () => ["a", "b"].map((side) => ({ name: side.toUpperCase(), settings: settingsOf(ui.get(side)) }));
  const training = makeTraining(ui, () => ({ task: "reviews", seeds: 3, seed: 1, networks: networks() }));
  const told = ui.readout();
  const conductor = makeConductor(ui, training, { told, run: () => ({ until: EPOCH * EPOCHS }) });
  const ended = () => training.all().length > 0 && training.all().every((run) => run.last.done || run.stopped);
  const toggle = ui.button("Start", () => {
    if (conductor.running) return conductor.halt();
    if (ended()) conductor.renew();
    return conductor.go();
  });
  const trouble = h("p", { role: "alert" });
  const bar = ui.bar(toggle, ui.button("Reset", conductor.renew));
  const box = h("div", { class: "try" });
  const begin = (/** @type {string} */ guess) => {
    box.replaceChildren(h("p", {}, h("b", {}, `You expect: ${guess}. `), "Compare the shares of new reviews below the curves. Where the seeds of A and B overlap, the race decides nothing."));
    bar.style.display = "";
    toggle.focus();
    return conductor.go();
  };
  // Other settings make another race, and that asks anew.
  const ask = () => {
    conductor.renew();
    bar.style.display = "none";
    const answers = ["A", "B", "no difference"].map((text) => ui.button(text, () => begin(text)));
    box.replaceChildren(h("p", {}, "Before they start: which of the two will be right on more of the reviews that it is not trained on?"), h("div", { class: "acts" }, ...answers));
    return answers[0];
  };
  for (const side of ["a", "b"]) ui.on(side, ask);
  const { timesteps } = complete("reviews", {});
  place.replaceChildren(
    h("p", {}, `In this page A and B read the last ${timesteps} words of 960 generated reviews, ${EPOCHS} times over, three seeds each; at most ${MOST_LAYERS} layers. Such reviews are far easier than IMDB’s: look for what stays the same, not for the same numbers.`),
    box,
    bar,
    trouble,
    makeCurves(ui, training),
    legend(training.lanes.map(({ name, color, dash }) => ({ label: name, color, dash }))),
    told.node,
  );
  ui.draw(() => {
    conductor.watch();
    toggle.textContent = conductor.running ? "Pause" : ended() ? "Again" : "Start";
    trouble.textContent = training.all().find((run) => run.stopped)?.stopped ?? "";
  });
  ask().focus();
}
