"""Every shared fact stands in one place, and what is added there is known wherever it is used."""

import json
import re
from pathlib import Path

from rnnbook.figures import palette, plots, vocabulary
from rnnbook.networks import architectures, models
from rnnbook.reviews import corpus
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
