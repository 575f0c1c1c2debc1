import { h, live, num, percent } from "./kit.js";
import { tokenize } from "./tokenize.js";

/**
 * Tokens as rnnbook.reviews.encode: 1 starts, 2 is a word outside the vocabulary, else rank + 3.
 * @param {string[]} words
 * @param {Map<string, number>} ranks
 * @param {number} numWords
 */
export const encode = (words, ranks, numWords) => [1, ...words.map((word) => (ranks.get(word) ?? numWords) + 3).map((token) => (token < numWords ? token : 2))];

/**
 * One row of the batch, by position in the unpadded row: -1 is padding; and the positions that are cut off.
 * @param {number} length
 * @param {number} maxlen
 * @param {"pre" | "post"} padding
 * @param {"pre" | "post"} truncating
 * @returns {{kept: number[], lost: number[]}}
 */
export function layOut(length, maxlen, padding, truncating) {
  const all = Array.from({ length }, (_, i) => i);
  const cut = Math.max(0, length - maxlen);
  const kept = truncating === "pre" ? all.slice(cut) : all.slice(0, length - cut);
  const lost = truncating === "pre" ? all.slice(0, cut) : all.slice(length - cut);
  const zeros = new Array(maxlen - kept.length).fill(-1);
  return { kept: padding === "pre" ? [...zeros, ...kept] : [...kept, ...zeros], lost };
}

const STYLE = `
.scroll { --left: #000; --right: #000; overflow-x: auto; padding: 3px 2px 6px; border-radius: 8px; mask-image: linear-gradient(to right, var(--left), #000 2rem calc(100% - 2rem), var(--right)); }
.scroll.before { --left: transparent; } .scroll.after { --right: transparent; }
.tensor { border-collapse: separate; border-spacing: 3px; margin: 0; font-size: 0.84rem; }
.tensor td { min-width: 47px; height: 44px; padding: 2px 5px; text-align: center; border-radius: 6px; border: 1px solid transparent; line-height: 1.25; vertical-align: middle; white-space: nowrap; }
.tensor th { position: relative; padding: 0 4px; color: var(--muted); font-weight: 400; font-size: 0.78rem; }
.tensor td b { display: block; font-weight: 650; font-size: 0.9rem; }
.tensor td span { color: var(--muted); font-size: 0.78rem; }
.tensor .word { background: color-mix(in srgb, var(--x) 13%, var(--surface)); border-color: color-mix(in srgb, var(--x) 45%, var(--surface)); }
.tensor .oov { background: color-mix(in srgb, var(--g) 12%, var(--surface)); border-color: var(--g); border-style: dashed; }
.tensor .pad { background: var(--soft); border-color: var(--line); color: var(--muted); }
.tensor .lost { color: var(--muted); text-decoration: line-through; border: 1px dashed var(--line); }
.tensor .edge { min-width: 0; width: 3px; padding: 0; background: var(--ink); border-radius: 2px; }
.tensor .none { min-width: 0; padding: 0; border: 0; }
`;

/** @typedef {import("./kit.js").Ui} Ui */
/** @typedef {import("./kit.js").Plot} Plot */
/** @typedef {{maxlen: number, numWords: number, padding: "pre" | "post", truncating: "pre" | "post"}} Rule how texts become rows */

/**
 * A typed word as a node, so that a dollar in it is no mathematics.
 * @param {string} word
 */
const quiet = (word) => document.createTextNode(word);

/** The batch as a table that scrolls. */
function makeTable() {
  const table = h("table", { class: "tensor" });
  const scroll = h("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": "The batch tensor" }, table);
  // An edge fades where there is more: a row that is cut between two tokens looks whole.
  const fade = () => {
    scroll.classList.toggle("before", scroll.scrollLeft > 1);
    scroll.classList.toggle("after", scroll.scrollLeft + scroll.clientWidth < scroll.scrollWidth - 1);
  };
  scroll.addEventListener("scroll", fade);
  return { table, scroll, fade };
}

/** @param {Ui} ui @param {any} recorded @param {HTMLElement} scroll */
function arrange(ui, recorded, scroll) {
  const style = h("style");
  style.textContent = STYLE;
  const histogram = ui.plot({ label: "Review lengths", caption: "Reviews by number of words", height: 170, margin: { left: 46, top: 8, bottom: 38 } });
  const share = ui.plot({ label: "What maxlen keeps", caption: "What maxlen keeps", height: 170, margin: { left: 46, top: 8, bottom: 38 } });
  const batch = ui.readout();
  const told = ui.readout();

  ui.body.append(
    style,
    ui.text("text", { label: "Your reviews, one a line", rows: 4, limit: 1200 }),
    ui.bar(
      ui.choice("padding", { label: "padding", options: ["pre", "post"] }),
      ui.choice("truncating", { label: "truncating", options: ["pre", "post"] }),
    ),
    ui.row(
      ui.slider("maxlen", { label: "maxlen", min: 1, max: 20, step: 1 }),
      ui.slider("num_words", { label: "num_words, the vocabulary", min: 50, max: 2000, step: 50 }),
    ),
    scroll,
    ui.legend([
      { label: "word and token", color: "x", bar: true },
      { label: "2, outside the vocabulary", color: "g", bar: true },
      { label: "0, padding", color: "line", bar: true },
    ]),
    batch.node,
    ui.tryThis(
      "One word in the first review decides what it says. Cut the ends instead of the beginnings: is it still there? And how much is left to read with the 46 most frequent words?",
      ["Cut the ends", { truncating: "post", maxlen: 8 }],
      ["A vocabulary of 50", { num_words: 50 }],
      ["Back", { truncating: "pre", padding: "pre", maxlen: 8, num_words: 2000 }],
    ),
    ui.slider("reviews_maxlen", { label: `maxlen for the ${num(recorded.reviews, 0)} real reviews`, min: 10, max: 1500, step: 10 }),
    ui.split("1fr 1fr", histogram.node, share.node),
    ui.legend([{ label: "words kept", color: "x" }, { label: "reviews kept whole", color: "ink", dash: "5 4" }]),
    told.node,
  );
  return { histogram, share, batch, told };
}

/**
 * The rows of the table, and how many of their cells are padding, unknown words and words cut off.
 * @param {string[][]} rows words
 * @param {Map<string, number>} ranks
 * @param {Rule} rule
 */
function layRows(rows, ranks, { maxlen, numWords, padding, truncating }) {
  const laid = rows.map((words) => layOut(words.length + 1, maxlen, padding, truncating));
  const widest = Math.max(0, ...laid.map(({ lost }) => lost.length));
  let [pads, unknown, cut] = [0, 0, 0];
  const lines = rows.map((words, i) => {
    const tokens = encode(words, ranks, numWords);
    const cell = (/** @type {number} */ k) => {
      const kind = tokens[k] === 2 ? "oov" : "word";
      if (kind === "oov") unknown++;
      return h("td", { class: kind }, h("b", {}, String(tokens[k])), h("span", {}, k === 0 ? "start" : quiet(words[k - 1])));
    };
    const lost = laid[i].lost.map((k) => {
      if (k > 0) cut++;
      return h("td", { class: "lost" }, k === 0 ? "start" : quiet(words[k - 1]));
    });
    const kept = laid[i].kept.map((k) => (k < 0 ? (pads++, h("td", { class: "pad" }, h("b", {}, "0"))) : cell(k)));
    const blanks = Array.from({ length: widest - lost.length }, () => h("td", { class: "none" }));
    const edge = h("td", { class: "edge" });
    const head = h("th", { scope: "row" }, h("span", { class: "hidden" }, "review "), String(i + 1));
    if (!widest) return h("tr", {}, head, ...kept);
    return truncating === "pre" ? h("tr", {}, head, ...blanks, ...lost, edge, ...kept) : h("tr", {}, head, ...kept, edge, ...lost, ...blanks);
  });
  return { lines, pads, unknown, cut };
}

/**
 * @param {ReturnType<Ui["readout"]>} batch
 * @param {number} count of rows
 * @param {Rule} rule
 * @param {ReturnType<typeof layRows>} laid
 */
function tellBatch(batch, count, { maxlen, padding, truncating }, { pads, unknown, cut }) {
  const cells = count * maxlen;
  const side = (/** @type {string} */ which) => (which === "pre" ? "in front" : "at the end");
  const many = (/** @type {number} */ n, /** @type {string} */ one) => `${n} ${one}${n === 1 ? "" : "s"}`;
  batch.show(
    count === 0 && "Type a sentence or two: an empty batch has no tensor.",
    count > 0 && `Shape (${count}, ${maxlen}): ${many(cells, "cell")}, ${pads} of them padding ${side(padding)} (${percent(pads / cells)}). With 32 features a word it becomes (${count}, ${maxlen}, 32).`,
    count > 0 && `${many(cut, "word")} cut off ${side(truncating)}, ${many(unknown, "kept word")} outside the vocabulary.`,
  );
}

const AXIS = { domain: /** @type {[number, number]} */ ([0, 1500]), ticks: [0, 500, 1000, 1500] };

/** How many reviews are no longer than every tenth length, and bars of 50 words. @param {any} recorded */
function lengthsOf(recorded) {
  /** @type {number[]} */
  const whole = recorded.counts.reduce((/** @type {number[]} */ sums, /** @type {number} */ n) => [...sums, sums[sums.length - 1] + n], [0]);
  // Bars of 50 words; the tail beyond the axis is in the read-out's shares all the same.
  const bars = Array.from({ length: 30 }, (_, i) => [50 * i + 25, recorded.counts.slice(5 * i, 5 * i + 5).reduce((/** @type {number} */ a, /** @type {number} */ n) => a + n, 0)]);
  return { whole, bars };
}

/** @typedef {ReturnType<typeof lengthsOf>} Lengths */

/** The shares of words that are kept and of reviews that are left whole. @param {any} recorded @param {Lengths} lengths @param {number} limit */
const keptOf = (recorded, { whole }, limit) => ({ kept: recorded.kept[limit / 10] / recorded.words, intact: whole[limit / 10] / recorded.reviews });

/** @param {Plot} histogram @param {any} recorded @param {Lengths} lengths @param {number} limit */
function drawLengths(histogram, recorded, { bars }, limit) {
  const top = Math.max(...bars.map(([, n]) => n)) * 1.05;
  histogram.frame({ ...AXIS, label: "words in the review" }, { domain: [0, top], count: 4 });
  histogram.bars(/** @type {[number, number][]} */ (bars), { color: "x", width: 44, opacity: (i) => (bars[i][0] < limit ? 0.95 : 0.35) });
  histogram.rule({ x: limit, color: "ink", width: 2 });
  histogram.end();
  histogram.describe(`Lengths of ${num(recorded.reviews, 0)} real reviews, with a line at ${limit} words.`);
}

/** @param {Plot} share @param {any} recorded @param {Lengths} lengths @param {number} limit */
function drawShare(share, recorded, lengths, limit) {
  const { kept, intact } = keptOf(recorded, lengths, limit);
  const curve = (/** @type {number[]} */ values, /** @type {number} */ all) => values.slice(0, 151).map((v, i) => /** @type {[number, number]} */ ([10 * i, v / all]));
  share.frame({ ...AXIS, label: "maxlen" }, { domain: [0, 1], ticks: [0, 0.5, 1], format: (v) => percent(v) });
  share.line(curve(recorded.kept, recorded.words), { color: "x" });
  share.line(curve(lengths.whole, recorded.reviews), { color: "ink", dash: "5 4" });
  share.rule({ x: limit, color: "ink", width: 2 });
  share.dots([[limit, kept]], { color: "x", r: 4.5 });
  share.dots([[limit, intact]], { color: "ink", r: 4.5 });
  share.end();
  share.describe(`At maxlen ${limit}, ${percent(kept)} of the words are kept.`);
}

/** @param {ReturnType<Ui["readout"]>} told @param {any} recorded @param {{kept: number, intact: number}} shares @param {number} limit @param {number} numWords */
function tell(told, recorded, { kept, intact }, limit, numWords) {
  told.show(
    `On the real reviews, maxlen = ${num(limit, 0)} keeps ${percent(kept, 1)} of all ${num(recorded.words / 1e6, 1)} million words and leaves ${percent(intact, 1)} of the reviews whole.`,
    `A vocabulary of ${num(numWords, 0)} knows ${percent(recorded.known[numWords / 50 - 1] / recorded.words, 1)} of their words; one of 10,000 knows ${percent(recorded.known_10000 / recorded.words, 1)}.`,
  );
}

export default live("SequenceTensor", (ui) => {
  ui.title("From sentences to a tensor");
  const recorded = ui.get("recorded");
  const ranks = new Map(recorded.list.split(" ").map((/** @type {string} */ word, /** @type {number} */ i) => [word, i + 1]));
  const { table, scroll, fade } = makeTable();
  const { histogram, share, batch, told } = arrange(ui, recorded, scroll);
  const lengths = lengthsOf(recorded);
  let turned = "";
  ui.draw(() => {
    const rule = { maxlen: ui.get("maxlen"), numWords: ui.get("num_words"), padding: ui.get("padding"), truncating: ui.get("truncating") };
    const rows = /** @type {string} */ (ui.get("text")).split("\n").map(tokenize).filter((words) => words.length);
    const laid = layRows(rows, ranks, rule);
    table.replaceChildren(h("tbody", {}, ...laid.lines));
    if (rule.truncating !== turned) {
      // What is kept comes into sight, also where a phone has no room for what is cut; then the reader scrolls.
      turned = rule.truncating;
      const edge = turned === "pre" && table.querySelector(".edge");
      scroll.scrollLeft = edge ? scroll.scrollLeft + edge.getBoundingClientRect().left - scroll.getBoundingClientRect().left - 40 : 0;
    }
    fade();
    tellBatch(batch, rows.length, rule, laid);

    const limit = ui.get("reviews_maxlen");
    drawLengths(histogram, recorded, lengths, limit);
    drawShare(share, recorded, lengths, limit);
    tell(told, recorded, keptOf(recorded, lengths, limit), limit, rule.numWords);
  });
});
