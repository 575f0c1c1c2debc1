/**
 * Stands in for the kernel in a page that has none: gives a widget's module the model that the anywidget
 * front-end module standard describes, kept in the page. live.py puts this file beside each static twin.
 */

/** @typedef {Record<string, any>} State */

/**
 * @param {any} a
 * @param {any} b
 * @returns {boolean} whether setting b over a changes nothing
 */
function same(a, b) {
  if (a === b) return true;
  if (a instanceof DataView && b instanceof DataView) {
    if (a.byteLength !== b.byteLength) return false;
    for (let i = 0; i < a.byteLength; i++) if (a.getUint8(i) !== b.getUint8(i)) return false;
    return true;
  }
  if (typeof a !== "object" || typeof b !== "object" || a instanceof DataView || b instanceof DataView) return false;
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * A model without a kernel. `static` tells a widget that nobody will answer `send` and nothing can be trained.
 * @param {State} state
 */
export function makeModel(state) {
  /** @type {Map<string, Function[]>} */
  const listeners = new Map();
  /** @type {(event: string, ...args: any[]) => void} */
  const fire = (event, ...args) => {
    for (const callback of [...(listeners.get(event) ?? [])]) callback(...args);
  };
  const model = {
    static: true,
    /** @type {(name: string) => any} */
    get: (name) => state[name],
    /** @type {(name: string, value: any) => void} */
    set(name, value) {
      if (same(state[name], value)) return;
      state[name] = value;
      fire("change:" + name, model, value);
      fire("change", model);
    },
    /** @type {(event: string, callback: Function) => void} */
    on(event, callback) {
      for (const name of event.split(/\s+/)) listeners.set(name, [...(listeners.get(name) ?? []), callback]);
    },
    /** @type {(event?: string | null, callback?: Function | null) => void} */
    off(event, callback) {
      for (const name of event ? event.split(/\s+/) : [...listeners.keys()]) {
        listeners.set(name, callback ? (listeners.get(name) ?? []).filter((f) => f !== callback) : []);
      }
    },
    save_changes() {},
    send() {},
  };
  return model;
}

/** @type {Map<string, Promise<any>>} */
const imported = new Map();

/**
 * Imports a module's text, once for all copies of a widget.
 * @param {string} text
 * @returns {Promise<any>}
 */
function importText(text) {
  let module = imported.get(text);
  if (!module) {
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    module = import(url).finally(() => URL.revokeObjectURL(url));
    imported.set(text, module);
  }
  return module;
}

/**
 * @param {string} selector
 * @param {ParentNode | null} place
 * @returns {any} the JSON in the script element
 */
function read(selector, place) {
  const script = place?.querySelector(selector);
  if (!script) throw new Error("A part of this widget is missing from the page.");
  return JSON.parse(script.textContent ?? "");
}

/**
 * Brings one twin to life.
 * @param {HTMLElement} root the element with data-widget
 * @returns {Promise<() => void>} stops the widget
 */
export async function start(root) {
  const controller = new AbortController();
  /** @type {(() => unknown)[]} */
  const cleanups = [];
  const picture = [...root.childNodes];
  const stop = () => {
    controller.abort();
    for (const clean of cleanups.splice(0).reverse()) clean();
  };
  try {
    const { state, bytes, modules } = read("script[data-rnnbook-state]", root.parentElement);
    for (const name in bytes) {
      state[name] = new DataView(Uint8Array.from(atob(bytes[name]), (c) => c.charCodeAt(0)).buffer);
    }
    const text = modules.map((/** @type {string} */ key) => read(`script[data-rnnbook-module="${key}"]`, document)).join("");
    const exported = (await importText(text)).default;
    const widget = typeof exported === "function" ? await exported() : exported;
    const model = makeModel(state);
    for (const step of ["initialize", "render"]) {
      const args = { model, signal: controller.signal };
      if (step === "render") root.replaceChildren();
      const clean = await widget[step]?.(step === "render" ? { ...args, el: root } : args);
      if (typeof clean === "function") cleanups.push(clean);
    }
    if (root.dataset.live !== "error") root.dataset.live = "static";
  } catch (error) {
    stop();
    root.dataset.live = "error";
    const note = document.createElement("p");
    note.setAttribute("role", "alert");
    note.textContent = `This figure could not come alive: ${error instanceof Error ? error.message : error}`;
    root.replaceChildren(...picture, note);
    console.error(error);
  }
  return stop;
}

/**
 * Starts every twin of the page that comes near the viewport, and stops it when it leaves the page.
 * @param {Document} page
 */
export function scan(page) {
  /** @type {Map<Element, Promise<() => void>>} */
  const running = new Map();
  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        near.unobserve(entry.target);
        running.set(entry.target, start(/** @type {HTMLElement} */ (entry.target)));
      }
    },
    { rootMargin: "400px" },
  );
  const claim = () => {
    for (const root of page.querySelectorAll('.rnnbook-widget > [data-live="picture"]')) {
      /** @type {HTMLElement} */ (root).dataset.live = "waiting";
      near.observe(root);
    }
  };
  claim();
  // A shared host stands beside the first twin only; the others are parsed later.
  if (page.readyState === "loading") page.addEventListener("DOMContentLoaded", claim);
  new MutationObserver(() => {
    for (const [root, stop] of running) {
      if (root.isConnected) continue;
      running.delete(root);
      stop.then((now) => now());
    }
  }).observe(page, { childList: true, subtree: true });
}
