"""The printable edition: all pages in one, printed to PDF by Chromium with an outline."""

import logging
import os
import re
import shutil
import subprocess
import tempfile
from html import unescape
from pathlib import Path

from ..errors import CourseError
from ..laboratory import pages
from .build import JUPYTER_BOOK, ROOT

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


FONTS = Path(__file__).parent / "site" / "theme" / "static" / "fonts"
PRINT = "Source Serif 4 Print"


def chromium():
    """Path of Chromium or Chrome; the variable `CHROMIUM` names another. Raises `CourseError` if there is none."""
    for name in filter(None, (os.environ.get("CHROMIUM"), *BROWSERS)):
        if found := shutil.which(name):
            return found
    raise CourseError(
        "The printable edition needs Chromium or Chrome, and neither was found. Install it (Debian and Ubuntu: "
        "sudo apt install chromium; macOS: brew install --cask chromium), or name its path in the variable CHROMIUM."
    )


def joined(root=ROOT):
    """All pages in one, as paper needs them: its path, under `_build/printed` of the book in `root`. Raises `CourseError` where Sphinx fails."""
    output = Path(root) / "_build" / "printed"
    pages.write(root)
    command = [*JUPYTER_BOOK, "build", root, "--path-output", output, "--builder", "singlehtml"]
    _run([*command, "-W", "-n", "--keep-going", "-q"], "The pages could not be joined into one")
    return _printable(output / "_build" / "singlehtml")


def build(root=ROOT):
    """Build `_build/rnnbook.pdf` of the book in `root` and return its path. Raises `CourseError` where Sphinx or Chromium fails."""
    browser, page, pdf = chromium(), joined(root), Path(root) / "_build" / "rnnbook.pdf"
    _print(browser, page, pdf)
    # Chromium cannot write page numbers into a table of contents, so the first edition tells them to the second.
    numbers = pages_of_targets(pdf.read_bytes())
    html = re.sub(
        r'(<span data-page-of="([^"]+)">)', lambda m: f"{m[1]}{numbers.get(m[2], '')}", page.read_text(encoding="utf-8")
    )
    page.write_text(html, encoding="utf-8")
    _print(browser, page, pdf)
    author = re.search(r'<meta name="author" content="([^"]*)"', html)
    _sign(pdf, author[1] if author else "")
    return pdf


def cheat_sheet(root=ROOT):
    """Print the cheat sheet of the built book to `_build/cheatsheet.pdf` and return its path.

    Raises `CourseError` where the book is not built, Chromium fails, or the sheet needs other than two pages.
    """
    browser = chromium()
    page, pdf = Path(root) / "_build" / "html" / "book" / "cheatsheet.html", Path(root) / "_build" / "cheatsheet.pdf"
    if not page.exists():
        raise CourseError("The cheat sheet is a page of the book: build the book first (make book).")
    _print(browser, page, pdf)
    pages = len(re.findall(rb"/Type /Page\s", pdf.read_bytes()))
    if pages != 2:
        raise CourseError(f"The cheat sheet is to fit on two pages, and takes {pages}: shorten it, or set it smaller.")
    return pdf


def _sign(pdf, author):
    """Write who made the book, and under which licence, into what the file says of itself: Chromium leaves both out."""
    from pypdf import PdfReader, PdfWriter

    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it would tell of a number in Chromium's file that it mends
    writer = PdfWriter(clone_from=PdfReader(pdf))
    writer.add_metadata({"/Author": unescape(author), "/Subject": "Text under CC BY 4.0, code under MIT"})
    writer.write(pdf)


def _print(browser, page, pdf):
    pdf.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        _run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                f"--user-data-dir={profile}",
                "--virtual-time-budget=20000",
                "--no-pdf-header-footer",
                "--generate-pdf-document-outline",
                f"--print-to-pdf={pdf}",
                page.as_uri(),
            ],
            "Chromium could not print the book",
        )
    if not pdf.exists():
        raise CourseError("Chromium ended without an error, but wrote no PDF. Is there room on the disk?")


def pages_of_targets(pdf):
    """{id: number of the page it is on} of a PDF (bytes) as Chromium writes it: page objects in order, and links to named places."""
    pages = {number: place for place, number in enumerate(re.findall(rb"(\d+) 0 obj\s*<</Type /Page\s", pdf), start=1)}
    targets = re.findall(rb"/(\S+) \[(\d+) 0 R /XYZ", pdf)

    def unescape(name: bytes) -> bytes:
        return re.sub(rb"#([0-9A-F]{2})", lambda m: bytes.fromhex(m[1].decode()), name)

    return {unescape(name).decode(): pages[number] for name, number in targets if number in pages}


def _printable(folder):
    """The joined page, beside its pictures and styles, with solutions and hints open; code that the book folds away stays out of print."""
    joined = next(path for path in folder.glob("*/*.html"))
    html = re.sub(r'<details(?! class="admonition hide)', "<details open", joined.read_text(encoding="utf-8"))
    html = html.replace(f'href="{joined.relative_to(folder).as_posix()}#', 'href="#')
    html = html.replace("</head>", f"<style>{_fonts(folder)}</style>\n</head>", 1)
    page = folder / "printed.html"
    page.write_text(html, encoding="utf-8")
    return page


def _fonts(folder):
    """Styles that set the text in fonts of one weight each, which are made beside the page.

    Chromium writes a variable font into a PDF as drawings (Type 3), which many viewers show badly and none can hint.
    """
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    faces = [
        f'@font-face {{ font-family: "{PRINT}"; font-style: italic; src: url("{(FONTS / "source-serif-4-italic.woff2").as_uri()}"); }}'
    ]
    for weight in (400, 650):
        font = TTFont(FONTS / "source-serif-4.woff2")
        font.flavor = None
        instantiateVariableFont(font, {"wght": weight}, inplace=True)
        font.save(folder / f"serif-{weight}.ttf")
        faces.append(f'@font-face {{ font-family: "{PRINT}"; font-weight: {weight}; src: url("serif-{weight}.ttf"); }}')
    return "\n".join([*faces, f':root {{ --serif: "{PRINT}", Georgia, serif; }}'])


def _run(command, complaint):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")
    if done.returncode:
        print(done.stdout[-4000:])
        raise CourseError(f"{complaint}: its own words stand above.")


def add_pdf(parser):
    """The arguments of `pdf`; returns what runs it."""
    parser.add_argument(
        "--cheat-sheet", action="store_true", help="the two pages of the cheat sheet alone, from the built book"
    )
    return _main


def _main(options):
    if options.cheat_sheet:
        print(f"The cheat sheet is ready: {cheat_sheet()}")
    else:
        print(f"The printable edition is ready: {build()}")
