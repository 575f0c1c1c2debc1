"""Every shared fact stands in one place, and what is added there is known wherever it is used."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnnbook.figures import palette, plots, vocabulary
from rnnbook.networks import architectures, models
from rnnbook.reviews import corpus
from rnnbook.runs import studies
from rnnbook.widgets import facts, hyperparameter_lab, live, picture

ROOT = Path(__file__).resolve().parents[2]


def test_one_letter_has_one_colour():
    assert vocabulary.WEIGHT_OF.items() <= palette.LETTERS.items()
    assert all(vocabulary.COLOURS[name] == palette.MID[name] for name in palette.MID)
    assert plots.CYCLE[:3] == [palette.MID[name] for name in "xzy"]
    assert picture.COLOURS == palette.LIGHT and set(palette.LIGHT) == set(palette.DARK)


def test_no_module_has_a_copy():
    """No colour of a letter, no label of an architecture and no set of usual settings is written down a second time."""
    colours = {palette.LIGHT[x] for x in "xzygc"} | {palette.DARK[x] for x in "xzygc"} | set(palette.MID.values())
    labels = [a.label for a in architectures.ARCHITECTURES.values() if " " in a.label]
    homes = {"palette.py", "architectures.py"}
    for path in (*(ROOT / "rnnbook" / "widgets").rglob("*.[jp][sy]"), *(ROOT / "rnnbook" / "figures").glob("*.py")):
        text = path.read_text("utf-8")
        if path.name not in homes:
            assert not [colour for colour in colours if colour in text], path.name
            assert not [label for label in labels if f'"{label}"' in text], path.name
            assert not re.search(r"units: 32, depth|\"units\": 32, \"depth", text), path.name
        assert corpus.BETWEEN_WORDS not in text and corpus.BETWEEN_WORDS_IN_JAVASCRIPT not in text, path.name


def test_javascript_gets_the_facts_as_data():
    text = "".join(live.bundle(live.HERE / "review_reader.js"))
    handed = json.loads(json.loads(re.search(r'JSON\.parse\((".*?[^\\]")\)', text)[1]))
    assert handed == json.loads(json.dumps(facts.facts()))
    assert [name for name, _ in handed["networks"]] == [
        a.name for a in architectures.ARCHITECTURES.values() if a.shipped
    ]


def test_usual_settings_are_those_of_the_models():
    import inspect

    usual = {name: p.default for name, p in inspect.signature(models.recurrent_classifier).parameters.items()}
    assert all(usual[name] == value for name, value in architectures.USUAL.items())
    assert hyperparameter_lab.USUAL == {name: architectures.USUAL[name] for name in facts.CHOSEN} | {"maxlen": 200}


ADDED = """        Architecture("deep_gru", "deep GRU", "three GRU layers", {"cell": "gru", "depth": 3}, shipped=True),
        Architecture("simple_rnn","""
ASKED = """
import io, contextlib, json
from rnnbook import __main__ as command
from rnnbook.networks import architectures, models, weights
from rnnbook.runs import Run
from rnnbook.widgets import facts
said = io.StringIO()
with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
    command.main(["record", "--help"])
print(json.dumps({
    "command": "deep_gru" in said.getvalue(),
    "label": architectures.label("deep_gru"),
    "run": Run("own", "deep_gru").config()["depth"],
    "shipped": "deep_gru" in weights.ARCHITECTURES,
    "reader": ["deep_gru", "deep GRU"] in facts.facts()["networks"],
    "layers": sum("gru" in layer.name for layer in models.build("deep_gru").layers),
}))
"""


@pytest.mark.slow
def test_a_new_architecture_is_one_entry(tmp_path):
    """Added to a copy of the package, it is known to the command line, the models, the runs, the weights and the reader."""
    shutil.copytree(ROOT / "rnnbook", tmp_path / "rnnbook", ignore=shutil.ignore_patterns("recorded", "__pycache__"))
    place = tmp_path / "rnnbook" / "networks" / "architectures.py"
    place.write_text(place.read_text().replace('        Architecture("simple_rnn",', ADDED, 1))
    done = subprocess.run(
        [sys.executable, "-c", ASKED],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(tmp_path), "PATH": "", "TF_CPP_MIN_LOG_LEVEL": "3", "HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "command": True,
        "label": "deep GRU",
        "run": 3,
        "shipped": True,
        "reader": True,
        "layers": 3,
    }


def test_every_study_is_found_by_its_name():
    assert all(studies.STUDIES[name].__name__ == name for name in studies.STUDIES)
