"""Executing a notebook twice stores the same bytes but for the times, and a failing cell leaves the file alone."""

import json

import nbclient
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from rnnbook import reviews
from rnnbook.publish.execute import execute


def write(path, *sources):
    notebook = new_notebook(cells=[new_code_cell(s, id=f"c{i}") for i, s in enumerate(sources)])
    nbformat.write(notebook, path)
    return path


def test_stored_outputs_are_stable(tmp_path):
    path = write(
        tmp_path / "a.ipynb",
        "import sys\nprint('told')\nprint('log line', file=sys.stderr)",
        "import ipywidgets\nfrom IPython.display import display\n"
        "display({'text/html': '<b>twin</b>', 'application/vnd.jupyter.widget-view+json': {'model_id': '1'}}, raw=True)",
    )
    execute(path)
    first = json.loads(path.read_text())
    execute(path)
    second = json.loads(path.read_text())
    assert first["cells"] == second["cells"]
    stored = json.dumps([cell["outputs"] for cell in first["cells"]])
    assert "twin" in stored and "log line" not in stored and "model_id" not in stored
    assert first["cells"][0]["outputs"][0]["text"] == ["told\n"]
    assert first["metadata"]["rnnbook"]["seconds"] > 0
    assert set(first["metadata"]["rnnbook"]) == {"seconds", "data", "python", "versions", "machine"}
    assert first["metadata"]["rnnbook"]["data"] == []


def test_the_data_that_a_notebook_read_are_stored_with_it(tmp_path):
    path = write(
        tmp_path / "d.ipynb", "from rnnbook import reviews, runs\nreviews.load('sample')\nruns.load('comparison');"
    )
    execute(path)
    stored = json.loads(path.read_text())
    assert len(stored["cells"]) == 1
    assert stored["metadata"]["rnnbook"]["data"] == [f"sample ({reviews.load('sample').sha256[:8]}…)", "recorded runs"]


def test_a_failing_cell_leaves_the_file_as_it_was(tmp_path):
    path = write(tmp_path / "b.ipynb", "print('kept')", "1 / 0")
    before = path.read_bytes()
    with pytest.raises(nbclient.exceptions.CellExecutionError):
        execute(path)
    assert path.read_bytes() == before


def test_a_name_used_too_early_gets_a_hint(tmp_path):
    path = write(tmp_path / "c.ipynb", "from rnnbook import notebook\nnotebook.start()", "epochs_not_set_yet + 1")
    with pytest.raises(nbclient.exceptions.CellExecutionError) as failed:
        execute(path)
    assert "`epochs_not_set_yet` does not exist yet. Run the cells above first" in str(failed.value)
