"""Dropout masks drawn once a batch against fresh ones at every timestep, on the last 100 words."""

from __future__ import annotations

from ..study import Picture
from ..training import masked, study


def runs():
    """The runs of the study."""
    return [
        masked("masks", "dropout", seed, epochs=20, maxlen=100, fresh_masks=fresh)
        for seed in range(3)
        for fresh in (False, True)
    ]


STUDY = study(
    __name__,
    "Dropout masks drawn once a sequence against fresh ones at every timestep: which learns faster on 100 words?",
    7,
    runs,
    Picture("best_val_accuracy", by="fresh_masks"),
    "Three seeds, one rate, short reviews.",
)
