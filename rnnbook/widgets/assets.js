/** Heavy data that a widget asks for by name, see live.py. */

/** @typedef {import("./kit.js").Model} Model */

/**
 * What pages without a kernel have loaded. All widgets of a page share it, though each brings a kit of its own: a script
 * that arrives calls one function for all of them.
 * @type {{rnnbookAssets?: Map<string, Promise<DataView>>, rnnbookAsset?: (name: string, text: string, kind?: "text") => void, rnnbookWanted?: Map<string, (data: DataView) => void>}}
 */
const shared = /** @type {any} */ (globalThis);

/** @param {string} text @param {"text"} [kind] base64 without it */
function bytesOf(text, kind) {
  const bytes = kind === "text" ? new TextEncoder().encode(text) : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new DataView(bytes.buffer);
}

const PATIENCE = 30_000; // milliseconds that a kernel has for an answer
/** What each model with a kernel has asked for. @type {WeakMap<Model, Map<string, Promise<DataView>>>} */
const asked = new WeakMap();

/**
 * Asks the kernel.
 * @param {Model} model
 * @param {string} name
 * @param {(why: string) => Error} failed
 * @returns {Promise<DataView>}
 */
function fromKernel(model, name, failed) {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      model.off("msg:custom", answer);
    };
    const timer = setTimeout(() => {
      end();
      reject(failed("no kernel answers. Run the cell again."));
    }, PATIENCE);
    const answer = (/** @type {any} */ message, /** @type {DataView[]} */ buffers) => {
      if (message.type !== "asset" || message.name !== name) return;
      end();
      if (message.error) reject(failed(message.error));
      else resolve(buffers[0]);
    };
    model.on("msg:custom", answer);
    model.send({ type: "asset", name });
  });
}

/**
 * Heavy data by name, see live.py. Asked for once, then kept; what could not be had is asked for again.
 * @param {Model} model
 * @param {string} name
 * @returns {Promise<DataView>}
 */
export function loadAsset(model, name) {
  const failed = (/** @type {string} */ why) => new Error(`The data “${name}” could not be loaded: ${why}`);
  if (!model.static) {
    const kept = asked.get(model) ?? new Map();
    asked.set(model, kept);
    if (!kept.has(name)) {
      kept.set(name, fromKernel(model, name, failed));
      kept.get(name).catch(() => kept.delete(name));
    }
    return kept.get(name);
  }
  const assets = (shared.rnnbookAssets ??= new Map());
  const wanted = (shared.rnnbookWanted ??= new Map());
  shared.rnnbookAsset ??= (key, text, kind) => wanted.get(key)?.(bytesOf(text, kind));
  const known = assets.get(name);
  if (known) return known;
  const loading = new Promise((/** @type {(data: DataView) => void} */ resolve, reject) => {
    wanted.set(name, resolve);
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
