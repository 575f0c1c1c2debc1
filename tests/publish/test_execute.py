"""Executing a notebook twice stores the same bytes but for the times, and a failing cell leaves the file alone."""

import json
import re
from pathlib import Path

import nbclient
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from rnnbook import reviews
from rnnbook.publish.execute import execute

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
# What a cell may ask for, and what is then noted.
CALLS = {
    "reviews.load('sample');": "sample",
    "laboratory.load('comparison');": "recorded runs",
    "series.births();": "births a day",
    "series.sunspots();": "sunspot numbers",
    "frames.running_cat();": "frames of the running cat",
    "text.part('test');": "plays of Shakespeare",
}
ASKED = {call[: call.index("(") + 1]: data for call, data in CALLS.items()} | {
    "reviews.load(": "",
    "laboratory.frame(": "recorded runs",
    "store.rows(": "recorded runs",
    "laboratory.together(": "recorded runs",
}


def write(path, *sources):
    notebook = new_notebook(cells=[new_code_cell(s, id=f"c{i}") for i, s in enumerate(sources)])
    nbformat.write(notebook, path)
    return path


def test_stored_outputs_are_stable(tmp_path):
    path = write(
        tmp_path / "a.ipynb",
        "import sys\nprint('to', end='', flush=True)\nprint('', file=sys.stderr, flush=True)\nprint('ld')\nprint('log line', file=sys.stderr)",
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
    kept = {"seconds", "processor_seconds", "data", "python", "versions", "machine"}
    assert set(first["metadata"]["rnnbook"]) == kept and first["metadata"]["rnnbook"]["seconds"] > 0
    assert first["metadata"]["rnnbook"]["data"] == []


def test_the_data_that_a_notebook_read_are_stored_with_it(tmp_path):
    path = write(
        tmp_path / "d.ipynb",
        "from rnnbook import laboratory, reviews, series, text\nfrom rnnbook.series import frames",
        *CALLS,
    )
    execute(path)
    stored = json.loads(path.read_text())
    assert len(stored["cells"]) == 1 + len(CALLS)
    sample = f"sample ({reviews.load('sample').sha256[:8]}…)"
    assert stored["metadata"]["rnnbook"]["data"] == [sample, *list(CALLS.values())[1:]]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_data_that_a_chapter_asks_for_are_stored_with_it(path):
    """What its cells call; figures may read more."""
    notebook = json.loads(path.read_text("utf-8"))
    stored = notebook["metadata"]["rnnbook"]
    assert stored["processor_seconds"] > 0
    code = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    asked = {data for call, data in ASKED.items() if re.search(r"(?<![\w.])" + re.escape(call), code)}
    assert {data for data in asked if not any(told.startswith(data) for told in stored["data"])} == set()


def test_processor_seconds_are_those_of_the_kernel(tmp_path):
    path = write(tmp_path / "f.ipynb", "import time\ntime.sleep(4)\nwhile time.process_time() < 2:\n    pass")
    execute(path)
    told = json.loads(path.read_text())["metadata"]["rnnbook"]
    assert 2 <= told["processor_seconds"] <= told["seconds"] - 2


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
