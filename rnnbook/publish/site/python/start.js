// Puts the fields and buttons of a page in place where they can work; everything else loads when the reader first touches one.
{
  const cells = [...document.querySelectorAll(".py-cell, .py-bar, .py-try")].filter((cell) => cell.querySelector("template"));
  if (location.protocol.startsWith("http") && "Worker" in window && "WebAssembly" in window) {
    let kept = {};
    try { kept = JSON.parse(localStorage.getItem(`rnnbook-answers:${document.body.dataset.page}`)) ?? {}; } catch { /* blocked, or not ours */ }
    for (const cell of cells) {
      cell.replaceChildren(cell.querySelector("template").content);
      const field = cell.querySelector("textarea");
      if (typeof kept[cell.dataset.cell] === "string") field.value = kept[cell.dataset.cell];
    }
    let opening, ready = false;
    const open = (event) => {
      const { type, target } = event;
      if (ready || !target.closest?.(".py-cell, .py-bar, .py-try")) return;
      opening ??= import("./cells.js").then((module) => module.open(cells)).then(() => { ready = true; });
      // What is pressed before anything listens to it is pressed again.
      if (type === "click" && target.matches("button")) opening.then(() => target.click());
      if (type === "change" || type === "input") opening.then(() => target.dispatchEvent(new Event(type)));
    };
    for (const kind of ["focusin", "click", "change", "input"]) document.addEventListener(kind, open);
  }
}
