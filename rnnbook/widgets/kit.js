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

import { STYLE, pageTheme } from "./look.js";
import { h } from "./dom.js";
import { makePlot } from "./plot.js";
import { makeControls } from "./controls.js";
import { loadAsset } from "./assets.js";

export { decades, normals, num, percent, ticks, uniforms } from "./numbers.js";
export { esc, h, legend, rich, s } from "./dom.js";
export { heatColour } from "./plot.js";
export { pageTheme } from "./look.js";

/** @typedef {import("./dom.js").Child} Child */
/** @typedef {import("./dom.js").Colour} Colour */
/** @typedef {import("./plot.js").Point} Point */
/** @typedef {import("./plot.js").Plot} Plot */
/** @typedef {import("./plot.js").PlotOptions} PlotOptions */

/** The widget's place: a card in a shadow root. @param {string} name @param {HTMLElement} el */
function makeCard(name, el) {
  el.dataset.widget = name;
  const shadow = el.shadowRoot ?? el.attachShadow({ mode: "open" });
  const body = h("div", { class: "body" });
  const card = h("div", { class: "card", role: "group", "aria-label": name, "data-theme": pageTheme() }, body);
  const style = h("style");
  style.textContent = STYLE;
  shadow.replaceChildren(style, card);
  return { body, card };
}

/** How a widget stops: an error takes its place, and nothing guarded runs any more. @param {HTMLElement} el @param {HTMLElement} card */
function makeGuard(el, card) {
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
  return { fail, guarded };
}

/**
 * Drawing, at most once a frame, after plots have been measured where a width has changed; `drawNow` is for nodes that
 * come late: in the turn that puts them there, so that nobody meets them undrawn.
 * @param {string} name
 * @param {(action: () => unknown) => () => void} guarded
 */
function makeDrawing(name, guarded) {
  /** @type {(() => void)[]} */
  const draws = [];
  /** @type {Map<Element, Plot>} */
  const plots = new Map();
  let frame = 0;
  let resized = true;
  const drawNow = guarded(() => {
    cancelAnimationFrame(frame);
    frame = 0;
    const start = performance.now();
    if (resized) measure();
    for (const draw of draws) draw();
    performance.measure(`rnnbook:${name}`, { start });
  });
  const redraw = () => {
    if (!frame) frame = requestAnimationFrame(drawNow);
  };
  const measure = () => {
    resized = false;
    for (const [area, plot] of plots) {
      const { width } = area.getBoundingClientRect();
      if (width > 0 && plot.width !== width) plot.width = width;
    }
  };
  // Drawn in a frame of its own: what changes a height while the observer tells of sizes is an error to the page.
  const sizes = new ResizeObserver(() => {
    resized = true;
    redraw();
  });
  return {
    draws,
    drawNow,
    redraw,
    /** @param {PlotOptions} options */
    plot(options) {
      const plot = makePlot(options);
      plots.set(plot.area, plot);
      resized = true; // one that comes late is as wide as its place from its first frame on
      sizes.observe(plot.area);
      return plot;
    },
    end() {
      sizes.disconnect();
      cancelAnimationFrame(frame);
    },
  };
}

/** Sets traits, and saves them to the kernel once a frame. @param {Model} model */
function makeSetting(model) {
  let saving = false;
  return (/** @type {string} */ key, /** @type {any} */ value) => {
    model.set(key, value);
    if (saving) return;
    saving = true;
    // One message a frame is plenty for a kernel while a slider moves.
    requestAnimationFrame(() => {
      saving = false;
      model.save_changes();
    });
  };
}

/** Follows the page's theme; returns how to stop. @param {HTMLElement} card @param {() => void} redraw */
function followTheme(card, redraw) {
  const themes = new MutationObserver(() => pageTheme() !== card.dataset.theme && retheme());
  const system = matchMedia("(prefers-color-scheme: dark)");
  const retheme = () => {
    card.dataset.theme = pageTheme();
    redraw();
  };
  for (const node of [document.documentElement, document.body]) {
    themes.observe(node, { attributeFilter: ["data-theme", "theme", "data-jp-theme-light", "data-vscode-theme-kind"] });
  }
  system.addEventListener("change", retheme);
  return () => {
    themes.disconnect();
    system.removeEventListener("change", retheme);
  };
}

/** JupyterLab takes arrow keys and letters for itself: none leaves the widget. Returns how to stop. @param {HTMLElement} el */
function keepKeys(el) {
  const keep = (/** @type {Event} */ event) => event.stopPropagation();
  el.addEventListener("keydown", keep);
  return () => el.removeEventListener("keydown", keep);
}

/**
 * @param {string} name
 * @param {Model} model
 * @param {HTMLElement} el
 */
function makeUi(name, model, el) {
  const { body, card } = makeCard(name, el);
  const { fail, guarded } = makeGuard(el, card);
  const { draws, drawNow, redraw, plot, end } = makeDrawing(name, guarded);
  const set = makeSetting(model);
  /** @type {(() => void)[]} */
  const cleanups = [followTheme(card, redraw), keepKeys(el), end];
  const listen = (/** @type {string} */ event, /** @type {(...args: any[]) => void} */ callback) => {
    model.on(event, callback);
    cleanups.push(() => model.off(event, callback));
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
    drawNow,
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
    plot,
    ...makeControls({ model, set, listen, guarded, draws, cleanups }),
  };
  listen("change", redraw);
  return {
    ui,
    begin: drawNow,
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
