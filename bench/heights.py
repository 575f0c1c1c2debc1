"""How high each widget of the built book is once it is alive, at several widths of its place, beside what is recorded.

    python bench/heights.py                       what differs by more than 8 pixels; exit 1 where anything does
    python bench/heights.py --record              write it into rnnbook/publish/site/heights.json; then build the book again
    python bench/heights.py --record 04 index     of some pages alone, by the beginning of their names

Pages keep that room before a widget is alive. Letters decide how high a text is, so record with the fonts that the tests have.
"""

import argparse
import json
import sys
import threading

from playwright.sync_api import sync_playwright

from rnnbook.publish.pdf import chromium
from rnnbook.publish.serve import BOOK, server
from rnnbook.publish.site import heights

# Phones from 320 to 430 px, whose margins are 40; the cover beside its text (484), tablets, and the text column of a wide screen.
WIDTHS = (280, 320, 335, 350, 372, 390, 480, 560, 640, 696)
CLOSE = 8
# Tenths of a second without a change: what a widget loads may come late, what it draws anew comes at once.
AWAKE, RESIZED = 10, 3

# Widgets sleep until `wake` is called, wherever they stand.
ASLEEP = """
const asleep = [], Observer = window.IntersectionObserver;
window.IntersectionObserver = class extends Observer {
  constructor(callback, options) { super(callback, options); this.callback = callback; }
  observe(target) {
    if (!target.dataset.live) return super.observe(target);
    asleep.push(() => this.callback([{ isIntersecting: true, target }], this));
  }
};
window.wake = () => { for (const start of asleep.splice(0)) start(); };
window.highs = () => [...document.querySelectorAll("[data-live]")].map((root) => [root.dataset.widget, root.getBoundingClientRect().height]);
// The heights once every widget is alive and none has changed for so many tenths of a second, in which the page also drew.
window.settled = async (rest) => {
  let before = "", calm = 0;
  for (let tries = 0; tries < 600 && calm < rest; tries++) {
    await new Promise((done) => setTimeout(() => requestAnimationFrame(done), 100));
    const now = JSON.stringify(highs());
    calm = now === before && !document.querySelector("[data-live=waiting], [data-live=picture]") ? calm + 1 : 0;
    before = now;
  }
  return highs();
};
"""
# The page's widgets without the room that is kept for them, and of a given width.
FREED = """(width) => {
  const sheet = document.querySelector("#freed") ?? document.head.appendChild(Object.assign(document.createElement("style"), { id: "freed" }));
  sheet.textContent = `.rnnbook-widget { width: ${width ? `${width}px` : "auto"} !important } .rnnbook-widget > [data-widget] { min-height: 0 !important }`;
}"""


def measured(page):
    """[[widget, [its height at each of `WIDTHS`]], …] of an open page, in its order."""
    page.evaluate(FREED, WIDTHS[-1])
    page.evaluate("wake()")
    page.evaluate(f"settled({AWAKE})")
    columns = []
    for width in reversed(WIDTHS):
        page.evaluate(FREED, width)
        columns.append(page.evaluate(f"settled({RESIZED})"))
    names = [name for name, _ in columns[0]]
    return [[name, [round(column[i][1]) for column in reversed(columns)]] for i, name in enumerate(names)]


def measure(wanted):
    """{page: its widgets as `measured`} of the pages of the book that have any, where `wanted` begins their names; all of them without it."""
    found = {}
    with server(0) as book, sync_playwright() as play:
        threading.Thread(target=book.serve_forever, daemon=True).start()
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for path in sorted(BOOK.rglob("*.html")):
            if "data-widget=" not in path.read_text(encoding="utf-8") or not path.name.startswith(wanted or ""):
                continue
            page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
            page.add_init_script(ASLEEP)
            name = path.relative_to(BOOK).with_suffix("").as_posix()
            page.goto(f"http://127.0.0.1:{book.server_port}/{name}.html", timeout=120_000)
            found[name] = measured(page)
            print(name, [widget for widget, _ in found[name]], flush=True)
            page.close()
        browser.close()
        book.shutdown()
    return found


def differences(record, now):
    """A sentence for each page whose widgets are others, or for each widget that is higher or lower than its record."""
    for page, found in now.items():
        was = record.get(page, [])
        if [name for name, _ in was] != [name for name, _ in found]:
            yield f"{page}: recorded are {[name for name, _ in was]}, there are {[name for name, _ in found]}"
            continue
        for (name, old), (_, new) in zip(was, found, strict=True):
            if max(abs(a - b) for a, b in zip(old, new, strict=True)) > CLOSE:
                yield f"{page}: {name} is {new} px high, recorded {old}, at widths {WIDTHS}"


def write(pages):
    """A line for each widget, so that a change can be read."""
    told = ",\n".join(
        f"    {json.dumps(page)}: [\n" + ",\n".join(f"      {json.dumps(widget)}" for widget in widgets) + "\n    ]"
        for page, widgets in sorted(pages.items())
    )
    text = f'{{\n  "widths": {json.dumps(WIDTHS)},\n  "pages": {{\n{told}\n  }}\n}}\n'
    heights.FILE.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", help="the beginnings of their names, such as 04; all without any")
    parser.add_argument("--record", action="store_true", help="write what is measured")
    options = parser.parse_args()
    was, now = heights.recorded()["pages"], measure(tuple(options.pages))
    if options.record:
        write({**was, **now} if options.pages else now)
        return 0
    found = list(differences(was, now))
    print("\n".join(found) or "Every widget is as high as recorded.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
