import { h, heatColour, live, num } from "./kit.js";
import { read, readNetwork, readWords, tokenize } from "./networks.js";

const NAMES = { simple_rnn: "SimpleRNN", stacked: "stacked", bidirectional: "bidirectional", dropout: "dropout", lstm: "LSTM", gru: "GRU" };
const UNKNOWN = 2;
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
`;

export default live("ReviewReader", (ui) => {
  ui.title("A trained network reads");
  /** @type {Map<string, number> | undefined} */
  let rows;
  /** @type {Map<string, import("./networks.js").Network>} */
  const networks = new Map();
  /** @type {string[]} */
  let words = [];
  /** @type {import("./networks.js").Reading | undefined} */
  let reading;
  /** @type {HTMLButtonElement[]} */
  let marks = [];
  const last = () => words.length;
  const step = () => Math.min(ui.get("step"), last());

  const list = h("div", { class: "words", role: "group", "aria-label": "The words as the network reads them", tabindex: 0 });
  const answer = ui.plot({ label: "Probability after each word", caption: "Probability that the review is positive, after each word", height: 150, margin: { top: 8, bottom: 22 } });
  const state = ui.plot({ label: "Hidden state", caption: "Hidden state $Z$, one row a unit", height: 210, cells: true, margin: { top: 6, bottom: 36 } });
  const told = ui.readout();
  const start = ui.button("Load the network and read", async () => {
    start.setAttribute("aria-disabled", "true");
    start.textContent = "Loading the network …";
    await load();
    ui.set("step", 0);
    alive.style.display = "";
    start.remove();
    ui.redraw();
  });
  const alive = h(
    "div",
    { class: "body", style: "display:none" },
    list,
    answer.node,
    state.node,
    ui.player("step", { label: "Words read", last, format: (i) => `${Math.min(i, last())} of ${last()}`, pace: 260 }),
    told.node,
  );
  const picks = /** @type {[string, string][]} */ (ui.get("reviews"));
  ui.body.append(
    h("style", {}, document.createTextNode(LOOK)),
    ui.choice("architecture", { label: "Network", options: /** @type {[string, string][]} */ (Object.entries(NAMES)) }),
    ui.text("text", { label: "Review: write your own, in English", rows: 4 }),
    ui.bar(...picks.map(([name, text]) => ui.button(name, () => {
      ui.set("text", text);
      ui.set("step", tokenize(text).length);
    }))),
    start,
    alive,
    ui.tryThis(
      "Let SimpleRNN read ‘A late turn’, then LSTM: who follows the turn? Now praise before or after the plot: SimpleRNN does not mind the order. Which of the six forgets the praise that came first?",
    ),
  );

  async function load() {
    const name = ui.get("architecture");
    rows ??= await readWords(await ui.asset("words"));
    if (!networks.has(name)) networks.set(name, await readNetwork(await ui.asset(name)));
    if (name === ui.get("architecture")) reread();
  }

  function reread() {
    const network = networks.get(ui.get("architecture"));
    if (!network || !rows) return;
    words = tokenize(ui.get("text")).slice(-(network.about.maxlen - 1));
    const tokens = words.map((word) => rows?.get(word) ?? UNKNOWN);
    const all = read(network, [1, ...tokens]);
    // What was read before the first word is the start symbol alone.
    reading = { states: all.states.slice(1), probabilities: all.probabilities.slice(1) };
    marks = words.map((word, i) => {
      const mark = ui.button("", () => ui.set("step", i + 1));
      mark.append(word);
      if (tokens[i] === UNKNOWN) mark.title = "not in the vocabulary: the network reads ‘unknown’";
      return mark;
    });
    list.replaceChildren(...marks.flatMap((mark) => [mark, " "]));
  }

  ui.on("architecture", () => {
    if (!start.isConnected) load().then(ui.redraw, ui.fail);
  });
  ui.on("text", () => {
    reread();
    if (step() !== ui.get("step")) ui.set("step", step());
  });

  ui.draw(() => {
    if (!reading) return;
    const { states, probabilities: p } = reading;
    const now = step();
    const domain = /** @type {[number, number]} */ ([0, Math.max(1, last())]);
    marks.forEach((mark, i) => {
      const change = p[i + 1] - p[i];
      mark.classList.toggle("ahead", i >= now);
      mark.classList.toggle("unknown", Boolean(mark.title));
      mark.style.background = i < now ? heatColour(Math.max(-0.75, Math.min(0.75, 2.5 * change)), ui.theme) : "";
      mark.setAttribute("aria-current", String(i === now - 1));
      mark.setAttribute("aria-label", `${words[i]}, ${change < 0 ? "down" : "up"} ${hundredths(Math.abs(change))}`);
    });
    const here = marks[now - 1];
    if (here && (here.offsetTop < list.scrollTop || here.offsetTop + here.offsetHeight > list.scrollTop + list.clientHeight)) list.scrollTop = here.offsetTop - 40;

    answer.frame({ domain, format: () => "", count: 8 }, { domain: [0, 1], ticks: [0, 0.5, 1] });
    answer.rule({ y: 0.5, dash: "4 3" });
    answer.line(p.map((v, i) => [i, v]), { color: "y", width: 1.5, opacity: 0.35 });
    answer.line(p.slice(0, now + 1).map((v, i) => [i, v]), { color: "y", width: 2.5 });
    answer.dots([[now, p[now]]], { color: "y", r: 5 });
    answer.end();
    answer.describe(`The probability after each word: from ${hundredths(p[0])} at the start to ${hundredths(p[now])} after ${now} of ${last()} words.`);

    const units = states[0].length;
    state.frame({ domain, label: "words read", count: 8, format: (v) => num(v, 0) }, { domain: [units, 0], ticks: [0, units], format: (v) => num(v, 0) });
    state.cells(units, last(), (unit, word) => (word < now ? states[word + 1][unit] : NaN), { theme: ui.theme });
    if (now) state.rule({ x: now, color: "ink" });
    state.end();
    state.describe(`The ${units} units of the hidden state after each of ${now} words; blue is negative, orange positive.`);

    const change = now ? p[now] - p[now - 1] : 0;
    const strongest = movers(p, 4).map((i) => `${words[i]} (${p[i + 1] < p[i] ? "" : "+"}${hundredths(p[i + 1] - p[i])})`);
    const strange = marks.filter((mark) => mark.title).length;
    told.show(
      last() === 0
        ? "There are no words to read yet: write a sentence or two in English."
        : now
          ? `After ${now} of ${last()} words: ${hundredths(p[now])}. ‘${words[now - 1]}’ moved it ${change < 0 ? "down" : "up"} by ${hundredths(Math.abs(change))}.`
          : `Before the first word: ${hundredths(p[0])}. Play, or step through the words.`,
      last() > 0 && `At the end: ${hundredths(p[last()])}, ${p[last()] >= 0.5 ? "positive" : "negative"}. Moved most by ${strongest.join(", ")}.`,
      strange > 0 && `${strange} ${strange === 1 ? "word is" : "words are"} not in the vocabulary of 10,000 and read as ‘unknown’ (dotted).`,
    );
  });
});
