// A student notebook: its cells in order, answers taken out of it, answers put into it.
const text = (cell) => Array.isArray(cell.source) ? cell.source.join("") : cell.source;
const role = (cell) => cell.metadata?.rnnbook?.role;
const check = (cell) => cell.cell_type === "code" && text(cell).match(/^grader\.check\("(\w+)"\)/)?.[1];
const keras = /^\s*(?:from|import)\s+(?:keras|tensorflow)\b/m;

/** The code cells to run, in order, as { id, name, code, question }: `question` for those that take an answer. */
export function codeCells(notebook) {
  return notebook.cells.filter((cell) => cell.cell_type === "code" && !check(cell)).map((cell) => {
    const question = role(cell) === "answer" ? cell.metadata.rnnbook.question : undefined;
    const name = question ? question.toUpperCase() : role(cell) === "set-up" ? "Set-up" : "Given code";
    return { id: cell.id, name, code: text(cell), question };
  }).filter((cell) => cell.question || !keras.test(cell.code));
}

/** The notebook with the answers {id: text} written into it, ready to hand in. */
export function withAnswers(notebook, answers) {
  const copy = structuredClone(notebook);
  for (const cell of copy.cells) {
    if (answers[cell.id]) cell.source = answers[cell.id].split(/(?<=\n)/);
  }
  return copy;
}

/**
 * The answers in an uploaded notebook, as {id: text} by the ids of `own`, the page's notebook.
 * Cells are found by the mark that the student notebook gives them; where a service has dropped it, by their place before
 * `grader.check`. Throws an Error whose message is a sentence for the reader.
 */
export function answersIn(content, own) {
  let notebook;
  try { notebook = JSON.parse(content); } catch { throw new Error("This file is not a notebook: choose a file that ends in .ipynb."); }
  if (!Array.isArray(notebook?.cells)) throw new Error("This file is not a notebook: it has no cells.");
  const other = notebook.metadata?.rnnbook?.assignment, mine = own.metadata.rnnbook.assignment;
  if (other && other !== mine) throw new Error(`This is the notebook of assignment ${other}; this page is ${mine}.`);
  const answers = {};
  for (const cell of own.cells.filter((c) => ["answer", "written answer"].includes(role(c)))) {
    const found = marked(notebook, cell) ?? placed(notebook, cell, own);
    if (found !== undefined && found !== text(cell)) answers[cell.id] = found;
  }
  if (!Object.keys(answers).length) throw new Error("This notebook holds no answer yet, or is not one of this assignment.");
  return answers;
}

function marked(notebook, cell) {
  const { question } = cell.metadata.rnnbook;
  const same = notebook.cells.filter((c) => role(c) === role(cell) && c.metadata.rnnbook.question === question);
  const found = same.find((c) => c.id === cell.id) ?? (same.length === 1 ? same[0] : undefined);
  return found && text(found);
}

function placed(notebook, cell, own) {
  if (role(cell) !== "answer") return undefined;
  const end = notebook.cells.findIndex((c) => check(c) === cell.metadata.rnnbook.question);
  const start = notebook.cells.slice(0, Math.max(end, 0)).findLastIndex(check);
  const given = new Set(own.cells.filter((c) => role(c) !== "answer").map(text));
  const between = notebook.cells.slice(start + 1, end).filter((c) => c.cell_type === "code" && !given.has(text(c)) && role(c) !== "set-up");
  return between.length ? between.map(text).join("\n\n\n") : undefined;
}
