import { live } from "./kit.js";
import { load } from "./parts.js";

export default live("Playground", (ui) => {
  ui.title("Train recurrent networks here");
  const seen = (/** @type {boolean} */ whether) => (ui.card.style.visibility = whether ? "" : "hidden");
  const begin = async () => {
    seen(false); // half of it would be seen to jump when the rest has come, and is drawn, a frame later
    try {
      const { $playground_page } = await load(ui, "train-page", "train-playground");
      /** @type {typeof import("./playground_page.js")} */ ($playground_page).playground(ui, (name) => load(ui, name));
    } finally {
      requestAnimationFrame(() => requestAnimationFrame(() => seen(true)));
    }
  };
  begin().catch(ui.fail);
});
