"""The links of the built book: local ones must lead somewhere, external ones can be listed and tried."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urldefrag, urlsplit
from urllib.request import Request, urlopen

from ..errors import CourseError

ROOT = Path(__file__).resolve().parent.parent.parent
BOOK = ROOT / "_build" / "html"


class Page(HTMLParser):
    """One page: its ids, what its links (`<a>`) point to, what it loads by itself, and its pictures' alt texts."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.loads, self.alts = [], [], [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "base":  # where the book will be published; it need not be there yet
            return
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "img":
            self.alts.append(attributes.get("alt"))
        for name in ("href", "src", "action", "poster", "data-src"):
            if address := attributes.get(name):
                navigates = tag in ("a", "form") or attributes.get("rel") in (
                    "canonical",
                    "next",
                    "prev",
                    "search",
                )
                (self.links if navigates else self.loads).append(address)


def pages(book=BOOK):
    """Every page of the built book as {path: Page}."""
    return {path: Page(path) for path in sorted(Path(book).resolve().rglob("*.html"))}


def external(book=BOOK):
    """{address: [pages that link to it]} for every link that leaves the book."""
    found = {}
    for path, page in pages(book).items():
        for address in page.links:
            if urlsplit(address).scheme in ("http", "https"):
                found.setdefault(urldefrag(address).url, []).append(str(path.relative_to(Path(book).resolve())))
    return dict(sorted(found.items()))


def broken(book=BOOK):
    """Sentences on what is wrong with local links and files: missing targets, missing anchors, and ids used twice."""
    everything = pages(book)
    wrong = []
    for path, page in everything.items():
        name = path.relative_to(Path(book).resolve())
        wrong += [f"{name}: the id {i!r} occurs twice" for i in sorted({i for i in page.ids if page.ids.count(i) > 1})]
        for address in dict.fromkeys(page.links + page.loads):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                wrong.append(f"{name}: {address} leads nowhere")
            elif parts.fragment.startswith("play?"):
                continue  # settings of the playground, no place on its page
            elif parts.fragment and target in everything and unquote(parts.fragment) not in everything[target].ids:
                wrong.append(f"{name}: {address} points to an anchor that does not exist")
    return wrong


def answers(address, timeout=20):
    """None if the address answers, else what came instead. A page that refuses programs (403, 405, 429) counts as there."""
    request = Request(address, headers={"User-Agent": "Mozilla/5.0 (link check of a course)"})
    try:
        with urlopen(request, timeout=timeout):
            return None
    except HTTPError as error:
        return None if error.code in (401, 403, 405, 418, 429) else f"status {error.code}"
    except (URLError, OSError, ValueError) as error:
        return str(getattr(error, "reason", error))


def _run(arguments):
    if not BOOK.exists():
        raise CourseError("There is no built book yet: run `make book` first.")
    failed = 0
    for address, where in external().items():
        problem = answers(address) if arguments.check else None
        failed += problem is not None
        print(f"{address}  ({len(where)} pages, first {where[0]})" + (f"  BROKEN: {problem}" if problem else ""))
    if failed:
        raise CourseError(f"{failed} external links are broken.")


def add_links(parser):
    """The arguments of `links`; returns what runs it."""
    parser.add_argument("--check", action="store_true", help="request each of them and fail if one is broken")
    return _run
