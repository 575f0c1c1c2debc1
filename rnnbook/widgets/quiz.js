import { h, live, rich } from "./kit.js";

/** @typedef {{answer?: string, type?: string, value?: number, range?: [number, number], correct?: boolean, feedback: string}} Answer */
/** @typedef {{question: string, type: string, answers: Answer[]}} Question */

/**
 * The verdict on a number.
 * @param {Answer[]} answers
 * @param {number} value
 * @returns {Answer}
 */
export function judge(answers, value) {
  const close = (/** @type {number} */ wanted) => Math.abs(value - wanted) <= 1e-6 * Math.max(1, Math.abs(wanted));
  const found = answers.find(
    (a) => (a.type === "value" && close(/** @type {number} */ (a.value))) || (a.type === "range" && a.range && a.range[0] <= value && value <= a.range[1]),
  );
  return found ?? /** @type {Answer} */ (answers.find((a) => a.type === "default"));
}

/**
 * Text with `code` and $mathematics$.
 * @param {string} text
 */
function words(text) {
  const out = document.createDocumentFragment();
  text.split("`").forEach((part, i) => {
    if (i % 2 === 0) return out.append(rich(part));
    const code = h("code");
    code.append(part);
    out.append(code);
  });
  return out;
}

const LOOK = `
.question { padding: 0.35rem 0 0.2rem; }
.question + .question { border-top: 1px solid var(--line); padding-top: 0.9rem; }
.question legend { float: left; width: 100%; color: var(--ink); font-size: 1rem; font-weight: 600; margin-bottom: 0.45rem; text-wrap: pretty; }
.question legend + * { clear: both; }
.option { display: flex; gap: 0.6rem; align-items: baseline; padding: 0.35rem 0.5rem; border-radius: 8px; color: var(--ink); font-size: 0.95rem; cursor: pointer; }
.option:hover { background: var(--soft); }
.option input { flex: none; width: 16px; height: 16px; margin: 0; accent-color: var(--focus); transform: translateY(2px); }
.entry { display: flex; gap: 0.5rem; max-width: 18rem; align-items: end; } .entry button { flex: none; }
.question > button { margin: 0.3rem 0 0 0.5rem; }
.verdict { margin: 0.3rem 0 0 0.5rem; font-size: 0.95rem; }
.verdict b.right { color: var(--y); } .verdict b.wrong { color: var(--g); }
code { font: 0.92em ui-monospace, "SF Mono", Menlo, Consolas, monospace; background: var(--soft); padding: 0.05em 0.3em; border-radius: 4px; }
`;

export default live("Quiz", (ui) => {
  ui.title("Check yourself");
  ui.body.append(h("style", {}, document.createTextNode(LOOK)));
  /** @type {Question[]} */ (ui.get("questions")).forEach((question, n) => {
    const verdict = h("p", { class: "verdict", role: "status", "aria-live": "polite" });
    const tell = (/** @type {boolean} */ right, /** @type {string} */ feedback) => {
      const mark = h("b", { class: right ? "right" : "wrong" });
      mark.append(right ? "✓ Right. " : "✗ Not quite. ");
      verdict.replaceChildren(mark, words(feedback));
    };
    const legend = h("legend");
    legend.append(`${n + 1}. `, words(question.question));
    const field = h("fieldset", { class: "question", "data-question": n }, legend);
    if (question.type === "numeric") {
      const input = h("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `Your answer to question ${n + 1}` });
      const check = () => {
        const value = Number(input.value.trim().replace(/\u2212/g, "-").replace(/[,\s]/g, ""));
        if (!input.value.trim() || Number.isNaN(value)) {
          verdict.replaceChildren("Type a number, for example 42 or 0.5.");
          return;
        }
        const found = judge(question.answers, value);
        tell(Boolean(found.correct), found.feedback);
      };
      input.addEventListener("keydown", (event) => event.key === "Enter" && check());
      field.append(h("div", { class: "entry" }, input, ui.button("Check", check)));
    } else {
      const many = question.type === "many_choice";
      const name = `q${n}-${Math.random().toString(36).slice(2)}`;
      const boxes = question.answers.map((answer) => {
        const box = h("input", { type: many ? "checkbox" : "radio", name });
        const label = h("label", { class: "option" }, box, h("span"));
        /** @type {HTMLElement} */ (label.lastChild).append(words(answer.answer ?? ""));
        field.append(label);
        if (!many) box.addEventListener("change", () => tell(Boolean(answer.correct), answer.feedback));
        return box;
      });
      if (many) {
        field.append(
          ui.button("Check", () => {
            const wrong = question.answers.find((answer, i) => boxes[i].checked !== Boolean(answer.correct));
            const first = question.answers.find((answer) => answer.correct);
            tell(!wrong, wrong ? wrong.feedback : first?.feedback ?? "");
          }),
        );
      }
    }
    field.append(verdict);
    ui.body.append(field);
  });
});
