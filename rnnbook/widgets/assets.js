/** Heavy data that a widget asks for by name, see live.py. */

/** @typedef {import("./kit.js").Model} Model */

/** @type {Map<string, {resolve: (data: DataView) => void}>} */
const wanted = new Map();
/** @type {Map<string, Promise<DataView>>} */
const assets = new Map();

/**
 * Heavy data by name, see live.py. Asked for once, then kept.
 * @param {Model} model
 * @param {string} name
 * @returns {Promise<DataView>}
 */
export function loadAsset(model, name) {
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
