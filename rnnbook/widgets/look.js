/** How widgets look: their style sheet and the theme of the page. */

import { FACTS } from "./facts.js";

const tones = (/** @type {Record<string, string>} */ colours) => Object.entries(colours).map(([name, value]) => `--${name}: ${value};`).join(" ");

export const STYLE = `
:host { display: block; }
.card {
  ${tones(FACTS.light)}
  box-sizing: border-box; container-type: inline-size; margin: 0.5rem 0 1rem; padding: 1rem 1.125rem 1.125rem;
  color: var(--ink); background: var(--surface); border: 1px solid var(--line); border-radius: 12px;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; text-align: left; color-scheme: light; -webkit-text-size-adjust: 100%;
}
.card[data-theme="dark"] {
  ${tones(FACTS.dark)}
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
.now { font-size: 0.9rem; font-weight: 600; color: var(--ink); white-space: nowrap; }
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
.player .now { min-width: 4.5em; text-align: right; }
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
@media (forced-colors: active) { .choice input:checked + span { forced-color-adjust: none; background: Highlight; color: HighlightText; border-color: Highlight; } }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; animation: none !important; } }
`;

/** @returns {"light" | "dark"} the theme that the page shows: the book's, Jupyter's, VS Code's, Colab's, else the system's */
export function pageTheme() {
  const { documentElement: page, body } = document;
  const named = page.dataset.theme || page.getAttribute("theme") || body.dataset.vscodeThemeKind;
  if (body.dataset.jpThemeLight) return body.dataset.jpThemeLight === "false" ? "dark" : "light";
  if (named && /dark|light/.test(named)) return named.includes("dark") ? "dark" : "light";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
