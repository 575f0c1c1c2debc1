/** Code that comes when it is asked for: pages stay light for readers who never start a training. */
import { decades, esc, h, heatColour, legend, num, pageTheme, percent, rich, s, ticks } from "./kit.js";

/** What every part may use of the widget that loads it. @type {Record<string, any>} */
const modules = { $kit: { decades, esc, h, heatColour, legend, num, pageTheme, percent, rich, s, ticks } };
/** @type {Map<string, Promise<void>>} */
const loading = new Map();

/** @param {import("./kit.js").Ui} ui @param {string} name */
async function take(ui, name) {
  const text = await ui.asset(name);
  const url = URL.createObjectURL(new Blob([/** @type {BlobPart} */ (/** @type {unknown} */ (text))], { type: "text/javascript" }));
  try {
    Object.assign(modules, (await import(url)).default(modules));
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * Loads parts, each once and after those that it builds on; see `part` in live.py.
 * @param {import("./kit.js").Ui} ui
 * @param {...string} names
 * @returns {Promise<any>} all modules that have come so far: `$name` holds the exports of name.js
 */
export async function load(ui, ...names) {
  for (const name of names) {
    if (!loading.has(name)) loading.set(name, take(ui, name));
    try {
      await loading.get(name);
    } catch (error) {
      loading.delete(name);
      throw error;
    }
  }
  return modules;
}
