"""Dropout on the inputs or on the state, at rates from .1 to .5, on both and on neither: 30 epochs, 200 words."""

from __future__ import annotations

from ..study import Picture
from ..training import masked, study


def runs():
    """The runs of the study."""
    places = [{}, {"dropout": 0.2, "recurrent_dropout": 0.2}]
    places += [{place: rate} for rate in (0.1, 0.2, 0.5) for place in ("dropout", "recurrent_dropout")]
    return [
        masked("dropout_places", "simple_rnn", seed, settings=settings, epochs=30, maxlen=200)
        for seed in range(5)
        for settings in places
    ]


STUDY = study(
    __name__,
    "Where should dropout act, on the inputs or on the state, and how strongly?",
    7,
    runs,
    Picture("test_accuracy", by=("dropout", "recurrent_dropout")),
    "One learning rate; `dropout_rates` has two others for the best row.",
)
