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


def shown(notebook):
    """The text of all outputs: streams, plain text, HTML without tags but with its alt texts, and Markdown."""
    parts = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            parts.append(output.get("text", ""))
            for kind, data in output.get("data", {}).items():
                if kind == "text/html":
                    data = re.sub(r'(?:aria-label|alt)="([^"]*)"', r">\1<", data)
                    data = unescape(re.sub(r"<style.*?</style>|<[^>]*>", " ", data, flags=re.S))
                if kind.startswith("text/"):
                    parts.append(data)
    return "\n".join(parts)
