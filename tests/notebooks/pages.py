"""Read the committed notebooks: their Markdown, and all that their cells show."""

import re
from html import unescape
from pathlib import Path

import nbformat

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def read(path):
    return nbformat.read(path, as_version=4)


def markdown(notebook):
    return [c.source for c in notebook.cells if c.cell_type == "markdown"]


# What a viewer shows of an output that offers several forms: the first of these.
PREFERRED = ("application/vnd.rnnbook.figure+html", "text/html", "text/markdown", "text/latex", "text/plain")


def shown(notebook):
    """The text that a reader can see of all outputs: streams, and of rich outputs the form that is shown.

    HTML counts without its tags, scripts and styles (the data of a widget lie in a script), but with its alt texts.
    """
    parts = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            parts.append(output.get("text", ""))
            data = output.get("data", {})
            kind = next((kind for kind in PREFERRED if kind in data), None)
            if kind:
                parts.append(visible(data[kind]) if kind.endswith("html") else data[kind])
    return "\n".join(parts)


def visible(html):
    """The text of a piece of HTML, with what its pictures are said to show."""
    html = re.sub(r"<(script|style|template)\b.*?</\1>", " ", html, flags=re.S)
    html = re.sub(r'(?:aria-label|alt)="([^"]*)"', r">\1<", html)
    return unescape(re.sub(r"<[^>]*>", " ", html))
