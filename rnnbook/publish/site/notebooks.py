"""What the book reads of a notebook: of a figure the drawing, where other viewers take its PNG."""

import json

from rnnbook.figures.inline import DRAWING


def drawings(notebook):
    """Leave of every figure in the notebook's JSON its drawing alone, as HTML; returns the notebook."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if drawing := output.get("data", {}).get(DRAWING):
                output["data"] = {"text/html": drawing}
    return notebook


def _read(app, docname, source):
    if app.env.doc2path(docname).endswith(".ipynb"):
        source[0] = json.dumps(drawings(json.loads(source[0])))


def setup(app):
    app.connect("source-read", _read)
