"""The same with a mask over the padding."""

from __future__ import annotations

from ..study import Picture
from ..training import masked, study


def runs():
    """The runs of the study."""
    return [masked("textbook_masked", "simple_rnn", seed, epochs=12, fast=False) for seed in range(5)]


STUDY = study(
    __name__,
    "What does `model.fit` reach on 500 words where padding is masked?",
    4,
    runs,
    Picture("test_accuracy"),
    "One learning rate.",
)
