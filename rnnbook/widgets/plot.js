/** Plots that are drawn anew each time, and heat colours. */

import { num, ticks, decades } from "./numbers.js";
import { esc, h, s } from "./dom.js";
import { pageTheme } from "./look.js";

/** @typedef {import("./dom.js").Colour} Colour */
/** @typedef {[number, number]} Point */
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

/** @typedef {{left: number, right: number, top: number, bottom: number}} Margin */

/** Pixels as text, within what every browser can draw. @param {number} v */
const f = (v) => (Number.isFinite(v) ? Math.max(-4000, Math.min(9000, v)).toFixed(1) : v > 0 ? "9000" : "-4000");
const paint = (/** @type {Colour | string} */ c) => (/^[a-z]+$/.test(c) ? `var(--${c})` : c);

/** Where values stand in pixels: the size of a plot, and the axes that every drawing sets anew. @param {Margin} margin */
function makeScale(margin) {
  const place = (/** @type {Axis} */ axis, /** @type {number} */ value) => {
    const [low, high] = axis.domain;
    return axis.log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  };
  const scale = {
    width: 0,
    height: 0,
    axes: /** @type {[Axis, Axis]} */ ([{ domain: [0, 1] }, { domain: [0, 1] }]),
    top: margin.top,
    left: margin.left,
    /** While a page is laid out it may be narrower than any drawing. */
    get right() {
      return Math.max(margin.left + 100, scale.width - margin.right);
    },
    get bottom() {
      return scale.height - margin.bottom;
    },
    /** Pixels of a value on either axis. */
    x: (/** @type {number} */ v) => scale.left + place(scale.axes[0], v) * (scale.right - scale.left),
    y: (/** @type {number} */ v) => scale.bottom - place(scale.axes[1], v) * (scale.bottom - scale.top),
    /** Values at pixels of the area. @type {(px: number, py: number) => Point} */
    at: (px, py) => {
      const back = (/** @type {Axis} */ a, /** @type {number} */ t) =>
        a.log ? a.domain[0] * (a.domain[1] / a.domain[0]) ** t : a.domain[0] + t * (a.domain[1] - a.domain[0]);
      return [back(scale.axes[0], (px - scale.left) / (scale.right - scale.left)), back(scale.axes[1], (scale.bottom - py) / (scale.bottom - scale.top))];
    },
  };
  return scale;
}

/** @typedef {ReturnType<typeof makeScale>} Scale */

/** The axes as markup. @param {Scale} scale */
function drawAxes(scale) {
  const { width, height, x, y, axes: [xAxis, yAxis] } = scale;
  const out = [];
  const steps = (/** @type {Axis} */ a, /** @type {number} */ count) => a.ticks ?? (a.log ? decades(...a.domain, count) : ticks(...a.domain, count));
  const words = (/** @type {Axis} */ a, /** @type {number[]} */ all, /** @type {number} */ v) =>
    a.format?.(v) ?? num(v, a.log ? 0 : Math.max(...all.map((t) => (String(t).split(".")[1] ?? "").length)));
  const across = steps(xAxis, xAxis.count ?? Math.max(2, width / 90));
  for (const v of across) {
    out.push(`<line class="grid" x1="${f(x(v))}" x2="${f(x(v))}" y1="${scale.bottom}" y2="${scale.top}"/>`);
    out.push(`<text x="${f(x(v))}" y="${scale.bottom + 15}" text-anchor="middle">${esc(words(xAxis, across, v))}</text>`);
  }
  const up = steps(yAxis, yAxis.count ?? Math.max(2, height / 60));
  for (const v of up) {
    out.push(`<line class="grid" x1="${scale.left}" x2="${scale.right}" y1="${f(y(v))}" y2="${f(y(v))}"/>`);
    out.push(`<text x="${scale.left - 6}" y="${f(y(v) + 4)}" text-anchor="end">${esc(words(yAxis, up, v))}</text>`);
  }
  if (xAxis.label) out.push(`<text class="label" x="${f((scale.left + scale.right) / 2)}" y="${height - 4}" text-anchor="middle">${esc(xAxis.label)}</text>`);
  if (yAxis.label) out.push(`<text class="label" x="${scale.left}" y="${scale.top - 10}" text-anchor="start">${esc(yAxis.label)}</text>`);
  return out.join("");
}

/** Lines and areas, added to the `parts` of a drawing. @param {Scale} scale @param {string[]} parts */
const shapes = ({ x, y }, parts) => ({
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
});

/** Rules, words and what a widget draws by itself. @param {Scale} scale @param {string[]} parts */
const notes = (scale, parts) => ({
  /**
   * A rule across the plot.
   * @param {{x?: number, y?: number, color?: Colour, dash?: string, width?: number, label?: string}} rule
   */
  rule({ x: vx, y: vy, color = "muted", dash = "", width: w = 1, label = "" }) {
    const [x1, x2] = vx === undefined ? [scale.left, scale.right] : [scale.x(vx), scale.x(vx)];
    const [y1, y2] = vy === undefined ? [scale.top, scale.bottom] : [scale.y(vy), scale.y(vy)];
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
    parts.push(`<text x="${f(scale.x(vx) + dx)}" y="${f(scale.y(vy) + dy)}" text-anchor="${anchor}" style="fill:${paint(color)};font-size:${size}px;${bold ? "font-weight:650" : ""}">${esc(text)}</text>`);
  },
  /** Any SVG markup of the widget's own, in pixels. Escape what a reader typed. @param {string} markup */
  raw(markup) {
    parts.push(markup);
  },
});

/** @param {Scale} scale @param {HTMLCanvasElement | null} canvas */
const heat = (scale, canvas) => ({
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
    const ratio = canvas.width / Math.max(1, scale.width);
    const [x0, x1, y0, y1] = [scale.x(0), scale.x(columns), scale.y(0), scale.y(rows)].map((v) => v * ratio);
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
});

/**
 * A plot that is drawn anew each time: `frame`, then marks, then `end`. Sizes are pixels, so text stays legible.
 * @param {PlotOptions} options
 */
export function makePlot(options) {
  const scale = makeScale({ left: 44, right: 18, top: 10, bottom: 34, ...options.margin });
  const axes = s("g");
  const marks = s("g");
  const handles = s("g");
  const svg = s("svg", { role: "group", "aria-label": options.label }, s("g", { "aria-hidden": "true" }, axes, marks), handles);
  const canvas = options.cells ? h("canvas", { "aria-hidden": "true" }) : null;
  const area = h("div", { class: options.height ? "plot" : "plot square", style: options.most ? `max-width:${options.most}px` : false }, canvas, svg);
  const node = h("div", {}, options.caption && h("div", { class: "caption" }, options.caption), area);
  /** @type {string[]} */
  const parts = [];
  return {
    node,
    area,
    svg,
    handles,
    x: scale.x,
    y: scale.y,
    at: scale.at,
    /** Says anew what is drawn, for readers who hear it. @param {string} text */
    describe(text) {
      svg.setAttribute("aria-label", text);
    },
    /** @returns {number} the width in pixels, measured by the card's observer */
    get width() {
      return scale.width;
    },
    set width(value) {
      const height = options.height ?? value;
      [scale.width, scale.height] = [value, height];
      svg.setAttribute("height", String(height));
      svg.setAttribute("viewBox", `0 0 ${value} ${height}`);
      if (canvas) {
        const ratio = globalThis.devicePixelRatio || 1;
        [canvas.width, canvas.height] = [Math.round(value * ratio), Math.round(height * ratio)];
      }
    },
    /**
     * Starts a drawing with its axes. An axis with `ticks: []` and no label takes no line.
     * @param {Axis} xAxis
     * @param {Axis} yAxis
     */
    frame(xAxis, yAxis) {
      scale.axes = [xAxis, yAxis];
      parts.length = 0;
      canvas?.getContext("2d")?.clearRect(0, 0, canvas.width, canvas.height);
      axes.innerHTML = drawAxes(scale);
    },
    ...shapes(scale, parts),
    ...notes(scale, parts),
    ...heat(scale, canvas),
    /** Shows what was drawn since `frame`. */
    end() {
      marks.innerHTML = parts.join("");
    },
  };
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
