"""What the set-up of the notebooks accepts, refuses and prints."""

import re
import sys
from types import SimpleNamespace

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient

from rnnbook import notebook


def test_text_from_papermill_counts_as_a_number():
    assert notebook.parameters(EPOCHS="3", REVIEWS=500, SEED="0", DATASET="auto") == (3, 500, 0, "auto")
    assert notebook.parameters(EPOCHS=2) == 2


@pytest.mark.parametrize(
    "given_value, words",
    [
        (dict(EPOCHS=0), "EPOCHS is 0, but must lie between 1 and 1,000"),
        (dict(EPOCHS="many"), "EPOCHS is 'many', but must be a whole number"),
        (dict(EPOCHS=2.5), "EPOCHS is 2.5, but must be a whole number"),
        (dict(EPOCHS=True), "EPOCHS is True"),
        (dict(EPOCHS=None), "EPOCHS is None"),
        (dict(EPOCHS=float("inf")), "EPOCHS is inf"),
        (dict(REVIEWS=1), "REVIEWS is 1, but must lie between 50 and 25,000"),
        (dict(SEED=-1), "SEED is -1"),
        (dict(DATASET="imbd"), "DATASET is 'imbd', but must be one of 'auto', 'imdb', 'sample'"),
        (dict(EPOCH=3), "EPOCH is no parameter of these notebooks"),
    ],
)
def test_a_wrong_parameter_gets_a_sentence(given_value, words):
    with pytest.raises(notebook.ParameterError, match=words):
        notebook.parameters(**given_value)


@given(st.one_of(st.integers(), st.floats(allow_nan=True), st.text(), st.none(), st.booleans()))
def test_whatever_is_passed_is_checked_or_refused(value):
    try:
        epochs = notebook.parameters(EPOCHS=value)
    except notebook.ParameterError as error:
        assert "EPOCHS" in str(error)
    else:
        assert type(epochs) is int and 1 <= epochs <= 1000


def test_the_order_of_options_does_not_give_the_answer_away():
    """Whichever is written first, the options come in the same order."""
    options = [{"answer": text, "correct": text == "yes", "feedback": "."} for text in ("yes", "no", "perhaps")]
    shown = [
        [
            answer["answer"]
            for answer in notebook.quiz([{"question": "?", "type": "multiple_choice", "answers": answers}]).questions[
                0
            ]["answers"]
        ]
        for answers in (options, options[::-1])
    ]
    assert shown[0] == shown[1] and sorted(shown[0]) == ["no", "perhaps", "yes"]


def test_no_log_of_tensorflow_reaches_the_reader():
    """A set-up cell and several small models, in a kernel: nothing on the error stream, no word on "retracing" elsewhere."""
    models = """import keras, numpy as np
for units in range(1, 8):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units)])
    model.compile("sgd", "mse")
    _ = model.train_on_batch(np.ones((2, 2)), np.ones((2, units)))"""
    cells = ["from rnnbook import notebook\nnotebook.start()", models]
    ran = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(ran, timeout=180, kernel_name="python3").execute()
    outputs = [output for cell in ran.cells for output in cell.outputs]
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    assert outputs[0].text.startswith("rnnbook ") and len(outputs) == 1


OWN, ANOTHER = '[project]\nname = "rnnbook"\n', '[project]\nname = "homework"\n'
ARCHIVE = "https://github.com/owner/name/archive/main.zip"


@pytest.mark.parametrize(
    "project, repository, variable, installed",
    [
        (OWN, "", None, ".."),
        (OWN, "https://github.com/owner/name", None, ".."),
        (ANOTHER, "https://github.com/owner/name", None, ARCHIVE),  # a notebook alone, among somebody's own work
        (None, "https://github.com/owner/name", None, ARCHIVE),  # on Colab, or downloaded
        (None, "https://github.com/owner/name", "/course", "/course"),
        (None, "", None, None),
        (ANOTHER, "", None, None),
    ],
)
def test_the_set_up_cell_installs_what_belongs_to_the_notebook(
    tmp_path, monkeypatch, repo, project, repository, variable, installed
):
    """Without the package: in a clone, in a folder that is another project, alone, where the course is published and where not."""
    source = nbformat.read(repo / "notebooks" / "01_dynamical_systems.ipynb", 4).cells[1].source
    source = re.sub('^REPOSITORY = ".*"', f'REPOSITORY = "{repository}"', source, flags=re.M)  # of a fork it is set
    if project:
        (tmp_path / "pyproject.toml").write_text(project)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    monkeypatch.delenv("RNNBOOK_SOURCE", raising=False)
    if variable:
        monkeypatch.setenv("RNNBOOK_SOURCE", variable)
    monkeypatch.setitem(sys.modules, "rnnbook", None)
    asked = []
    shell = SimpleNamespace(run_line_magic=lambda name, words: asked.append((name, words)))
    code = TransformerManager().transform_cell(source.partition("from rnnbook import")[0])
    code = code.replace("{source}", "' + source + '")
    names = {"get_ipython": lambda: shell}
    if installed is None:
        with pytest.raises(SystemExit, match="needs the course's package, rnnbook"):
            exec(compile(code, "set-up", "exec"), names)
        assert asked == []
    else:
        exec(compile(code, "set-up", "exec"), names)
        assert asked == [("pip", f"install --quiet {installed}")]
