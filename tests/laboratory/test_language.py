"""The studies of character models: networks of equal size are trained, judged and kept; what goes on to learn; all works."""

import numpy as np
import pytest

from rnnbook import laboratory, text
from rnnbook.laboratory import store
from rnnbook.laboratory.studies import counted_characters, language, language_all_works, roman_plays
from rnnbook.networks import characters


def test_a_network_is_trained_judged_and_kept(small):
    made = language.train("gru", 6, "race", seed=1, rate=3e-3)
    assert made["parameters"] == 3 * 6 * (36 + 6 + 2) + 36 * 7  # the one-hot table is not learned
    assert len(made["training"]) == len(made["validation"]) == 2 and 2 < made["test"] < 5.5
    language.train("lstm", 6, "all", seed=1, rate=3e-3)
    network = characters.Trained(language.weights("lstm", 6, "all", 1, 3e-3))
    assert network.units == 6
    small.inputs = None  # what is kept is not trained again
    assert (language.weights("lstm", 6, "all", 1, 3e-3)["W"] == network.weights["W"]).all()


@pytest.mark.parametrize("name", ["language", "pretraining"])
def test_validation_chose_each_rate_over_all_seeds_and_none_lies_at_the_edge(name, assert_well_chosen):
    study = laboratory.study.importlib.import_module(f"rnnbook.laboratory.studies.{name}")
    key = "cell" if name == "language" else "start"
    for network, rows in laboratory.frame(name).groupby(key):
        rows = rows.to_dict("records")
        assert_well_chosen(network, rows, study.RATES, {row["seed"] for row in rows}, study.CHOICE.error)


def test_networks_of_the_race_have_one_size():
    sizes = laboratory.frame("language").parameters
    assert sizes.max() < 1.01 * sizes.min()


def test_the_shipped_weights_are_those_of_the_recorded_run():
    runs = laboratory.frame("language").query("chosen and cell == 'lstm' and seed == 0")
    bits = np.nanmean(characters.surprise(characters.Trained(), text.encode(text.part("validation"))))
    assert bits == pytest.approx(runs.validation.iloc[0][-1], abs=0.005)


def test_a_count_is_measured_again():
    recorded = laboratory.frame("counted_characters").query("text == 'race' and order == 2").iloc[0]
    assert counted_characters.measure({"text": "race", "order": 2})["test"] == pytest.approx(recorded.test, abs=1e-4)


def test_the_larger_network_has_learned_from_no_held_out_play():
    (row,) = store.find("language_all_works", {"part": "network"})["rows"]
    held_out = {*text.PARTS["validation"], *text.PARTS["test"]}
    assert set(row["works"]) >= {*text.PARTS["train"], *roman_plays.ROMAN} and not held_out & set(row["works"])


def test_the_speed_that_is_best_on_the_validation_play_is_judged_on_every_play():
    row = lambda speed, bits: {"part": "tried", "model": "lstm", "speed": speed, "bits": bits}
    rows = [row(0.0, 1.0), row(0.02, 2.2), row(0.05, 2.1)]
    assert all(case["part"] != "adapting" for case in language_all_works.cases(rows))
    adapting = language_all_works.cases([*rows, row(0.1, 2.3)])[9:]
    assert {(case["model"], case["speed"]) for case in adapting} == {("lstm", 0.0), ("lstm", 0.05)}
    assert [case["play"] for case in adapting[::2]] == ["julius_caesar", "macbeth", "tempest"]


@pytest.mark.parametrize("model", ["lstm", "kneser-ney"])
def test_a_play_is_read_by_a_model_that_goes_on_to_learn(model, small, monkeypatch):
    plays = {play: content[:900] for play, content in text.works().items()}
    monkeypatch.setattr(language_all_works.text, "works", lambda: plays)
    monkeypatch.setattr(language, "weights", lambda **network: characters.Trained().weights)
    case = {"part": "adapting", "model": model, "play": "macbeth"}
    frozen, learning = (language_all_works.measure(case | {"speed": speed}) for speed in (0.0, 0.1))
    assert frozen["characters"] == 900 - 128 and frozen["bits"] != learning["bits"]
    assert sum(frozen[kind] * frozen[f"share of {kind}"] for kind in text.KINDS) == pytest.approx(
        frozen["bits"], abs=2e-3
    )
    tried = language_all_works.measure({"part": "tried", "model": model, "speed": 0.1})
    assert tried == {"bits": language_all_works.measure(case | {"play": "julius_caesar", "speed": 0.1})["bits"]}


def test_what_only_a_roman_play_knows_is_missed_without_it(small):
    whole, less = ({row["play"]: row for row in roman_plays.measure(case)} for case in roman_plays.STUDY.cases([]))
    assert whole["macbeth"]["bits"] < less["macbeth"]["bits"] - 1
    assert whole["macbeth"]["characters"] > less["macbeth"]["characters"]
