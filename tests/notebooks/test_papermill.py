"""Every notebook runs from top to bottom with reduced epochs, with its own assertions, on each data set at hand."""

import papermill
import pytest
from pages import NOTEBOOKS, read

SMALL = {"EPOCHS": "1", "REVIEWS": "400"}  # as text: that is how `papermill -p` passes them


def parameters_of(path):
    cells = [c.source for c in read(path).cells if "parameters" in c.metadata.get("tags", [])]
    assert len(cells) <= 1, f"{path.name} has {len(cells)} cells tagged parameters"
    return {line.split("=")[0].strip() for line in "".join(cells).splitlines() if "=" in line}


WITH_REVIEWS = [p for p in NOTEBOOKS if "DATASET" in parameters_of(p)]
RUNS = [pytest.param(p, "auto", marks=[pytest.mark.reviews] if p in WITH_REVIEWS else []) for p in NOTEBOOKS]
RUNS += [pytest.param(p, "sample") for p in WITH_REVIEWS]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("path, dataset", RUNS, ids=lambda v: getattr(v, "stem", v))
def test_runs_with_reduced_parameters(path, dataset, tmp_path):
    wanted = {**SMALL, "DATASET": dataset}
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
