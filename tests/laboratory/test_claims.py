"""Claims: the data choose the verdict, the verdict the sentence; what no longer follows is found."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import chi2
from statsmodels.stats.multitest import multipletests

from rnnbook.laboratory import claims, store
from rnnbook.laboratory.claims import data, text
from rnnbook.laboratory.claims.command import ROOT
from rnnbook.laboratory.claims.decide import _against_one_run, holm
from rnnbook.laboratory.record import packed


def entry(**changes):
    made = {
        "id": "one-against-other",
        "study": "comparison",
        "chapter": 4,
        "about": "one against the other",
        "first": {"architecture": "lstm"},
        "against": {"architecture": "gru"},
        "common": {"value": "test_accuracy"},
        "higher": "Ahead by {size} {evidence}.",
        "lower": "Behind: {first} against {against} {evidence}.",
        "undecided": "Not decided {evidence}.",
    }
    return claims.Claim(**(made | changes))


@pytest.fixture
def made(tmp_path):
    """A study with made-up runs: made(lstm=[0.9, 0.91], gru=[…]). last: what is added for the accuracy at the last epoch."""
    template = next(line for line in store.lines("comparison") if line["case"]["architecture"] == "lstm")

    def write(last=None, **accuracies):
        for name, values in accuracies.items():
            for seed, value in enumerate(values):
                row = template["rows"][0] | {"architecture": name, "seed": seed, "test_accuracy": value}
                row |= {"last_test_accuracy": value + last(name)} if last else {}
                case = {"architecture": name, "seed": seed, "epochs": 20}
                store.add("comparison", {"case": case, "rows": [row], "made": template["made"]}, tmp_path)
        return tmp_path

    return write


def decided(folder, *entries):
    return claims.decide(list(entries), folder)


def test_the_verdict_follows_the_data_and_turns_with_them(made):
    folder = made(lstm=[0.90, 0.91, 0.92], gru=[0.80, 0.81, 0.82])
    found = decided(folder, entry())["one-against-other"]
    assert found.verdict == "higher" and found.n == 3 and found.estimate == pytest.approx(0.10)
    assert found.sentence.startswith(
        "Ahead by 10.0 points (+10.0 points, 95\u00a0% interval +7.7 to +12.3; 3 seeds each)"
    )
    found = decided(made(lstm=[0.70, 0.71, 0.72]), entry())["one-against-other"]
    assert found.verdict == "lower" and found.sentence.startswith("Behind: 71.0\u00a0% against 81.0\u00a0%")
    found = decided(made(lstm=[0.75, 0.95, 0.72]), entry())["one-against-other"]
    assert found.verdict == "undecided"


def test_two_runs_a_side_decide_nothing(made):
    found = decided(made(lstm=[0.9, 0.901], gru=[0.5, 0.501]), entry())["one-against-other"]
    assert found.n == 2 and found.verdict == "undecided"
    found = decided(
        made(dense=[0.9], conv=[0.5]), entry(first={"architecture": "dense"}, against={"architecture": "conv"})
    )
    assert found["one-against-other"].sentence == "Not decided (+40.0 points, no interval; 1 seed each)."


def test_a_family_is_corrected_together(made):
    folder = made(lstm=[0.90, 0.91, 0.92], gru=[0.883, 0.886, 0.89])
    alone = decided(folder, entry())["one-against-other"]
    assert alone.verdict == "higher" and 0.02 < alone.p < 0.05
    blank = [entry(id=f"same-{k}", against=0.91, family="table") for k in range(3)]
    among = decided(folder, entry(family="table"), *blank)["one-against-other"]
    assert among.p == alone.p and among.p_holm == pytest.approx(4 * alone.p) and among.verdict == "undecided"
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_holms_correction_is_that_of_statsmodels():
    rng = np.random.default_rng(0)
    for count in (1, 2, 7, 40):
        p = np.round(rng.random(count) ** 4, 3)  # with ties
        assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


def test_where_interval_and_verdict_seem_to_disagree_the_corrected_p_is_told(made):
    folder = made(lstm=[0.90, 0.91, 0.92], gru=[0.883, 0.886, 0.89])
    blank = [entry(id=f"same-{k}", against=0.91, family="table") for k in range(3)]
    among = decided(folder, entry(family="table"), *blank)
    told = among["one-against-other"]
    assert told.low > 0 and told.verdict == "undecided"
    assert f" taken alone, p\u00a0=\u00a0{told.p_holm:.2f} among 4 comparisons; 3 seeds each)" in told.sentence
    assert "taken alone" not in among["same-0"].sentence  # it holds zero, and is not decided
    assert "taken alone" not in decided(folder, entry())["one-against-other"].sentence


def test_a_verdict_that_is_only_a_hint_says_its_p(made):
    close, clear = made(lstm=[0.90, 0.91, 0.92], gru=[0.883, 0.886, 0.89]), entry()
    hint = decided(close, clear)["one-against-other"]
    assert hint.verdict == "higher" and 0.01 <= hint.p_holm < 0.05
    assert f", p\u00a0=\u00a0{hint.p_holm:.3f}; 3 seeds each)" in hint.sentence
    blank = entry(id="same", against=0.91, family="table")
    among = decided(close, entry(family="table"), blank)["one-against-other"]
    assert (" among 2 comparisons; " in among.sentence) and among.p_holm == pytest.approx(2 * hint.p_holm)
    for_sure = decided(made(lstm=[0.90, 0.901, 0.902], gru=[0.80, 0.801, 0.80]), clear)["one-against-other"]
    assert for_sure.p_holm < 0.01 and "p\u00a0=" not in for_sure.sentence


def test_one_run_of_others_may_vary_as_ours_do(made):
    folder = made(lstm=[0.8574, 0.8554, 0.8600, 0.8678, 0.8644])
    threshold, run = (entry(id=name, against=0.8678, one_run=name == "run") for name in ("threshold", "run"))
    found = decided(folder, threshold, run)
    exact, one = found["threshold"], found["run"]
    assert exact.verdict == "lower" and one.verdict == "undecided" and one.estimate == exact.estimate
    assert one.high - one.low == pytest.approx((exact.high - exact.low) * np.sqrt(1 + 5))
    assert "interval for one more run " in one.sentence and 0.05 < one.p < 1
    with pytest.raises(claims.ClaimError, match="needs a number in 'against'"):
        entry(one_run=True)
    with pytest.raises(claims.ClaimError, match="no pairs"):
        entry(against=0.8, one_run=True, pair=("seed",))


def test_one_more_run_of_the_same_kind_is_called_different_once_in_twenty():
    rng = np.random.default_rng(0)
    found = [_against_one_run(None, rng.normal(0.8, 0.01, 5), rng.normal(0.8, 0.01)) for _ in range(4000)]
    assert np.mean([one.p < 0.05 for one in found]) == pytest.approx(0.05, abs=0.01)
    assert all((one.low > 0 or one.high < 0) == (one.p < 0.05) for one in found)


def test_a_small_difference_is_told_with_as_many_digits_as_it_takes(made):
    folder = made(lstm=[0.90001, 0.90002, 0.90003], gru=[0.90002, 0.90002, 0.90003])
    minus = "\N{MINUS SIGN}"
    assert decided(folder, entry())["one-against-other"].evidence.startswith(f"({minus}0.000 points")
    folder = made(lstm=[0.9001, 0.9002, 0.9003], gru=[0.9002, 0.9002, 0.9003])
    assert decided(folder, entry())["one-against-other"].evidence.startswith(f"({minus}0.00 points, 95")


def test_only_values_of_one_network_are_paired(made):
    folder = made(lstm=[0.90, 0.80, 0.70], gru=[0.7, 0.6, 0.5])
    pair = entry(
        first={"value": "test_accuracy"},
        against={"value": "best_val_accuracy"},
        common={"architecture": "lstm"},
        pair=("seed",),
    )
    found = decided(folder, pair)["one-against-other"]
    assert found.test == "paired t" and found.values[0] == pytest.approx(np.array([0.9, 0.8, 0.7]) - found.means[1])


def test_each_kind_counts_once_however_many_runs_it_has(made):
    """Four kinds, each a little better in one of two ways: decided over kinds, though runs of a kind scatter widely."""
    kinds = {"lstm": [0.90, 0.60, 0.75], "gru": [0.7, 0.5], "simple_rnn": [0.6, 0.62], "dense": [0.8, 0.9, 0.7, 0.8]}
    folder = made(last=lambda name: 0.07 if name == "lstm" else 0.06, **kinds)
    per_kind = entry(
        first={"value": "last_test_accuracy"},
        against={"value": "test_accuracy"},
        common={"architecture": list(kinds)},
        per="architecture",
    )
    found = decided(folder, per_kind)["one-against-other"]
    assert found.n == 4 and found.verdict == "higher" and "4 kinds of network" in found.sentence
    assert found.estimate == pytest.approx(np.mean([0.07, 0.06, 0.06, 0.06]))
    assert found.means[1] == pytest.approx(np.mean([0.75, 0.6, 0.61, 0.8]))  # the kind with four runs weighs no more


def test_a_selection_that_is_too_wide_or_empty_is_told(made):
    folder = made(lstm=[0.90, 0.91, 0.92], gru=[0.80, 0.81, 0.82])
    wide = decided(folder, entry(first={"epochs": 20}))["one-against-other"]
    assert "share a seed: say which" in wide.error
    assert "has nothing with" in decided(folder, entry(first={"architecture": "dense"}))["one-against-other"].error


@pytest.mark.parametrize(
    "changes, says",
    [
        ({"id": "Two words"}, "no identifier"),
        ({"unit": "miles"}, "unknown unit"),
        ({"higher": "Ahead by {seize}."}, "place 'seize'"),
        ({"over": "films"}, "over is 'films'"),
        ({"per": "cell", "pair": ("seed",)}, "leave out pair"),
    ],
)
def test_an_entry_that_cannot_be_used_is_told(changes, says):
    with pytest.raises(claims.ClaimError, match=says):
        entry(**changes)


def test_verdicts_on_the_same_reviews_are_compared_review_by_review(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    labels = rng.random(1000) < 0.5
    one, other = labels.copy(), labels.copy()
    one[:100] ^= True  # 100 wrong
    other[60:190] ^= True  # 130 wrong, 40 of them the same
    rows = [
        {"model": name, "seed": 0, "data_sha256": "a", "predictions": packed(x)}
        for name, x in (("a", one), ("b", other))
    ]

    def write(rows):
        lines = [{"case": {"model": row["model"], "seed": 0}, "rows": [row], "made": {}} for row in rows]
        store.write("baselines", lines, tmp_path)

    write(rows)
    truth = {"data_sha256": "a", "reviews": 1000, "labels": packed(labels)}
    monkeypatch.setattr(data.store, "rows", lambda name: [truth])
    same = entry(study="baselines", first={"model": "a"}, against={"model": "b"}, common={}, over="reviews")
    found = decided(tmp_path, same)["one-against-other"]
    assert found.test == "McNemar" and found.n == 1000 and found.verdict == "higher"
    assert found.estimate == pytest.approx(0.030) and found.low < 0.030 < found.high
    assert found.p == pytest.approx(chi2.sf((90 - 60 - 1) ** 2 / 150, 1))
    rows[0]["data_sha256"] = "b"
    write(rows)
    assert "on other reviews" in decided(tmp_path, same)["one-against-other"].error


# --- the claims of the course ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def decisions():
    return claims.decide()


def test_every_claim_of_the_course_can_be_decided(decisions):
    assert not {name: found.error for name, found in decisions.items() if found.error}


def test_every_sentence_in_the_course_is_the_one_that_the_data_choose(decisions):
    assert text.differences(decisions, ROOT) == []


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "rnnbook", "claims", *map(str, arguments)], capture_output=True, text=True, cwd=ROOT
    )


def test_spoiled_records_turn_the_command_red(tmp_path):
    """One with another accuracy, one that is no record any more: each is told, and the claims are told nevertheless."""
    shutil.copytree(store.RECORDED, tmp_path / "recorded")
    comparison, tuned = (json.loads(json.dumps(store.lines(name))) for name in ("comparison", "tuned"))
    next(line for line in comparison if line["case"]["architecture"] == "lstm")["rows"][0]["test_accuracy"] = 0.999
    store.write("comparison", comparison, tmp_path / "recorded")  # as if it had been measured so
    text_of_tuned = store.path("tuned").read_text().replace('"seed":1', '"seed":7', 1)
    store.path("tuned", tmp_path / "recorded").write_text(text_of_tuned)
    done = command("--json", "--folder", tmp_path / "recorded")
    assert done.returncode == 1
    assert "but the data say" in done.stderr and "tuned.jsonl is damaged or was changed by hand" in done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"id", "chapter", "estimate", "low", "high", "n", "verdict", "sentence"} <= set(lines[0])


def notebook(sentence):
    return {"cells": [{"cell_type": "markdown", "metadata": {}, "source": [f"So.\n{sentence}"]}], "nbformat": 4}


def test_sentences_are_written_between_their_tags(tmp_path, decisions):
    name = next(iter(decisions))
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "book").mkdir()
    page = tmp_path / "notebooks" / "04_one.ipynb"
    page.write_text(json.dumps(notebook(f'<span data-claim="{name}">old words</span> and more.')))
    assert f"04_one.ipynb: {name} says 'old words'" in "".join(text.differences(decisions, tmp_path))
    assert {path.name for path in text.write(decisions, tmp_path)} == {"04_one.ipynb"}
    source = "".join(json.loads(page.read_text())["cells"][0]["source"])
    assert source == f'So.\n<span data-claim="{name}">{decisions[name].sentence}</span> and more.'
    assert text.differences(decisions, tmp_path) == [] and text.write(decisions, tmp_path) == []
    page.write_text(json.dumps(notebook('<span data-claim="unheard-of"></span>')))
    assert "unheard-of is no claim" in "".join(text.differences(decisions, tmp_path))
