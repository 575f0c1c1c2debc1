"""Python in the page: seconds to the first check on a first and on a later visit, processor time of the browser, bytes by file.

    make book; python bench/python_page.py [visits]

The book is served as a public host does, compressed where text or WebAssembly. Processor time counts every process of the
browser, so it is comparable on a machine that others use too; the clock is not.
"""

import statistics
import sys
import tempfile
import threading
import time

import psutil
from playwright.sync_api import sync_playwright

from rnnbook.files import processor
from rnnbook.publish.build import ROOT

sys.path.insert(0, str(ROOT))
from tests.book.conftest import Handler, Server

LARGEST, FIRST, LATER = 9e6, 6, 5  # bytes, and processor seconds at the first and at a later visit
PAGE = "book/exercises/01_dynamical_systems.html"


def processor_seconds(folder):
    """Of all processes of the browser that keeps its profile in `folder`, by process."""
    spent = {}
    for process in psutil.process_iter(["pid", "cmdline", "cpu_times"]):
        if folder in " ".join(process.info["cmdline"] or []):
            spent[process.info["pid"]] = process.info["cpu_times"].user + process.info["cpu_times"].system
    return spent


def visit(page, site, folder):
    """Open the assignment and check its empty first answer; returns (seconds, processor seconds, {file: bytes})."""
    sizes = {}
    page.on("response", lambda r: sizes.__setitem__(r.url.rsplit("/", 1)[-1], int(r.headers.get("content-length", 0))))
    page.goto(f"{site}/{PAGE}", wait_until="networkidle")
    sizes.clear()
    before, began = processor_seconds(folder), time.perf_counter()
    page.locator('.py-cell[data-question="q1"]').get_by_role("button", name="Check").click()
    page.wait_for_selector('[data-question="q1"][data-total]', timeout=120_000)
    seconds = time.perf_counter() - began
    spent = sum(after - before.get(process, 0) for process, after in processor_seconds(folder).items())
    return seconds, spent, sizes


def main(visits=3):
    book = ROOT / "_build" / "html"
    if not (book / "_static" / "python").exists():
        raise SystemExit("The built book does not run Python: make book says why.")
    server = Server(("127.0.0.1", 0), lambda *args: Handler(*args, directory=str(book)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site, results = f"http://127.0.0.1:{server.server_port}", {"first": [], "later": []}
    with sync_playwright() as playwright:
        for _ in range(visits):
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                context = playwright.chromium.launch_persistent_context(
                    folder, executable_path="/usr/bin/chromium", args=["--no-sandbox"]
                )
                for which in results:
                    seconds, spent, sizes = visit(context.new_page(), site, folder)
                    results[which].append((seconds, spent))
                    if which == "first":
                        files = sizes
                context.close()
    server.shutdown()
    print(f"{processor()}, {visits} visits, medians")
    for which, allowed in (("first", FIRST), ("later", LATER)):
        seconds, spent = (statistics.median(values) for values in zip(*results[which]))
        print(f"{which} visit: {seconds:.1f} s to the first check, {spent:.1f} processor seconds (allowed {allowed})")
    for name, size in sorted(files.items(), key=lambda item: -item[1]):
        print(f"  {name:24s}{size / 1000:9.1f} kB")
    total = sum(files.values())
    print(f"  {'in all':24s}{total / 1000:9.1f} kB (allowed {LARGEST / 1000:.0f})")
    if total > LARGEST:
        raise SystemExit("The files that Python needs in the page have grown beyond what is allowed.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
