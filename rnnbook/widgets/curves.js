/** Curves that a reader's Python drew in the page, as data, in the book's own plot. The pages of the book load this; no widget does. */

import { h, rich, s } from "./dom.js";
import { STYLE, pageTheme } from "./look.js";
import { makePlot } from "./plot.js";

/** @typedef {import("./dom.js").Colour} Colour */
/** @typedef {import("./plot.js").Point} Point */
/** @typedef {{x: (number | null)[], y: (number | null)[], color: string, style: string, marker: string, hollow: boolean, every: number, width: number, alpha: number, label: string}} Line */
/** @typedef {{x?: number, y?: number, color: string, style: string, label: string}} Rule */
/** @typedef {{lines: Line[], rules: Rule[], title: string, xlabel: string, ylabel: string, legend: boolean, xscale: string, yscale: string, xlim: Point | null, ylim: Point | null, aspect: string | number}} Axes */
/** @typedef {{alt: string, columns: number, axes: Axes[]}} Figure */

/** @type {Colour[]} */
const CYCLE = ["x", "z", "y", "g", "c", "w"];
/** @type {Record<string, string>} */
const DASHES = { "--": "6 4", ":": "1.5 4", "-.": "7 4 1.5 4" };

/** A colour of Matplotlib as one that suits the page: the cycle's by number, greys as the muted ink. @param {string} name */
const colour = (name) => /^C\d+$/.test(name) ? CYCLE[Number(name.slice(1)) % CYCLE.length] : /^(0?\.\d+|gr[ae]y)$/.test(name) ? "muted" : /^(k|black)$/.test(name) ? "ink"
  : /^#[\da-f]{3,8}$/i.test(name) ? name : CYCLE["brgmcy".indexOf(name[0]) + 1] ?? "x";

/**
 * The values that an axis spans: its limits, else those of the data with a little room.
 * @param {Axes} axes
 * @param {"x" | "y"} which
 * @returns {Point}
 */
export function domain(axes, which) {
  const limits = which === "x" ? axes.xlim : axes.ylim;
  if (limits) return limits;
  const log = (which === "x" ? axes.xscale : axes.yscale) === "log";
  const seen = [...axes.lines.flatMap((line) => line[which]), ...axes.rules.map((rule) => rule[which] ?? null)];
  const values = /** @type {number[]} */ (seen.filter((v) => v !== null && (!log || v > 0)));
  if (!values.length) return log ? [0.1, 10] : [0, 1];
  const [low, high] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  if (log) return low === high ? [low / 10, high * 10] : [low * (low / high) ** 0.03, high * (high / low) ** 0.03];
  const room = low === high ? Math.abs(low) || 1 : 0.04 * (high - low);
  return [low - room, high + room];
}

/** The runs of a line between the values that are missing. @param {Line} line @returns {Point[][]} */
function pieces(line) {
  /** @type {Point[][]} */
  const runs = [[]];
  line.x.forEach((x, i) => {
    const y = line.y[i];
    if (x === null || y === null) runs.push([]);
    else runs[runs.length - 1].push([x, y]);
  });
  return runs.filter((run) => run.length);
}

/** A line of the legend. @param {Pick<Line, "color" | "style" | "label"> & {marker?: string}} line */
function key({ color, style, label, marker }) {
  const paint = colour(color).replace(/^[a-z]+$/, "var(--$&)");
  return h("span", {}, s("svg", { viewBox: "0 0 24 12", "aria-hidden": "true" },
    style && s("path", { d: "M0 6H24", fill: "none", stroke: paint, "stroke-width": 2, "stroke-dasharray": DASHES[style] ?? "" }),
    marker && s("circle", { cx: 12, cy: 6, r: 3, fill: paint })), rich(label));
}

/** One plot with its words; returns it with what draws it. @param {Axes} axes @param {string} alt @param {number} number */
function drawAxes(axes, alt, number) {
  const square = axes.aspect === "equal" || axes.aspect === 1;
  const plot = makePlot({ label: axes.title || alt, height: square ? undefined : 230, most: square ? 320 : 680, margin: { bottom: 24, left: 52 } });
  const named = [...axes.lines, ...axes.rules].filter(({ label }) => label);
  const node = h("div", { class: "curves" }, axes.title && h("div", { class: "caption" }, axes.title), axes.ylabel && h("div", { class: "name" }, axes.ylabel), plot.node,
    axes.xlabel && h("div", { class: "name across" }, axes.xlabel), axes.legend && named.length > 0 && h("div", { class: "legend" }, ...named.map(key)));
  const draw = () => {
    const [across, up] = [domain(axes, "x"), domain(axes, "y")];
    plot.frame({ domain: across, log: axes.xscale === "log" }, { domain: up, log: axes.yscale === "log" });
    for (const { x, y, color, style } of axes.rules) plot.rule({ x, y, color: /** @type {Colour} */ (colour(color)), dash: DASHES[style] ?? "" });
    // What lies beyond the limits ends at the frame; a dot on it is whole.
    const [left, right, top, bottom] = [plot.x(across[0]), plot.x(across[1]), plot.y(up[1]), plot.y(up[0])];
    plot.raw(`<clipPath id="frame${number}"><rect x="${left - 5}" y="${top - 5}" width="${right - left + 10}" height="${bottom - top + 10}"/></clipPath><g clip-path="url(#frame${number})">`);
    for (const line of axes.lines) {
      const color = /** @type {Colour} */ (colour(line.color));
      for (const points of pieces(line)) {
        if (line.style && points.length > 1) plot.line(points, { color, width: line.width, dash: DASHES[line.style] ?? "", opacity: line.alpha });
        if (line.marker) plot.dots(points.filter((_, i) => i % line.every === 0), { color, hollow: line.hollow, opacity: line.alpha });
      }
    }
    plot.raw("</g>");
    plot.end();
  };
  return { node, plot, draw };
}

/**
 * A figure as an element that draws itself once it has a width, and anew when that or the page's theme changes.
 * @param {Figure} figure
 * @returns {HTMLElement}
 */
export function drawFigure(figure) {
  const host = h("div", { role: "img", "aria-label": figure.alt, class: "py-figure" });
  const made = figure.axes.map((axes, number) => drawAxes(axes, figure.alt, number));
  const grid = h("div", { class: figure.columns > 1 ? "row" : "body", style: "--least: 15rem" }, ...made.map(({ node }) => node));
  const card = h("div", { class: "card", "aria-hidden": "true", "data-theme": pageTheme() }, grid);
  const style = h("style");
  style.textContent = `${STYLE} .card { margin: 0; padding: 0.7rem 0 0; border: 0; background: none; } .across { text-align: center; } .caption { font-weight: 500; }`;
  host.attachShadow({ mode: "open" }).append(style, card);
  const measure = () => {
    for (const { plot, draw } of made) {
      const { width } = plot.area.getBoundingClientRect();
      if (width > 0 && plot.width !== width) {
        plot.width = width;
        draw();
      }
    }
  };
  const sizes = new ResizeObserver(() => requestAnimationFrame(measure)); // see kit.js
  for (const { plot } of made) sizes.observe(plot.area);
  const retheme = () => { card.dataset.theme = pageTheme(); };
  new MutationObserver(retheme).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", retheme);
  return host;
}
