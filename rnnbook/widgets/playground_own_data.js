/** A text or labelled lines of the reader's own. Comes when a reader opens it. */
import { h, num } from "./kit.js";
import { TASKS } from "./train/settings.js";

/** @typedef {import("./kit.js").Ui} Ui */

const MOST_BYTES = 5e6;

/** What the fold holds. @param {Ui} ui @param {import("./playground_training.js").Training} training @param {(problem: string) => void} taken */
export function makeOwnData(ui, training, taken) {
  const input = h("textarea", { "aria-label": "Your own data", rows: 4, placeholder: "Paste a text here, or drop a file …" });
  const file = h("input", { type: "file", accept: ".txt,.tsv,.csv,text/*", "aria-label": "A text file" });
  const about = h("p", { class: "about" });
  const said = h("p", { class: "muted", role: "status" });
  const refuse = (/** @type {string} */ problem) => {
    said.textContent = "";
    taken(problem);
  };
  const tooLarge = (/** @type {number} */ size) => {
    if (size > MOST_BYTES) refuse(`This has ${num(size / 1e6, 0)} MB. Up to 5 MB can be read here.`);
    return size > MOST_BYTES;
  };
  const use = (/** @type {ArrayBuffer} */ bytes) => {
    if (bytes.byteLength === 0) return refuse("There is nothing in it.");
    if (tooLarge(bytes.byteLength)) return;
    training.setOwn(bytes);
    taken("");
    said.textContent = `Yours is taken: ${num(bytes.byteLength / 1000, 1)} kB. Start trains on it.`;
  };
  const read = ui.guarded(async (/** @type {File | undefined} */ chosen) => {
    if (!chosen) return;
    // A large one is not even read.
    if (!tooLarge(chosen.size)) use(await chosen.arrayBuffer());
  });
  file.addEventListener("change", () => read(file.files?.[0]));
  const holdsFile = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  input.addEventListener("dragover", (event) => holdsFile(event) && event.preventDefault());
  input.addEventListener("drop", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    read(event.dataTransfer?.files[0]);
  });
  const show = () => {
    said.textContent = "";
    about.textContent = TASKS[/** @type {import("./train/settings.js").TaskName} */ (ui.get("task"))].own === "text" ? "Any text of 2,000 characters or more. It stays in this page." : "At least 20 lines, each with 1 or 0, a space, and a text. It stays in this page. The command “python -m rnnbook page-data” writes such a file from your own copy of IMDB.";
  };
  ui.on("task", show);
  show();
  const paste = ui.button("Use this text", () => use(/** @type {ArrayBuffer} */ (new TextEncoder().encode(input.value).buffer)));
  const back = ui.button("Back to the data of the book", () => (training.setOwn(undefined), taken(""), show()));
  return [about, input, ui.bar(paste, file, back), said];
}
