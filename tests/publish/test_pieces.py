"""A piece in three libraries: tabs on a page, which remember the choice; one library and a line on paper."""

import json
import re
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup

from rnnbook.publish.site import pieces

CONF = """
extensions = ["myst_nb", "rnnbook.publish.site.pieces"]
nb_execution_mode, exclude_patterns = "off", ["html", "singlehtml", "jupyter_execute"]
html_theme, html_copy_source, html_baseurl = "basic", False, "https://book.example/"
html_static_path, html_css_files = [{static!r}], ["book.css"]
html_js_files = [("book.js", {{"defer": "defer"}})]
"""


def notebook(*cells):
    """A page with code cells (piece, source)."""
    code = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "execution_count": n,
            "metadata": {"tags": [f"piece:{piece}"] if piece else []},
            "source": source,
            "outputs": [{"output_type": "stream", "name": "stdout", "text": f"printed by {n}\n"}],
        }
        for n, (piece, source) in enumerate(cells)
    ]
    title = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# A chapter"}
    return json.dumps(
        {"cells": [title, *code], "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A book of two chapters, as pages and joined for paper."""
    folder = tmp_path_factory.mktemp("pieces")
    static = str(pieces.Path(pieces.__file__).parent / "theme" / "static")
    (folder / "conf.py").write_text(CONF.format(static=static))
    (folder / "index.md").write_text("# Book\n\n```{toctree}\none\ntwo\n```\n")
    long = "\n".join(f"line_{n} = 'of Keras'" for n in range(40))
    (folder / "one.ipynb").write_text(
        notebook(("both", long), ("", "nothing = 0"), ("half", "h = 'Keras'"), ("none", "n = 1"))
    )
    (folder / "two.ipynb").write_text(notebook(("both_too", "b = 'Keras'")))
    for library, name in (
        ("pytorch", "both"),
        ("jax", "both"),
        ("jax", "half"),
        ("pytorch", "both_too"),
        ("jax", "both_too"),
    ):
        path = folder / pieces.FOLDER / library / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name} = '<{library}>'\n")
    for builder in ("html", "singlehtml"):
        subprocess.run(
            [sys.executable, "-m", "sphinx", "-q", "-W", "-b", builder, folder, folder / builder], check=True
        )
    return folder


def test_a_page_has_a_tab_for_each_library_with_a_file(built):
    soup = BeautifulSoup((built / "html/one.html").read_text("utf-8"), "html.parser")
    both, half = soup.select("[role=radiogroup]")
    assert [label.text for label in both.select("label")] == ["Keras", "PyTorch", "JAX"]
    assert [label.text for label in half.select("label")] == ["Keras", "JAX"]
    assert [button["value"] for button in soup.select("input[checked]")] == ["keras", "keras"]
    assert [panel.find("pre").text.strip()[-9:] for panel in half.select(".library")] == ["= 'Keras'", "= '<jax>'"]
    assert len(soup.select(".library .cell_input .highlight pre")) == 5  # all have their colours
    assert all(soup.find(id=label["for"])["name"] in ("both", "half") for label in soup.select("label"))
    cells = soup.select(".cell")
    assert len(cells) == 4 and all(f"printed by {n}" in cell.text for n, cell in enumerate(cells))
    assert not soup.select("[role=radiogroup] .cell_output") and "elsewhere" not in str(soup)


def test_paper_has_keras_and_says_where_the_others_are(built):
    soup = BeautifulSoup((built / "singlehtml/index.html").read_text("utf-8"), "html.parser")
    assert not soup.select("input, label") and "&lt;jax&gt;" not in str(soup)
    told = [line.text for line in soup.select(".elsewhere")]
    assert told == [
        f"In {names}: on this page of the book in a browser." for names in ("PyTorch and JAX", "JAX", "PyTorch and JAX")
    ]
    assert soup.select_one(".elsewhere a")["href"].startswith("https://book.example/one.html")


def test_a_page_follows_the_files_that_it_shows(built):
    file = built / pieces.FOLDER / "jax" / "half.py"
    file.write_text("half = 'changed <jax>'\n")
    subprocess.run([sys.executable, "-m", "sphinx", "-q", "-b", "html", built, built / "html"], check=True)
    assert "changed &lt;jax&gt;" in re.sub("<[^>]*>", "", (built / "html/one.html").read_text("utf-8"))


def test_the_choice_holds_on_the_page_and_on_the_next_with_the_keyboard_too(built, chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 700})
    page = context.new_page()
    page.goto((built / "html/one.html").as_uri())
    shown = lambda: page.locator(".library:visible").all_inner_texts()
    assert len(shown()) == 2 and all("Keras" in text for text in shown())
    page.locator(
        "label[for=half-jax]"
    ).click()  # the tabs above lose 40 lines, those that were touched stay where they are
    assert all("<jax>" in text for text in shown()) and page.locator("label[for=half-jax]").is_visible()
    assert 0 < page.locator("label[for=half-jax]").bounding_box()["y"] < 700
    page.locator("#both-jax").focus()
    page.keyboard.press("ArrowLeft")
    assert "<pytorch>" in shown()[0] and "<jax>" in shown()[1]  # which has no PyTorch
    page.goto((built / "html/two.html").as_uri())
    assert "<pytorch>" in shown()[0]
    page.go_back()
    assert "<pytorch>" in shown()[0]
    context.close()
