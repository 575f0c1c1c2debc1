import { h, legend, live, num, percent } from "./kit.js";
import { drawAnswer } from "./playground_answers.js";
import { makeExperiments } from "./playground_experiments.js";
import { SIDES, addLoss, makeCurves, makeInside, meanLoss, short } from "./playground_pictures.js";
import { CHOICES, TASKS, complete } from "./train/settings.js";
import { FILES, kerasCode } from "./train/take_along.js";

/** @typedef {import("./train/settings.js").TaskName} TaskName */
/** @typedef {import("./train/settings.js").Settings} Settings */
/** @typedef {import("./kit.js").Point} Point */
/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {{worker: Worker, points: Point[], sum: number, count: number, every: number, updates: number, last: any, stopped: string, gradient: number}} Run */
/** @typedef {"a" | "b"} Side */
/** @typedef {ReturnType<typeof makeTraining>} Training */

const STYLE = `
.compare { display: grid; grid-template-columns: minmax(8rem, 13rem) minmax(0, 1fr) minmax(0, 1fr); gap: 0.3rem 0.7rem; align-items: center; max-width: 46rem; }
.compare.single { grid-template-columns: minmax(8rem, 13rem) minmax(0, 18rem); }
.compare .top { font-weight: 650; font-size: 0.9rem; }
.compare .side { display: flex; gap: 0.45rem; align-items: center; }
.compare select { margin: 0; padding: 0.2rem 0.4rem; min-width: 0; }
.compare select.differs { border-color: var(--c); box-shadow: inset 3px 0 0 var(--c); }
.swatch { width: 1.6rem; height: 0; border-top: 3px solid var(--z); border-radius: 2px; }
.swatch.b { border-top: 3px dashed var(--c); }
.go { min-width: 6.5rem; font-weight: 650; background: var(--ink); color: var(--surface); border-color: var(--ink); }
.go:hover:enabled { background: var(--ink); opacity: 0.88; }
.about { max-width: 46rem; }
.bar select { width: auto; min-width: 4rem; }
details { border-top: 1px solid var(--line); padding-top: 0.6rem; }
summary { cursor: pointer; font-weight: 600; font-size: 0.95rem; min-height: 28px; }
details > * + * { margin-top: 0.6rem; }
pre { margin: 0; padding: 0.7rem 0.8rem; max-height: 20rem; overflow: auto; background: var(--soft); border-radius: 8px; font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.said { white-space: pre-wrap; overflow-wrap: anywhere; font: 13.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; background: var(--soft); border-radius: 8px; padding: 0.6rem 0.8rem; min-height: 9.5rem; max-height: 16rem; overflow: auto; }
.given { color: var(--muted); }
.frames { display: block; width: 100%; max-width: 260px; aspect-ratio: 40 / 26; image-rendering: pixelated; border-radius: 6px; background: var(--soft); }
.problem { border-left: 3px solid var(--g); padding-left: 0.8rem; }
.own textarea { min-height: 6rem; }
@container (max-width: 559px) {
  .compare, .compare.single { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .compare.single { grid-template-columns: minmax(0, 1fr); }
  .compare .name { grid-column: 1 / -1; margin-top: 0.2rem; }
  .compare > span:first-child:empty { display: none; }
}
@media print { .bar, details, .try { display: none !important; } }
`;
const SPEAK = 3000; // milliseconds between two read-outs while networks train
const MOST_BYTES = 5e6;

/** Settings as they stand in a link. @param {{task: TaskName, a: Settings, b: Settings, compare: boolean, seeds: number, seed: number}} state */
export function toLink({ task, a, b, compare, seeds, seed }) {
  const side = (/** @type {Settings} */ s) => Object.entries(s).map(([key, value]) => `${key}:${value}`).join(",");
  const parts = { task, a: side(a), ...(compare ? { b: side(b) } : {}), seeds: String(seeds), seed: String(seed) };
  return `#play?${new URLSearchParams(parts)}`;
}

/** What a link holds, of it only what is known. @param {string} link */
export function fromLink(link) {
  if (!link.startsWith("#play?")) return {};
  const given = new URLSearchParams(link.slice(6));
  const side = (/** @type {string} */ text) =>
    Object.fromEntries(
      text.split(",").flatMap((pair) => {
        const [key, value] = pair.split(":");
        const found = CHOICES.find((c) => c.key === key)?.options.find(([v]) => String(v) === value);
        return found ? [[key, found[0]]] : [];
      }),
    );
  const whole = (/** @type {string} */ key, /** @type {number} */ most) => {
    const n = Math.round(Number(given.get(key)));
    return n >= 1 && n <= most ? { [key]: n } : {};
  };
  const task = given.get("task") ?? "";
  return { ...(task in TASKS ? { task } : {}), a: side(given.get("a") ?? ""), b: side(given.get("b") ?? ""), compare: given.has("b"), ...whole("seeds", 5), ...whole("seed", 999999) };
}

/** The workers of both networks, one a seed. @param {Ui} ui @param {() => void} changed */
function makeTraining(ui, changed) {
  /** @type {Record<Side, Run[]>} */
  const runs = { a: [], b: [] };
  let address = "";
  let building = 0;
  /** @type {ArrayBuffer | undefined} */
  let own;
  const all = () => [...runs.a, ...runs.b];
  const end = () => {
    for (const run of all()) run.worker.terminate();
    runs.a = [];
    runs.b = [];
  };
  const listen = (/** @type {Run} */ run) => {
    run.worker.onmessage = ({ data }) => {
      if (data.type === "weights") return run.last.onWeights?.(data.weights);
      for (const [update, loss] of data.losses ?? []) addLoss(run, update, loss);
      run.updates = data.updates;
      if (data.type === "error") run.stopped = data.message;
      else {
        run.gradient = data.gradient;
        run.last = { ...run.last, ...data };
      }
      changed();
    };
    run.worker.onerror = (event) => {
      run.stopped = `The training could not run: ${event.message}`;
      changed();
    };
  };
  ui.cleanup(() => {
    end();
    if (address) URL.revokeObjectURL(address);
  });
  return {
    runs,
    all,
    end,
    /** The reader's own data for the task, or none. @param {ArrayBuffer | undefined} bytes */
    setOwn: (bytes) => (own = bytes),
    get own() {
      return own;
    },
    /** Makes the workers anew. */
    async build() {
      const mine = ++building;
      const [task, seeds, seed] = [ui.get("task"), ui.get("seeds"), ui.get("seed")];
      const needed = TASKS[/** @type {TaskName} */ (task)].asset;
      const [code, data] = await Promise.all([ui.asset("train-engine"), own ?? (needed && ui.asset(needed))]);
      if (mine !== building) return false;
      const bytes = data instanceof DataView ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) : data;
      address ||= URL.createObjectURL(new Blob([/** @type {BlobPart} */ (/** @type {unknown} */ (code))], { type: "text/javascript" }));
      end();
      for (const side of SIDES) {
        if (side === "b" && !ui.get("compare")) continue;
        for (let k = 0; k < seeds; k++) {
          const run = { worker: new Worker(address), points: [], sum: 0, count: 0, every: 1, updates: 0, last: {}, stopped: "", gradient: NaN };
          listen(run);
          run.worker.postMessage({ type: "set", task, settings: ui.get(side), seed: seed + k, bytes });
          runs[side].push(run);
        }
      }
      return true;
    },
    /** @param {any} message */
    send: (message) => all().forEach((run) => !run.stopped && run.worker.postMessage(message)),
  };
}

/** The table of settings, a column a network. @param {Ui} ui @param {() => void} changed */
function makeTable(ui, changed) {
  const make = (/** @type {boolean} */ more) => {
    const table = h("div", { class: "compare" });
    ui.draw(() => {
      const [task, compare] = [/** @type {TaskName} */ (ui.get("task")), ui.get("compare")];
      const full = { a: complete(task, ui.get("a")), b: complete(task, ui.get("b")) };
      const sides = compare ? SIDES : SIDES.slice(0, 1);
      const key = JSON.stringify([task, compare, full]);
      if (table.dataset.key === key) return;
      table.dataset.key = key;
      table.classList.toggle("single", !compare);
      const held = /** @type {HTMLElement | null} */ (table.querySelector(":focus"))?.dataset.name;
      const rows = CHOICES.filter((c) => !!c.more === more && sides.some((side) => !c.when || c.when(full[side], task)));
      table.replaceChildren(
        ...(more ? [] : [h("span"), ...sides.map((side) => h("span", { class: "top side" }, h("span", { class: `swatch ${side}`, "aria-hidden": "true" }), `Network ${side.toUpperCase()}`))]),
        ...rows.flatMap(({ key: name, label, options, when }) => [
          h("span", { class: "name" }, label),
          ...sides.map((side) => {
            if (when && !when(full[side], task)) return h("span", { class: "muted" }, "–");
            const menu = h("select", { "aria-label": `${label}, network ${side.toUpperCase()}`, "data-name": side + name }, ...options.map(([value, text]) => h("option", { selected: value === full[side][name] }, text)));
            menu.classList.toggle("differs", side === "b" && full.a[name] !== full.b[name]);
            menu.addEventListener("change", () => {
              ui.set(side, { ...ui.get(side), [name]: options[menu.selectedIndex][0] });
              changed();
            });
            return menu;
          }),
        ]),
      );
      if (held) /** @type {HTMLElement | null} */ (table.querySelector(`[data-name="${held}"]`))?.focus();
    });
    return table;
  };
  return h("div", { class: "body" }, make(false), h("details", {}, h("summary", {}, "More settings"), make(true)));
}

/** Offers a file. @param {string} name @param {BlobPart} content */
function download(name, content) {
  const url = URL.createObjectURL(new Blob([content]));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** @param {Ui} ui @param {ReturnType<typeof makeTraining>} training */
function makeTakeAlong(ui, training) {
  const code = h("pre", { tabindex: 0, role: "region", "aria-label": "Keras code of network A" });
  const details = h("details", {}, h("summary", {}, "Take it with me"));
  const write = () => {
    const run = training.runs.a[0];
    const task = /** @type {TaskName} */ (ui.get("task"));
    const tokens = run?.last.tokens;
    const c = /** @type {any} */ ({ ...complete(task, ui.get("a")), ...(tokens ? { tokens } : {}), ...(tokens && task === "text" ? { outputs: tokens } : {}) });
    return kerasCode(task, c, ui.get("seed"), Math.max(200, Math.min(run?.updates ?? 0, 2000)));
  };
  details.append(
    h("p", { class: "about" }, "Network A as Keras code: run it, and its first seed draws the same curve as here. The weights are those of this moment; the link opens these settings."),
    ui.bar(
      ui.button("Code", () => download("network.py", write())),
      ui.button("Weights", () => {
        const run = training.runs.a[0];
        if (!run) return;
        run.last.onWeights = (/** @type {any} */ weights) => download("weights.json", JSON.stringify(weights));
        run.worker.postMessage({ type: "weights" });
      }),
      ui.button("Data", async () => {
        const task = /** @type {TaskName} */ (ui.get("task"));
        const [file, needed] = [FILES[task], TASKS[task].asset];
        if (file && needed) download(file, /** @type {BlobPart} */ (/** @type {unknown} */ (training.own ?? (await ui.asset(needed)))));
        else code.textContent = "This task makes its data from random numbers: the code is all it needs.";
      }),
      ui.button("Copy the link", async () => navigator.clipboard?.writeText(location.href.split("#")[0] + toLink(/** @type {any} */ (state(ui))))),
    ),
    code,
  );
  const show = () => {
    if (details.open) code.textContent = write();
  };
  details.addEventListener("toggle", show);
  ui.on("a", show);
  ui.on("task", show);
  return details;
}

/** @param {Ui} ui */
const state = (ui) => Object.fromEntries(["task", "a", "b", "compare", "seeds", "seed"].map((key) => [key, ui.get(key)]));

/** A text or labelled lines of the reader's own. @param {Ui} ui @param {ReturnType<typeof makeTraining>} training @param {(problem: string) => void} taken */
function makeOwnData(ui, training, taken) {
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
  const details = h("details", { class: "own" }, h("summary", {}, "Your own data"), about, input, ui.bar(ui.button("Use this text", () => use(/** @type {ArrayBuffer} */ (new TextEncoder().encode(input.value).buffer))), file, ui.button("Back to the data of the book", () => (training.setOwn(undefined), taken("")))));
  ui.draw(() => {
    const kind = TASKS[/** @type {TaskName} */ (ui.get("task"))].own;
    details.style.display = kind ? "" : "none";
    about.textContent = kind === "text" ? "Any text of 2,000 characters or more. It stays in this page." : "At least 20 lines, each with 1 or 0, a space, and a text. It stays in this page.";
  });
  return details;
}

export default live("Playground", (ui) => {
  ui.title("Train recurrent networks here");
  ui.card.append(Object.assign(h("style"), { textContent: STYLE }));
  if (ui.get("page")) for (const [key, value] of Object.entries(fromLink(location.hash))) ui.set(key, value);
  const root = /** @type {HTMLElement} */ (/** @type {ShadowRoot} */ (ui.card.getRootNode()).host);
  let running = false, begun = false, spoken = 0, problem = "", stale = true;
  const training = makeTraining(ui, () => ui.redraw());
  const pace = h("select", { "aria-label": "Speed" }, h("option", {}, "full speed"), h("option", {}, "ten a second"), h("option", {}, "two a second"));
  const slow = () => [0, 100, 500][pace.selectedIndex];
  const told = ui.readout();
  const tell = () => {
    spoken = performance.now();
    told.show(...says(/** @type {TaskName} */ (ui.get("task")), training.runs, running));
  };
  const toggle = ui.button("Start", () => (running ? halt() : go()));
  toggle.classList.add("go");
  const halt = () => {
    running = false;
    training.send({ type: "pause" });
    tell();
    ui.redraw();
  };
  const ready = async () => {
    if (!stale) return true;
    problem = "";
    if (!(await training.build())) return false;
    stale = false;
    return true;
  };
  const go = async () => {
    running = true;
    tell();
    ui.redraw();
    if ((await ready()) && running) training.send({ type: "run", pause: slow() });
  };
  // Settings that change make a new start.
  const renew = () => {
    running = false;
    training.end();
    stale = true;
    tell();
    if (ui.get("page")) history.replaceState(null, "", toLink(/** @type {any} */ (state(ui))));
    ui.redraw();
  };
  for (const key of ["task", "compare", "seeds", "seed"]) ui.on(key, renew);
  ui.on("task", () => training.setOwn(undefined));
  pace.addEventListener("change", () => running && training.send({ type: "run", pause: slow() }));
  const hidden = () => document.hidden && running && halt();
  document.addEventListener("visibilitychange", hidden);
  ui.cleanup(() => document.removeEventListener("visibilitychange", hidden));

  const about = h("p", { class: "about" });
  const answer = h("div", { class: "body" });
  const trouble = h("p", { class: "problem", role: "alert" });
  const experiments = makeExperiments(ui, renew, go);
  ui.body.append(
    ui.bar(
      ui.select("task", { label: "Task", options: Object.entries(TASKS).map(([name, { label }]) => [name, label]) }),
      ui.choice("seeds", { label: "Seeds at once", options: [[1, "1"], [2, "2"], [3, "3"], [5, "5"]] }),
      ui.toggle("compare", { label: "two networks" }),
    ),
    about,
    makeTable(ui, renew),
    ui.bar(
      toggle,
      ui.button("One step", async () => {
        if (running) halt();
        if (await ready()) training.send({ type: "step" });
      }),
      ui.button("Reset", renew),
      ui.button("New seed", () => ui.set("seed", 1 + ((ui.get("seed") + 99) % 999999))),
      pace,
    ),
    trouble,
    makeCurves(ui, training),
    legend([{ label: "network A", color: "z" }, { label: "network B", color: "c", dash: "7 4" }]),
    told.node,
    answer,
    makeInside(ui, training),
    experiments,
    makeOwnData(ui, training, (said) => {
      renew();
      problem = said;
    }),
    makeTakeAlong(ui, training),
  );
  ui.draw(() => {
    const task = /** @type {TaskName} */ (ui.get("task"));
    const runs = training.all();
    const stopped = runs.find((run) => run.stopped)?.stopped ?? "";
    if (running && runs.length && runs.every((run) => run.stopped)) running = false;
    toggle.textContent = running ? "Pause" : "Start";
    about.textContent = TASKS[task].about;
    trouble.textContent = problem || stopped;
    trouble.style.display = problem || stopped ? "" : "none";
    root.dataset.updates = String(runs.length ? Math.min(...runs.map((run) => run.updates)) : 0);
    root.dataset.loss = String(meanLoss(training.runs.a));
    drawAnswer(answer, ui, task, training.runs.a[0]?.last, training.runs.b[0]?.last);
    // At most every few seconds while networks train, but at once when the first update is done.
    if (!running || performance.now() - spoken > SPEAK || begun !== (begun = runs.some((run) => run.updates))) tell();
  });
});

/** What happens, in words. @param {TaskName} task @param {Record<Side, Run[]>} runs @param {boolean} running */
function says(task, runs, running) {
  if (!runs.a.some((run) => run.updates)) {
    if (running) return ["The networks are being made."];
    return [runs.a.length ? "Paused before the first update. Start goes on." : "Start trains from new weights. Change a setting and the networks start anew."];
  }
  const { metric, usual } = TASKS[task];
  return SIDES.filter((side) => runs[side].length).map((side) => {
    const measured = runs[side].map((run) => run.last.metric).filter((v) => v !== undefined);
    const mean = measured.reduce((s, v) => s + v, 0) / measured.length;
    const value = (/** @type {number} */ v) => (usual.loss === "mse" || task === "text" ? short(v) : percent(v, 0));
    const range = measured.length > 1 ? ` (${value(Math.min(...measured))} to ${value(Math.max(...measured))} over ${measured.length} seeds)` : "";
    return `Network ${side.toUpperCase()}: ${Math.min(...runs[side].map((run) => run.updates)).toLocaleString("en")} updates, loss ${short(meanLoss(runs[side]))}; ${metric}: ${value(mean)}${range}.`;
  });
}
