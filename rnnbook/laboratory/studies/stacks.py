"""Four layers at 500 words, plain and with three ways to make depth easier to train, at two learning rates.

Plain ones at the smaller rate are in `tuned`, with more epochs.
"""

from __future__ import annotations

from ..study import Picture
from ..training import masked, study


def runs():
    """The runs of the study."""
    ways = ({}, {"clip": 1.0}, {"residual": True}, {"normalize": True})
    return [
        masked("stacks", "stacked", seed, settings=way | at, epochs=10)
        for seed in range(5)
        for way in ways
        for at in ({"learning_rate": 3e-4}, {})
        if way or not at
    ]


STUDY = study(
    __name__,
    "What makes four layers easier to train: clipping, residual connections or normalization?",
    5,
    runs,
    Picture("test_accuracy", by=("learning_rate", "clip", "residual", "normalize")),
    "Two learning rates, ten epochs.",
)
