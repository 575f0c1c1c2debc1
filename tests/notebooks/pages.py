"""Read the committed notebooks: their Markdown, and all that their cells show."""

import re
from html import unescape
from pathlib import Path

import nbformat

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


TIMES = r"\btimes\b|×|\bratio"  # what says that a number beside it, or below it in a table, counts times


def read(path):
    return nbformat.read(path, as_version=4)


def markdown(notebook):
    return [c.source for c in notebook.cells if c.cell_type == "markdown"]


# What a viewer shows of an output that offers several forms: the first of these.
PREFERRED = ("application/vnd.rnnbook.figure+html", "text/html", "text/markdown", "text/latex", "text/plain")


def shown(notebook):
    """The text that a reader can see of all outputs: streams, and of rich outputs the form that is shown.

    HTML counts without its tags, scripts and styles (the data of a widget lie in a script), but with its alt texts. A column of
    a table that counts times by its head says so beside each of its numbers.
    """
    parts = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            parts.append(output.get("text", ""))
            data = output.get("data", {})
            kind = next((kind for kind in PREFERRED if kind in data), None)
            if kind:
                parts.append(visible(data[kind]) if kind.endswith("html") else with_times(data[kind]))
    return "\n".join(parts)


def with_times(text):
    """Markdown whose tables say "times" in each cell below a head that says it, or that is a ratio."""
    lines, counted = [], []
    for line in text.splitlines():
        cells = line.strip()[1:].removesuffix("|").split("|") if line.lstrip().startswith("|") else []
        if not cells:
            counted = []
        elif not counted:  # the head
            counted = [bool(re.search(TIMES, cell)) for cell in cells]
        elif any(counted):
            line = "|".join(f"{cell} times " if yes else cell for cell, yes in zip(cells, counted, strict=False))
            line = f"|{line}|"
        lines.append(line)
    return "\n".join(lines)


def _rows(table):
    """A table of HTML as rows of Markdown, with its times told as there."""
    rows = re.findall(r"<tr\b.*?</tr>", table[0], flags=re.S)
    cells = [re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, flags=re.S) for row in rows]
    plain = [[" ".join(re.sub(r"<[^>]*>", " ", cell).split()) for cell in row] for row in cells]
    return "\n" + with_times("\n".join(f"|{'|'.join(row)}|" for row in plain)) + "\n"


def visible(html):
    """The text of a piece of HTML, with what its pictures are said to show."""
    html = re.sub(r"<(script|style|template)\b.*?</\1>", " ", html, flags=re.S)
    html = re.sub(r'(?:aria-label|alt)="([^"]*)"', r">\1<", html)
    html = re.sub(r"<table\b.*?</table>", _rows, html, flags=re.S)
    return unescape(re.sub(r"<[^>]*>", " ", html))
