/** The controls of a widget: each is bound to a setting of the model and speaks its value. */

import { num } from "./numbers.js";
import { h, legend, s } from "./dom.js";

/** @typedef {import("./dom.js").Child} Child */
/** @typedef {import("./dom.js").Colour} Colour */
/** @typedef {import("./plot.js").Point} Point */
/** @typedef {import("./plot.js").Plot} Plot */

/**
 * What controls need of the widget they belong to.
 * @typedef {object} Core
 * @property {import("./kit.js").Model} model
 * @property {(key: string, value: any) => void} set
 * @property {(event: string, callback: (...args: any[]) => void) => void} listen
 * @property {<A extends any[]>(action: (...args: A) => unknown) => (...args: A) => void} guarded
 * @property {(() => void)[]} draws
 * @property {(() => void)[]} cleanups
 */

const ICONS = {
  reset: "M3 3h2.4v10H3zM13.5 3v10L6 8z",
  back: "M11 3v10L4 8z",
  play: "M4 2.5v11L13 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M5 3v10l7-5z",
};
const icon = (/** @type {keyof typeof ICONS} */ name) => s("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: ICONS[name] }));
let ids = 0;

/**
 * @param {string} label
 * @param {(id: string) => HTMLElement} make
 * @param {HTMLElement} [value]
 */
const labelled = (label, make, value) => {
  const id = `c${++ids}`;
  return h("div", {}, h("div", { class: "head" }, h("label", { for: id }, label), value), make(id));
};

/** A button that says what it does. @param {Core} core */
const makeButton = ({ guarded }) => (/** @type {string} */ label, /** @type {() => unknown} */ action) =>
  h("button", { type: "button", onclick: guarded(action) }, label);

const containers = {
  /** Sliders and fields side by side, as many as fit. @param {...Child} children */
  row: (...children) => h("div", { class: "row" }, ...children),
  /** Choices, switches and buttons in a line that wraps. @param {...Child} children */
  bar: (...children) => h("div", { class: "bar" }, ...children),
  /** Columns above 560 px, else one below the other. @param {string} columns CSS, as "1fr 2fr" @param {...Child} children */
  split: (columns, ...children) => h("div", { class: "split", style: `--columns:${columns}` }, ...children),
  legend,
};

/** Numbers, switches and texts. @param {Core} core */
const fields = ({ model, set, listen }) => ({
  /**
   * @param {string} key a number trait
   * @param {{label: string, min: number, max: number, step: number, format?: (value: number) => string, log?: boolean}} options
   *   with `log`, the slider moves over exponents and rounds to `step`
   */
  slider(key, { label, min, max, step, format = (v) => num(v, step < 1 ? (step < 0.1 ? 2 : 1) : 0), log = false }) {
    const range = log ? { min: Math.log(min), max: Math.log(max), step: (Math.log(max) - Math.log(min)) / 200 } : { min, max, step };
    const value = h("span", { class: "now" });
    let input = h("input");
    const node = labelled(label, (id) => (input = h("input", { type: "range", id, ...range })), value);
    const show = () => {
      const now = model.get(key);
      input.value = String(log ? Math.log(now) : now);
      value.textContent = format(now);
      input.setAttribute("aria-valuetext", format(now));
    };
    input.addEventListener("input", () => set(key, log ? Math.min(max, Math.max(min, Math.round(Math.exp(+input.value) / step) * step)) : +input.value));
    listen(`change:${key}`, show);
    show();
    return node;
  },
  /** @param {string} key a bool trait @param {{label: string}} options */
  toggle(key, { label }) {
    const input = h("input", { type: "checkbox", onchange: () => set(key, input.checked) });
    const show = () => (input.checked = model.get(key));
    listen(`change:${key}`, show);
    show();
    return h("label", { class: "toggle" }, input, h("span", {}, label));
  },
  /** @param {string} key a text trait @param {{label: string, rows?: number, limit?: number}} options */
  text(key, { label, rows = 1, limit = 2000 }) {
    let input = /** @type {HTMLTextAreaElement | HTMLInputElement} */ (h("input"));
    const look = { maxlength: limit, spellcheck: "false", autocomplete: "off" };
    const node = labelled(label, (id) => (input = rows > 1 ? h("textarea", { id, rows, ...look }) : h("input", { type: "text", id, ...look })));
    const show = () => {
      if (input.value !== model.get(key)) input.value = model.get(key);
    };
    input.addEventListener("input", () => set(key, input.value));
    listen(`change:${key}`, show);
    show();
    return node;
  },
});

/** One of several. @param {Core} core */
const menus = ({ model, set, listen }) => ({
  /**
   * One of a few, shown all at once.
   * @param {string} key
   * @param {{label: string, options: ([value: any, text: string] | string)[]}} options
   */
  choice(key, { label, options }) {
    const group = `g${++ids}`;
    const pairs = options.map((o) => (Array.isArray(o) ? o : [o, o]));
    const inputs = pairs.map(([value]) => h("input", { type: "radio", name: group, onchange: () => set(key, value) }));
    const show = () => pairs.forEach(([value], i) => (inputs[i].checked = model.get(key) === value));
    listen(`change:${key}`, show);
    show();
    const labels = pairs.map(([, text], i) => h("label", {}, inputs[i], h("span", {}, text)));
    return h("fieldset", {}, h("legend", {}, label), h("div", { class: "choice" }, ...labels));
  },
  /**
   * One of many, as a menu.
   * @param {string} key
   * @param {{label: string, options: ([value: any, text: string] | string)[]}} options
   */
  select(key, { label, options }) {
    const pairs = options.map((o) => (Array.isArray(o) ? o : [o, o]));
    let menu = h("select");
    const node = labelled(label, (id) => (menu = h("select", { id }, ...pairs.map(([, text], i) => h("option", { value: i }, text)))));
    const show = () => (menu.value = String(pairs.findIndex(([value]) => value === model.get(key))));
    menu.addEventListener("change", () => set(key, pairs[+menu.value][0]));
    listen(`change:${key}`, show);
    show();
    return node;
  },
});

/** @param {Core} core */
const steps = ({ model, set, guarded, draws, cleanups }) => ({
  /**
   * Reset, step back, play, step and a slider over steps 0 to `last()`, on an integer trait.
   * @param {string} key
   * @param {{label: string, last: () => number, format?: (step: number) => string, pace?: number}} options pace in ms a step
   */
  player(key, { label, last, format = (i) => `${i} of ${last()}`, pace = 450 }) {
    let timer = 0;
    const to = (/** @type {number} */ step) => set(key, Math.max(0, Math.min(last(), step)));
    const stop = () => {
      clearInterval(timer);
      timer = 0;
      show();
    };
    const tick = guarded(() => {
      to(model.get(key) + 1);
      if (model.get(key) >= last()) stop();
    });
    const act = (/** @type {keyof typeof ICONS} */ kind, /** @type {string} */ text, /** @type {() => void} */ action) =>
      h("button", { type: "button", "aria-label": text, title: text, onclick: guarded(action) }, icon(kind));
    const reset = act("reset", "Back to the start", () => (stop(), to(0)));
    const back = act("back", "One step back", () => (stop(), to(model.get(key) - 1)));
    const play = act("play", "Play", () => {
      if (timer) return stop();
      if (model.get(key) >= last()) to(0);
      timer = window.setInterval(tick, pace);
      show();
    });
    const next = act("next", "One step on", () => (stop(), to(model.get(key) + 1)));
    const track = h("input", { type: "range", min: 0, step: 1, "aria-label": label, oninput: () => {
      const step = +track.value; // before `stop` puts the model's back
      stop();
      to(step);
    } });
    const value = h("span", { class: "now" });
    const show = () => {
      const now = model.get(key);
      track.max = String(last());
      track.value = String(now);
      value.textContent = format(now);
      track.setAttribute("aria-valuetext", format(now));
      play.replaceChildren(icon(timer ? "pause" : "play"));
      play.setAttribute("aria-label", timer ? "Pause" : "Play");
      play.title = timer ? "Pause" : "Play";
      // Not `disabled`, which would throw the keyboard's focus away.
      reset.setAttribute("aria-disabled", String(now === 0));
      back.setAttribute("aria-disabled", String(now === 0));
      next.setAttribute("aria-disabled", String(now >= last()));
    };
    draws.push(show);
    cleanups.push(() => clearInterval(timer));
    return h("div", { class: "player", role: "group", "aria-label": label }, reset, back, play, next, h("div", { class: "track" }, track, value));
  },
});

/** @param {Core} core */
const words = (core) => ({
  /** What is drawn in words and numbers, spoken when it changes. `show` takes one text a line. */
  readout() {
    const node = h("div", { class: "readout", role: "status", "aria-live": "polite" });
    let before = "";
    return {
      node,
      /** @param {...(string | false | null | undefined)} lines */
      show(...lines) {
        const texts = lines.filter(Boolean);
        if (texts.join("\n") === before) return;
        before = texts.join("\n");
        node.replaceChildren(...texts.map((text) => h("p", {}, /** @type {string} */ (text))));
      },
    };
  },
  /**
   * An invitation to a surprise, with buttons that set it up.
   * @param {string} text
   * @param {...[label: string, settings: Record<string, any>]} acts
   */
  tryThis(text, ...acts) {
    const buttons = acts.map(([label, settings]) => makeButton(core)(label, () => Object.entries(settings).forEach(([key, value]) => core.set(key, value))));
    return h("div", { class: "try" }, h("p", {}, h("b", {}, "Try this. "), text), buttons.length > 0 && h("div", { class: "acts" }, ...buttons));
  },
});

/** @param {Core} core */
const handles = ({ guarded }) => ({
  /**
   * A point of the plot that is dragged or moved with arrow keys (with Shift ten times as far).
   * @param {Plot} plot
   * @param {object} options
   * @param {string} options.label
   * @param {Colour} options.color
   * @param {() => Point} options.at where it stands
   * @param {() => string} options.text where it stands, in words
   * @param {(to: Point) => void} options.move
   * @param {Point} options.step what one arrow key moves, 0 for an axis that does not move
   * @param {number} [options.r]
   */
  handle(plot, { label, color, at, text, move, step, r = 7 }) {
    const node = s(
      "g",
      { class: "handle", tabindex: 0, role: "slider", "aria-label": label },
      s("circle", { class: "hit", r: 20 }),
      s("circle", { class: "ring", r: r + 5 }),
      s("circle", { class: "dot", r, fill: `var(--${color})` }),
    );
    node.addEventListener("pointerdown", (event) => {
      node.setPointerCapture(event.pointerId);
      node.focus({ preventScroll: true });
      event.preventDefault();
    });
    node.addEventListener(
      "pointermove",
      guarded((/** @type {PointerEvent} */ event) => {
        if (!node.hasPointerCapture(event.pointerId)) return;
        const box = plot.svg.getBoundingClientRect();
        move(plot.at(event.clientX - box.left, event.clientY - box.top));
      }),
    );
    node.addEventListener(
      "keydown",
      guarded((/** @type {KeyboardEvent} */ event) => {
        const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
        if (!way) return;
        event.preventDefault();
        // A handle that moves one way only obeys both pairs of arrows.
        const [dx, dy] = step[0] === 0 ? [0, way[0] || way[1]] : step[1] === 0 ? [way[0] || way[1], 0] : way;
        const far = event.shiftKey ? 10 : 1;
        const [x, y] = at();
        move([x + dx * step[0] * far, y + dy * step[1] * far]);
      }),
    );
    plot.handles.append(node);
    const show = () => {
      const [x, y] = at();
      node.setAttribute("transform", `translate(${plot.x(x).toFixed(1)} ${plot.y(y).toFixed(1)})`);
      node.setAttribute("aria-valuenow", String(Math.round((step[0] === 0 ? y : x) * 1000) / 1000));
      node.setAttribute("aria-valuetext", text());
    };
    return { node, show };
  },
});

/** @param {Core} core */
export const makeControls = (core) => ({
  ...containers,
  ...fields(core),
  ...menus(core),
  button: makeButton(core),
  ...steps(core),
  ...words(core),
  ...handles(core),
});
