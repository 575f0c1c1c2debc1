"""Wherever studies are pooled, a run counts once: copies make intervals too narrow."""

import ast
import json
from collections import Counter

import pandas as pd
import pytest

from rnnbook import runs
from rnnbook.runs.claims import data
from rnnbook.runs.claims.command import ROOT
from rnnbook.runs.claims.entry import entries
from rnnbook.runs.studies import STUDIES


def by_hand(code):
    """Is there a list of runs that are loaded for one study after another? It would count the runs that studies share."""
    lists = [node for node in ast.walk(ast.parse(code)) if isinstance(node, (ast.ListComp, ast.GeneratorExp))]
    return any(_loads_a_changing_study(node.elt) for node in lists)


def _loads_a_changing_study(element):
    for call in ast.walk(element):
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("runs.load"):
            studies = [*call.args[:1], *(given.value for given in call.keywords if given.arg == "study")]
            if any(not isinstance(study, ast.Constant) for study in studies):
                return True
    return False


def copies(epochs):
    """How many runs of a frame of epochs begin like another one: equal curves over three epochs, whatever they are called."""
    settings = [name for name in epochs if name not in ("loss", "accuracy", "val_loss", "val_accuracy", "epoch")]
    begins = epochs[epochs.epoch <= 3].groupby(settings, dropna=False)
    return int(begins[["loss", "val_loss"]].agg(tuple).apply(tuple, axis=1).duplicated().sum())


def joined_by_hand(*studies, **choice):
    return pd.concat([runs.load(study=study, **choice) for study in studies])


def test_studies_do_hold_copies_and_together_drops_them():
    assert copies(joined_by_hand("comparison", "maxlen", per="epoch")) >= 2  # LSTM, seeds 1 and 2
    assert copies(joined_by_hand("rates", "tuned", per="epoch")) >= 3
    assert copies(runs.together(*STUDIES, per="epoch")) == 0


def test_a_seed_that_was_trained_again_on_another_processor_is_one_run():
    same = ["architecture", "seed", "backend", "maxlen", "learning_rate"]
    assert joined_by_hand("comparison", "maxlen").duplicated(same).sum() > 2
    pooled = runs.together("comparison", "maxlen", "rates")
    assert not pooled.duplicated(same).any()
    at_our_settings = pooled[(pooled.maxlen == 500) & (pooled.learning_rate == 0.001)]
    at_usual_rate = int((runs.load(study="rates").learning_rate == 0.001).sum())
    counted = Counter(at_our_settings.study)
    assert (counted["comparison"], counted["rates"]) == (len(runs.load(study="comparison")), at_usual_rate)
    fresh = runs.load(study="maxlen").query(
        "maxlen == 500 and architecture == 'lstm' and seed > 2"
    )  # comparison has 0 to 2
    assert set(at_our_settings.query("study == 'maxlen' and architecture == 'lstm'").seed) == set(fresh.seed) != set()


def test_the_first_study_is_kept_and_what_differs_stays():
    pooled = runs.together("maxlen", "comparison", architecture="lstm")
    at_500 = pooled[pooled.maxlen == 500]
    assert set(at_500.study) == {"maxlen"} and set(at_500.seed) >= {0, 1, 2}
    assert len(runs.together("comparison")) == len(runs.load(study="comparison"))
    with_and_without_mask = "comparison", "source"
    assert len(runs.together(*with_and_without_mask)) == len(joined_by_hand(*with_and_without_mask))


@pytest.mark.parametrize("study", sorted(STUDIES))
def test_no_study_holds_a_run_twice(study):
    made = runs.records(study)
    assert len({runs.identity(record) for record in made}) == len(made)


def test_no_claim_counts_a_run_twice():
    same = ["architecture", "seed", "backend", "path", "library", "lowest_val_loss"]
    for claim in entries():
        sides = [side for name in ("first", "against") if isinstance(side := claim.side(name), dict)]
        frames = [data.sample(side) for side in sides if "study" in side and "value" in side]
        for frame in frames if claim.pair else [pd.concat(frames)] if frames else []:
            assert not frame.duplicated(same).any(), claim.id


@pytest.mark.parametrize(
    "code, is_by_hand",
    [
        ("more = pd.concat([runs.load(study=study) for study in studies])", True),
        ('both = pd.concat([runs.load(study=s, architecture="lstm") for s in ("comparison", "maxlen")])', True),
        ('more = runs.together("comparison", "maxlen")', False),
        ('kept = pd.concat([runs.load(study="usual"), runs.load(study="tuned")])', False),  # at other rates
        ('frame = runs.load(study="comparison")\nfor run in frame.itertuples():\n    print(run)', False),
    ],
)
def test_studies_joined_by_hand_are_found(code, is_by_hand):
    assert by_hand(code) == is_by_hand


def test_no_chapter_joins_a_list_of_studies_by_hand():
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                code = "".join(line for line in cell["source"] if not line.lstrip().startswith("%"))
                assert not by_hand(code), f"{path.name}, {cell['id']}: use runs.together"
