"""How soon a reader sees a network learn in Chromium and Firefox, and how smooth the page stays meanwhile.

For each browser: seconds from Start until the error of the adding problem over 50 steps is below 0.01, until the sample
reviews are overfitted (training loss below 0.05), and until Shakespeare's characters take less than 3 bits each, also of
the text that is trained on. While three seeds train: how long the page works for a frame, and the time between frames, which
on a screen of 60 pictures a second is never less than 16.7 ms; in Chromium also with a page three times slower, as on a
phone (the browser slows the page alone: the workers, which train, keep their pace). Run it with nothing else on the machine.

    python bench/page_limits.py [--json] [--browsers chromium firefox]
"""

import argparse
import contextlib
import json
import math
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rnnbook.widgets import Playground, live, train

# task: (what the page says, its bound, seconds allowed)
GOALS = {"adding": ("metric", 0.01, 5), "reviews": ("loss", 0.05, 5), "text": ("loss", round(3 * math.log(2), 4), 15)}
FRAME = (
    16.7  # milliseconds of a screen that shows 60 pictures a second; allowed are 16 plus what the clock's grain adds
)
SLOWER, SLOW_FRAME = 3, 50  # a phone's page: it stays usable with 20 pictures a second
PATIENCE = 120  # seconds
BUTTON = "[...document.querySelector('[data-widget]').shadowRoot.querySelectorAll('button')].find((b) => b.textContent === 'Start')"
LEARN = f"""
const root = document.querySelector("[data-widget]"), [name, bound, patience] = arguments;
{BUTTON}.click();
const start = performance.now();
while (!(Number(root.dataset[name]) < bound) && performance.now() - start < 1000 * patience) await new Promise((done) => setTimeout(done, 20));
return [(performance.now() - start) / 1000, Number(root.dataset[name]), Number(root.dataset.updates)];
"""
FRAMES = f"""
{BUTTON}.click();
const root = document.querySelector("[data-widget]");
while (!(Number(root.dataset.updates) >= 1)) await new Promise((done) => setTimeout(done, 20));
const between = [], busy = [];
await new Promise((done) => {{
  let before = performance.now();
  const frame = (now) => {{
    between.push(now - before);
    before = now;
    const start = performance.now(), {{ port1, port2 }} = new MessageChannel();
    port1.onmessage = () => busy.push(performance.now() - start);
    port2.postMessage(0); // answered when scripts, layout and paint of this frame are done
    between.length < 300 ? requestAnimationFrame(frame) : done();
  }};
  requestAnimationFrame(frame);
}});
const high = (times) => times.sort((p, q) => p - q)[Math.floor(0.95 * times.length) - 1];
return [high(busy.slice(1)), high(between.slice(1))];
"""


def write_page(folder, name, **settings):
    """A page of a playground in `folder` with all that it may load; its address."""
    assets = folder / "_static" / "rnnbook-weights"
    assets.mkdir(parents=True, exist_ok=True)
    for asset in train.ASSETS:
        content = train.asset(asset)
        (assets / f"{asset}.js").write_text(live.asset_script(asset, content), "utf-8")
    page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title>{Playground(**settings).html()}</html>'
    (folder / f"{name}.html").write_text(page, "utf-8")
    return (folder / f"{name}.html").as_uri()


def measure(engine, folder):
    """One dictionary a measurement: what, seconds or milliseconds, allowed."""
    ready = f"return Boolean(document.querySelector('[data-widget]')?.shadowRoot && {BUTTON})"
    for task, (what, bound, allowed) in GOALS.items():
        view = engine.open(write_page(folder, task, task=task, seeds=1, compare=False))
        view.wait(ready)
        seconds, reached, updates = view.run(LEARN, what, bound, PATIENCE)
        view.close()
        measured = {"what": f"{task}: {what} below {bound}", "seconds": round(seconds, 2), "allowed": allowed}
        yield measured | {"updates": updates, "reached": round(reached, 4)}
    for slower in (1, SLOWER) if hasattr(engine, "browser") else (1,):  # Firefox cannot slow a page down
        view = engine.open(write_page(folder, "frames", task="adding", seeds=3, compare=False))
        if slower > 1:
            devtools = view.page.context.new_cdp_session(view.page)
            devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        view.wait(ready)
        busy, between = view.run(FRAMES)
        view.close()
        when = f"at the 95th percentile, three seeds{f', a page {slower} times slower' if slower > 1 else ''}"
        allowed = FRAME if slower == 1 else SLOW_FRAME
        yield {"what": f"between frames {when}", "milliseconds": round(between, 1), "allowed": allowed}
        yield {"what": f"work for a frame {when}", "milliseconds": round(busy, 1)}


@contextlib.contextmanager
def opened(browser):
    """A browser by the door that the tests use, tests/engines.py."""
    try:
        from tests import engines
    except ImportError as error:
        sys.exit(
            f"The browsers' door, tests/engines.py, cannot be opened ({error}): run this in a clone after `make test`."
        )
    if browser == "firefox":
        engine = engines.Firefox()
        yield engine
        engine.close()
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = engines.needed("chromium", "chromium-browser", "google-chrome")
        yield engines.Chromium(playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--browsers", nargs="+", choices=("chromium", "firefox"), default=["chromium", "firefox"])
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        for browser in arguments.browsers:
            with opened(browser) as engine:
                for row in measure(engine, Path(name)):
                    row = {"browser": browser, **row, "load": round(load, 1)}
                    print(
                        json.dumps(row) if arguments.json else ", ".join(f"{k} {v}" for k, v in row.items()), flush=True
                    )


if __name__ == "__main__":
    main()
