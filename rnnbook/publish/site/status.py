"""The status page: how each notebook ran when its outputs were stored, from what `rnnbook.publish.execute` recorded in it."""

import json
from pathlib import Path
from string import ascii_uppercase

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


def runs(folder):
    """(path, title, record) of every notebook in `folder`, in order; the record is None where none was kept."""
    for path in sorted(Path(folder).glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        heading = "".join(
            next(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown")
        ).splitlines()[0]
        yield path, heading.lstrip("# "), notebook["metadata"].get("rnnbook")


def _data(record):
    return ", ".join(record["data"]) or "none" if "data" in record else "–"


def _time(record):
    """The processor's seconds: those by the clock tell more of what else ran."""
    seconds = record.get("processor_seconds")
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{seconds:.0f} s"


def _environment(record):
    """On what a notebook ran: machine, Python and packages, as one line."""
    packages = ", ".join(f"{name} {number}" for name, number in record["versions"].items())
    return f"{record['machine']}, Python {record['python']}, {packages}."


class NotebookStatus(SphinxDirective):
    """A table with one row a notebook, and below it the environments that it names by letters."""

    def run(self):
        rows, letters = [], {}
        for path, title, record in runs(Path(self.env.srcdir) / "notebooks"):
            self.env.note_dependency(str(path))
            told = ["not run yet", "–", "–"]
            if record:
                letter = letters.setdefault(_environment(record), ascii_uppercase[len(letters)])
                told = [_time(record), _data(record), letter]
            rows.append([f"{int(path.name[:2])}. {title}", *told])
        table = _table(["Notebook", "Processor time", "Data", "Ran with"], rows)
        return [
            table,
            *(
                nodes.paragraph("", "", nodes.strong(text=letter), nodes.Text(f": {words}"))
                for words, letter in letters.items()
            ),
        ]


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
