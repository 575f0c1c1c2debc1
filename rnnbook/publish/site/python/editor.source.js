// The editor of the page, CodeMirror 6 with what Python in a page needs. `editor.js` is made of this file:
//   npm install --no-save codemirror@6.0.2 @codemirror/lang-python@6.2.1 esbuild@0.28.2
//   npx esbuild rnnbook/publish/site/python/editor.source.js --bundle --minify --format=esm --legal-comments=none
//     --banner:js="/* CodeMirror 6 (MIT licence, Marijn Haverbeke and others), bundled from editor.source.js. */"
//     --outfile=rnnbook/publish/site/python/editor.js
import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const markLine = StateEffect.define();
const marked = StateField.define({
  create: () => Decoration.none,
  update(value, transaction) {
    value = transaction.docChanged ? Decoration.none : value;
    for (const effect of transaction.effects) {
      if (!effect.is(markLine)) continue;
      const { doc } = transaction.state;
      value = effect.value < 1 || effect.value > doc.lines ? Decoration.none
        : Decoration.set([Decoration.line({ class: "py-wrong" }).range(doc.line(effect.value).from)]);
    }
    return value;
  },
  provide: (field) => EditorView.decorations.from(field),
});

// The colours are the book's own, by its CSS variables, so that they follow the theme.
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword, tags.moduleKeyword, tags.bool, tags.null], color: "var(--violet)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--green)" },
  { tag: [tags.number], color: "var(--amber)" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)], color: "var(--blue)" },
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
]);

/**
 * An editor in place of `field`, a <textarea>, with its text, name and selection.
 * Tab leaves the field until something was typed, then it indents; Escape always leaves it.
 */
export function createEditor(field, { changed, run, leave }) {
  let typed = false;
  const tab = (command) => (view) => (typed || !view.state.selection.main.empty) && command(view);
  const attributes = { "aria-label": field.getAttribute("aria-label"), "aria-describedby": field.getAttribute("aria-describedby") ?? "", id: field.id, tabindex: "0" };
  const view = new EditorView({
    state: EditorState.create({
      doc: field.value,
      selection: { anchor: field.selectionStart ?? 0, head: field.selectionEnd ?? 0 },
      extensions: [
        lineNumbers(), history(), drawSelection(), highlightSpecialChars(), indentOnInput(), bracketMatching(), closeBrackets(), python(), marked,
        indentUnit.of("    "), EditorState.tabSize.of(4), syntaxHighlighting(colours),
        EditorView.contentAttributes.of(attributes),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          typed = true;
          changed(update.state.doc.toString());
        }),
        EditorView.domEventHandlers({ blur() { typed = false; } }),
        keymap.of([
          { key: "Shift-Enter", run: () => (run(), true) },
          { key: "Escape", run: () => (leave(), true) },
          { key: "Tab", run: tab(indentMore), shift: tab(indentLess) },
          ...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap,
        ]),
      ],
    }),
  });
  const focused = document.activeElement === field;
  field.replaceWith(view.dom);
  if (focused) view.focus();
  return {
    get text() { return view.state.doc.toString(); },
    set text(text) { view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }); },
    mark(line) { view.dispatch({ effects: markLine.of(line) }); },
    focus() { view.focus(); },
  };
}
