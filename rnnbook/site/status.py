"""The status page: how each notebook ran when its outputs were stored, from what `rnnbook.execute` recorded in it."""

import json
from pathlib import Path
import re

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


def runs(folder):
    """(path, title, record) of every notebook in `folder`, in order; the record, with the data used, is None where none was kept."""
    for path in sorted(Path(folder).glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        heading = "".join(next(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown")).splitlines()[0]
        record = notebook["metadata"].get("rnnbook")
        yield path, heading.lstrip("# "), record and record | {"data": _data(notebook)}


def _data(notebook):
    """Which data a notebook used: the reviews that `Corpus.describe` named in its outputs, and recorded runs that it loaded."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    shown = "".join("".join(output.get("text", "")) for cell in cells for output in cell["outputs"])
    reviews = re.findall(r"^(IMDB(?=:)|Sample(?=:)|IMDB could not be had).*\(sha256 (\w+)\)", shown, re.M)
    used = [f"{'imdb' if name == 'IMDB' else 'sample'} ({digest}…)" for name, digest in dict.fromkeys(reviews)]
    if any("runs.load(" in "".join(cell["source"]) for cell in cells):
        used.append("recorded runs")
    return ", ".join(used) or "none"


def _words(record):
    """What the table says of a record: run time, data, versions, machine."""
    if record is None:
        return ["not run yet", "–", "–"]
    minutes, seconds = divmod(round(record["seconds"]), 60)
    time = f"{minutes} min {seconds:02} s" if minutes else f"{record['seconds']:.0f} s"
    return [time, record["data"], ", ".join(f"{name} {number}" for name, number in record["versions"].items())]


class NotebookStatus(SphinxDirective):
    """A table with one row a notebook."""

    def run(self):
        folder = Path(self.env.srcdir) / "notebooks"
        head = ["Notebook", "Run time", "Data", "Versions"]
        rows, machines = [], set()
        for path, title, record in runs(folder):
            self.env.note_dependency(str(path))
            rows.append([f"{int(path.name[:2])}. {title}", *_words(record)])
            machines |= {f"{record['machine']}, Python {record['python']}" for record in [record] if record}
        table = _table(head, rows)
        said = [nodes.paragraph(text=f"Run on {machine}.") for machine in sorted(machines)]
        return [*said, table]


def _table(head, rows):
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", _row(head))
    group += nodes.tbody("", *map(_row, rows))
    return nodes.table("", group)


def _row(texts):
    return nodes.row("", *(nodes.entry("", nodes.paragraph(text=text)) for text in texts))


def setup(app):
    app.add_directive("notebook-status", NotebookStatus)
