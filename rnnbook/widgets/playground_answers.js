import { h, percent } from "./kit.js";
import { changes } from "./playground_pictures.js";

/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {import("./kit.js").Point} Point */
/** @typedef {import("./playground_training.js").Lane} Lane */
/** @typedef {import("./train/settings.js").TaskName} TaskName */
/** @typedef {(lasts: any[]) => void} Draw draws what the first seed of each network last reported */

/**
 * What the networks answer now, in a picture that fits the task.
 * @param {Ui} ui
 * @param {import("./playground_training.js").Training} training
 */
export function makeAnswer(ui, training) {
  const place = h("div", { class: "body" });
  let made = "";
  /** @type {Draw} */
  let show = () => {};
  ui.draw(() => {
    const { task, lanes } = training;
    const key = [task, ...lanes.map(({ name }) => name)].join();
    if (made !== key) {
      made = key;
      place.replaceChildren();
      const make = { sine: makeWave, births: makeWave, adding: makeSums, text: makeText, cat: makeCat }[/** @type {string} */ (task)] ?? makeMarks;
      show = make(place, ui, lanes, task);
    }
    show(lanes.map(({ runs }) => runs[0]?.last));
  });
  return place;
}

/** What each network was last asked, another object with each report. @param {any[]} lasts */
const samples = (lasts) => lasts.map((last) => last?.sample);

/** A wave, the forecast of each next value, and then the network alone. @param {HTMLElement} place @param {Ui} ui @param {Lane[]} lanes @returns {Draw} */
function makeWave(place, ui, lanes) {
  const plot = ui.plot({ label: "Forecast", caption: "What they forecast: the next value, and from the rule on, alone", height: 190, margin: { left: 44, top: 14, bottom: 34 } });
  place.append(plot.node);
  const changed = changes();
  return (lasts) => {
    if (!changed(plot.width, ...samples(lasts))) return;
    const { y = [], x = [] } = lasts.find((last) => last?.sample)?.sample ?? {};
    const all = [x, y, ...lasts.map((last) => last?.written ?? [])].flatMap((values) => Array.from(values, Math.abs));
    const reach = Math.max(1.5, Math.min(4, Math.max(...all)));
    const series = (/** @type {ArrayLike<number>} */ values) => Array.from(values, (v, t) => /** @type {Point} */ ([t + 1, Math.max(-reach, Math.min(reach, v))]));
    plot.frame({ domain: [1, Math.max(10, y.length)], label: "timestep" }, { domain: [-reach, reach], count: 3 });
    plot.dots(series(y), { color: "x", r: 2.4, opacity: 0.8 });
    lasts.forEach((last, k) => last?.written && plot.line(series(last.written.slice(0, y.length)), { color: lanes[k].color, dash: lanes[k].dash, width: 2.2 }));
    if (x.length) plot.rule({ x: Math.floor(x.length / 2), color: "ink", label: "alone from here" });
    plot.end();
    plot.describe("The true next values as dots, the forecasts of the networks as lines; after the rule the networks read their own forecasts.");
  };
}

/** The sums that are asked for against those that are given. @param {HTMLElement} place @param {Ui} ui @param {Lane[]} lanes @returns {Draw} */
function makeSums(place, ui, lanes) {
  const plot = ui.plot({ label: "Sums", caption: "What they say: each dot is a new sequence, on the line it is right", height: 230, most: 420, margin: { left: 44, top: 14, bottom: 38 } });
  place.append(plot.node);
  const changed = changes();
  return (lasts) => {
    if (!changed(plot.width, ...samples(lasts))) return;
    plot.frame({ domain: [0, 2], label: "true sum", count: 4 }, { domain: [-0.2, 2.2], count: 4 });
    plot.line([[0, 0], [2, 2]], { color: "muted", width: 1, dash: "3 3" });
    lasts.forEach((last, k) => {
      const { y = [], scores = [] } = last?.sample ?? {};
      plot.dots(Array.from(y, (/** @type {number} */ v, /** @type {number} */ i) => [v, Math.max(-0.2, Math.min(2.2, scores[i]))]), { color: lanes[k].color, hollow: k > 0, r: 3.4, opacity: 0.85 });
    });
    plot.end();
    plot.describe("The sums that the networks give for new sequences against the true ones.");
  };
}

/** Answers of yes or no, and brackets: a mark a timestep, those that are wrong underlined. @param {HTMLElement} place @param {Ui} ui @param {Lane[]} lanes @param {TaskName} task @returns {Draw} */
function makeMarks(place, ui, lanes, task) {
  const said = h("div", { class: "said", tabindex: 0, role: "region", "aria-label": "What the networks say" });
  const aligned = task === "brackets" || task === "parity";
  said.classList.toggle("aligned", aligned);
  const key = { brackets: "Which kind do they close next? (Dots: one opens, and that is luck.)" }[/** @type {string} */ (task)];
  place.append(h("div", {}, h("div", { class: "caption" }, key ?? "What they say of a new sequence"), said));
  const chance = (/** @type {number} */ score) => percent(1 / (1 + Math.exp(-score)), 0);
  const wide = 1 + Math.max(...lanes.map(({ name }) => name.length));
  const changed = changes();
  return (lasts) => {
    if (!changed(...samples(lasts))) return;
    const { x = [], y = [], names } = lasts.find((last) => last?.sample)?.sample ?? {};
    if (!y.length) return void (said.textContent = "Start, and the networks answer here.");
    const row = (/** @type {string} */ who, /** @type {string[]} */ marks, right = marks) => {
      const line = h("div");
      line.append(who.padEnd(wide), ...marks.map((mark, t) => (mark === right[t] ? mark : h("u", {}, mark))));
      line.normalize();
      return line;
    };
    const answers = (/** @type {(scores: ArrayLike<number>) => string[]} */ read, /** @type {string[] | undefined} */ right = undefined) =>
      lasts.flatMap((last, k) => (last?.sample ? [row(lanes[k].name, read(last.sample.scores), right)] : []));
    const signs = (/** @type {ArrayLike<number>} */ tokens, of = "([)]") => Array.from(tokens, (t) => of[t]);
    if (task === "brackets") {
      const closes = signs(y, "··)]");
      said.replaceChildren(row("reads", signs(x)), row("next", signs(y)), ...answers((scores) => closes.map((sign, t) => (sign === "·" ? sign : scores[4 * t + 2] > scores[4 * t + 3] ? ")" : "]")), closes));
    } else if (task === "parity") {
      const odd = signs(y, "01");
      said.replaceChildren(row("reads", signs(x, "01")), row("odd", odd), ...answers((scores) => Array.from(scores, (v) => (v > 0 ? "1" : "0")), odd));
    } else {
      const [one, zero] = task === "reviews" ? ["liked", "not liked"] : ["plus", "minus"];
      const quoted = task === "reviews" ? [h("div", {}, `“${(names ?? []).filter(Boolean).join(" ")}”`)] : [];
      said.replaceChildren(...quoted, row("truth", [y[0] ? one : zero]), ...answers((scores) => [`${one} with probability ${chance(scores[0])}`]));
    }
  };
}

/** What the networks write. @param {HTMLElement} place @param {Ui} ui @param {Lane[]} lanes @returns {Draw} */
function makeText(place, ui, lanes) {
  const boxes = lanes.map(({ name }) => h("div", { class: "said", tabindex: 0, dir: "auto", role: "region", "aria-label": `What ${name} writes` }, "Start, and it writes here."));
  place.append(ui.split("1fr 1fr", ...boxes.map((box, k) => h("div", {}, h("div", { class: "caption" }, `${lanes[k].name} writes`), box))));
  return (lasts) => {
    lasts.forEach((last, k) => {
      const [given, text] = last?.written ?? [];
      // A reader may be marking some of it.
      if (!text || boxes[k].textContent === given + text) return;
      const before = h("span", { class: "given" });
      before.append(given);
      boxes[k].replaceChildren(before, text);
    });
  };
}

/** The cat that the networks dream, a frame every tenth of a second. @param {HTMLElement} place @param {Ui} ui @param {Lane[]} lanes @returns {Draw} */
function makeCat(place, ui, lanes) {
  const screens = lanes.map(({ name }) => h("canvas", { class: "frames", width: 40, height: 26, role: "img", "aria-label": `The cat that ${name} dreams` }));
  place.append(ui.split("1fr 1fr", ...screens.map((screen, k) => h("div", {}, h("div", { class: "caption" }, `${lanes[k].name} dreams`), screen))));
  /** @type {any[]} */
  let dreams = [];
  let frame = 0;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const paint = () => {
    if (!place.contains(screens[0])) return clearInterval(timer); // another task has taken the place
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
  };
}
