// Puts fields and buttons in place where they can work, each as it comes, so that nothing moves; all else loads at the reader's first touch.
if (location.protocol.startsWith("http") && "Worker" in window && "WebAssembly" in window) {
  const places = ".py-cell, .py-bar, .py-try", cells = [];
  let kept, opening, ready = false;
  const fill = () => {
    for (const cell of document.querySelectorAll(`:is(${places}):has(> template)`)) {
      if (document.readyState === "loading" && !cell.nextSibling) continue; // it may not be whole
      cells.push(cell);
      cell.replaceChildren(cell.querySelector("template").content);
      try { kept ??= JSON.parse(localStorage.getItem(`rnnbook-answers:${document.body.dataset.page}`)) ?? {}; } catch { kept = {}; /* blocked, or not ours */ }
      if (typeof kept[cell.dataset.cell] === "string") cell.querySelector("textarea").value = kept[cell.dataset.cell];
    }
  };
  const watch = new MutationObserver(fill);
  watch.observe(document, { childList: true, subtree: true });
  const whole = new Promise((done) => document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", done) : done()).then(() => { fill(); watch.disconnect(); });
  const open = (event) => {
    const { type, target } = event;
    if (ready || !target.closest?.(places)) return;
    opening ??= Promise.all([import("./cells.js"), whole]).then(([module]) => module.open(cells)).then(() => { ready = true; });
    // What is pressed before anything listens to it is pressed again.
    if (type === "click" && target.matches("button")) opening.then(() => target.click());
    if (type === "change" || type === "input") opening.then(() => target.dispatchEvent(new Event(type)));
  };
  for (const kind of ["focusin", "click", "change", "input"]) document.addEventListener(kind, open);
}
