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
  theme.hidden = false;
  theme.addEventListener("click", () => {
    show(root.dataset.theme === "dark" ? "light" : "dark");
    store.set("rnnbook-theme", root.dataset.theme);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
    if (!store.get("rnnbook-theme")) show(event.matches ? "dark" : "light");
  });
}

// "/" goes to the search box, unless one is typing or a widget has the focus.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target !== document.body && event.target.id !== "main") return;
  event.preventDefault();
  document.getElementById("find")?.focus();
});

// A link to a place on the same page closes the contents that lie over it.
each("#contents a", (link) => link.addEventListener("click", () => {
  const menu = document.getElementById("contents");
  if (menu.matches(":popover-open")) menu.hidePopover();
}));

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

// What scrolls sideways must be reachable with the keyboard.
const SCROLLERS = [
  ["pre", "Code"], [".math > .scroll", "Equation"], [".table-scroll", "Table"], [".cell_output .output", "Output"], ["span.scroll", "Formula"],
];
function reachScrollers() {
  for (const [selector, label] of SCROLLERS) {
    each(selector, (element) => {
      const scrolls = element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
      if (scrolls && getComputedStyle(element).overflowX !== "visible") {
        element.tabIndex = 0;
        element.setAttribute("role", "group");
        element.setAttribute("aria-label", `${label}, scrolls sideways`);
      } else if (element.tabIndex === 0 && element.getAttribute("aria-label")?.endsWith("scrolls sideways")) {
        for (const name of ["tabindex", "role", "aria-label"]) element.removeAttribute(name);
      }
    });
  }
}
addEventListener("load", () => setTimeout(reachScrollers)); // measuring a long page costs time that its first picture needs
addEventListener("resize", reachScrollers);
each("details", (element) => element.addEventListener("toggle", reachScrollers));

// Which section is on the screen.
const marks = new Map();
each(".here a[href^='#']", (link) => {
  const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (section) marks.set(section, link);
});
if (marks.size) {
  const seen = new Set();
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) isIntersecting ? seen.add(target) : seen.delete(target);
    const visible = [...marks.keys()].filter((section) => seen.has(section));
    const current = visible.at(-1);
    for (const [section, link] of marks) {
      if (section === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-80px 0px -65% 0px" });
  for (const section of marks.keys()) watch.observe(section);
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
