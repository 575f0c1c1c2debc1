import { h, percent } from "./kit.js";

/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {import("./kit.js").Point} Point */
/** @typedef {import("./train/settings.js").TaskName} TaskName */
/** @typedef {(lasts: any[]) => void} Draw */

const LOOK = [{ color: /** @type {const} */ ("z"), dash: "" }, { color: /** @type {const} */ ("c"), dash: "7 4" }];

/**
 * What the networks answer now, in a picture that fits the task.
 * @param {HTMLElement} place
 * @param {Ui} ui
 * @param {TaskName} task
 * @param {any} a the last report of network A, if there is one
 * @param {any} b
 */
export function drawAnswer(place, ui, task, a, b) {
  const kept = /** @type {HTMLElement & {task?: string, show?: Draw}} */ (place);
  if (kept.task !== task) {
    kept.task = task;
    kept.replaceChildren();
    const make = { sine: makeWave, births: makeWave, adding: makeSums, text: makeText, cat: makeCat }[/** @type {string} */ (task)] ?? makeMarks;
    kept.show = make(kept, ui, task);
  }
  kept.show?.([a, b]);
}

/** A wave, the forecast of each next value, and then the network alone. @param {HTMLElement} place @param {Ui} ui @returns {Draw} */
function makeWave(place, ui) {
  const plot = ui.plot({ label: "Forecast", caption: "What they forecast: the next value, and from the rule on, alone", height: 190, margin: { left: 44, top: 14, bottom: 34 } });
  place.append(plot.node);
  return (lasts) => {
    const { y = [], x = [] } = lasts.find((last) => last?.sample)?.sample ?? {};
    const all = [...x, ...y, ...lasts.flatMap((last) => last?.written ?? [])];
    const reach = Math.max(1.5, ...all.map(Math.abs).map((v) => Math.min(v, 4)));
    plot.frame({ domain: [1, Math.max(10, y.length)], label: "timestep" }, { domain: [-reach, reach], count: 3 });
    plot.dots(y.map((/** @type {number} */ v, /** @type {number} */ t) => [t + 1, v]), { color: "x", r: 2.4, opacity: 0.8 });
    lasts.forEach((last, k) => last?.written && plot.line(last.written.slice(0, y.length).map((/** @type {number} */ v, /** @type {number} */ t) => [t + 1, Math.max(-reach, Math.min(reach, v))]), { ...LOOK[k], width: 2.2 }));
    if (x.length) plot.rule({ x: Math.floor(x.length / 2), color: "ink", label: "alone from here" });
    plot.end();
    plot.describe("The true next values as dots, the forecasts of the networks as lines; after the rule the networks read their own forecasts.");
  };
}

/** The sums that are asked for against those that are given. @param {HTMLElement} place @param {Ui} ui @returns {Draw} */
function makeSums(place, ui) {
  const plot = ui.plot({ label: "Sums", caption: "What they say: each dot is a new sequence, on the line it is right", height: 230, most: 420, margin: { left: 44, top: 14, bottom: 38 } });
  place.append(plot.node);
  return (lasts) => {
    plot.frame({ domain: [0, 2], label: "true sum", count: 4 }, { domain: [-0.2, 2.2], count: 4 });
    plot.line([[0, 0], [2, 2]], { color: "muted", width: 1, dash: "3 3" });
    lasts.forEach((last, k) => {
      const { y = [], scores = [] } = last?.sample ?? {};
      plot.dots(y.map((/** @type {number} */ v, /** @type {number} */ i) => [v, Math.max(-0.2, Math.min(2.2, scores[i]))]), { color: LOOK[k].color, hollow: k === 1, r: 3.4, opacity: 0.85 });
    });
    plot.end();
    plot.describe("The sums that the networks give for new sequences against the true ones.");
  };
}

/** Answers of yes or no, and brackets: a mark a timestep. @param {HTMLElement} place @param {Ui} ui @param {TaskName} task @returns {Draw} */
function makeMarks(place, ui, task) {
  const said = h("div", { class: "said", tabindex: 0, role: "region", "aria-label": "What the networks say" });
  place.append(h("div", {}, h("div", { class: "caption" }, "What they say of a new sequence"), said));
  const chance = (/** @type {number} */ score) => percent(1 / (1 + Math.exp(-score)), 0);
  return (lasts) => {
    const { x = [], y = [], names } = lasts.find((last) => last?.sample)?.sample ?? {};
    const lines = [];
    if (task === "brackets") {
      const signs = "([)]";
      lines.push(`reads     ${x.map((/** @type {number} */ t) => signs[t]).join(" ")}`, `next      ${y.map((/** @type {number} */ t) => signs[t]).join(" ")}`);
      lasts.forEach((last, k) => last?.sample && lines.push(`network ${"AB"[k]} ${y.map((/** @type {number} */ _, /** @type {number} */ t) => signs[best(last.sample.scores.slice(4 * t, 4 * t + 4))]).join(" ")}`));
    } else if (task === "parity") {
      lines.push(`reads     ${x.join(" ")}`, `odd       ${y.join(" ")}`);
      lasts.forEach((last, k) => last?.sample && lines.push(`network ${"AB"[k]} ${last.sample.scores.map((/** @type {number} */ v) => (v > 0 ? 1 : 0)).join(" ")}`));
    } else {
      const [one, zero] = task === "reviews" ? ["liked", "not liked"] : ["plus", "minus"];
      if (task === "reviews") lines.push(`“${(names ?? []).filter(Boolean).join(" ")}”`);
      if (y.length) lines.push(`truth     ${y[0] ? one : zero}`);
      lasts.forEach((last, k) => last?.sample && lines.push(`network ${"AB"[k]} ${one} with probability ${chance(last.sample.scores[0])}`));
    }
    said.textContent = lines.join("\n") || "Start, and the networks answer here.";
  };
}

/** @param {number[]} scores */
const best = (scores) => scores.indexOf(Math.max(...scores));

/** What the networks write. @param {HTMLElement} place @param {Ui} ui @returns {Draw} */
function makeText(place, ui) {
  const boxes = ["A", "B"].map((name) => h("div", { class: "said", tabindex: 0, dir: "auto", role: "region", "aria-label": `What network ${name} writes` }));
  const columns = boxes.map((box, k) => h("div", {}, h("div", { class: "caption" }, `Network ${"AB"[k]} writes`), box));
  place.append(ui.split("1fr 1fr", ...columns));
  return (lasts) => {
    lasts.forEach((last, k) => {
      columns[k].style.display = k === 0 || ui.get("compare") ? "" : "none";
      const [given = "", text = ""] = last?.written ?? [];
      boxes[k].replaceChildren();
      if (!text) boxes[k].append("Start, and it writes here.");
      else {
        const before = h("span", { class: "given" });
        before.append(given);
        boxes[k].append(before, text);
      }
    });
  };
}

/** The cat that the networks dream, a frame every tenth of a second. @param {HTMLElement} place @param {Ui} ui @returns {Draw} */
function makeCat(place, ui) {
  const screens = ["A", "B"].map((name) => h("canvas", { class: "frames", width: 40, height: 26, role: "img", "aria-label": `The cat that network ${name} dreams` }));
  const columns = screens.map((screen, k) => h("div", {}, h("div", { class: "caption" }, `Network ${"AB"[k]} dreams`), screen));
  place.append(ui.split("1fr 1fr", ...columns));
  /** @type {any[]} */
  let dreams = [];
  let frame = 0;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const paint = () => {
    screens.forEach((screen, k) => {
      const dream = dreams[k];
      const pen = screen.getContext("2d");
      if (!dream || !pen) return;
      const at = (frame % Math.floor(dream.length / 1040)) * 1040;
      const image = pen.createImageData(40, 26);
      for (let i = 0; i < 1040; i++) image.data.set([0, 1, 2].map(() => 127.5 * (dream[at + i] + 1)).concat(255), 4 * i);
      pen.putImageData(image, 0, 0);
    });
    if (!still.matches) frame++;
  };
  const timer = setInterval(paint, 100);
  ui.cleanup(() => clearInterval(timer));
  return (lasts) => {
    dreams = lasts.map((last) => last?.written);
    columns[1].style.display = ui.get("compare") ? "" : "none";
  };
}
