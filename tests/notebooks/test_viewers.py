"""Every figure and widget is a picture with words in viewers that sanitize HTML: GitHub, and JupyterLab before a cell is run.

RNNBOOK_NOTEBOOKS names another folder of executed notebooks to look at.
"""

import ast
import base64
import html
import io
import json
import os
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import nh3
import pytest
from PIL import Image

from rnnbook import figures, widgets
from rnnbook.figures import plots
from rnnbook.figures.inline import DRAWING
from rnnbook.widgets.live import HOW_ALIVE

FOLDER = Path(os.environ.get("RNNBOOK_NOTEBOOKS") or Path(__file__).resolve().parents[2] / "notebooks")
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
# What GitHub leaves of HTML (its list of elements and attributes); pictures of the notebook itself are data addresses there.
TAGS = set(
    "h1 h2 h3 h4 h5 h6 br b i strong em a pre code img tt div ins del sup sub p picture ol ul table thead tbody tfoot "
    "blockquote dl dt dd kbd q samp var hr ruby rt rp li tr td th s strike summary details caption figure figcaption abbr "
    "bdo cite dfn mark small source span time wbr".split()
)
ATTRIBUTES = {"*": {"width", "height", "title", "align"}, "a": {"href"}, "img": {"src", "alt", "longdesc", "loading"}}


class Pictures(HTMLParser):
    """The pictures of some HTML, as (src, alt), and its text."""

    def __init__(self, html):
        super().__init__()
        self.pictures, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            attributes = dict(attributes)
            self.pictures.append((attributes.get("src"), attributes.get("alt")))

    def handle_data(self, data):
        self.text += data


def shown(data):
    """What a viewer that trusts nothing makes of an output's HTML."""
    found = "".join(data["text/html"])
    return Pictures(
        nh3.clean(found, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "data"}, link_rel=None)
    )


def colours(address):
    """How many colours a picture in a data address has; one is an empty picture. An SVG counts its shapes."""
    kind, _, content = address.partition(",")
    if kind == "data:image/svg+xml":
        return len(list(ElementTree.fromstring(unquote(content)).iter()))
    assert kind == "data:image/png;base64", kind
    return len(Image.open(io.BytesIO(base64.b64decode(content))).convert("RGB").getcolors(1 << 24))


def problem(data):
    """What is wrong with an output that should be a picture; None where all is well."""
    seen = shown(data)
    if len(seen.pictures) != 1:
        return f"{len(seen.pictures)} pictures"
    src, alt = seen.pictures[0]
    if not src or colours(src) < 3:
        return "an empty picture"
    if not alt or len(alt.split()) < 3:
        return "no words"
    if "data-widget" in "".join(data["text/html"]) and HOW_ALIVE not in " ".join(seen.text.split()):
        return "no sentence on how it comes alive"
    return None


def pictured(data):
    found = "".join(data.get("text/html", ""))
    return (
        DRAWING in data
        or any(mark in found for mark in ("<svg", "<img", "data-widget", "<canvas"))
        or "image/png" in data
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_stored_figures_and_widgets_show_without_trust(path):
    wrong, count = [], 0
    for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if pictured(data):
                count += 1
                if said := problem(data):
                    wrong.append(f"cell {number}, {''.join(cell['source'])[:50]!r}: {said}")
    assert count and wrong == []


def stale_words(cells):
    """Words for a figure that stand in a cell, but not in all forms of what it is stored to show."""
    found = []
    for cell in cells:
        figures_shown = [output["data"] for output in cell.get("outputs", []) if DRAWING in output.get("data", {})]
        if cell["cell_type"] != "code" or not figures_shown:
            continue
        source = "".join(line for line in cell["source"] if not line.startswith(("%", "!")))
        given = [
            word.value for word in ast.walk(ast.parse(source)) if isinstance(word, ast.keyword) and word.arg == "alt"
        ]
        for words in (word.value for word in given if isinstance(word, ast.Constant)):
            forms = {"text/plain": words, "text/html": html.escape(words), DRAWING: html.escape(words)}
            told = any(all(form in "".join(data[kind]) for kind, form in forms.items()) for data in figures_shown)
            found += [] if told else [words]
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_stored_figures_have_the_words_of_their_cells(path):
    assert stale_words(json.loads(path.read_text(encoding="utf-8"))["cells"]) == []


def test_words_changed_after_a_run_are_found():
    words, form = "It doesn't fall.", "It doesn&#x27;t fall."
    data = {
        "text/plain": [f"[Figure: {words}]"],
        "text/html": [f'<img alt="{form}">'],
        DRAWING: f'<svg aria-label="{form}">',
    }
    cell = {"cell_type": "code", "source": [f'plots.show(fig, alt="{words}"\n', ")"], "outputs": [{"data": data}]}
    assert stale_words([cell]) == []
    for kind in data:
        assert stale_words([{**cell, "outputs": [{"data": {**data, kind: ["It fell."]}}]}]) == [words]


@pytest.mark.parametrize("name", figures.NAMES)
def test_every_diagram_shows_without_trust(name):
    data = figures.show(name)._repr_mimebundle_()
    assert problem(data) is None
    assert figures.alt(name) in data["text/plain"] and "<svg" in data[DRAWING]


@pytest.mark.parametrize("name", figures.NAMES)
def test_pngs_are_those_of_the_diagrams(name):
    made_from = Image.open(io.BytesIO(figures.png(name))).text["Source"]
    assert made_from == figures.source(name), f"the PNG is older than its diagram: run python -m rnnbook figures {name}"


def test_every_curve_shows_without_trust():
    fig, ax = plt.subplots()
    ax.plot([0, 1], [1, 0])
    fig.set_label("A line that falls from one to zero.")
    data = plots.to_outputs(fig)
    plt.close(fig)
    assert problem(data) is None and "<svg" in data[DRAWING]


@pytest.mark.parametrize("name", [n for n in widgets.__all__ if n not in ("Quiz", "TrainingPanel")])
def test_every_widget_shows_without_trust(name):
    assert problem(getattr(widgets, name)()._repr_mimebundle_()[0]) is None


def test_an_svg_alone_is_found_wanting():
    assert problem({"text/html": '<div><svg role="img" aria-label="A line that falls."></svg></div>'}) == "0 pictures"
    blank = io.BytesIO()
    Image.new("RGB", (4, 4)).save(blank, "PNG")
    picture = f'src="data:image/png;base64,{base64.b64encode(blank.getvalue()).decode()}"'
    assert problem({"text/html": f'<img alt="A line that falls." {picture}>'}) == "an empty picture"
