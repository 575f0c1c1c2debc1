/**
 * What the widgets share: a card that follows the page's theme, controls bound to the model, plots, numbers.
 *
 * A widget is `export default live("Name", (ui) => { … })`. It puts nodes into `ui.body`, and draws in functions
 * given to `ui.draw`; these run once at the start, then at most once a frame after a setting, the theme or the
 * width has changed. Settings are the model's traits: `ui.get`, `ui.set`, and controls that name a trait.
 *
 * Texts may hold simple mathematics between dollars: `$Z_{i+1}$`. No text is ever read as HTML.
 */

/**
 * @typedef {object} Model the anywidget front-end module's model
 * @property {(name: string) => any} get
 * @property {(name: string, value: any) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, callback: (...args: any[]) => void) => void} on
 * @property {(event: string, callback: (...args: any[]) => void) => void} off
 * @property {(content: any) => void} send
 * @property {boolean} [static] true where no kernel stands behind the model
 */
/** @typedef {Node | string | null | undefined | false} Child a string is read by `rich` */
/** @typedef {"x" | "z" | "y" | "w" | "g" | "c" | "ink" | "muted" | "line" | "minus" | "plus"} Colour a letter's colour: input, state, output, weights, gradient, cell */
/** @typedef {[number, number]} Point */

const STYLE = `
:host { display: block; }
.card {
  --ink: #1c2430; --muted: #596475; --line: #d5dae1; --soft: #f3f5f8; --surface: #fff; --focus: #1f5fbf;
  --x: #1f66c7; --z: #b35300; --y: #1b7a43; --w: #5b6472; --g: #a8246f; --c: #6d4bc2;
  --zero: #f4f5f7; --minus: #2166c4; --plus: #c75a00;
  box-sizing: border-box; container-type: inline-size; margin: 0.5rem 0 1rem; padding: 1rem 1.125rem 1.125rem;
  color: var(--ink); background: var(--surface); border: 1px solid var(--line); border-radius: 12px;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; text-align: left; color-scheme: light; -webkit-text-size-adjust: 100%;
}
.card[data-theme="dark"] {
  --ink: #e6eaf0; --muted: #a3adbb; --line: #3a424e; --soft: #20262f; --surface: #161b22; --focus: #8ab8ff;
  --x: #6fabff; --z: #f2a23a; --y: #5fca8b; --w: #a7b0bd; --g: #ff85bd; --c: #b79bff;
  --zero: #232a34; --minus: #62a5ff; --plus: #ff9d3c;
  color-scheme: dark;
}
*, ::before, ::after { box-sizing: border-box; }
p { margin: 0; }
.title { font-weight: 650; font-size: 1.05rem; letter-spacing: -0.005em; margin-bottom: 0.6rem; text-wrap: balance; }
.body { display: grid; gap: 0.9rem; }
.body > * { min-width: 0; }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, var(--least, 11.5rem)), 1fr)); gap: 0.7rem 1.4rem; align-items: end; }
.bar { display: flex; flex-wrap: wrap; gap: 0.7rem 1.6rem; align-items: end; }
.row > * { min-width: 0; }
.split { display: grid; gap: 0.9rem 1.2rem; grid-template-columns: minmax(0, 1fr); }
@container (min-width: 560px) { .split { grid-template-columns: var(--columns, 1fr 1fr); } }
var { font: italic 1.04em/1 "STIX Two Math", "STIX Two Text", "Cambria Math", Cambria, Georgia, "Times New Roman", serif; }
var sub, var sup { font-size: 0.72em; line-height: 0; font-style: normal; }
.x { color: var(--x); } .z { color: var(--z); } .y { color: var(--y); } .w { color: var(--w); } .g { color: var(--g); }
.c { color: var(--c); } .muted { color: var(--muted); }
label, legend, .name { font-size: 0.875rem; color: var(--muted); }
.head { display: flex; justify-content: space-between; gap: 0.6rem; align-items: baseline; }
output { font-size: 0.9rem; font-weight: 600; color: var(--ink); white-space: nowrap; }
input[type="range"] { display: block; width: 100%; height: 28px; margin: 0; accent-color: var(--focus); cursor: pointer; touch-action: pan-y; }
button, .choice span, input[type="text"], textarea, select {
  font: inherit; font-size: 0.9rem; color: var(--ink); background: var(--surface); border: 1px solid var(--line); border-radius: 8px;
}
button { min-height: 34px; min-width: 34px; padding: 0.2rem 0.75rem; cursor: pointer; }
button:hover:enabled, .choice label:hover span { background: var(--soft); }
button:disabled { color: var(--muted); opacity: 0.55; cursor: default; }
input[type="text"], textarea, select { display: block; width: 100%; min-height: 34px; padding: 0.3rem 0.55rem; margin: 0.15rem 0 0; }
textarea { resize: vertical; line-height: 1.5; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
legend { padding: 0; margin-bottom: 0.15rem; }
.choice { display: flex; flex-wrap: wrap; row-gap: 4px; }
.choice input, .hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.choice label { position: relative; display: block; }
.choice span { display: flex; align-items: center; min-height: 32px; padding: 0.1rem 0.7rem; cursor: pointer; }
@container (max-width: 559px) { .choice { gap: 5px; } }
@container (min-width: 560px) {
  .choice span { border-radius: 0; margin-left: -1px; }
  .choice label:first-child span { border-radius: 8px 0 0 8px; margin-left: 0; } .choice label:last-child span { border-radius: 0 8px 8px 0; }
  .choice label:only-child span { border-radius: 8px; }
}
.choice input:checked + span { background: var(--ink); color: var(--surface); border-color: var(--ink); }
.toggle { display: flex; gap: 0.5rem; align-items: center; min-height: 34px; cursor: pointer; color: var(--ink); font-size: 0.9rem; }
.toggle input { width: 18px; height: 18px; margin: 0; accent-color: var(--focus); }
:focus-visible, .choice input:focus-visible + span { outline: 2.5px solid var(--focus); outline-offset: 2px; }
.choice input:focus-visible + span { position: relative; z-index: 1; }
.player { display: flex; flex-wrap: wrap; gap: 0.45rem; align-items: center; }
.player button { padding: 0; width: 38px; display: inline-grid; place-items: center; }
.player svg { width: 16px; height: 16px; fill: currentColor; display: block; }
.player .track { flex: 1 1 14rem; min-width: 0; display: flex; gap: 0.7rem; align-items: center; }
.player input { flex: 1 1 0; min-width: 0; width: 0; }
.player output { min-width: 4.5em; text-align: right; }
.readout { padding: 0.6rem 0.8rem; border-radius: 8px; background: var(--soft); font-size: 0.95rem; overflow-wrap: anywhere; }
.readout p + p { margin-top: 0.25rem; }
.try { border-left: 3px solid var(--z); padding: 0.05rem 0 0.05rem 0.8rem; font-size: 0.95rem; max-width: 46rem; }
.try b { color: var(--z); font-weight: 650; }
.try .acts { display: flex; flex-wrap: wrap; gap: 0.45rem; margin-top: 0.45rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; font-size: 0.875rem; color: var(--muted); }
.legend > span { display: inline-flex; align-items: center; gap: 0.4rem; }
.legend svg { width: 24px; height: 12px; flex: none; }
.caption { font-size: 0.9rem; font-weight: 600; margin-bottom: 0.1rem; }
.plot { position: relative; }
@container (max-width: 559px) { .plot.square { max-width: 290px !important; margin: 0 auto; } }
.plot canvas { position: absolute; inset: 0; width: 100%; height: 100%; }
.plot svg { position: relative; display: block; width: 100%; overflow: visible; }
.plot text { font-size: 12px; fill: var(--muted); font-variant-numeric: tabular-nums; }
.plot text.label { fill: var(--ink); }
.plot .grid { stroke: var(--line); stroke-width: 1; }
.handle { cursor: grab; touch-action: none; outline: none; }
.handle:active { cursor: grabbing; }
.handle .hit { fill: transparent; }
.handle .dot { stroke: var(--surface); stroke-width: 2; }
.handle .ring { fill: none; stroke: none; stroke-width: 2.5; }
.handle:hover .ring { stroke: var(--line); }
.handle:focus-visible .ring { stroke: var(--focus); }
.error { padding: 0.6rem 0.8rem; border: 1px solid var(--g); border-radius: 8px; overflow-wrap: anywhere; }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; animation: none !important; } }
`;

const MINUS = "\u2212";

/**
 * A number as a reader wants it: a true minus, no needless digits, powers of ten for the very small and large.
 * @param {number} value
 * @param {number} [digits] digits after the point
 */
export function num(value, digits = 2) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value < 0 ? MINUS + "∞" : "∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.5 * 10 ** -digits || size >= 1e6)) {
    const [head, power] = value.toExponential(1).split("e");
    const raised = String(Number(power)).replace(/./g, (d) => (d === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]));
    return `${head.replace("-", MINUS)}·10${raised}`;
  }
  return (size === 0 ? 0 : value).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", MINUS);
}

/**
 * @param {number} share between 0 and 1
 * @param {number} [digits]
 */
export const percent = (share, digits = 0) => `${num(100 * share, digits)}\u202f%`;

const MATH = /([A-Za-zα-ωΑ-Ω∂√‖∏∑]['′]?)|_\{([^}]*)\}|\^\{([^}]*)\}|([^A-Za-zα-ωΑ-Ω∂√‖∏∑_^]+)|([_^])/g;
const LETTERS = /** @type {Record<string, string>} */ ({ X: "x", U: "w", W: "w", V: "w", Z: "z", Y: "y", C: "c" });

/**
 * Text with mathematics between dollars as nodes: `$Z_{i+1}$` in the letter's colour, never parsed as HTML.
 * @param {string} text
 */
export function rich(text) {
  const out = document.createDocumentFragment();
  text.split("$").forEach((part, i) => {
    if (i % 2 === 0) return out.append(part);
    /** @type {HTMLElement | null} */
    let last = null;
    for (const [, letter, sub, sup, other, stray] of part.matchAll(MATH)) {
      if (letter) {
        last = h("var", { class: LETTERS[letter] ?? "" });
        last.append(letter);
        out.append(last);
      } else if (sub !== undefined || sup !== undefined) {
        const script = document.createElement(sub !== undefined ? "sub" : "sup");
        script.append(sub ?? sup);
        if (last) last.append(script);
        else out.append(h("var", {}, script));
      } else {
        out.append(other ?? stray);
        last = null;
      }
    }
  });
  return out;
}

/**
 * @param {Element} node
 * @param {Record<string, any>} attributes
 * @param {Child[]} children
 */
function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined || value === null) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child) node.append(typeof child === "string" ? rich(child) : child);
}

/**
 * Makes an HTML element. `on…` attributes are listeners; strings among the children are read by `rich`.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  fill(node, attributes, children);
  return node;
}

/**
 * Makes an SVG element.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function s(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(node, attributes, children);
  return node;
}

/**
 * Escapes a text for markup that is put together as a string, as plots do.
 * @param {string} text
 */
export const esc = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** @returns {"light" | "dark"} the theme that the page shows: the book's, Jupyter's, VS Code's, Colab's, else the system's */
export function pageTheme() {
  const { documentElement: page, body } = document;
  const named = page.dataset.theme || page.getAttribute("theme") || body.dataset.vscodeThemeKind;
  if (body.dataset.jpThemeLight) return body.dataset.jpThemeLight === "false" ? "dark" : "light";
  if (named && /dark|light/.test(named)) return named.includes("dark") ? "dark" : "light";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/**
 * Ticks at round numbers.
 * @param {number} low
 * @param {number} high
 * @param {number} count about how many
 * @returns {number[]}
 */
export function ticks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((v) => v >= rough * 0.999) ?? rough;
  const out = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) out.push(Number((i * step).toPrecision(12)));
  return out;
}

/**
 * Ticks at powers of ten.
 * @param {number} low
 * @param {number} high
 * @param {number} count about how many
 */
export function decades(low, high, count) {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const step = Math.max(1, Math.ceil((last - first) / Math.max(1, count)));
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => 10 ** (last - i * step));
}

/**
 * Random numbers that are the same in every run: normal with mean 0 and deviation 1 (mulberry32, Box-Muller).
 * @param {number} seed
 * @returns {() => number}
 */
export function normals(seed) {
  const uniform = uniforms(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/**
 * Random numbers in [0, 1) that are the same in every run (mulberry32).
 * @param {number} seed
 * @returns {() => number}
 */
export function uniforms(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** @typedef {{domain: Point, label?: string, ticks?: number[], format?: (value: number) => string, log?: boolean, count?: number}} Axis */

/**
 * @typedef {object} PlotOptions
 * @property {string} label what the plot shows, as its accessible name; `plot.describe` says it anew
 * @property {string} [caption] visible line above
 * @property {number} [height] in pixels; left out, the plot is square
 * @property {number} [most] greatest width in pixels
 * @property {Partial<Record<"left" | "right" | "top" | "bottom", number>>} [margin]
 * @property {boolean} [cells] whether it draws heat maps, which need a canvas
 */

/**
 * A plot that is drawn anew each time: `frame`, then marks, then `end`. Sizes are pixels, so text stays legible.
 * @param {PlotOptions} options
 */
function makePlot(options) {
  const margin = { left: 44, right: 18, top: 10, bottom: 34, ...options.margin };
  const axes = s("g");
  const marks = s("g");
  const handles = s("g");
  const svg = s("svg", { role: "group", "aria-label": options.label }, s("g", { "aria-hidden": "true" }, axes, marks), handles);
  const canvas = options.cells ? h("canvas", { "aria-hidden": "true" }) : null;
  const area = h("div", { class: options.height ? "plot" : "plot square", style: options.most ? `max-width:${options.most}px` : false }, canvas, svg);
  const node = h("div", {}, options.caption && h("div", { class: "caption" }, options.caption), area);
  let [width, height] = [0, 0];
  /** @type {string[]} */
  let parts = [];
  let [ox, oy] = /** @type {[Axis, Axis]} */ ([{ domain: [0, 1] }, { domain: [0, 1] }]);
  const place = (/** @type {Axis} */ axis, /** @type {number} */ value) => {
    const [low, high] = axis.domain;
    return axis.log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  };
  const left = () => margin.left;
  // While a page is laid out it may be narrower than any drawing.
  const right = () => Math.max(margin.left + 100, width - margin.right);
  const bottom = () => height - margin.bottom;
  const x = (/** @type {number} */ v) => left() + place(ox, v) * (right() - left());
  const y = (/** @type {number} */ v) => bottom() - place(oy, v) * (bottom() - margin.top);
  const f = (/** @type {number} */ v) => (Number.isFinite(v) ? Math.max(-4000, Math.min(9000, v)).toFixed(1) : v > 0 ? "9000" : "-4000");
  const paint = (/** @type {Colour | string} */ c) => (/^[a-z]+$/.test(c) ? `var(--${c})` : c);

  const plot = {
    node,
    area,
    svg,
    handles,
    /** Pixels of a value on either axis. */
    x,
    y,
    /** Values at pixels of the area. @type {(px: number, py: number) => Point} */
    at: (px, py) => {
      const back = (/** @type {Axis} */ a, /** @type {number} */ t) =>
        a.log ? a.domain[0] * (a.domain[1] / a.domain[0]) ** t : a.domain[0] + t * (a.domain[1] - a.domain[0]);
      return [back(ox, (px - left()) / (right() - left())), back(oy, (bottom() - py) / (bottom() - margin.top))];
    },
    /** Says anew what is drawn, for readers who hear it. @param {string} text */
    describe(text) {
      svg.setAttribute("aria-label", text);
    },
    /** @returns {number} the width in pixels, measured by the card's observer */
    get width() {
      return width;
    },
    set width(value) {
      width = value;
      height = options.height ?? value;
      svg.setAttribute("height", String(height));
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      if (canvas) {
        const ratio = globalThis.devicePixelRatio || 1;
        [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
      }
    },
    /**
     * Starts a drawing with its axes. An axis with `ticks: []` and no label takes no line.
     * @param {Axis} xAxis
     * @param {Axis} yAxis
     */
    frame(xAxis, yAxis) {
      [ox, oy] = [xAxis, yAxis];
      parts = [];
      canvas?.getContext("2d")?.clearRect(0, 0, canvas.width, canvas.height);
      const out = [];
      const steps = (/** @type {Axis} */ a, /** @type {number} */ count) => a.ticks ?? (a.log ? decades(...a.domain, count) : ticks(...a.domain, count));
      const words = (/** @type {Axis} */ a, /** @type {number[]} */ all, /** @type {number} */ v) =>
        a.format?.(v) ?? num(v, a.log ? 0 : Math.max(...all.map((t) => (String(t).split(".")[1] ?? "").length)));
      const across = steps(xAxis, xAxis.count ?? Math.max(2, width / 90));
      for (const v of across) {
        out.push(`<line class="grid" x1="${f(x(v))}" x2="${f(x(v))}" y1="${bottom()}" y2="${margin.top}"/>`);
        out.push(`<text x="${f(x(v))}" y="${bottom() + 15}" text-anchor="middle">${esc(words(xAxis, across, v))}</text>`);
      }
      const up = steps(yAxis, yAxis.count ?? Math.max(2, height / 60));
      for (const v of up) {
        out.push(`<line class="grid" x1="${left()}" x2="${right()}" y1="${f(y(v))}" y2="${f(y(v))}"/>`);
        out.push(`<text x="${left() - 6}" y="${f(y(v) + 4)}" text-anchor="end">${esc(words(yAxis, up, v))}</text>`);
      }
      if (xAxis.label) out.push(`<text class="label" x="${f((left() + right()) / 2)}" y="${height - 4}" text-anchor="middle">${esc(xAxis.label)}</text>`);
      if (yAxis.label) out.push(`<text class="label" x="${left()}" y="${margin.top - 10}" text-anchor="start">${esc(yAxis.label)}</text>`);
      axes.innerHTML = out.join("");
    },
    /**
     * @param {Point[]} points
     * @param {{color?: Colour, width?: number, dash?: string, opacity?: number}} [look]
     */
    line(points, { color = "z", width: w = 2, dash = "", opacity = 1 } = {}) {
      const path = points.map(([a, b]) => `${f(x(a))},${f(y(b))}`).join(" ");
      parts.push(`<polyline points="${path}" fill="none" stroke="${paint(color)}" stroke-width="${w}" stroke-dasharray="${dash}" stroke-linejoin="round" stroke-linecap="round" opacity="${opacity}"/>`);
    },
    /**
     * @param {Point[]} points
     * @param {{color?: Colour, r?: number, opacity?: number | ((index: number) => number), hollow?: boolean}} [look]
     */
    dots(points, { color = "z", r = 3, opacity = 1, hollow = false } = {}) {
      points.forEach(([a, b], i) => {
        const clear = typeof opacity === "number" ? opacity : opacity(i);
        const look = hollow ? `fill="var(--surface)" stroke="${paint(color)}" stroke-width="2"` : `fill="${paint(color)}"`;
        parts.push(`<circle cx="${f(x(a))}" cy="${f(y(b))}" r="${r}" ${look} opacity="${clear.toFixed(2)}"/>`);
      });
    },
    /**
     * Bars from `base`, `width` wide in the units of the x axis.
     * @param {Point[]} points
     * @param {{color?: Colour, width?: number, base?: number, opacity?: number | ((index: number) => number)}} [look]
     */
    bars(points, { color = "x", width: w = 0.7, base = 0, opacity = 1 } = {}) {
      points.forEach(([a, b], i) => {
        const [x0, x1] = [x(a - w / 2), x(a + w / 2)];
        const [top, low] = [Math.min(y(b), y(base)), Math.max(y(b), y(base))];
        const clear = typeof opacity === "number" ? opacity : opacity(i);
        parts.push(`<rect x="${f(x0)}" y="${f(top)}" width="${f(Math.max(1, x1 - x0))}" height="${f(low - top)}" fill="${paint(color)}" opacity="${clear.toFixed(2)}"/>`);
      });
    },
    /**
     * A rule across the plot.
     * @param {{x?: number, y?: number, color?: Colour, dash?: string, width?: number, label?: string}} rule
     */
    rule({ x: vx, y: vy, color = "muted", dash = "", width: w = 1, label = "" }) {
      const [x1, x2] = vx === undefined ? [left(), right()] : [x(vx), x(vx)];
      const [y1, y2] = vy === undefined ? [margin.top, bottom()] : [y(vy), y(vy)];
      parts.push(`<line x1="${f(x1)}" x2="${f(x2)}" y1="${f(y1)}" y2="${f(y2)}" stroke="${paint(color)}" stroke-width="${w}" stroke-dasharray="${dash}"/>`);
      if (label) parts.push(`<text x="${f(vx === undefined ? x2 : x1 + 5)}" y="${f(vx === undefined ? y1 - 5 : y1 + 10)}" text-anchor="${vx === undefined ? "end" : "start"}" style="fill:${paint(color)}">${esc(label)}</text>`);
    },
    /**
     * @param {number} vx
     * @param {number} vy
     * @param {string} text
     * @param {{color?: Colour, anchor?: "start" | "middle" | "end", dx?: number, dy?: number, size?: number, bold?: boolean}} [look]
     */
    text(vx, vy, text, { color = "ink", anchor = "start", dx = 0, dy = 0, size = 12, bold = false } = {}) {
      parts.push(`<text x="${f(x(vx) + dx)}" y="${f(y(vy) + dy)}" text-anchor="${anchor}" style="fill:${paint(color)};font-size:${size}px;${bold ? "font-weight:650" : ""}">${esc(text)}</text>`);
    },
    /** Any SVG markup of the widget's own, in pixels. Escape what a reader typed. @param {string} markup */
    raw(markup) {
      parts.push(markup);
    },
    /**
     * A heat map: `value(row, column)` fills the cell from (column, row) to (column + 1, row + 1) in axis units.
     * @param {number} rows
     * @param {number} columns
     * @param {(row: number, column: number) => number} value between -1 and 1, see `heatColour`
     * @param {{theme?: "light" | "dark", gap?: number}} [look]
     */
    cells(rows, columns, value, { theme = pageTheme(), gap = 0 } = {}) {
      const pen = canvas?.getContext("2d");
      if (!canvas || !pen) return;
      const ratio = canvas.width / Math.max(1, width);
      const [x0, x1, y0, y1] = [x(0), x(columns), y(0), y(rows)].map((v) => v * ratio);
      const [dx, dy] = [(x1 - x0) / columns, (y1 - y0) / rows];
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const v = value(i, j);
          if (Number.isNaN(v)) continue;
          pen.fillStyle = heatColour(v, theme);
          const [a, b] = [Math.round(x0 + j * dx), Math.round(x0 + (j + 1) * dx)];
          const [c, d] = [Math.round(y0 + i * dy), Math.round(y0 + (i + 1) * dy)].sort((p, q) => p - q);
          pen.fillRect(a, c, b - a - gap * ratio, d - c - gap * ratio);
        }
      }
    },
    /** Shows what was drawn since `frame`. */
    end() {
      marks.innerHTML = parts.join("");
    },
  };
  return plot;
}

/** @typedef {ReturnType<typeof makePlot>} Plot */

/** @type {Record<string, number[][]>} from minus one over zero to one */
const HEAT = {
  light: [[24, 84, 173], [122, 170, 226], [244, 245, 247], [240, 170, 98], [184, 80, 0]],
  dark: [[120, 178, 255], [52, 104, 176], [35, 42, 52], [166, 96, 30], [255, 172, 84]],
};

/**
 * The colour of a value between -1 (blue) and 1 (orange) in heat maps.
 * @param {number} value
 * @param {"light" | "dark"} theme
 */
export const heatColour = (value, theme) => PALETTES[theme][Math.round(100 * Math.max(-1, Math.min(1, value))) + 100];

// Every hundredth is made once: a frame of a large heat map asks ten thousand times.
const PALETTES = /** @type {Record<string, string[]>} */ (
  Object.fromEntries(
    Object.entries(HEAT).map(([theme, stops]) => [
      theme,
      Array.from({ length: 201 }, (_, n) => {
        const i = Math.min(3, Math.floor(n / 50));
        return `rgb(${stops[i].map((v, k) => Math.round(v + (n / 50 - i) * (stops[i + 1][k] - v))).join(",")})`;
      }),
    ]),
  )
);

/**
 * A colour key. Lines differ by dash as well as by colour.
 * @param {{label: string, color: Colour, dash?: string, dot?: boolean, bar?: boolean}[]} items
 */
export function legend(items) {
  return h(
    "div",
    { class: "legend" },
    ...items.map(({ label, color, dash, dot, bar }) => {
      const stroke = `var(--${color})`;
      const mark = dot
        ? s("circle", { cx: 12, cy: 6, r: 4, fill: stroke })
        : bar
          ? s("rect", { x: 6, y: 1, width: 12, height: 10, fill: stroke })
          : s("line", { x1: 1, x2: 23, y1: 6, y2: 6, stroke, "stroke-width": 2.5, "stroke-dasharray": dash, "stroke-linecap": "round" });
      return h("span", {}, s("svg", { viewBox: "0 0 24 12", "aria-hidden": "true" }, mark), h("span", {}, label));
    }),
  );
}

const ICONS = {
  reset: "M3 3h2.4v10H3zM13.5 3v10L6 8z",
  back: "M11 3v10L4 8z",
  play: "M4 2.5v11L13 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M5 3v10l7-5z",
};
const icon = (/** @type {keyof typeof ICONS} */ name) => s("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: ICONS[name] }));

/** @type {Map<string, {resolve: (data: DataView) => void}>} */
const wanted = new Map();
/** @type {Map<string, Promise<DataView>>} */
const assets = new Map();
let ids = 0;

/**
 * Heavy data by name, see live.py. Asked for once, then kept.
 * @param {Model} model
 * @param {string} name
 * @returns {Promise<DataView>}
 */
function loadAsset(model, name) {
  const failed = (/** @type {string} */ why) => new Error(`The data “${name}” could not be loaded: ${why}`);
  if (!model.static) {
    return new Promise((resolve, reject) => {
      const answer = (/** @type {any} */ message, /** @type {DataView[]} */ buffers) => {
        if (message.type !== "asset" || message.name !== name) return;
        model.off("msg:custom", answer);
        if (message.error) reject(failed(message.error));
        else resolve(buffers[0]);
      };
      model.on("msg:custom", answer);
      model.send({ type: "asset", name });
    });
  }
  const known = assets.get(name);
  if (known) return known;
  const loading = new Promise((resolve, reject) => {
    wanted.set(name, { resolve });
    /** @type {any} */ (globalThis).rnnbookAsset = (/** @type {string} */ key, /** @type {string} */ text) =>
      wanted.get(key)?.resolve(new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer));
    const script = document.createElement("script");
    script.src = `${document.documentElement.dataset.content_root ?? "./"}_static/rnnbook-weights/${name}.js`;
    script.onerror = () => {
      assets.delete(name);
      reject(failed(`${script.src} is not there.`));
    };
    document.head.append(script);
  });
  assets.set(name, loading);
  return loading;
}

/**
 * @param {string} name
 * @param {Model} model
 * @param {HTMLElement} el
 */
function makeUi(name, model, el) {
  el.dataset.widget = name;
  const shadow = el.shadowRoot ?? el.attachShadow({ mode: "open" });
  const body = h("div", { class: "body" });
  const card = h("div", { class: "card", role: "group", "aria-label": name, "data-theme": pageTheme() }, body);
  const style = h("style");
  style.textContent = STYLE;
  shadow.replaceChildren(style, card);

  /** @type {(() => void)[]} */
  const draws = [];
  /** @type {(() => void)[]} */
  const cleanups = [];
  /** @type {Map<Element, Plot>} */
  const plots = new Map();
  let frame = 0;
  let saving = false;
  let dead = false;

  /** Shows an error in the widget's place. @param {unknown} error */
  const fail = (error) => {
    dead = true;
    el.dataset.live = "error";
    card.replaceChildren(h("div", { class: "error", role: "alert" }));
    /** @type {Element} */ (card.firstChild).append(`This figure stopped: ${error instanceof Error ? error.message : error}`);
    console.error(error);
  };
  /** @template {any[]} A @param {(...args: A) => unknown} action @returns {(...args: A) => void} */
  const guarded = (action) => (...args) => {
    if (dead) return;
    try {
      const done = action(...args);
      if (done instanceof Promise) done.catch(fail);
    } catch (error) {
      fail(error);
    }
  };
  const drawNow = guarded(() => {
    cancelAnimationFrame(frame);
    frame = 0;
    const start = performance.now();
    for (const draw of draws) draw();
    performance.measure(`rnnbook:${name}`, { start });
  });
  const redraw = () => {
    if (!frame) frame = requestAnimationFrame(drawNow);
  };
  const listen = (/** @type {string} */ event, /** @type {(...args: any[]) => void} */ callback) => {
    model.on(event, callback);
    cleanups.push(() => model.off(event, callback));
  };
  const set = (/** @type {string} */ key, /** @type {any} */ value) => {
    model.set(key, value);
    if (saving) return;
    saving = true;
    // One message a frame is plenty for a kernel while a slider moves.
    requestAnimationFrame(() => {
      saving = false;
      model.save_changes();
    });
  };

  const themes = new MutationObserver(() => ui.theme !== card.dataset.theme && retheme());
  const system = matchMedia("(prefers-color-scheme: dark)");
  const retheme = () => {
    card.dataset.theme = ui.theme;
    redraw();
  };
  for (const node of [document.documentElement, document.body]) {
    themes.observe(node, { attributeFilter: ["data-theme", "theme", "data-jp-theme-light", "data-vscode-theme-kind"] });
  }
  system.addEventListener("change", retheme);
  const sizes = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const plot = plots.get(target);
      if (plot && contentRect.width > 0 && plot.width !== contentRect.width) plot.width = contentRect.width;
    }
    drawNow();
  });
  // JupyterLab takes arrow keys and letters for itself.
  const keep = (/** @type {Event} */ event) => event.stopPropagation();
  el.addEventListener("keydown", keep);
  cleanups.push(
    () => themes.disconnect(),
    () => sizes.disconnect(),
    () => system.removeEventListener("change", retheme),
    () => cancelAnimationFrame(frame),
    () => el.removeEventListener("keydown", keep),
  );

  /**
   * @param {string} label
   * @param {(id: string) => HTMLElement} make
   * @param {HTMLElement} [value]
   */
  const labelled = (label, make, value) => {
    const id = `c${++ids}`;
    return h("div", {}, h("div", { class: "head" }, h("label", { for: id }, label), value), make(id));
  };

  const ui = {
    name,
    model,
    /** Whether no kernel stands behind the widget. */
    static: model.static === true,
    /** Where the widget's nodes go: a column with even gaps. */
    body,
    card,
    /** @returns {"light" | "dark"} */
    get theme() {
      return pageTheme();
    },
    /** @type {(key: string) => any} */
    get: (key) => model.get(key),
    /** Sets a trait, redraws, and saves to the kernel once a frame. @type {(key: string, value: any) => void} */
    set,
    /** Runs when the trait changes, whoever changed it. @param {string} key @param {() => void} callback */
    on(key, callback) {
      listen(`change:${key}`, guarded(callback));
    },
    /** Adds a drawing function. @param {() => void} draw */
    draw(draw) {
      draws.push(draw);
    },
    redraw,
    fail,
    guarded,
    /** Runs when the widget is taken away. @param {() => void} clean */
    cleanup(clean) {
      cleanups.push(clean);
    },
    /** Heavy data by name, loaded when first asked for. @param {string} key @returns {Promise<DataView>} */
    asset: (key) => loadAsset(model, key),
    /** The card's heading; also its accessible name. @param {string} text */
    title(text) {
      card.setAttribute("aria-label", text.replace(/[$_{}]/g, ""));
      card.prepend(h("div", { class: "title" }, text));
    },
    /** Sliders and fields side by side, as many as fit. @param {...Child} children */
    row: (...children) => h("div", { class: "row" }, ...children),
    /** Choices, switches and buttons in a line that wraps. @param {...Child} children */
    bar: (...children) => h("div", { class: "bar" }, ...children),
    /** Columns above 560 px, else one below the other. @param {string} columns CSS, as "1fr 2fr" @param {...Child} children */
    split: (columns, ...children) => h("div", { class: "split", style: `--columns:${columns}` }, ...children),
    legend,
    /**
     * @param {string} key a number trait
     * @param {{label: string, min: number, max: number, step: number, format?: (value: number) => string, log?: boolean}} options
     *   with `log`, the slider moves over exponents and rounds to `step`
     */
    slider(key, { label, min, max, step, format = (v) => num(v, step < 1 ? (step < 0.1 ? 2 : 1) : 0), log = false }) {
      const range = log ? { min: Math.log(min), max: Math.log(max), step: (Math.log(max) - Math.log(min)) / 200 } : { min, max, step };
      const value = h("output");
      let input = h("input");
      const node = labelled(label, (id) => (input = h("input", { type: "range", id, ...range })), value);
      value.setAttribute("for", input.id);
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
    /** @param {string} label @param {() => unknown} action */
    button: (label, action) => h("button", { type: "button", onclick: guarded(action) }, label),
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
      const value = h("output");
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
      const buttons = acts.map(([label, settings]) => ui.button(label, () => Object.entries(settings).forEach(([key, value]) => set(key, value))));
      return h("div", { class: "try" }, h("p", {}, h("b", {}, "Try this. "), text), buttons.length > 0 && h("div", { class: "acts" }, ...buttons));
    },
    /** @param {PlotOptions} options */
    plot(options) {
      const plot = makePlot(options);
      plots.set(plot.area, plot);
      sizes.observe(plot.area);
      return plot;
    },
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
  };
  listen("change", redraw);
  return {
    ui,
    begin() {
      for (const [area, plot] of plots) {
        const { width } = area.getBoundingClientRect();
        if (width > 0) plot.width = width;
      }
      drawNow();
    },
    end() {
      for (const clean of cleanups.splice(0).reverse()) clean();
    },
  };
}

/** @typedef {ReturnType<typeof makeUi>["ui"]} Ui */

/**
 * Makes a widget's default export.
 * @param {string} name the Python class
 * @param {(ui: Ui) => void | (() => void)} build puts nodes into ui.body; may return a clean-up
 */
export function live(name, build) {
  return {
    /** @param {{model: Model, el: HTMLElement}} view */
    render({ model, el }) {
      const { ui, begin, end } = makeUi(name, model, el);
      el.dataset.live = model.static ? "static" : "kernel";
      try {
        const clean = build(ui);
        if (clean) ui.cleanup(clean);
        begin();
      } catch (error) {
        ui.fail(error);
      }
      return end;
    },
  };
}
