import { h, heatColour, live, num, percent, uniforms } from "./kit.js";
import { lstmStep, matvec } from "./recurrences.js";

/** Characters that the network writes after the reader's text. */
const LENGTH = 240;
const MOST = 400;
const SHOWN = 10;
/** How deep a character's ground may be coloured with the character still legible on it. */
const DEEPEST = { light: 0.6, dark: 0.4 };

/** @typedef {{U: Float64Array[], W: Float64Array[], b: Float64Array, V: Float64Array[], c: Float64Array, units: number, alphabet: string}} Network */
/** @typedef {{Z: number[], C: number[]}} State */
/** @typedef {{text: string, logits: number[][], own: number}} Written text, logits after each of its characters, how many are the reader's */

/**
 * The network from its bytes: U, W and V as int8 with a scale each, then the biases b and c as float32.
 * @param {DataView} bytes
 * @param {{units: number, scales: Record<string, number>, alphabet: string}} layout
 * @returns {Network}
 */
export function unpack(bytes, { units, scales, alphabet }) {
  let at = 0;
  const rows = (/** @type {string} */ name, /** @type {number} */ count, /** @type {number} */ width) =>
    Array.from({ length: count }, () => Float64Array.from({ length: width }, () => (bytes.getInt8(at++) * scales[name]) / 127));
  const floats = (/** @type {number} */ count) => Float64Array.from({ length: count }, () => bytes.getFloat32((at += 4) - 4, true));
  const characters = alphabet.length;
  const [U, W, V] = [rows("U", 4 * units, characters), rows("W", 4 * units, units), rows("V", characters, units)];
  return { U, W, V, b: floats(4 * units), c: floats(characters), units, alphabet };
}

/** The state before anything is read. @param {Network} network @returns {State} */
export const start = (network) => ({ Z: new Array(network.units).fill(0), C: new Array(network.units).fill(0) });

/**
 * Reads one character: the logits of the next one, and the new state.
 * @param {Network} network
 * @param {string} letter
 * @param {State} state
 */
export function read(network, letter, { Z, C }) {
  const X = Array.from(network.alphabet, (a) => (a === letter ? 1 : 0));
  const next = lstmStep(X, Z, C, network);
  return { logits: matvec(network.V, next.Z).map((y, k) => y + network.c[k]), state: { Z: next.Z, C: next.C } };
}

/**
 * softmax(logits / temperature), cut to the nucleus: the fewest likely characters that hold topP together.
 * @param {number[]} logits
 * @param {number} temperature
 * @param {number} topP
 */
export function distribution(logits, temperature = 1, topP = 1) {
  const top = Math.max(...logits);
  const sizes = logits.map((y) => Math.exp((y - top) / temperature));
  const sum = sizes.reduce((a, b) => a + b);
  const p = sizes.map((v) => v / sum);
  const order = p.map((_, k) => k).sort((a, b) => p[b] - p[a]);
  let before = 0;
  const kept = order.filter((k) => (before += p[k]) - p[k] < topP);
  const held = kept.reduce((total, k) => total + p[k], 0);
  return p.map((v, k) => (kept.includes(k) ? v / held : 0));
}

/** The place at which the summed probabilities pass u. @param {number[]} p @param {number} u between 0 and 1 */
export function draw(p, u) {
  let sum = 0;
  const at = p.findIndex((v) => (sum += v) > u);
  return at < 0 ? p.lastIndexOf(Math.max(...p)) : at;
}

/** Any text in the characters of the course. @param {string} text @param {string} alphabet */
export function plain(text, alphabet) {
  const straight = text.toLowerCase().replace(/[’‘“”"]/g, "'").replace(/[–—]/g, "-");
  return Array.from(straight, (c) => (alphabet.includes(c) ? c : " ")).join("");
}

/** @type {Record<string, string>} */
const SIGNS = { "\n": "↵", " ": "␣" };
const visible = (/** @type {string} */ letter) => SIGNS[letter] ?? letter;
const bitsOf = (/** @type {number[]} */ logits, /** @type {number} */ k) => -Math.log2(Math.max(1e-12, distribution(logits)[k]));

const LOOK = `
.written { margin: 0; padding: 0.55rem 0.7rem; border: 1px solid var(--line); border-radius: 8px; line-height: 1.6; height: 11rem; overflow-y: auto; white-space: pre-wrap; font-family: ui-monospace, monospace; font-size: 0.95rem; }
.written b { font-weight: 700; }
`;

/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {{bits: number[], marks: HTMLElement[], painted: string}} Signs surprise of each character, its node, and the theme in which these are painted */

/**
 * The networks that write: the small one comes with the widget, the larger one is loaded when it is first chosen.
 * @param {Ui} ui
 */
function makeNetworks(ui) {
  const layouts = ui.get("layouts");
  /** @type {Map<string, Network>} */
  const networks = new Map([["small", unpack(ui.get("weights"), layouts.small)]]);
  return {
    /** Which one writes: the chosen one as soon as it is there. */
    get by() {
      return networks.has(ui.get("network")) ? ui.get("network") : "small";
    },
    get network() {
      return /** @type {Network} */ (networks.get(this.by));
    },
    async load() {
      const name = ui.get("network");
      if (networks.has(name)) return;
      networks.set(name, unpack(await ui.asset(layouts[name].asset), layouts[name]));
      ui.redraw();
    },
  };
}

/** @typedef {ReturnType<typeof makeNetworks>} Networks */

/**
 * What is read and written, as far as it is shown.
 * @param {Ui} ui
 * @param {Networks} networks
 * @param {HTMLElement} page where the characters go
 */
function makeWriting(ui, networks, page) {
  const { alphabet } = networks.network;
  let network = networks.network;
  /** @type {Written} */
  let written = { text: "", logits: [], own: 0 };
  let state = start(network);
  let chance = uniforms(1);
  let made = "";
  /** @type {Signs} */
  let signs = { bits: [], marks: [], painted: "" };
  const last = () => written.own + LENGTH;
  /** Reads one more character. @param {string} letter */
  function take(letter) {
    const { text, logits, own } = written;
    signs.bits.push(text ? bitsOf(logits[text.length - 1], alphabet.indexOf(letter)) : NaN);
    const mark = h(text.length < own ? "span" : "b", {});
    mark.append(letter === "\n" ? "↵\n" : letter);
    signs.marks.push(mark);
    page.append(mark);
    const done = read(network, letter, state);
    state = done.state;
    logits.push(done.logits);
    written.text += letter;
  }
  return {
    last,
    get written() {
      return written;
    },
    get signs() {
      return signs;
    },
    /** Reads the reader's text anew where it or a setting has changed, and writes as far as is shown: a slider must not wait for the rest. */
    write() {
      const settings = [...["first", "temperature", "top_p", "seed"].map((key) => ui.get(key)), networks.by];
      const [first, temperature, topP, seed] = settings;
      if (made !== JSON.stringify(settings)) {
        made = JSON.stringify(settings);
        ({ network } = networks);
        const own = plain(first.slice(0, MOST), alphabet) || "\n";
        written = { text: "", logits: [], own: own.length };
        [state, chance, signs] = [start(network), uniforms(seed + 1), { bits: [], marks: [], painted: "" }];
        page.replaceChildren();
        for (const letter of own) take(letter);
        if (ui.get("step") === 0 || ui.get("step") > last()) ui.set("step", own.length);
      }
      const wanted = Math.min(ui.get("step"), last());
      if (wanted > written.text.length) signs.painted = "";
      while (written.text.length < wanted) {
        take(alphabet[draw(distribution(written.logits[written.text.length - 1], temperature, topP), chance())]);
      }
    },
  };
}

/** @typedef {ReturnType<typeof makeWriting>} Writing */

/** @param {Ui} ui @param {HTMLElement} page @param {() => number} last */
function arrange(ui, page, last) {
  const next = ui.plot({ label: "The next character", caption: "How likely each next character is: filled as it is drawn, ringed as the network has learned it", height: 190, margin: { top: 8, bottom: 36 } });
  const told = ui.readout();
  const player = ui.player("step", { label: "Characters read", last, format: (i) => `${Math.min(i, last())} of ${last()}`, pace: 90 });
  ui.body.append(
    h("style", {}, document.createTextNode(LOOK)),
    ui.choice("network", { label: "Network", options: ["small", "larger"].map((name) => [name, ui.get("layouts")[name].label]) }),
    ui.text("first", { label: "First words, or a text of your own", rows: 2, limit: MOST }),
    ui.row(
      ui.slider("temperature", { label: "Temperature", min: 0.1, max: 2, step: 0.05 }),
      ui.slider("top_p", { label: "top-p", min: 0.05, max: 1, step: 0.05 }),
    ),
    ui.bar(ui.button("Draw anew", () => ui.set("seed", ui.get("seed") + 1)), ui.button("To the end", () => ui.set("step", last()))),
    player,
    page,
    ui.legend([{ label: "expected", color: "minus", bar: true }, { label: "surprising", color: "plus", bar: true }]),
    next.node,
    told.node,
    ui.tryThis(
      "Write with temperature 0.1, then 0.7, then 1.5: which failure do you see at each end? Then type a sentence of your own, and step to the character that surprises the network most. Does the larger network, which has read more, write better English?",
      ["Cold", { temperature: 0.1, top_p: 1 }],
      ["Hot", { temperature: 1.5, top_p: 1 }],
      ["Hot, but only the nucleus", { temperature: 1.5, top_p: 0.6 }],
      ["A speaker", { first: "first witch.\nwhen shall we three meet again", temperature: 0.7, top_p: 1 }],
    ),
  );
  return { next, told };
}

/** Colours the characters by their surprise, and shows those that have been read. @param {Signs} signs @param {HTMLElement} page @param {number} now @param {"light" | "dark"} theme */
function drawPage(signs, page, now, theme) {
  const { bits, marks } = signs;
  if (signs.painted !== theme) {
    marks.forEach((mark, i) => {
      if (i) mark.style.background = heatColour(DEEPEST[theme] * Math.max(-1, Math.min(1, (bits[i] - 2.5) / 3.5)), theme);
    });
    signs.painted = theme;
  }
  marks.forEach((mark, i) => (mark.style.display = i < now ? "" : "none"));
  page.scrollTop = page.scrollHeight;
}

/** @param {import("./kit.js").Plot} next @param {string} alphabet @param {number[]} logits @param {{learned: number[], drawn: number[]}} chances */
function drawNext(next, alphabet, logits, { learned, drawn }) {
  const order = learned.map((_, k) => k).sort((a, b) => logits[b] - logits[a]).slice(0, SHOWN);
  next.frame(
    { domain: [0, SHOWN], ticks: order.map((_, i) => i + 0.5), format: (v) => visible(alphabet[order[Math.floor(v)]]), label: "the next character" },
    { domain: [0, 1], ticks: [0, 0.5, 1] },
  );
  next.bars(order.map((k, i) => [i + 0.5, drawn[k]]), { color: "y", width: 0.6 });
  next.dots(order.map((k, i) => [i + 0.5, learned[k]]), { color: "ink", r: 5, hollow: true });
  next.end();
  next.describe(`The likeliest next characters: ${order.slice(0, 5).map((k) => `${visible(alphabet[k])} ${num(drawn[k])}, learned ${num(learned[k])}`).join("; ")}.`);
}

/** @param {ReturnType<Ui["readout"]>} told @param {string} alphabet @param {Writing} writing @param {number} now @param {number[]} drawn */
function tell(told, alphabet, { written, signs: { bits } }, now, drawn) {
  const mean = (/** @type {number[]} */ values) => values.reduce((a, b) => a + b, 0) / values.length;
  const own = bits.slice(1, written.own);
  const strongest = own.length ? own.indexOf(Math.max(...own)) + 1 : 0;
  const letter = written.text[now - 1];
  told.show(
    now > 1 && `‘${visible(letter)}’ came with ${num(bits[now - 1], 1)} bits of surprise: the network gave it ${percent(2 ** -bits[now - 1], 1)}.`,
    `Next it would draw ‘${visible(alphabet[drawn.indexOf(Math.max(...drawn))])}’ in ${percent(Math.max(...drawn))} of the cases; ${drawn.filter((p) => p > 0).length} of ${alphabet.length} characters can be drawn.`,
    now >= written.own && own.length > 0 && `Your text: ${num(mean(own))} bits a character, perplexity ${num(2 ** mean(own), 1)}; most surprising ‘${visible(written.text[strongest])}’ after ‘${written.text.slice(Math.max(0, strongest - 12), strongest).replace(/\n/g, "↵")}’, ${num(own[strongest - 1], 1)} bits.`,
  );
}

export default live("Writer", (ui) => {
  ui.title("A network reads and goes on");
  const networks = makeNetworks(ui);
  const load = () => networks.load().catch(ui.fail);
  const page = h("div", { class: "written", role: "group", "aria-label": "What is read and written", tabindex: 0 });
  const writing = makeWriting(ui, networks, page);
  const { next, told } = arrange(ui, page, writing.last);
  ui.on("network", load);
  load();
  ui.draw(() => {
    writing.write();
    const now = Math.max(1, Math.min(ui.get("step"), writing.last()));
    drawPage(writing.signs, page, now, ui.theme);
    const logits = writing.written.logits[now - 1];
    const chances = { learned: distribution(logits), drawn: distribution(logits, ui.get("temperature"), ui.get("top_p")) };
    const { alphabet } = networks.network;
    drawNext(next, alphabet, logits, chances);
    if (networks.by === ui.get("network")) tell(told, alphabet, writing, now, chances.drawn);
    else told.show("Loading the larger network …");
  });
});
