"""A small copy of the book with a repository set: buttons, addresses, sitemap; and what happens where something is missing."""

import re
import shutil
import subprocess
import sys
import zipfile
from xml.etree import ElementTree

import nbformat
import pytest
import yaml
from pypdf import PdfReader

from rnnbook.errors import CourseError
from rnnbook.publish import epub, links, pdf
from rnnbook.publish.configure import configure
from rnnbook.publish.site import pages, printed
from rnnbook.widgets import Unfold

from .conftest import ROOT


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A book of one chapter, built as a published one."""
    folder = tmp_path_factory.mktemp("tiny")
    for name in ("_config.yml", "CITATION.cff", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder)
    (folder / "book").mkdir()
    (folder / "notebooks").mkdir()
    (folder / "book/exercises").mkdir()
    (folder / "exercises").mkdir()
    (folder / "rnnbook/publish/site/theme/static").mkdir(parents=True)
    shutil.copy(ROOT / "rnnbook/publish/site/theme/static/favicon.svg", folder / "rnnbook/publish/site/theme/static")
    (folder / "book/preface.md").write_text("# Preface\n\nA small book, made for a test of how it is published.\n")
    (folder / "book/references.bib").write_text("")
    cells = [
        nbformat.v4.new_markdown_cell("# One\n\nA chapter with $x^2$."),
        nbformat.v4.new_code_cell('REPOSITORY = ""\nREVISION = "main"'),
        nbformat.v4.new_markdown_cell("## A figure\n\nSee [the exercise](../exercises/assignment_01_one.ipynb)."),
        nbformat.v4.new_code_cell(
            "Unfold()", outputs=[nbformat.v4.new_output("display_data", {"text/html": Unfold().html()})]
        ),
    ]
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}}),
        folder / "notebooks/01_one.ipynb",
    )
    for name in ("01_one", "02_two"):
        (folder / f"book/exercises/{name}.md").write_text(f"# Assignment {name}\n\nQuestions.\n")
    shutil.copy(folder / "notebooks/01_one.ipynb", folder / "exercises/assignment_01_one.ipynb")
    (folder / "_toc.yml").write_text(
        "format: jb-book\nroot: book/preface\nparts:\n- caption: Part\n  numbered: 1\n  chapters:\n"
        "  - file: notebooks/01_one\n- caption: Exercises\n  chapters:\n  - glob: book/exercises/*\n"
    )
    configure("https://github.com/Owner/my-book", folder)
    for command in (["init"], ["add", "."], ["-c", "user.name=A", "-c", "user.email=a@b", "commit", "-m", "The book"]):
        subprocess.run(["git", "-C", folder, *command], check=True, capture_output=True)
    return folder


def build(folder):
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from jupyter_book.cli.main import main; main()",
            "build",
            folder,
            "-W",
            "-n",
            "--keep-going",
        ],
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def published(tiny):
    """The book of one chapter, built once for the tests that only read it; they come before those that build it anew."""
    done = build(tiny)
    assert done.returncode == 0, done.stdout + done.stderr
    return tiny


def test_published_pages_point_to_the_repository(published):
    html = (published / "_build/html/notebooks/01_one.html").read_text()
    assert 'href="https://colab.research.google.com/github/Owner/my-book/blob/main/notebooks/01_one.ipynb"' in html
    assert 'href="https://github.com/Owner/my-book/blob/main/notebooks/01_one.ipynb"' in html
    assert '<link rel="canonical" href="https://owner.github.io/my-book/notebooks/01_one.html">' in html
    sitemap = (published / "_build/html/sitemap.xml").read_text()
    assert re.findall("<loc>(.*?)</loc>", sitemap) == [
        f"https://owner.github.io/my-book/{page}.html"
        for page in ("index", "book/exercises/01_one", "book/exercises/02_two", "book/preface", "notebooks/01_one")
    ]
    exercise = (published / "_build/html/book/exercises/01_one.html").read_text()
    assert (
        'href="https://colab.research.google.com/github/Owner/my-book/blob/main/exercises/assignment_01_one.ipynb"'
        in exercise
    )
    assert 'href="assignment_01_one.ipynb" download="assignment_01_one.ipynb"' in exercise
    assert (published / "_build/html/book/exercises/assignment_01_one.ipynb").is_file()
    assert 'class="launch"' not in (published / "_build/html/book/exercises/02_two.html").read_text()
    assert '<base href="/my-book/">' in (published / "_build/html/404.html").read_text()


def test_links_of_a_downloaded_notebook_lead_into_the_published_book(published):
    """A notebook alone has no neighbours. In the repository the same link leads to the student notebook, in the book to its page."""
    offered = (published / "_build/html/notebooks/01_one.ipynb").read_text("utf-8")
    assert "](https://owner.github.io/my-book/book/exercises/01_one.html)" in offered
    assert 'href="../book/exercises/01_one.html"' in (published / "_build/html/notebooks/01_one.html").read_text(
        "utf-8"
    )
    text = pages.at_home("[a](../book/references.md#x2) [b](02_two.ipynb) [c](https://a.org/02_two.ipynb)", "https://o")
    assert (
        text
        == "[a](https://o/book/references.html#x2) [b](https://o/notebooks/02_two.html) [c](https://a.org/02_two.ipynb)"
    )


def test_a_downloaded_notebook_installs_the_course_that_it_came_from(published):
    """On Colab the notebook is that of `main`, and so is the course; what lies beside the page may be older."""
    commit = subprocess.run(
        ["git", "-C", published, "rev-parse", "HEAD"], capture_output=True, text=True
    ).stdout.strip()
    beside = nbformat.read(published / "_build/html/notebooks/01_one.ipynb", 4).cells[1].source
    assert len(commit) == 40
    assert beside == f'REPOSITORY = "https://github.com/Owner/my-book"\nREVISION = "{commit}"'
    assert 'REVISION = \\"main\\"' in (published / "notebooks/01_one.ipynb").read_text()


def test_a_published_book_has_no_dead_link(published):
    assert links.broken(published / "_build/html") == []
    card = re.search(r'og:image" content="([^"]+)"', (published / "_build/html/book/preface.html").read_text())[1]
    assert card.startswith("https://owner.github.io/my-book/")
    assert (published / "_build/html" / card.removeprefix("https://owner.github.io/my-book/")).is_file()


def test_an_unpublished_book_has_no_dead_button(book):
    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    published = bool(settings["repository"]["url"])
    for path in [*(book / "notebooks").glob("*.html"), *(book / "book/exercises").glob("*.html")]:
        offered = re.findall(r'<ul class="launch">.*?</ul>', path.read_text(encoding="utf-8"), re.S)[0]
        in_the_playground = '<a href="../book/playground.html#play?task=' in offered
        assert in_the_playground == (path.parent.name == "notebooks")
        assert offered.count("<a ") - in_the_playground == (3 if published else 1)
    assert (book / "sitemap.xml").exists() == published


@pytest.mark.nightly
def test_wrong_tex_fails_the_build(tiny):
    page = tiny / "book/preface.md"
    text = page.read_text()
    page.write_text(text + "\n$\\nosuchmacro{x}$\n")
    done = build(tiny)
    page.write_text(text)
    assert done.returncode != 0
    assert "nosuchmacro" in done.stdout + done.stderr and "preface.md" in done.stdout + done.stderr


@pytest.mark.browser
@pytest.mark.nightly
def test_printed_edition_has_contents_with_pages_and_an_outline(tiny):
    edition = pdf.build(tiny)
    page = (tiny / "_build/printed/_build/singlehtml/printed.html").read_text()
    listed = dict(re.findall(r'<span data-page-of="document-([^"]+)">(\d+)</span>', page))
    assert listed == {
        "book/preface": "2",
        "notebooks/01_one": "3",
        "book/exercises/01_one": "4",
        "book/exercises/02_two": "5",
    }
    told = PdfReader(edition)
    assert len(told.pages) == 5 and told.outline and told.metadata.author == "The rnnbook authors"
    assert "CC BY 4.0" in told.metadata.subject and "/MarkInfo" in told.trailer["/Root"]  # tagged for screen readers
    assert "<math" in page and "A small book" in page
    # Letters are those of fonts, not drawings; the figure of the page leads to its live twin.
    fonts = [font.get_object() for page in told.pages for font in page["/Resources"].get("/Font", {}).values()]
    assert fonts and {font["/Subtype"] for font in fonts} == {"/Type0"}
    address = "https://owner.github.io/my-book/notebooks/01_one.html#a-figure"
    assert f'<a href="{address}">{address}</a>' in page and printed.alive(address) in page


@pytest.mark.browser
@pytest.mark.nightly
def test_the_cheat_sheet_fits_on_two_pages(book, tmp_path):
    with pytest.raises(CourseError, match="build the book first"):
        pdf.cheat_sheet(tmp_path)
    shutil.copytree(book, tmp_path / "_build" / "html")
    assert pdf.cheat_sheet(tmp_path).stat().st_size > 10_000
    page = tmp_path / "_build/html/book/cheatsheet.html"
    page.write_text(page.read_text("utf-8").replace("</h1>", "</h1>" + "<p>One line more.</p>" * 300), "utf-8")
    with pytest.raises(CourseError, match="fit on two pages"):
        pdf.cheat_sheet(tmp_path)


@pytest.mark.nightly
def test_edition_for_e_readers(tiny):
    """Well-formed chapters with MathML, pictures with words, contents, author and rights, and no script."""
    with zipfile.ZipFile(epub.build(tiny)) as packed:
        texts = {name: packed.read(name).decode() for name in packed.namelist() if name.endswith((".xhtml", ".opf"))}
    for text in texts.values():
        ElementTree.fromstring(text)
    whole = "".join(texts.values())
    assert "<math" in whole and "<script" not in whole and "Show the code" not in whole
    pictures = re.findall(r"<img[^>]*>", whole)
    assert pictures and all(len(re.search(r'alt="([^"]*)"', picture)[1].split()) > 3 for picture in pictures)
    opf, nav = texts["EPUB/content.opf"], texts["EPUB/nav.xhtml"]
    assert "The rnnbook authors" in opf and "CC BY 4.0" in opf and "<dc:language>en" in opf
    assert [title in nav for title in ("Preface", "One", "Assignment 01_one", "A figure")] == [True] * 4


def test_missing_pandoc_is_said(monkeypatch):
    monkeypatch.setattr(epub.shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "pypandoc", None)
    with pytest.raises(CourseError, match="needs pandoc, and it was not found. Install it"):
        epub.pandoc()


def test_missing_chromium_is_said(monkeypatch):
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    with pytest.raises(CourseError, match="needs Chromium or Chrome, and neither was found. Install it"):
        pdf.chromium()
