"""What would a notebook show had it drawn other random numbers? A sentence that is true only with its own is luck.

``python -m rnnbook reseed notebooks/03_feeding_sequences.ipynb`` runs the cells with every seed moved and prints, for each
cell whose output changed, what is stored and what came out. Read the sentences about these cells against it; a cell that
only shows recorded runs does not change, and a timing always does.
"""

from pathlib import Path

from ..errors import CourseError
from .execute import run_cells, stored

# Runs before the first cell: every whole number that seeds a generator of NumPy or Keras is moved.
MOVED = """import keras as _keras, numpy as _np
def _drawing(make=_np.random.default_rng):
    def default_rng(seed=None):
        return make(seed if seed is None or isinstance(seed, _np.random.Generator) else [*_np.atleast_1d(seed), {by}])
    return default_rng
def _setting(set_all=_keras.utils.set_random_seed):
    return lambda seed: set_all(seed + {by})
_np.random.default_rng, _keras.utils.set_random_seed = _drawing(), _setting()"""


def changed(path, by=1000, timeout=1800):
    """[(id of the cell, stored text, other text)] of the cells whose output changes when each seed is moved by `by`.

    The text of a figure is its description. A cell that fails shows its error, and the cells after it run.
    """
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    kept = [_text(cell.outputs) for cell in cells]
    notebook.cells = [nbformat.v4.new_code_cell(MOVED.format(by=by)), *cells]
    run_cells(notebook, path, timeout, go_on=True)
    shown = [_text(stored(cell.outputs)) for cell in cells]
    return [(cell["id"], old, new) for cell, old, new in zip(cells, kept, shown, strict=True) if old != new]


def _text(outputs):
    """What a reader can read of a cell's outputs, without empty lines."""
    lines = []
    for output in outputs:
        data = output.get("data", {})
        error = f"{output['ename']}: {output['evalue']}" if output["output_type"] == "error" else ""
        lines.append(error or output.get("text") or data.get("text/markdown") or data.get("text/plain", ""))
    return "\n".join(line.rstrip() for line in "\n".join(lines).splitlines() if line.strip())


def add_reseed(parser):
    """The arguments of `reseed`; returns what runs it."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--by", type=int, default=1000, help="how far every seed is moved; default: 1000")
    return _run


def _run(options):
    for path in options.paths:
        if not path.is_file():
            raise CourseError(f"There is no notebook {path}.")
        for cell, old, new in changed(path, options.by):
            print(f"\n===== {path.name}, cell {cell}\n--- stored\n{old}\n--- with other seeds\n{new}", flush=True)
