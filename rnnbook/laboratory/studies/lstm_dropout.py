"""`dropout_places` for an LSTM, which passes its lowest validation loss early: 15 epochs, 200 words."""

from __future__ import annotations

from ..study import Picture
from ..training import masked, study


def runs():
    """The runs of the study."""
    places = [{}] + [{place: rate} for rate in (0.2, 0.5) for place in ("dropout", "recurrent_dropout")]
    return [
        masked("lstm_dropout", "lstm", seed, settings=settings, epochs=15, maxlen=200)
        for seed in range(5)
        for settings in places
    ]


STUDY = study(
    __name__,
    "Where should dropout act in an LSTM?",
    7,
    runs,
    Picture("test_accuracy", by=("dropout", "recurrent_dropout")),
    "One learning rate, 15 epochs, 200 words.",
)
