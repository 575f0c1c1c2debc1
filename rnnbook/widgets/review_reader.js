import { h, heatColour, live, num } from "./kit.js";
import { FACTS } from "./facts.js";
import { read, readNetwork, readWords } from "./networks.js";
import { tokenize } from "./tokenize.js";

const UNKNOWN = 2;
/** How deep a word's ground may be coloured with the word still legible on it. */
const DEEPEST = { light: 0.6, dark: 0.4 };
/** A probability or a change of one. @param {number} v */
const hundredths = (v) => num(Math.round(100 * v) / 100);

/**
 * The words that moved the answer most, first the strongest.
 * @param {number[]} probabilities after the start and after every word
 * @param {number} count
 * @returns {number[]} places of words, from 0
 */
export function movers(probabilities, count) {
  const moved = probabilities.slice(1).map((p, i) => Math.abs(p - probabilities[i]));
  return moved.map((_, i) => i).sort((a, b) => moved[b] - moved[a]).slice(0, count);
}

const LOOK = `
.words { margin: 0; padding: 0.55rem 0.7rem; border: 1px solid var(--line); border-radius: 8px; line-height: 1.95; max-height: 15rem; overflow-y: auto; position: relative; }
.words button { min-height: 0; min-width: 0; border: 0; padding: 0.08rem 0.22rem; margin: 0 0.06rem; border-radius: 4px; font-size: 0.98rem; background: transparent; color: var(--ink); }
.words button.ahead { color: var(--muted); }
.words button.unknown { text-decoration: underline dotted var(--muted); text-underline-offset: 3px; }
.words button[aria-current="true"] { outline: 2px solid var(--ink); }
textarea { field-sizing: content; min-height: 4.8rem; max-height: 14rem; }
.start { justify-self: start; color: var(--surface); background: var(--focus); border-color: var(--focus); font-weight: 600; }
.start:hover:enabled { background: var(--ink); }
`;

/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {import("./kit.js").Plot} Plot */
/** @typedef {import("./networks.js").Reading & {by: string}} Read `by` which network */

/**
 * Networks, loaded when they are first asked for, and what the one that is chosen makes of the text.
 * @param {Ui} ui
 * @param {HTMLElement} list where the words go, a button each
 */
function makeReader(ui, list) {
  /** @type {Map<string, number> | undefined} */
  let rows;
  /** @type {Map<string, import("./networks.js").Network>} */
  const networks = new Map();
  const now = {
    words: /** @type {string[]} */ ([]),
    reading: /** @type {Read | undefined} */ (undefined),
    marks: /** @type {HTMLButtonElement[]} */ ([]),
    /** How each of them looks. */
    looks: /** @type {string[]} */ ([]),
  };
  async function load() {
    rows ??= await readWords(await ui.asset("words"));
    let name;
    do {
      name = ui.get("architecture"); // the reader may choose another one in the meantime
      if (!networks.has(name)) networks.set(name, await readNetwork(await ui.asset(name)));
    } while (name !== ui.get("architecture"));
    reread();
  }
  function reread() {
    const by = ui.get("architecture");
    const network = networks.get(by);
    if (!network || !rows) return;
    const words = tokenize(ui.get("text")).slice(-(network.about.maxlen - 1));
    const tokens = words.map((word) => rows?.get(word) ?? UNKNOWN);
    const all = read(network, [1, ...tokens]);
    // What was read before the first word is the start symbol alone.
    const reading = { by, states: all.states.slice(1), probabilities: all.probabilities.slice(1) };
    const marks = words.map((word, i) => markOf(ui, i, word, all.probabilities[i + 2] - all.probabilities[i + 1], tokens[i] === UNKNOWN));
    Object.assign(now, { words, reading, marks, looks: [] });
    list.replaceChildren(...marks.flatMap((mark) => [mark, " "]));
    ui.redraw();
  }
  return { now, load, reread };
}

/** A word as a button that leads to it. @param {Ui} ui @param {number} i @param {string} word @param {number} change of the probability @param {boolean} unknown */
function markOf(ui, i, word, change, unknown) {
  const mark = ui.button("", () => ui.set("step", i + 1));
  mark.setAttribute("aria-label", `${word}, ${change < 0 ? "down" : "up"} ${hundredths(Math.abs(change))}`);
  mark.tabIndex = -1; // the keyboard has the slider, instead of hundreds of stops
  mark.append(word);
  mark.classList.toggle("unknown", unknown);
  if (unknown) mark.title = "not in the vocabulary: the network reads ‘unknown’";
  return mark;
}

/** @param {Ui} ui @param {HTMLElement} list @param {() => number} last @param {() => Promise<void>} load */
function arrange(ui, list, last, load) {
  const answer = ui.plot({ label: "Probability after each word", caption: "Probability that the review is positive, after each word", height: 140, margin: { top: 8, bottom: 8 } });
  const state = ui.plot({ label: "Hidden state", caption: "Hidden state $Z$, one row a unit: blue negative, orange positive", height: 210, cells: true, margin: { top: 6, bottom: 36 } });
  const told = ui.readout();
  const player = ui.player("step", { label: "Words read", last, format: (i) => `${Math.min(i, last())} of ${last()}`, pace: 260 });
  const start = ui.button("Load the network and read", async () => {
    start.setAttribute("aria-disabled", "true");
    start.textContent = "Loading the network …";
    await load();
    ui.set("step", 0);
    alive.style.display = "";
    start.remove();
    ui.redraw();
    const play = /** @type {HTMLElement} */ (player.querySelector("[aria-label=Play]"));
    play.focus({ preventScroll: true });
    play.click();
  });
  start.classList.add("start");
  const alive = h(
    "div",
    { class: "body", style: "display:none" },
    list,
    ui.legend([{ label: "this word lowered the probability", color: "minus", bar: true }, { label: "raised it", color: "plus", bar: true }]),
    player,
    answer.node,
    state.node,
    told.node,
  );
  const picks = /** @type {[string, string][]} */ (ui.get("reviews"));
  const pick = ui.choice("text", { label: "Review", options: picks.map(([name, text]) => [text, name]) });
  // Once the choice has set the text: to the end, where the answer is.
  pick.addEventListener("change", () => ui.set("step", tokenize(ui.get("text")).length));
  ui.body.append(
    h("style", {}, document.createTextNode(LOOK)),
    ui.choice("architecture", { label: "Network", options: FACTS.networks }),
    pick,
    ui.text("text", { label: "or write your own, in English", rows: 3 }),
    start,
    alive,
    ui.tryThis(
      "Let SimpleRNN read ‘A late turn’, then LSTM: who follows the turn? Now praise before or after the plot: SimpleRNN does not mind the order. Which of the six forgets the praise that came first?",
    ),
  );
  return { answer, state, told, start };
}

/** Reads anew where another network is chosen or another text written. @param {Ui} ui @param {ReturnType<typeof makeReader>} reader @param {HTMLElement} start @param {() => number} last */
function follow(ui, { load, reread }, start, last) {
  ui.on("architecture", () => {
    if (!start.isConnected) load().catch(ui.fail);
  });
  let pause = 0;
  ui.on("text", () => {
    clearTimeout(pause);
    // A network that reads hundreds of words at every key would hold up the writer.
    pause = window.setTimeout(
      ui.guarded(() => {
        const atEnd = Math.min(ui.get("step"), last()) === last();
        reread();
        if (atEnd || ui.get("step") > last()) ui.set("step", last());
      }),
      120,
    );
  });
  ui.cleanup(() => clearTimeout(pause));
}

/** Colours the words that have been read. @param {ReturnType<typeof makeReader>["now"]} shown @param {HTMLElement} list @param {number} now @param {number[]} p @param {"light" | "dark"} theme */
function drawWords({ marks, looks }, list, now, p, theme) {
  marks.forEach((mark, i) => {
    const look = `${theme} ${i < now} ${i === now - 1}`;
    if (looks[i] === look) return; // of hundreds of words few change in a frame
    looks[i] = look;
    mark.classList.toggle("ahead", i >= now);
    mark.style.background = i < now ? heatColour(DEEPEST[theme] * Math.max(-1, Math.min(1, 3 * (p[i + 1] - p[i]))), theme) : "";
    mark.setAttribute("aria-current", String(i === now - 1));
  });
  const here = marks[now - 1];
  if (here && (here.offsetTop < list.scrollTop || here.offsetTop + here.offsetHeight > list.scrollTop + list.clientHeight)) list.scrollTop = here.offsetTop - 40;
}

/** @param {Plot} answer @param {number[]} p @param {number} now @param {number} last */
function drawAnswer(answer, p, now, last) {
  answer.frame({ domain: [0, Math.max(1, last)], format: () => "", count: 8 }, { domain: [0, 1], ticks: [0, 0.5, 1] });
  answer.rule({ y: 0.5, dash: "4 3" });
  answer.line(p.map((v, i) => [i, v]), { color: "y", width: 1.5, opacity: 0.35 });
  answer.line(p.slice(0, now + 1).map((v, i) => [i, v]), { color: "y", width: 2.5 });
  answer.dots([[now, p[now]]], { color: "y", r: 5 });
  answer.end();
  answer.describe(`The probability after each word: from ${hundredths(p[0])} at the start to ${hundredths(p[now])} after ${now} of ${last} words.`);
}

/** @param {Plot} state @param {number[][]} states @param {number} now @param {number} last @param {"light" | "dark"} theme */
function drawState(state, states, now, last, theme) {
  const units = states[0].length;
  state.frame({ domain: [0, Math.max(1, last)], label: "words read", count: 8, format: (v) => num(v, 0) }, { domain: [units, 0], ticks: [0, units], format: (v) => num(v, 0) });
  state.cells(units, last, (unit, word) => (word < now ? states[word + 1][unit] : NaN), { theme });
  if (now) state.rule({ x: now, color: "ink" });
  state.end();
  state.describe(`The ${units} units of the hidden state after each of ${now} words; blue is negative, orange positive.`);
}

/** @param {ReturnType<Ui["readout"]>} told @param {ReturnType<typeof makeReader>["now"]} shown @param {number[]} p @param {number} now */
function tell(told, { words, marks }, p, now) {
  const last = words.length;
  const change = now ? p[now] - p[now - 1] : 0;
  const strongest = movers(p, 4).map((i) => `${words[i]} (${p[i + 1] < p[i] ? "" : "+"}${hundredths(p[i + 1] - p[i])})`);
  const strange = marks.filter((mark) => mark.title).length;
  told.show(
    last === 0
      ? "There are no words to read yet: write a sentence or two in English."
      : now
        ? `After ${now} of ${last} ${last === 1 ? "word" : "words"}: ${hundredths(p[now])}. ‘${words[now - 1]}’ moved it ${change < 0 ? "down" : "up"} by ${hundredths(Math.abs(change))}.`
        : `Before the first word: ${hundredths(p[0])}. Play, or step through the words.`,
    last > 0 && `At the end: ${hundredths(p[last])}, ${p[last] >= 0.5 ? "positive" : "negative"}. Moved most by ${strongest.join(", ")}.`,
    strange > 0 && `${strange} ${strange === 1 ? "word is" : "words are"} not in the vocabulary of 10,000 and read as ‘unknown’ (dotted).`,
  );
}

export default live("ReviewReader", (ui) => {
  ui.title("A trained network reads");
  const list = h("div", { class: "words", role: "group", "aria-label": "The words as the network reads them", tabindex: 0 });
  const reader = makeReader(ui, list);
  const last = () => reader.now.words.length;
  const { answer, state, told, start } = arrange(ui, list, last, reader.load);
  follow(ui, reader, start, last);
  ui.draw(() => {
    const { now: shown } = reader;
    if (!shown.reading) return;
    if (shown.reading.by !== ui.get("architecture")) return told.show("Loading the network …");
    const { states, probabilities } = shown.reading;
    const [step, all, theme] = [Math.min(ui.get("step"), last()), last(), ui.theme];
    drawWords(shown, list, step, probabilities, theme);
    drawAnswer(answer, probabilities, step, all);
    drawState(state, states, step, all, theme);
    tell(told, shown, probabilities, step);
  });
});
