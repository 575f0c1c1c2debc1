import { h, live } from "./kit.js";
import { load } from "./parts.js";

/** @typedef {import("./training_race_page.js")} Page */

// What trains comes with the first answer, so that a chapter weighs little for those who read on.
export default live("TrainingRace", (ui) => {
  ui.title("What do you expect?");
  const box = h("div", { class: "try" });
  const answer = async (/** @type {string} */ said) => {
    box.replaceChildren(h("p", { role: "status" }, "The networks are being fetched …"));
    try {
      const { $training_race_page } = await load(ui, "train-page", "train-race");
      /** @type {Page} */ ($training_race_page).race(ui, box, said);
    } catch (error) {
      ask(error instanceof Error ? error.message : String(error));
    }
  };
  const ask = (/** @type {string} */ problem) => {
    const answers = /** @type {string[]} */ (ui.get("answers"));
    box.replaceChildren(
      h("p", {}, ui.get("question")),
      h("div", { class: "acts" }, ...answers.map((text) => ui.button(text, () => answer(text)))),
    );
    if (problem) box.append(h("p", { role: "alert" }, problem));
  };
  ui.body.append(box);
  ask("");
});
