"""Every notebook runs from top to bottom once: papermill reduces its parameters, nbval executes it and compares its outputs.

Cells that train while one watches are tagged `nbval-ignore-output`; what the others show depends on no parameter but
the seed, so the stored outputs hold for a reduced run as well. One pass finds a cell that fails with reduced
parameters, an assertion in it that does not hold at any size, and a stored output that differs.

At night the same chapters run in two more settings: with reduced parameters on the generated reviews, as where the real
ones cannot be had, and (the Makefile's `--nbval notebooks`) with the parameters that are stored.
"""

import os
import re
import subprocess
import sys

import nbformat
import papermill
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from pages import FOLDER, NOTEBOOKS, read

# As text: that is how `papermill -p` passes them.
SMALL = {"EPOCHS": "1", "REVIEWS": "400", "NUMBERS": "400", "SEQUENCES": "640"}
SANITIZE = FOLDER.parent / "tests" / "notebooks" / "sanitize.cfg"


def parameters_of(path):
    cells = [c.source for c in read(path).cells if "parameters" in c.metadata.get("tags", [])]
    assert len(cells) <= 1, f"{path.name} has {len(cells)} cells tagged parameters"
    return {line.split("=")[0].strip() for line in "".join(cells).splitlines() if "=" in line}


def reduced(path, made, **more):
    """Have papermill write the notebook at `path` to `made` with reduced parameters and the outputs that it has."""
    wanted = {**SMALL, **more}
    given = {name: value for name, value in wanted.items() if name in parameters_of(path)}
    papermill.execute_notebook(path, made, parameters=given, prepare_only=True, progress_bar=False)
    notebook = read(made)
    for cell in notebook.cells:  # a complete program has its settings in the cell, for it stands alone
        if "complete" in cell.metadata.get("tags", []):
            for name, value in wanted.items():
                cell.source = re.sub(rf"^{name} = [\d_]+", f"{name} = {value}", cell.source, flags=re.M)
    nbformat.write(notebook, made)


def compared(*paths):
    """Execute notebooks and compare their outputs by nbval, a cell a test: the status, how many passed and what it says."""
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", paths[0].parent, "--noconftest"]
    command += ["-p", "no:jaxtyping", "-p", "no:xdist", "-p", "no:cacheprovider", "--color", "no", "--durations", "3"]
    command += ["--nbval", "--nbval-cell-timeout", "600", "--nbval-sanitize-with", SANITIZE, *paths]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SLIPCOVER_"))}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    passed = re.search(r"^(\d+) passed\b(?!.*failed)", done.stdout, re.M)
    return done.returncode, int(passed[1]) if passed else 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_with_reduced_parameters_and_shows_what_is_stored(path, tmp_path, request):
    if "DATASET" in parameters_of(
        path
    ):  # for the summary, which says what ran on the sample in place of the real reviews
        request.node.user_properties.append(("reviews", f"notebooks/{path.name}"))
    reduced(path, tmp_path / path.name)
    status, passed, said = compared(tmp_path / path.name)
    print(said)
    assert status == 0, said
    assert passed == sum(cell.cell_type == "code" for cell in read(tmp_path / path.name).cells)


SPOILED = {
    "as_it_is": ({}, None),
    "another_output_stored": ({"output": "8\n"}, "Cell 2: Cell outputs differ"),
    "fails_with_reduced_parameters": ({"live": "assert EPOCHS == '2'"}, "AssertionError"),
    "fails_where_nothing_is_compared": ({"last": "1 / 0"}, "ZeroDivisionError"),
}


@pytest.mark.slow
def test_a_spoiled_notebook_is_found(tmp_path):
    live = {"tags": ["nbval-ignore-output"]}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for name, (spoiled, _) in SPOILED.items():
        output = new_output("stream", name="stdout", text=spoiled.get("output", "7\n"))
        cells = [
            new_code_cell("EPOCHS = 2", metadata={"tags": ["parameters"]}),
            new_code_cell("print(7)", outputs=[output], execution_count=1),
            new_code_cell(spoiled.get("live", "print(EPOCHS)"), metadata=live),
            new_code_cell(spoiled.get("last", "print(EPOCHS)"), metadata=live),
        ]
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), tmp_path / "a.ipynb")
        reduced(tmp_path / "a.ipynb", tmp_path / f"{name}.ipynb")
    status, _, said = compared(*(tmp_path / f"{name}.ipynb" for name in SPOILED))
    failed = dict.fromkeys(re.findall(r"^FAILED .*?(\w+)\.ipynb", said, re.M))
    assert status == 1 and list(failed) == list(SPOILED)[1:], said
    assert all(words in said for _, words in SPOILED.values() if words), said


@pytest.mark.nightly  # the cells of the test above once more, on other reviews
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if parameters_of(p)], ids=lambda path: path.stem)
def test_runs_with_reduced_parameters_on_the_sample(path, tmp_path):
    reduced(path, tmp_path / path.name, DATASET="sample")
    papermill.execute_notebook(
        tmp_path / path.name,
        tmp_path / f"ran_{path.name}",
        cwd=path.parent,
        kernel_name="python3",
        progress_bar=False,
        log_output=False,
    )
