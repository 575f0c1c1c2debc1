/** HTML and SVG elements, text with simple mathematics, colour keys. No text is ever read as HTML. */

import { FACTS } from "./facts.js";

/** @typedef {Node | string | null | undefined | false} Child a string is read by `rich` */
/** @typedef {"x" | "z" | "y" | "w" | "g" | "c" | "ink" | "muted" | "line" | "minus" | "plus"} Colour a letter's colour: input, state, output, weights, gradient, cell */

const MATH = /([A-Za-zα-ωΑ-Ω∂√‖∏∑]['′]?)|_\{([^}]*)\}|\^\{([^}]*)\}|([^A-Za-zα-ωΑ-Ω∂√‖∏∑_^]+)|([_^])/g;

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
        last = h("var", { class: FACTS.letters[letter] ?? "" });
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
