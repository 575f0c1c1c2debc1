import { live } from "./kit.js";
import { load } from "./parts.js";

export default live("Playground", (ui) => {
  ui.title("Train recurrent networks here");
  const begin = async () => {
    const { $playground_page } = await load(ui, "train-page", "train-playground");
    /** @type {typeof import("./playground_page.js")} */ ($playground_page).playground(ui, (name) => load(ui, name));
  };
  begin().catch(ui.fail);
});
