/** A text or labelled lines of the reader's own. Comes when a reader opens it. */
import { h, num } from "./kit.js";
import { TASKS } from "./train/settings.js";

/** @typedef {import("./kit.js").Ui} Ui */

const MOST_BYTES = 5e6;

/** What the fold holds. @param {Ui} ui @param {import("./playground_training.js").Training} training @param {(problem: string) => void} taken */
export function makeOwnData(ui, training, taken) {
  const input = h("textarea", { "aria-label": "Your own data", rows: 4, placeholder: "Paste here …" });
  const file = h("input", { type: "file", accept: ".txt,.tsv,.csv,text/*", "aria-label": "A text file" });
  const about = h("p", { class: "about" });
  const use = (/** @type {ArrayBuffer} */ bytes) => {
    if (bytes.byteLength === 0) return taken("There is nothing in it.");
    if (bytes.byteLength > MOST_BYTES) return taken(`This has ${num(bytes.byteLength / 1e6, 0)} MB. Up to 5 MB can be read here.`);
    training.setOwn(bytes);
    taken("");
  };
  file.addEventListener("change", ui.guarded(async () => {
    const chosen = file.files?.[0];
    if (!chosen) return;
    if (chosen.size > MOST_BYTES) return taken(`This has ${num(chosen.size / 1e6, 0)} MB. Up to 5 MB can be read here.`);
    use(await chosen.arrayBuffer());
  }));
  const show = () => {
    about.textContent = TASKS[/** @type {import("./train/settings.js").TaskName} */ (ui.get("task"))].own === "text" ? "Any text of 2,000 characters or more. It stays in this page." : "At least 20 lines, each with 1 or 0, a space, and a text. It stays in this page. The command “python -m rnnbook page-data” writes such a file from your own copy of IMDB.";
  };
  ui.on("task", show);
  show();
  const read = ui.button("Use this text", () => use(/** @type {ArrayBuffer} */ (new TextEncoder().encode(input.value).buffer)));
  const back = ui.button("Back to the data of the book", () => (training.setOwn(undefined), taken("")));
  return [about, input, ui.bar(read, file, back)];
}
