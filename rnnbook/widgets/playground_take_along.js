/** Takes a network home: its code in Keras, its weights, its data, the link. Comes when a reader opens it. */
import { h } from "./kit.js";
import { FILES, kerasCode } from "./train/take_along.js";
import { TASKS } from "./train/settings.js";

/** @typedef {import("./kit.js").Ui} Ui */

/** Offers a file. @param {string} name @param {BlobPart} content */
function download(name, content) {
  const url = URL.createObjectURL(new Blob([content]));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/**
 * @param {Ui} ui
 * @param {import("./playground_training.js").Training} training
 * @param {() => string} link what opens these settings
 */
export function makeTakeAlong(ui, training, link) {
  const said = h("p", { class: "muted", role: "status" });
  const code = h("pre", { tabindex: 0, role: "region", "aria-label": "Keras code" });
  const which = h("select", { "aria-label": "Which network" });
  const lane = () => training.lanes[Math.max(0, which.selectedIndex)] ?? training.lanes[0];
  const file = (/** @type {string} */ ending) => `${lane().name.toLowerCase().replace(" ", "_")}.${ending}`;
  const write = () => {
    const { settings, runs } = lane();
    // How many tokens there are is known once the data has been read.
    const tokens = runs[0]?.last.tokens;
    const config = { ...settings, ...(tokens ? { tokens } : {}), ...(tokens && training.task === "text" ? { outputs: tokens } : {}) };
    return kerasCode(training.task, config, ui.get("seed"), Math.max(200, Math.min(runs[0]?.updates ?? 0, 2000)));
  };
  const show = () => {
    if (which.options.length !== training.lanes.length) which.replaceChildren(...training.lanes.map(({ name }) => h("option", {}, name)));
    which.style.display = training.lanes.length > 1 ? "" : "none";
    code.textContent = write();
  };
  which.addEventListener("change", show);
  for (const key of ["a", "b", "compare", "seed", "task"]) ui.on(key, show);
  show();
  return [
    h("p", { class: "about" }, "The network as Keras code: run it, and the first seed draws the same curve as here. The weights are those of this moment, of the first seed; the link opens these settings."),
    ui.bar(
      which,
      ui.button("Code", () => download(file("py"), write())),
      ui.button("Weights", () => {
        const [run, name] = [lane().runs[0], file("json")];
        if (!run) return void (said.textContent = "The network has no weights yet: Start makes them.");
        run.onWeights = (weights) => download(name, JSON.stringify(weights));
        run.worker.postMessage({ type: "weights" });
      }),
      ui.button("Data", async () => {
        const [name, needed] = [FILES[training.task], TASKS[training.task].asset];
        if (name && needed) download(name, /** @type {BlobPart} */ (/** @type {unknown} */ (training.own ?? (await ui.asset(needed)))));
        else said.textContent = "This task makes its data from random numbers: the code is all it needs.";
      }),
      ui.button("Copy the link", async () => {
        try {
          await navigator.clipboard.writeText(link());
          said.textContent = "The link is in the clipboard.";
        } catch {
          said.textContent = `The browser does not let a page copy. Copy it here: ${link()}`;
        }
      }),
    ),
    said,
    code,
  ];
}
