// The search of the book: every section, term and source is a hit; words, beginnings of words, phrases, numbers, one wrong letter.
// The index is a script (search-index.js), because a page opened from disk may load scripts but not fetch files.

// What readers call it, and what the book calls it.
const SYNONYMS = {
  rnn: "recurrent neural network", rnns: "recurrent networks", bptt: "backpropagation through time", lstm: "long short-term memory",
  "long short term memory": "lstm", gru: "gated recurrent unit", sentiment: "movie reviews", classification: "movie reviews",
  install: "first cell installs", installation: "first cell installs", setup: "first cell installs", download: "run", marking: "grading", grades: "grading", homework: "assignments",
  license: "licence cc by", "teacher forcing": "true value", dataset: "imdb reviews", imdb: "large movie review", "word embedding": "embedding",
  "word vectors": "embedding", bilstm: "bidirectional", cnn: "convolution", convnet: "convolution", transformer: "attention",
  "exploding gradient": "exploding gradients", speed: "fast training", "running time": "seconds per epoch", gpu: "fast training gpu",
  reproduce: "reproducibility", reproducible: "reproducibility", "variable length": "padding", unrolling: "unfolding",
  unrolled: "unfolding", unroll: "unfolding", leakage: "leak", nan: "explodes", citation: "cite", offline: "without a network",
  regularization: "dropout overfitting", regularisation: "dropout overfitting", prerequisites: "what you should bring",
  memorization: "by heart", memorize: "by heart", memorizing: "by heart", significance: "p value", significant: "p value", reservoir: "echo state",
  backtesting: "rolling origin", backtest: "rolling origin", plagiarism: "copied work", cheating: "copied work", "prefix sum": "scan", irregular: "missing",
  "memory usage": "fills the memory", "memory requirements": "fills the memory",
  seq2seq: "sequence to sequence", "greedy decoding": "most probable", greedy: "most probable", plateau: "loss does not fall", fourier: "harmonics", seasonality: "season", pretraining: "reading first", probabilistic: "interval",
  errata: "changelog mistakes", docker: "container", syllabus: "one term", curriculum: "one term", "dark mode": "light or dark", cuda: "gpu", "hidden size": "number of units",
  "late submission": "late days", "late submissions": "late days", ensemble: "average answer", ensembles: "average answer", "copy memory": "copy task", colab: "launch button colab",
};
const STOP = new Set("a an and are as at be by can do does for from has have how i in is it its me my of on or the this to was what when where which why with you your".split(" "));
const WEIGHT = { title: 9, page: 4, text: 1, code: 0.35 };
const PAGES = [["notebooks/", 1], ["book/glossary", 1.25], ["book/exercises/", 0.55], ["book/references", 0.3], ["book/instructors", 0.8], ["book/grading", 0.8], ["book/status", 0.3], ["book/laboratory", 0.3]];

const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "")
  .replace(/(\d)[,\u202f](?=\d{3})/g, "$1").replace(/[\u2010-\u2015-]/g, " ").replace(/[‘’]/g, "'");
const tokens = (text) => plain(text).match(/[\p{L}\p{N}_]+(?:\.\d+)?/gu) ?? [];
const stem = (word) => word.length > 3 ? word.replace(/ies$/, "y").replace(/(?<=.{4})(?:ing|ed)$|(?<=..)e?s$|(?<=...)e$/, "") : word;
const isNumber = (word) => /^\d{3,}$/.test(word); // long enough to be looked for

let sections = [], spellings = new Map();

function add(pages) {
  sections = pages.flatMap(([page, pageTitle, records]) => records.map(([anchor, title, text, code]) => {
    const counts = new Map(); // word → weight of its places
    const count = (words, weight) => {
      const seen = new Map();
      for (const word of words) seen.set(word, (seen.get(word) ?? 0) + 1);
      for (const [word, n] of seen) counts.set(word, isNumber(word) ? 1 : (counts.get(word) ?? 0) + weight * (1 + Math.log(n)));
    };
    const titleWords = tokens(title);
    count(titleWords, WEIGHT.title / Math.sqrt(1 + titleWords.length / 3));
    if (anchor === "") count(tokens(pageTitle), WEIGHT.page);
    const textWords = tokens(text);
    count(textWords, WEIGHT.text / (0.7 + textWords.length / 600));
    count(tokens(code), WEIGHT.code);
    const factor = PAGES.find(([start]) => page.startsWith(start))?.[1] ?? 0.9;
    return { page, pageTitle, anchor, title, text, counts, factor, titleLine: ` ${titleWords.join(" ")} `, line: ` ${textWords.join(" ")} ` };
  }));
  spellings = new Map();
  for (const { counts } of sections) for (const word of counts.keys()) spellings.set(word, (spellings.get(word) ?? 0) + 1);
}

// Whether one letter more, less, another one, or two neighbours that changed places make the words equal.
function near(a, b) {
  if (Math.abs(a.length - b.length) > 1 || a[0] !== b[0]) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  const rest = (x, from, y, to) => x.slice(from) === y.slice(to);
  return rest(a, i + 1, b, i + 1) || rest(a, i + 1, b, i) || rest(a, i, b, i + 1)
    || (a[i] === b[i + 1] && a[i + 1] === b[i] && rest(a, i + 2, b, i + 2));
}

// The spellings in the book that stand for a word of the query, each with how well it fits.
function spelled(word) {
  const found = new Map();
  for (const known of spellings.keys()) {
    if (known === word) found.set(known, 1);
    else if (stem(known) === stem(word)) found.set(known, 0.9);
    else if (word.length > 2 && known.startsWith(word)) found.set(known, 0.35 + 0.5 * word.length / known.length);
    else if (word.length > 4 && (known.endsWith(word) || known.split("_").includes(word))) found.set(known, 0.5);
  }
  if (!spellings.has(word) && word.length > 3) {
    for (const known of spellings.keys()) if (near(word, known)) found.set(known, Math.max(0.6, found.get(known) ?? 0));
  }
  if (!found.size && word.length > 6) {
    for (const known of spellings.keys()) if (known.startsWith(word.slice(0, -2))) found.set(known, 0.5); // reproduce, reproducible
  }
  return found;
}

function score(query) {
  let words = tokens(query);
  const asked = words.filter((word) => !STOP.has(word));
  if (asked.length) words = asked;
  const fits = words.map(spelled);
  const phrase = ` ${words.join(" ")} `;
  const hits = [];
  for (const section of sections) {
    let sum = 0, matched = 0;
    const marks = new Set();
    for (const fit of fits) {
      let best = 0;
      for (const [known, quality] of fit) {
        const weight = section.counts.get(known);
        if (!weight) continue;
        marks.add(known);
        best = Math.max(best, quality * weight * Math.log(1 + sections.length / spellings.get(known)));
      }
      if (best) matched++;
      sum += best;
    }
    if (!matched) continue;
    sum *= section.factor * (matched / fits.length) ** 3;
    if (words.length > 1 && section.titleLine.includes(phrase)) sum *= 3;
    else if (words.length > 1 && section.line.includes(phrase)) sum *= 2;
    if (section.titleLine.trim() === phrase.trim()) sum *= 2;
    hits.push({ section, score: sum, marks: [...marks], all: matched === fits.length });
  }
  return hits;
}

// The best sections for a query, best first: {section, score, marks}.
function find(query, most = 20) {
  query = query.replaceAll("⊙", " hadamard "); // no word of its own
  const line = tokens(query).join(" ");
  const best = new Map();
  const take = (hits, share) => {
    for (const hit of hits) {
      const known = best.get(hit.section);
      const value = hit.score * share;
      if (!known || known.score < value) best.set(hit.section, { ...hit, score: value, marks: [...new Set([...(known?.marks ?? []), ...hit.marks])] });
    }
  };
  take(score(query), 1);
  for (const pair of line.matchAll(/(?=\b(\w+) (\w+))\b/g)) { // what the book writes as one word, such as TimeDistributed
    if (spellings.has(pair[1] + pair[2])) take(score(line.replace(`${pair[1]} ${pair[2]}`, pair[1] + pair[2])), 0.9);
  }
  for (const word of line.split(" ").filter((word) => !spellings.has(word))) { // and the other way round: timeseries
    for (let cut = 3; cut <= word.length - 3; cut++) {
      const pair = `${word.slice(0, cut)} ${word.slice(cut)}`;
      if (sections.some((section) => section.line.includes(` ${pair} `))) take(score(line.replace(word, pair)), 0.9);
    }
  }
  for (const [said, meant] of Object.entries(SYNONYMS)) {
    if (` ${line} `.includes(` ${said} `)) take(score(` ${line} `.replace(` ${said} `, ` ${meant} `)), 0.8);
  }
  const hits = [...best.values()].sort((a, b) => b.score - a.score);
  return [...hits.filter((hit) => hit.all), ...hits.filter((hit) => !hit.all)].slice(0, most); // with all words first
}

// The passage around the first place where most of the marked words stand together.
function passage(section, marks, length = 220) {
  const places = [];
  const known = new Set(marks);
  for (const match of section.text.matchAll(/[\p{L}\p{N}_]+(?:[.,]\d+)*/gu)) {
    if (tokens(match[0]).some((word) => known.has(word))) places.push([match.index, match[0]]);
  }
  let from = 0, most = 0;
  for (const [at] of places) {
    const together = new Set(places.filter(([other]) => other >= at && other < at + length).map(([, word]) => word.toLowerCase())).size;
    if (together > most) [most, from] = [together, at];
  }
  const start = from < 60 ? 0 : section.text.indexOf(" ", from - 60) + 1;
  const end = start + length >= section.text.length ? section.text.length : section.text.lastIndexOf(" ", start + length);
  const parts = [start ? "… " : ""];
  let at = start;
  for (const [place, word] of places) {
    if (place < at || place + word.length > end) continue;
    const mark = document.createElement("mark");
    mark.textContent = word;
    parts.push(section.text.slice(at, place), mark);
    at = place + word.length;
  }
  return [...parts, section.text.slice(at, end), end < section.text.length ? " …" : ""];
}

function show(query) {
  const list = document.getElementById("search-results");
  const told = document.getElementById("search-progress");
  const hits = query.trim() ? find(query) : [];
  list.replaceChildren(...hits.map(({ section, marks }) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `${section.page}?highlight=${encodeURIComponent(marks.join(" "))}${section.anchor && `#${section.anchor}`}`;
    link.textContent = section.title;
    const where = document.createElement("p");
    where.className = "where";
    where.textContent = section.anchor ? section.pageTitle : "";
    const text = document.createElement("p");
    text.className = "context";
    text.append(...passage(section, marks));
    item.append(link, ...(where.textContent ? [where] : []), text);
    return item;
  }));
  const number = hits.length === 20 ? "The 20 best places" : `${hits.length} place${hits.length > 1 ? "s" : ""}`;
  told.textContent = !query.trim() ? ""
    : !hits.length ? `Nothing was found for “${query}”. Try another word, or the beginning of one.`
    : hits[0].all ? `${number} for “${query}”`
    : `No place has all words of “${query}”. ${number} with some of them:`;
}

globalThis.rnnbookIndex = (pages) => {
  add(pages);
  const box = document.getElementById("find");
  box.value = new URLSearchParams(location.search).get("q") ?? "";
  show(box.value);
  box.addEventListener("input", () => {
    show(box.value);
    const address = new URL(location.href);
    address.searchParams.set("q", box.value);
    history.replaceState(null, "", address);
  });
  box.form.addEventListener("submit", (event) => event.preventDefault());
  // The arrow keys go from the box to the hits and back.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [box, ...document.querySelectorAll("#search-results a")];
    const at = stops.indexOf(document.activeElement);
    if (at < 0) return;
    event.preventDefault();
    stops[Math.max(0, Math.min(stops.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))].focus();
  });
};
globalThis.rnnbookFind = (query) => find(query, 3).map(({ section }) => `${section.page}#${section.anchor} ${section.title}`);
