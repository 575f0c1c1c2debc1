"""The verdict from the mean of all hidden states, or from the greatest value of each unit, not from the last state."""

from __future__ import annotations

from ..study import Picture
from ..training import masked, study


def runs():
    """The runs of the study."""
    return [
        masked("pooling", name, seed, epochs=20, settings={"pooling": pooling})
        for pooling in ("mean", "max")
        for name, seeds in (("simple_rnn", 5), ("lstm", 3))
        for seed in range(seeds)
    ]


STUDY = study(
    __name__,
    "Does a verdict from all states, their mean or maximum, beat one from the last state?",
    10,
    runs,
    Picture("test_accuracy", by=("architecture", "pooling")),
    "One learning rate.",
)
