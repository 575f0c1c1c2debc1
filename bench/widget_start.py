"""How soon a widget answers, next to ipywidgets' own html-manager with the same widget on the same server."""

import functools
import http.server
import statistics
import threading
from pathlib import Path

import anywidget
import pytest
from ipywidgets.embed import embed_snippet

from rnnbook.widgets import StateSpace

pytestmark = [pytest.mark.browser, pytest.mark.alone]
RUNS = 5

PAGE = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Speed</title></head><body>{}</body></html>'
WATCH = """new MutationObserver((_, seen) => {
  if (document.querySelector('[data-live=static], [data-live=kernel]')) { window.alive = performance.now(); seen.disconnect(); }
}).observe(document, { subtree: true, childList: true, attributeFilter: ['data-live'] });"""


@pytest.fixture
def server(tmp_path):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path))
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield tmp_path, f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    served.server_close()


def test_ready_soon_after_load_and_three_times_faster_than_html_manager(chromium, server, tool):
    folder, address = server
    (folder / "manager").symlink_to(tool("html-manager") / "dist")
    (folder / "require.js").symlink_to(tool("requirejs") / "require.js")
    (folder / "anywidget.js").symlink_to(Path(anywidget.__file__).parent / "nbextension" / "index.js")
    snippet = embed_snippet(
        views=[StateSpace()], drop_defaults=False, requirejs=False, embed_url="manager/embed-amd.js"
    )
    require = (
        '<script src="require.js"></script><script>requirejs.config({ paths: { anywidget: "anywidget" } });</script>'
    )
    (folder / "manager.html").write_text(PAGE.format(require + snippet), "utf-8")
    (folder / "live.html").write_text(PAGE.format(StateSpace().html()), "utf-8")

    def measure(name):
        context = chromium.new_context()
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(f"{address}/{name}.html")
        page.wait_for_function(
            "window.alive && performance.getEntriesByType('navigation')[0].loadEventEnd", timeout=60_000
        )
        loaded, alive = page.evaluate("[performance.getEntriesByType('navigation')[0].loadEventEnd, window.alive]")
        context.close()
        return alive - loaded, alive

    runs = {name: [measure(name) for _ in range(RUNS)] for name in ("live", "manager")}
    after_load, live = (statistics.median(values) for values in zip(*runs["live"]))
    _, manager = (statistics.median(values) for values in zip(*runs["manager"]))
    print(
        f"alive {after_load:.0f} ms after the load event; {live:.0f} ms after the start, html-manager {manager:.0f} ms (medians of {RUNS})"
    )
    assert after_load < 250
    assert manager > 3 * live
