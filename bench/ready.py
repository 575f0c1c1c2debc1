"""How soon chapters can be read: a first visit on a slow line (1.6 Mbit/s, 40 ms) with a processor four times slower.

    python bench/ready.py [--rounds 3] [--json]

Beside each chapter, in turns, a page of as many bytes that holds nothing to lay out or run: the ratio is what the chapter's
own work adds to the line. Medians over the rounds. Exit 1 where a chapter takes longer than 2.5 s.
"""

import argparse
import base64
import json
import os
import statistics
import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

from rnnbook.publish.pdf import chromium
from rnnbook.publish.serve import BOOK, server

READY = 2.5  # seconds
LINE = {"offline": False, "latency": 40, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}


def visit(browser, address):
    """(seconds until the load event has ended, bytes as sent until then)."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", LINE)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(address, wait_until="load")
    loaded, ended = "performance.getEntriesByType('navigation')[0].loadEventEnd", 0
    while (
        not ended
    ):  # the event ends after `goto` has heard of it; a wait by Playwright calls eval, which the book forbids
        ended = page.evaluate(loaded)
    kinds = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
    sent = page.evaluate(f"{kinds}.reduce((sum, entry) => sum + entry.transferSize, 0)")
    context.close()
    return ended / 1000, sent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args()
    slow = 0
    with tempfile.TemporaryDirectory() as folder, server(0) as book, sync_playwright() as play:
        for name in ("index.html", "404.html"):  # a browser also asks for an icon
            (Path(folder) / name).touch()
        with server(0, Path(folder)) as plain:
            for served in (book, plain):
                threading.Thread(target=served.serve_forever, daemon=True).start()
            browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            for path in sorted((BOOK / "notebooks").glob("*.html")):
                name, times = path.relative_to(BOOK), {book: [], plain: []}
                for _ in range(options.rounds):
                    seconds, sent = visit(browser, f"http://127.0.0.1:{book.server_port}/{name}")
                    times[book].append(seconds)
                    filled = base64.b64encode(os.urandom(int(sent)))  # gzip makes three quarters of it: the bytes sent
                    (Path(folder) / "index.html").write_bytes(b"<!doctype html><!--" + filled + b"-->")
                    times[plain].append(visit(browser, f"http://127.0.0.1:{plain.server_port}/index.html")[0])
                ready, bare = (statistics.median(times[served]) for served in (book, plain))
                slow += ready > READY
                row = {
                    "page": str(name),
                    "kB": round(sent / 1000),
                    "ready_s": round(ready, 2),
                    "ratio": round(ready / bare, 2),
                }
                print(
                    json.dumps(row)
                    if options.json
                    else f"{name}: {row['kB']} kB, ready after {ready:.2f} s, {row['ratio']} times a bare page",
                    flush=True,
                )
            browser.close()
            for served in (book, plain):
                served.shutdown()
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main())
