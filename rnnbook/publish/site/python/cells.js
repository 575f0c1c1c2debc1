// The fields of an assignment's page: editors, what their buttons do, what is kept, and what Python answered.
import { createEditor } from "./editor.js";
import { answersIn, codeCells, withAnswers } from "./notebook.js";
import { Python } from "./python.js";

const page = document.body.dataset.page;
const KEPT = `rnnbook-answers:${page}`;

const chapter = page.startsWith("notebooks/");
const file = `${chapter ? "" : "assignment_"}${page.split("/").pop()}.ipynb`;

const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

class Cell {
  constructor(root, book) {
    this.book = book;
    this.root = root;
    this.id = root.dataset.cell;
    this.question = root.dataset.question;
    this.seconds = Number(root.dataset.seconds);
    this.said = root.querySelector(".py-said");
    this.result = root.querySelector(".py-result");
    if (this.question) this.result.dataset.question = this.question;
    const field = root.querySelector("textarea");
    this.initial = field.defaultValue;
    this.run = root.querySelector(".py-run");
    this.check = root.querySelector(".py-check");
    this.reset = root.querySelector(".py-reset");
    this.#edit(field);
    this.run?.addEventListener("click", () => book.run(this));
    this.check?.addEventListener("click", () => book.run(this, [this.question]));
    this.reset.addEventListener("click", () => {
      const before = this.text;
      this.text = this.initial;
      this.result.replaceChildren();
      this.say("As it was at first.", () => { this.text = before; });
    });
  }

  // A written answer stays a plain field; code gets an editor.
  #edit(field) {
    const changed = () => {
      this.result.classList.add("py-old");
      this.book.keep();
    };
    if (!this.run) {
      this.editor = { get text() { return field.value; }, set text(value) { field.value = value; changed(); }, mark() {} };
      field.addEventListener("input", changed);
      return;
    }
    this.editor = createEditor(field, { changed, run: () => this.book.run(this), leave: () => this.run.focus() });
  }

  get text() { return this.editor.text; }
  set text(value) { this.editor.text = value; }

  /** Says one sentence below the field; with `undo`, offers to take it back. */
  say(sentence, undo) {
    this.said.replaceChildren(sentence);
    if (undo) {
      const button = element("button", { type: "button", className: "py-undo", textContent: "Undo" });
      button.addEventListener("click", () => {
        undo();
        this.said.replaceChildren();
        this.reset.focus();
      });
      this.said.append(" ", button);
    }
  }

  /** Shows what a run gave: {output, error, line} of the cell and, after a check, {output, passed, total} of the question. */
  show(ran, checked, notes = []) {
    this.result.classList.remove("py-old");
    this.result.replaceChildren();
    delete this.result.dataset.passed;
    delete this.result.dataset.total;
    for (const note of notes) this.result.append(element("p", { className: "py-note", textContent: note }));
    if (ran?.output) this.result.append(output(ran.output, "", "What the cell printed"));
    // Most cells draw nothing, so what draws is fetched when one does.
    if (ran?.figures) {
      const place = element("div");
      this.result.append(place);
      import("./curves.js").then(({ drawFigure }) => place.replaceWith(...ran.figures.map(drawFigure)));
    }
    if (ran?.error) this.result.append(output(ran.error, "py-error", "What went wrong"));
    this.editor.mark(ran?.line ?? 0);
    if (!checked) return;
    const { passed, total } = checked;
    Object.assign(this.result.dataset, { passed, total });
    const dots = element("span", { className: "py-dots", ariaHidden: "true" }, ...Array.from({ length: total }, (_, i) => element("i", { className: i < passed ? "on" : "" })));
    const words = total && passed === total ? "All public tests pass. Hidden tests look closer when your work is graded." : `${passed} of ${total} public tests pass.`;
    this.result.append(element("p", { className: `py-verdict${passed === total ? " py-all" : ""}` }, dots, words));
    this.result.append(output(checked.output + (checked.error ?? ""), passed === total ? "" : "py-hints", "What the tests found"));
    this.say("");
  }
}

function output(text, kind, label) {
  return element("pre", { className: `py-output ${kind}`, tabIndex: 0, ariaLabel: label, role: "group", textContent: text });
}

class Book {
  /** `code`: what can run on this page, in order, as `codeCells` gives it; `notebook`: the student notebook of an assignment. */
  constructor(code, notebook, sizes) {
    this.code = code;
    this.notebook = notebook;
    this.sizes = sizes;
    this.python = new Python({ say: (sentence, share) => this.#loading(sentence, share), blocked: () => this.#blocked() });
    addEventListener("pagehide", () => this.#write());
  }

  open(elements) {
    this.cells = elements.filter((root) => root.classList.contains("py-cell")).map((root) => new Cell(root, this));
    for (const root of elements.filter((root) => root.classList.contains("py-try"))) this.#offer(root);
    this.bar = elements.find((root) => root.classList.contains("py-bar"));
    this.#write();
    if (!this.bar) return;
    this.bar.querySelector(".py-check-all").addEventListener("click", () => this.checkAll());
    this.bar.querySelector(".py-download").addEventListener("click", () => this.download());
    const upload = this.bar.querySelector("input");
    upload.addEventListener("change", () => this.upload(upload));
  }

  // A chapter's cell: the editor comes when the reader asks for it.
  #offer(root) {
    const button = root.querySelector(".py-open"), more = root.querySelector(".py-more"), field = more.querySelector("textarea");
    let cell;
    const open = () => {
      if (!cell) {
        const kept = field.value;
        field.defaultValue = this.code.find(({ id }) => id === root.dataset.cell).code;
        field.value = kept || field.defaultValue;
        cell = new Cell(root, this);
        this.cells.push(cell);
      }
      more.hidden = !more.hidden;
      root.classList.toggle("py-cell", !more.hidden);
      button.ariaExpanded = String(!more.hidden);
      button.textContent = more.hidden ? "Edit and run" : "Close";
      if (!more.hidden) cell.editor.focus();
    };
    button.addEventListener("click", open);
    if (field.value) open();
  }

  /** Keeps what was typed in this browser, a moment after the last key. */
  keep() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.#write(), 300);
  }

  #write() {
    const answers = Object.fromEntries(this.cells.filter((cell) => cell.text !== cell.initial).map((cell) => [cell.id, cell.text]));
    try {
      if (Object.keys(answers).length) localStorage.setItem(KEPT, JSON.stringify(answers));
      else localStorage.removeItem(KEPT);
    } catch {
      const kept = this.bar?.querySelector(".py-kept");
      if (kept) kept.textContent = "This browser keeps nothing: download your notebook before you leave.";
    }
  }

  /** The cells of the notebook down to `last`, with what stands in the fields; all of them and the cell for experiments without. */
  #request(last, checks) {
    const fields = new Map(this.cells.map((cell) => [cell.id, cell]));
    const cells = this.code;
    const end = last ? cells.findIndex((cell) => cell.id === last.id) + 1 || cells.length : cells.length;
    const wanted = cells.slice(0, end).filter((cell) => !cell.question || fields.has(cell.id))
      .map(({ id, name, code }) => ({ id, name: chapter && id === last?.id ? "Your version" : name, code: fields.get(id)?.text ?? code }));
    if (last && !cells.some((cell) => cell.id === last.id)) wanted.push({ id: last.id, name: "Your cell", code: last.text });
    return { cells: wanted, checks };
  }

  async #ask(cell, last, checks, seconds) {
    if (this.busy) return { sentence: "" };
    this.busy = cell;
    const buttons = document.querySelectorAll(".py-run, .py-check, .py-check-all");
    for (const button of buttons) button.ariaDisabled = "true";
    const stop = element("button", { type: "button", className: "py-stop", textContent: "Stop" });
    stop.addEventListener("click", () => this.python.stop());
    cell.said.before(stop);
    cell.said.textContent = "Running …";
    cell.root.ariaBusy = "true";
    const answer = await this.python.run(this.#request(last, checks), seconds, this.sizes);
    cell.root.ariaBusy = "false";
    const focused = document.activeElement === stop;
    stop.remove();
    cell.progress?.remove();
    cell.progress = null;
    for (const button of buttons) button.ariaDisabled = null;
    if (focused) (cell.run ?? buttons[0])?.focus();
    this.busy = null;
    return answer;
  }

  async run(cell, checks = []) {
    const began = performance.now();
    if (this.busy) return;
    const answer = await this.#ask(cell, cell, checks, cell.seconds);
    if (answer.sentence !== undefined) return this.#sentence(cell, answer.sentence);
    // An error above matters where something went wrong here.
    const checked = answer.checks[cell.question];
    const fine = !answer.cells[cell.id]?.error && (!checked || checked.passed === checked.total);
    const notes = fine ? [] : this.cells.filter((other) => other !== cell && answer.cells[other.id]?.error)
      .map((other) => `${other.question ? `Your answer to ${other.question.toUpperCase()}` : "Your version of a cell above"} stops with an error: ${answer.cells[other.id].error.split("\n").pop()}`);
    cell.show(answer.cells[cell.id], checked, notes);
    const spent = this.started ? `Python started in ${this.started} s.` : `${checked ? "Checked" : "Ran"} in ${((performance.now() - began) / 1000).toFixed(1)} s.`;
    this.started = null;
    cell.say(spent);
    // Whoever listens hears the result with the same breath; the eye finds it below.
    if (checked) cell.said.prepend(element("span", { className: "hidden", textContent: `${checked.passed} of ${checked.total} public tests passed. ` }));
  }

  #sentence(cell, sentence) {
    cell.say("");
    cell.result?.classList.remove("py-old");
    if (sentence) cell.result?.replaceChildren(element("p", { className: "py-note", textContent: sentence }));
  }

  async checkAll() {
    if (this.busy) return;
    const asked = this.cells.filter((cell) => cell.check);
    const bar = { root: this.bar, said: this.bar.querySelector(".py-said"), result: null, say(text) { this.said.textContent = text; } };
    const answer = await this.#ask(bar, null, asked.map((cell) => cell.question), asked.reduce((sum, cell) => sum + cell.seconds, 0));
    if (answer.sentence !== undefined) return bar.say(answer.sentence);
    let passed = 0, total = 0;
    for (const cell of asked) {
      const checked = answer.checks[cell.question];
      cell.show(answer.cells[cell.id], checked);
      passed += checked.passed;
      total += checked.total;
    }
    bar.say(`${passed} of ${total} public tests passed.`);
  }

  download() {
    const answers = Object.fromEntries(this.cells.filter((cell) => cell.question && cell.text.trim()).map((cell) => [cell.id, cell.text]));
    const content = JSON.stringify(withAnswers(this.notebook, answers), null, 1) + "\n";
    const link = element("a", { href: URL.createObjectURL(new Blob([content], { type: "application/x-ipynb+json" })), download: file });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  async upload(input) {
    const said = this.bar.querySelector(".py-said");
    const [chosen] = input.files;
    if (!chosen) return;
    try {
      const answers = answersIn(await chosen.text(), this.notebook);
      const cells = this.cells.filter((cell) => cell.id in answers);
      const before = cells.map((cell) => cell.text);
      for (const cell of cells) cell.text = answers[cell.id];
      const undo = element("button", { type: "button", className: "py-undo", textContent: "Undo" });
      undo.addEventListener("click", () => {
        cells.forEach((cell, i) => { cell.text = before[i]; });
        said.replaceChildren();
        input.focus();
      });
      said.replaceChildren(`${cells.length} ${cells.length === 1 ? "answer" : "answers"} read from ${chosen.name}. `, undo);
    } catch (error) {
      said.textContent = error.message;
    }
    input.value = "";
  }

  #loading(sentence, share) {
    const cell = this.busy;
    if (!cell) return;
    if (share === 1) this.started = sentence.match(/([\d.]+) s\./)[1];
    if (share < 1 && !cell.progress) {
      cell.progress = element("progress", { max: 1, ariaLabel: "Python is loading" });
      cell.said.before(cell.progress);
    }
    if (cell.progress) cell.progress.value = share;
    if (share === 1) cell.progress?.remove();
    if (cell.said.textContent !== sentence) cell.said.textContent = share === 1 ? "Running …" : sentence;
  }

  // Where no worker may start, the notebook takes the place of the buttons; what was typed stays, and can be downloaded.
  #blocked() {
    for (const root of document.querySelectorAll(".py-cell, .py-bar, .py-try")) {
      const buttons = root.querySelectorAll(".py-run, .py-check, .py-check-all");
      if (!buttons.length) continue;
      const link = element("a", { href: file, download: file, textContent: "the notebook" });
      buttons[0].before(element("span", { className: "py-instead" }, "Python cannot start in this browser. Answer in ", link, "."));
      for (const button of buttons) button.remove();
    }
  }
}

/** Brings the fields of a page to life. */
export async function open(elements) {
  const base = new URL("./", import.meta.url);
  const read = async (address) => (await fetch(address)).json();
  const [source, sizes] = await Promise.all([read(chapter ? new URL(`${page}.json`, base) : file), read(new URL("sizes.json", base))]);
  new Book(chapter ? source : codeCells(source), chapter ? null : source, sizes).open(elements);
}
