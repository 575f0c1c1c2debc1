// Conveniences on top of pages that work without this script.
const root = document.documentElement;
const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

// Storage is blocked in some browsers and on some pages opened from disk; then nothing is remembered.
const store = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); return true; } catch { return false; } },
};

function button(label, className) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = label;
  return made;
}

// Light or dark: the system's choice until the reader makes one.
const theme = document.querySelector("button.theme");
if (theme) {
  const show = (name) => {
    root.dataset.theme = name;
    theme.setAttribute("aria-pressed", String(name === "dark"));
  };
  show(root.dataset.theme);
  theme.addEventListener("click", () => {
    show(root.dataset.theme === "dark" ? "light" : "dark");
    store.set("rnnbook-theme", root.dataset.theme);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
    if (!store.get("rnnbook-theme")) show(event.matches ? "dark" : "light");
  });
}

// Ctrl+K goes to the search box, and so does "/", unless one is typing or a widget has the focus.
document.addEventListener("keydown", (event) => {
  const command = event.ctrlKey || event.metaKey;
  const slash = event.key === "/" && !command && !event.altKey && (event.target === document.body || event.target.id === "main");
  if (!slash && !(command && event.key === "k")) return;
  event.preventDefault();
  document.getElementById("find")?.focus();
});

// The contents show the page that one is on, however far down it stands.
const here = document.querySelector("#contents [aria-current]");
const side = document.getElementById("contents");
if (here && here.offsetTop + here.offsetHeight > side.clientHeight) side.scrollTop = here.offsetTop - side.clientHeight / 2;

// A link to a place on the same page closes the contents that lie over it.
each("#contents a", (link) => link.addEventListener("click", () => {
  const menu = document.getElementById("contents");
  if (menu.matches(":popover-open")) menu.hidePopover();
}));

// Code stands in the library that the reader chose last, in all tabs, on this page and on the others.
const choose = (library) => each(".libraries > input", (input) => { if (input.value === library) input.checked = true; });
each(".libraries", (tabs) => tabs.addEventListener("change", (event) => {
  const before = tabs.getBoundingClientRect().top;
  store.set("rnnbook-library", event.target.value);
  choose(event.target.value);
  scrollBy(0, tabs.getBoundingClientRect().top - before); // tabs above may have changed their height
}));
addEventListener("pageshow", () => choose(store.get("rnnbook-library"))); // also after 'Back'
choose(store.get("rnnbook-library"));

// Copy buttons.
if (navigator.clipboard) {
  each("div.highlight", (block) => {
    if (block.closest(".cell_output")) return;
    const copy = button("Copy", "copy");
    copy.setAttribute("aria-label", "Copy this code");
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.querySelector("pre").textContent.trimEnd());
      copy.textContent = "Copied";
      setTimeout(() => { copy.textContent = "Copy"; }, 1500);
    });
    block.append(copy);
  });
}

// What scrolls sideways must be reachable with the keyboard. An observer tells sizes when they are known: to ask for them here
// would lay out the folded closer looks as well, which took a phone a second.
const SCROLLERS = {
  pre: "Code", ".math > .scroll": "Equation", ".table-scroll": "Table", ".cell_output .output": "Output",
};
const scrollsSideways = (element) => element.scrollWidth > element.clientWidth + 1;

function reach(element) {
  const label = SCROLLERS[Object.keys(SCROLLERS).find((selector) => element.matches(selector))];
  const scrolls = scrollsSideways(element) || element.scrollHeight > element.clientHeight + 1;
  if (scrolls && getComputedStyle(element).overflowX !== "visible") {
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", `${label}, scrolls sideways`);
  } else if (element.tabIndex === 0 && element.getAttribute("aria-label")?.endsWith("scrolls sideways")) {
    for (const name of ["tabindex", "role", "aria-label"]) element.removeAttribute(name);
  }
}

const sizes = new ResizeObserver((entries) => requestAnimationFrame(() => {
  const elements = entries.map((entry) => entry.target);
  // A table that has to scroll anyway takes the room that its words need.
  const tables = elements.filter((element) => element.matches(".table-scroll:not(.formulas)"));
  for (const table of tables) table.classList.remove("wide");
  for (const table of tables.filter(scrollsSideways)) table.classList.add("wide");
  elements.forEach(reach);
}));
each(Object.keys(SCROLLERS).join(), (element) => sizes.observe(element));

// Pictures off the screen are drawn once the page has nothing else to do, one at a time: a picture of the whole page has all.
const idle = window.requestIdleCallback ?? ((then) => setTimeout(then, 50)); // Safari has none
function drawNext(waiting) {
  const next = waiting.shift();
  if (!next) return;
  next.style.contentVisibility = "visible";
  setTimeout(() => idle(() => drawNext(waiting)), 30);
}
addEventListener("load", () => setTimeout(() => idle(() => drawNext([...document.querySelectorAll(".drawn")])), 300));

// Marks the words that begin with one of `words`; where there are none, those that hold one. Returns the marks.
const UNMARKED = "script, style, noscript, svg, math, button, .hidden, .headerlink, .rnnbook-widget";
function markWords(within, words) {
  const letter = "[\\p{L}\\p{N}_]";
  const parts = words.map((word) => word.replace(/[^\p{L}\p{N}_]/gu, "")).filter(Boolean)
    .map((word) => word + (word.length > 2 ? `${letter}*` : `(?!${letter})`)).join("|");
  if (!parts) return [];
  const walker = document.createTreeWalker(within, NodeFilter.SHOW_TEXT,
    (text) => text.parentElement.closest(UNMARKED) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  const marks = [];
  for (const before of [`(?<!${letter})`, `${letter}*`]) {
    const pattern = new RegExp(`(${before}(?:${parts}))`, "giu");
    for (const text of texts) {
      const pieces = text.data.split(pattern); // every second one is a hit
      if (pieces.length === 1) continue;
      text.replaceWith(...pieces.map((piece, i) => {
        if (i % 2 === 0) return piece;
        const mark = document.createElement("mark");
        mark.textContent = piece;
        marks.push(mark);
        return mark;
      }));
    }
    if (marks.length) break;
  }
  return marks;
}

// A page reached from the search marks what was searched for, in the section that was found, and shows the first place.
const found = document.getElementById(decodeURIComponent(location.hash.slice(1)));
const sought = (new URLSearchParams(location.search).get("highlight") ?? "").split(" ");
const marks = markWords(found?.closest("section, dl") ?? document.querySelector("article"), sought);
if (marks.length) {
  const visible = marks.filter((mark) => mark.checkVisibility());
  const first = visible.find((mark) => found?.compareDocumentPosition(mark) & Node.DOCUMENT_POSITION_FOLLOWING) ?? visible[0] ?? marks[0];
  for (let fold = first.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;

  const clear = button(`Clear ${marks.length} highlight${marks.length > 1 ? "s" : ""}`, "button clear");
  clear.setAttribute("aria-keyshortcuts", "Escape");
  const end = () => {
    for (const mark of marks) mark.replaceWith(...mark.childNodes);
    document.querySelector("article").normalize();
    clear.remove();
    removeEventListener("keydown", onEscape);
    document.getElementById("main").focus({ preventScroll: true });
    const address = new URL(location.href);
    address.searchParams.delete("highlight");
    history.replaceState(null, "", address);
  };
  const onEscape = (event) => { if (event.key === "Escape") end(); };
  clear.addEventListener("click", end);
  addEventListener("keydown", onEscape);
  document.getElementById("main").prepend(clear);
  first.tabIndex = -1; // so that the keyboard and a screen reader go on from here
  first.focus({ preventScroll: true });
  first.scrollIntoView({ block: "center", behavior: "instant" });
}

// What a link to a term, an equation or a source leads to, beside the link: on hover and on focus, until Escape.
const previews = JSON.parse(document.getElementById("previews")?.textContent ?? "{}");
if (Object.keys(previews).length) {
  const note = document.createElement("div");
  note.className = "preview";
  note.id = "preview";
  note.setAttribute("role", "tooltip");
  let shown = null, leaving = 0;
  const hide = () => {
    shown?.removeAttribute("aria-describedby");
    shown = null;
    note.remove();
  };
  const show = (link) => {
    clearTimeout(leaving);
    if (link === shown) return;
    hide();
    shown = link;
    note.innerHTML = previews[link.getAttribute("href")];
    document.body.append(note);
    link.setAttribute("aria-describedby", "preview");
    const place = link.getBoundingClientRect();
    const below = place.bottom + note.offsetHeight + 8 < innerHeight;
    note.style.left = `${scrollX + Math.max(8, Math.min(place.left, root.clientWidth - note.offsetWidth - 8))}px`;
    note.style.top = `${scrollY + (below ? place.bottom + 6 : place.top - note.offsetHeight - 6)}px`;
  };
  const later = () => { leaving = setTimeout(hide, 150); };
  note.addEventListener("pointerenter", () => clearTimeout(leaving));
  note.addEventListener("pointerleave", later);
  each("article a[href]", (link) => {
    if (!(link.getAttribute("href") in previews)) return;
    for (const name of ["pointerenter", "focus"]) link.addEventListener(name, () => show(link));
    for (const name of ["pointerleave", "blur"]) link.addEventListener(name, later);
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
}

// Closer looks: a link into one opens it, one button opens all in every chapter, and paper shows what it has room for.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folds = [];
  for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) folds.push(fold);
  if (!folds.some((fold) => !fold.open)) return;
  for (const fold of folds) fold.open = true;
  target.scrollIntoView({ behavior: "instant" });
}
reveal();
addEventListener("hashchange", reveal);
addEventListener("click", (event) => { if (event.target.closest?.("a[href^='#']")) setTimeout(reveal); });

const looks = [...document.querySelectorAll("details.closer")];
const all = document.querySelector(".closer-all");
if (all) {
  let open = store.get("rnnbook-closer") === "open";
  const show = () => {
    for (const look of looks) look.open = open;
    all.textContent = open ? "Fold all closer looks" : "Open all closer looks";
  };
  if (open) show();
  all.addEventListener("click", () => {
    open = !open;
    store.set("rnnbook-closer", open ? "open" : "");
    show();
  });
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = looks.filter((look) => !look.open);
    for (const look of folded) look.open = true;
  });
  addEventListener("afterprint", () => { for (const look of folded) look.open = false; });
}

// Which section is on the screen.
const places = new Map();
each(".here a[href^='#']", (link) => {
  const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (section) places.set(section, link);
});
if (places.size) {
  const seen = new Set();
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) isIntersecting ? seen.add(target) : seen.delete(target);
    const visible = [...places.keys()].filter((section) => seen.has(section));
    const current = visible.at(-1);
    for (const [section, link] of places) {
      if (section === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-80px 0px -65% 0px" });
  for (const section of places.keys()) watch.observe(section);
}

// Chapters read, kept in this browser alone.
const read = new Set((store.get("rnnbook-read") ?? "").split(" ").filter(Boolean));
const page = document.body.dataset.page;
const chapterOf = (link) => new URL(link.href).pathname.match(/notebooks\/([^/]+)\.html$/)?.[1];

function showRead() {
  each(".contents li a, .chapters li a", (link) => {
    const done = read.has(chapterOf(link));
    link.classList.toggle("read", done);
    link.querySelector(".hidden")?.remove();
    if (done) link.insertAdjacentHTML("beforeend", '<span class="hidden"> (read)</span>');
  });
}

const mark = document.querySelector(".mark");
if (mark) {
  const chapter = page.split("/").pop();
  const toggle = button("", "button");
  const label = () => { toggle.textContent = read.has(chapter) ? "Read ✓ — mark as unread" : "Mark this chapter as read"; };
  toggle.addEventListener("click", () => {
    if (!read.delete(chapter)) read.add(chapter);
    store.set("rnnbook-read", [...read].join(" "));
    label();
    showRead();
  });
  if (store.set("rnnbook-read", [...read].join(" "))) {
    label();
    mark.append(toggle);
    mark.hidden = false;
  }
}
showRead();

// The reader who comes back goes on where they stopped: with the chapter after the last one read.
const start = document.querySelector("a[data-start]");
const chapters = [...document.querySelectorAll(".chapters li a")].filter(chapterOf);
const next = chapters[chapters.findLastIndex((link) => read.has(chapterOf(link))) + 1];
if (start && next && read.size) {
  start.href = next.href;
  start.textContent = `Continue with ${next.querySelector("span").textContent}`;
}
