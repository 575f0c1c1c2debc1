"""The real book, served with gzip as a public host does."""

import sys
import threading
import time
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from rnnbook.laboratory import study
from rnnbook.publish.serve import Handler
from tests.engines import WATCH
from tests.nightly import often

ROOT = Path(__file__).resolve().parents[2]


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), ConnectionError):  # a page that is left while it loads hangs up
            super().handle_error(request, client_address)


class Watched(Handler):
    """Serves pages that keep what goes wrong in them, for `engine`."""

    top = WATCH.encode()


@contextmanager
def served(book, handler):
    server = Server(("127.0.0.1", 0), lambda *args: handler(*args, directory=str(book)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="session")
def site(book):
    """Address of the served book."""
    with served(book, Handler) as address:
        yield address


@pytest.fixture(scope="session")
def watched(book):
    """Address of the book for `engine`: pages keep what goes wrong in them."""
    with served(book, Watched) as address:
        yield address


@pytest.fixture
def visit(chromium):
    """`visit(url, …)` opens a page; `.errors` and `.foreign` collect what went wrong and what was asked of other hosts."""
    contexts = []

    def open_page(url, width=1280, height=900, **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.errors, page.foreign = [], []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("http://127.0.0.1", "file:", "data:", "blob:"))
                else page.foreign.append(request.url)
            ),
        )
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()


def until(page, expression, seconds=60):
    """Wait until JavaScript is true in a page. Playwright's own wait calls eval there, which the book's security policy forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"waited {seconds} s for: {expression}"
        page.wait_for_timeout(50)


def pages_to_be():
    """The book's pages as its contents and its theme give them, known before it is built, so that a page can be a test of its own."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    found = ["404", "index", "search", contents["root"]]
    entries = [entry for part in contents["parts"] for entry in part["chapters"]]
    for entry in entries:
        if entry.get("file") == "book/laboratory":  # its pages are made with the book
            found += [f"book/laboratory/{name}" for name in study.names()]
        paths = ROOT.glob(f"{entry['glob']}.md") if "glob" in entry else [ROOT / entry["file"]]
        found += [path.relative_to(ROOT).with_suffix("").as_posix() for path in paths]
    return sorted(f"{name}.html" for name in found)


# One page of each kind, which shares its frame, styles and scripts with the others of its kind.
KINDS = [
    "index.html",
    "search.html",
    "book/glossary.html",
    "book/playground.html",
    "book/exercises/01_dynamical_systems.html",
    "book/laboratory/tuned.html",
    "notebooks/01_dynamical_systems.html",
]


def often_of_pages():
    """All pages to parametrize a test with: one of each kind by day, the others at night."""
    return often(KINDS, pages_to_be())


def page_names(book):
    """Every page of the book, as addresses relative to it."""
    return sorted(str(path.relative_to(book)) for path in book.rglob("*.html"))


def chapters(book):
    return [name for name in page_names(book) if name.startswith("notebooks/")]
