"""Runs of `tuned` that never see the words of a review in order, neither in training nor in testing."""

from __future__ import annotations

from dataclasses import replace

from ..study import Picture
from ..training import at_rate, study
from .rates import chosen_rate


def runs():
    """The runs of the study."""
    return [
        replace(at_rate("shuffled_words", name, rate, seed), shuffled=True)
        for name in ("simple_rnn", "lstm")
        if (rate := chosen_rate(name)) is not None
        for seed in range(5)
    ]


STUDY = study(
    __name__,
    "What is left when a network never sees the words of a review in order?",
    4,
    runs,
    Picture("test_accuracy"),
    "One shuffle of each review a seed.",
)
