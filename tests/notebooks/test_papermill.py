"""Notebooks with parameters run from top to bottom with reduced ones, with their own assertions, on the sample.

`make test` executes every notebook once more as it is, on the reviews at hand, and compares the outputs (nbval).
"""

import papermill
import pytest
from pages import NOTEBOOKS, read

SMALL = {"EPOCHS": "1", "REVIEWS": "400"}  # as text: that is how `papermill -p` passes them


def parameters_of(path):
    cells = [c.source for c in read(path).cells if "parameters" in c.metadata.get("tags", [])]
    assert len(cells) <= 1, f"{path.name} has {len(cells)} cells tagged parameters"
    return {line.split("=")[0].strip() for line in "".join(cells).splitlines() if "=" in line}


RUNS = [pytest.param(p, marks=[pytest.mark.slow]) for p in NOTEBOOKS if parameters_of(p)]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_runs_with_reduced_parameters(path, tmp_path):
    wanted = {**SMALL, "DATASET": "sample"}
    given = {k: v for k, v in wanted.items() if k in parameters_of(path)}
    papermill.execute_notebook(
        path,
        tmp_path / path.name,
        parameters=given,
        cwd=path.parent,
        kernel_name="python3",
        progress_bar=False,
        log_output=False,
    )
