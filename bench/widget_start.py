"""How soon a widget answers in the page, next to ipywidgets' own html-manager with the same widget on the same server.

    python bench/widget_start.py [--rounds 5] [--json]

Medians over the rounds, which take turns. Exit 1 where a widget of this course is alive later than 250 ms after the load
event, or html-manager is not three times as slow. html-manager and require.js are fetched by npm at the first use.
"""

import argparse
import functools
import http.server
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import anywidget
from ipywidgets.embed import embed_snippet
from playwright.sync_api import sync_playwright

from rnnbook.publish.pdf import chromium
from rnnbook.widgets import StateSpace

AFTER_LOAD, FASTER = 250, 3  # ms that a widget may take; how many times faster than html-manager it is
PACKAGES = ["@jupyter-widgets/html-manager@1.0.14", "requirejs@2.3.7"]
HOME = Path(sys.prefix) / "share" / "html-manager"
PAGE = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Speed</title></head><body>{}</body></html>'
WATCH = """new MutationObserver((_, seen) => {
  if (document.querySelector('[data-live=static], [data-live=kernel]')) { window.alive = performance.now(); seen.disconnect(); }
}).observe(document, { subtree: true, childList: true, attributeFilter: ['data-live'] });"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def write_pages(folder):
    """live.html and manager.html in `folder`, with all that they load."""
    modules = HOME / "node_modules"
    if not modules.exists():
        npm = shutil.which("npm") or Path(sys.prefix) / "bin" / "npm"
        subprocess.run([npm, "install", "--prefix", HOME, "--no-audit", "--no-fund", "--silent", *PACKAGES], check=True)
    (folder / "manager").symlink_to(modules / "@jupyter-widgets" / "html-manager" / "dist")
    (folder / "require.js").symlink_to(modules / "requirejs" / "require.js")
    (folder / "anywidget.js").symlink_to(Path(anywidget.__file__).parent / "nbextension" / "index.js")
    snippet = embed_snippet(
        views=[StateSpace()], drop_defaults=False, requirejs=False, embed_url="manager/embed-amd.js"
    )
    require = (
        '<script src="require.js"></script><script>requirejs.config({ paths: { anywidget: "anywidget" } });</script>'
    )
    (folder / "manager.html").write_text(PAGE.format(require + snippet), "utf-8")
    (folder / "live.html").write_text(PAGE.format(StateSpace().html()), "utf-8")


def measure(browser, address):
    """Milliseconds from the start of the load until the widget is alive, and until it is so after the load event."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(address)
    page.wait_for_function("window.alive && performance.getEntriesByType('navigation')[0].loadEventEnd", timeout=60_000)
    loaded, alive = page.evaluate("[performance.getEntriesByType('navigation')[0].loadEventEnd, window.alive]")
    context.close()
    return alive, alive - loaded


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args()
    found = {"live": [], "manager": []}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        write_pages(Path(folder))
        served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
        threading.Thread(target=served.serve_forever, daemon=True).start()
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for _ in range(options.rounds):
            for name, rounds in found.items():
                rounds.append(measure(browser, f"http://127.0.0.1:{served.server_port}/{name}.html"))
        browser.close()
        served.shutdown()
    waits = {}
    for name, by in (("live", "this course"), ("manager", "html-manager")):
        alive, after_load = (round(statistics.median(values)) for values in zip(*found[name]))
        waits[name] = after_load
        row = {"by": by, "alive_ms": alive, "after_load_ms": after_load}
        print(
            json.dumps(row) if options.json else f"{by}: alive after {alive} ms, {after_load} ms after the load event"
        )
    return int(waits["live"] >= AFTER_LOAD or waits["manager"] <= FASTER * waits["live"])


if __name__ == "__main__":
    sys.exit(main())
