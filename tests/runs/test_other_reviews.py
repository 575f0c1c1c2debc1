"""Intervals over seeds say nothing of other reviews: chapter 4 says so wherever it compares two groups of reviews.

Two accuracies on the same reviews share the luck of these reviews. Two accuracies on different ones, long and short, or
validation and test, do not: a difference that seeds decide may be decided no longer for other reviews.
"""

import functools
import json
from pathlib import Path

import numpy as np
import pytest

from rnnbook import runs
from rnnbook.runs import lengths
from rnnbook.runs.claims import data
from rnnbook.runs.claims.decide import decide
from rnnbook.runs.claims.entry import entries
from rnnbook.runs.claims.text import SPAN

CHAPTER = Path(__file__).resolve().parents[2] / "notebooks" / "04_imdb_simple_rnn.ipynb"
CELLS = {cell["id"]: cell for cell in json.loads(CHAPTER.read_text("utf-8"))["cells"]}
KINDS = {"simple_rnn": "SimpleRNN", "lstm": "LSTM", "dense": "average of embeddings"}

# Claims that the seeds decide and other reviews might not, with the words by which the chapter says so.
OPEN = {
    "validation-flatters": "the rest may be the luck of one slice of reviews",
    "validation-above-test": "so it may be the luck of this one slice",
    "length-dense": "So whether the average of embeddings loses at all is not decided.",
}


def reviews_of(value):
    """On which reviews a value of a run was measured."""
    if "_less_" in value:
        return "two groups"
    if "loss" in value or "epoch" in value or "accuracy" not in value:
        return None  # no share of right answers
    return next((part for part in ("val", "test") if part in value), "train")


def across():
    """The claims over seeds that compare right answers on different reviews."""
    found = []
    for claim in entries():
        sides = (claim.side("first"), claim.side("against"))
        parts = {reviews_of(side.get("value", "")) for side in sides if isinstance(side, dict)} - {None}
        if claim.over == "seeds" and (len(parts) > 1 or "two groups" in parts):
            found.append(claim)
    return found


@functools.cache
def decided():
    """The decisions of these claims and of their families, by identifier."""
    families = {claim.family or claim.id for claim in across()}
    return decide([claim for claim in entries() if (claim.family or claim.id) in families])


def of_a_share(share, many):
    """Variance of a share of right answers on so many reviews."""
    return share * (1 - share) / many


@functools.cache
def right(architecture):
    """The share of the tuned networks of a kind that are right on each test review, (n_test,)."""
    rates = [float(rate) for rate in runs.load(study="tuned").learning_rate.unique()]
    return data.right({"study": "tuned", "architecture": architecture, "learning_rate": rates})


def of_other_reviews(claim):
    """Half a 95 % interval of the difference of a claim, for other reviews than these."""
    sides = [side for side in (claim.side("first"), claim.side("against")) if isinstance(side, dict)]
    if "_less_" in sides[0]["value"]:
        share = right(sides[0]["architecture"]) - (right(sides[1]["architecture"]) if len(sides) == 2 else 0)
        short, *_, long = lengths.groups(runs.measurement("test_labels"))
        return 1.96 * np.sqrt(sum(share[group].var() / group.sum() for group in (short, long)))
    variance = 0
    for side in sides:
        sample = data.sample(side)
        many = sample[{"val": "n_validation", "test": "n_test", "train": "n_train"}[reviews_of(side["value"])]].iloc[0]
        variance += of_a_share(sample["chosen"].mean(), many)
    return 1.96 * np.sqrt(variance)


def shown(cell):
    """What a cell of the chapter shows, as text."""
    told = []
    for output in CELLS[cell]["outputs"]:
        told += output.get("text", []) or output["data"].get("text/markdown", [])
    return "".join(told)


def test_values_are_told_apart_by_their_reviews():
    values = ("best_val_accuracy", "val_accuracy_at_best", "last_test_accuracy", "last_accuracy", "best_accuracy_epoch")
    assert [reviews_of(value) for value in values] == ["val", "val", "test", "train", None]
    assert {"length-dense", "validation-above-test", "overfitting-gap"} <= {claim.id for claim in across()}


@pytest.mark.parametrize("claim", across(), ids=lambda claim: claim.id)
def test_a_difference_that_other_reviews_could_undo_is_said_to_be_one(claim):
    made = decided()[claim.id]
    low, high = made.low, made.high
    wide = np.hypot((high - low) / 2, of_other_reviews(claim))
    undone = made.verdict != "undecided" and abs(high + low) / 2 < wide
    assert undone == (claim.id in OPEN), f"{(low + high) / 2:+.4f} ± {wide:.4f} with other reviews, {made.verdict}"
    if undone:
        text = " ".join("".join(cell["source"]) for cell in CELLS.values() if cell["cell_type"] == "markdown")
        assert OPEN[claim.id] in SPAN.sub(" ", text)


@pytest.mark.parametrize(
    "kind, other",
    [*((kind, None) for kind in KINDS), ("lstm", "simple_rnn"), ("dense", "simple_rnn"), ("dense", "lstm")],
)
def test_the_error_that_the_table_of_lengths_shows_is_that_of_the_records(kind, other):
    share = right(kind) - (right(other) if other else 0)
    short, *_, long = lengths.groups(runs.measurement("test_labels"))
    half = 196 * np.sqrt(share[short].var() / short.sum() + share[long].var() / long.sum())
    name = f"lead of the {KINDS[kind]} over the {KINDS[other]}" if other else KINDS[kind]
    row = next(line for line in shown("d4c70045").splitlines() if line.startswith(f"| {name} |"))
    points, _, of_reviews, both = (cell.strip().replace("\N{MINUS SIGN}", "-") for cell in row.split("|")[2:6])
    assert of_reviews == f"{half:.1f}" and float(both) >= float(of_reviews)
    assert float(points) == pytest.approx(100 * (share[long].mean() - share[short].mean()), abs=0.06)
    assert all(f"({group.sum():,} reviews)" in shown("6820311f") for group in (short, long))


def test_the_error_that_is_printed_beside_validation_and_test_is_that_of_the_records():
    sample = data.sample({"study": "comparison", "architecture": "simple_rnn", "value": "val_accuracy_at_best"})
    pairs = {"same": ("val_accuracy_at_best", "test_accuracy"), "last": ("last_val_accuracy", "last_test_accuracy")}
    for when, (validation, test) in pairs.items():
        parts = [
            of_a_share(sample[validation].mean(), sample.n_validation.iloc[0]),
            of_a_share(sample[test].mean(), sample.n_test.iloc[0]),
        ]
        halves = [f"± {196 * np.sqrt(variance):.1f}" for variance in (*parts, sum(parts))]
        line = next(line for line in shown("d44d8ab5").splitlines() if line.startswith(f"{when} epoch"))
        assert [f"± {piece.split()[0]}" for piece in line.split("± ")[1:]] == halves
