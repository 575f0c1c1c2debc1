"""Seeds are moved in a notebook's own cells and in what they call, and what does not depend on them stays."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from rnnbook.__main__ import main
from rnnbook.publish.execute import execute
from rnnbook.publish.reseed import changed

CELLS = {
    "draws": "import numpy as np, keras\nprint('drawn', np.random.default_rng(0).random())",
    "calls": "from rnnbook.networks import models\nkeras.utils.set_random_seed(0)\nprint(keras.ops.sum(models.build('simple_rnn', num_words=9).layers[1].weights[0]) * 1.0)",
    "same": "print('always this')",
    "fails": "assert np.random.default_rng([0]).integers(10**9) == 850624225, 'another draw'",
    "after": "print('goes on', np.random.default_rng().random() < 1)",
}


pytestmark = pytest.mark.nightly  # an author's tool, and a notebook is executed for it


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("reseed") / "n.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(source, id=name) for name, source in CELLS.items()]), path)
    execute(path)
    return path


def test_what_depends_on_a_seed_is_listed_and_nothing_else(path):
    before = path.read_bytes()
    found = {cell: (old, new) for cell, old, new in changed(path)}
    assert list(found) == ["draws", "calls", "fails"] and all(old != new for old, new in found.values())
    assert found["fails"] == ("", "AssertionError: another draw")
    assert path.read_bytes() == before


def test_the_command_prints_both(path, capsys):
    assert not main(["reseed", str(path), "--by", "7"])
    said = capsys.readouterr().out
    drawn = json.loads(path.read_text())["cells"][0]["outputs"][0]["text"][0].strip()
    assert f"n.ipynb, cell draws\n--- stored\n{drawn}\n--- with other seeds\ndrawn 0." in said and "always" not in said
