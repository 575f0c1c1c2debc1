"""What units and text bring: where a network is judged, what it writes, and the network that is shipped beside a count."""

import numpy as np
import pandas as pd
import pytest

from rnnbook import laboratory, text
from rnnbook.laboratory.studies import language_sizes, network_and_count
from rnnbook.networks import characters
from rnnbook.text import ngrams


def test_no_rate_is_chosen_at_the_edge():
    runs = laboratory.frame("language_sizes").query("chosen")
    for (units, _), some in runs.groupby(["units", "text"]):
        (rate,) = set(some.learning_rate)
        assert rate in language_sizes.RATES[units][1:-1] and set(some.seed) == set(language_sizes.SEEDS)


def test_a_row_is_judged_where_the_validation_play_had_it_best():
    row = {"validation": [2.5, 2.2, 2.4], "tests": [2.6, 2.3, 2.1], "test": 2.1}
    assert language_sizes.judged(row)["test"] == 2.3


def test_a_network_is_judged_after_each_epoch_and_the_one_that_may_be_shipped_writes(small, monkeypatch):
    monkeypatch.setattr(language_sizes, "STAGES", (1, 3))
    monkeypatch.setattr(language_sizes, "SHIPPED", {"units": 5, "text": "all", "seed": 0})
    case = {"units": 5, "text": "all", "seed": 0, "learning_rate": 1e-2}
    row = language_sizes.measure(case)
    assert len(row["tests"]) == 2 and row["test"] in row["tests"]
    assert [sample["updates"] for sample in row["samples"]] == [1, 3, 4]
    assert all(len(sample["written"]) == language_sizes.LENGTH for sample in row["samples"])
    assert row["samples"][-1]["validation"] == pytest.approx(row["validation"][-1], abs=1e-3)
    assert "samples" not in language_sizes.measure(case | {"seed": 1})


def test_rows_stand_beside_the_best_count_of_their_text():
    rows = pd.DataFrame(
        {"units": [64], "text": ["all"], "seed": [0], "learning_rate": [0.02], "validation": [[2.0]], "test": [2.5]}
    )
    count = laboratory.frame("counted_characters").query("text == 'all'").sort_values("validation").iloc[0]
    assert language_sizes.derived(rows).over_counts.tolist() == [2.5 - count.test]


def test_the_shipped_network_is_the_chosen_one_but_for_its_rounding():
    (row,) = (
        laboratory.frame("language_sizes")
        .query("chosen and units == 256 and text == 'all' and seed == 0")
        .to_dict("records")
    )
    network = characters.larger()
    assert network.units == row["units"]
    bits = np.nanmean(characters.surprise(network, text.encode(text.part("validation"))))
    assert bits == pytest.approx(row["validation"][-1], abs=0.02)


def test_contexts_are_known_where_the_text_learned_has_them():
    learned, read = (np.tile(np.arange(6), times).astype(np.uint8) for times in (100, 60))
    read[300] = 9  # from here on five contexts are new
    known, new = network_and_count.contexts(ngrams.KneserNey(3).fit(learned), characters.Trained(), learned, read)
    judged = np.isfinite(characters.surprise(characters.Trained(), read)).sum()
    assert new["share"] == pytest.approx(5 / judged, abs=1e-4) and known["share"] + new["share"] == pytest.approx(1)
    assert new["count"] > known["count"]


def test_the_lines_of_a_model_are_measured(monkeypatch):
    monkeypatch.setattr(network_and_count, "PIECES", 2)
    monkeypatch.setattr(network_and_count, "PIECE", 400)
    monkeypatch.setattr(
        network_and_count.sampling, "write", lambda *_, **__: "king.\n" + "now\n" * 3 + "\nduke.\nlonger\n"
    )
    made = network_and_count.lines(None, 0)
    assert made == {"lines": 8, "mean": 3.75, "deviation": made["deviation"], "longest": 6}
