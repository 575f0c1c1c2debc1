"""The edition for e-readers: the joined pages, made into an EPUB by pandoc, with mathematics as MathML."""

import shutil
import subprocess
from html import escape
from pathlib import Path
from urllib.parse import quote

from bs4 import BeautifulSoup

from ..errors import CourseError
from .build import ROOT
from .pdf import joined

# Of the joined page, what an e-reader has its own of, and what needs a browser.
LEFT_OUT = (
    "script, style, header.top, footer, nav, .skip, .headerlink, .panels, details.hide, [data-live] > p, .alive svg"
)
STYLE = """
figure, table { margin: 1em 0; } figcaption, caption { font-size: .9em; text-align: left; }
td, th { padding: .2em .6em .2em 0; vertical-align: top; text-align: left; }
pre { white-space: pre-wrap; font-size: .8em; } img { max-width: 100%; background: #fff; }
.math { text-align: center; margin: 1em 0; } .eqno { float: right; }
.admonition { border-left: 3px solid; padding-left: 1em; } .admonition-title { font-weight: bold; }
"""


def pandoc():
    """Path of pandoc: the system's, else that of the package pypandoc_binary. Raises `CourseError` if there is none."""
    if found := shutil.which("pandoc"):
        return found
    try:
        import pypandoc
    except ModuleNotFoundError:
        raise CourseError(
            "The edition for e-readers needs pandoc, and it was not found. Install it: .venv/bin/python -m pip install pypandoc_binary"
        ) from None
    return pypandoc.get_pandoc_path()


def plain(html):
    """The text of the joined page with its pictures as images, their words kept, and nothing that needs a script."""
    soup = BeautifulSoup(html, "html.parser")
    for element in soup.select(LEFT_OUT):
        element.decompose()
    for drawing in soup.select("svg[role=img]"):
        words = drawing["aria-label"]
        del drawing["role"], drawing["aria-label"]
        drawing["color"] = "#1c2430"
        for use in drawing.select("use[href]"):  # as readers of SVG 1.1 know it
            use["xlink:href"] = use.attrs.pop("href")
        picture = soup.new_tag("img", alt=words, src=f"data:image/svg+xml,{quote(str(drawing))}")
        drawing.replace_with(picture)
    for fold in soup.select("details"):
        if title := fold.find("summary"):
            title.name, title["class"] = "p", "admonition-title"
        fold.name = "div"
    _chapters(soup)
    article = soup.find("main")
    head = soup.find("head")
    title, author = (
        head.find("title").get_text(),
        (head.find("meta", attrs={"name": "author"}) or {}).get("content", ""),
    )
    return (
        title,
        author,
        f"<html><head><title>{escape(title)}</title></head><body>{article.decode_contents()}</body></html>",
    )


def _chapters(soup):
    """Headings as pandoc looks for them: a chapter's first, none within a section, each with the address of its section."""
    for start in soup.select("[id^=document-]"):
        chapter = start.find_next("section")
        for heading in chapter.find_all(["h2", "h3", "h4", "h5"]) if chapter.find("h1") is None else ():
            heading.name = f"h{int(heading.name[1]) - 1}"
    for section in soup.select("main section"):
        if heading := section.find(["h1", "h2", "h3", "h4", "h5"]):
            heading["id"] = section.get("id")
    for wrapping in soup.select("main section, main article, .toctree-wrapper"):
        wrapping.unwrap()


def build(root=ROOT):
    """Build `_build/rnnbook.epub` of the book in `root` and return its path. Raises `CourseError` where Sphinx or pandoc fails."""
    program = pandoc()
    page = joined(root)
    title, author, html = plain(page.read_text(encoding="utf-8"))
    style = page.with_name("epub.css")
    style.write_text(STYLE, encoding="utf-8")
    epub = Path(root) / "_build" / "rnnbook.epub"
    told = {"title": title, "author": author, "lang": "en", "rights": "Text under CC BY 4.0, code under MIT"}
    done = subprocess.run(
        [program, "--from=html", "--to=epub3", "--mathml", "--toc", "--toc-depth=2", "--split-level=1", f"--css={style}",
         f"--resource-path={page.parent}", f"--output={epub}", *(f"--metadata={name}={text}" for name, text in told.items())],
        input=html, encoding="utf-8", capture_output=True,
    )  # fmt: skip
    if done.returncode:
        raise CourseError(f"pandoc could not make the edition for e-readers: {done.stderr[-500:]}")
    return epub


def add_epub(parser):
    """The arguments of `epub`, none; returns what runs it."""
    return lambda options: print(f"The edition for e-readers is ready: {build()}")
