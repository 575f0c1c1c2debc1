"""Runs of `tuned` without a mask: padding is read like words."""

from __future__ import annotations

from ..run import Run
from ..study import Picture
from ..training import EPOCHS, study
from .rates import chosen_rate


def runs():
    """The runs of the study."""
    return [
        Run("unmasked", name, seed=seed, epochs=EPOCHS, settings={"learning_rate": rate} if rate != 1e-3 else {})
        for name in ("simple_rnn", "bidirectional")
        if (rate := chosen_rate(name)) is not None
        for seed in range(5)
    ]


STUDY = study(
    __name__,
    "What does it cost to read padding like words?",
    6,
    runs,
    Picture("test_accuracy"),
    "Padding stands in front.",
)
