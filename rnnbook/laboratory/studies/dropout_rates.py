"""The best row of `dropout_places`, half of the input dropped, and nothing dropped, at the two other learning rates."""

from __future__ import annotations

from ..study import Picture
from ..training import masked, study


def runs():
    """The runs of the study."""
    return [
        masked("dropout_rates", "simple_rnn", seed, settings=place | {"learning_rate": rate}, epochs=30, maxlen=200)
        for seed in range(5)
        for rate in (3e-4, 3e-3)
        for place in ({}, {"dropout": 0.5})
    ]


STUDY = study(
    __name__,
    "Does dropping half of the input help at other learning rates, too?",
    7,
    runs,
    Picture("test_accuracy", by=("learning_rate", "dropout")),
    "200 words, a SimpleRNN of 32 units.",
)
