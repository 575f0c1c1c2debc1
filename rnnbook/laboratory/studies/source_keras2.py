"""Keras 2 inside TensorFlow's graph draws dropout masks anew at every timestep; the source was trained with it.

`bench/witness.py` trains with tf_keras, in an environment of its own.
"""

from __future__ import annotations

from ..run import Run
from ..study import Picture
from ..training import study


def runs():
    """The runs of the study."""
    return [
        Run("source_keras2", name, epochs=30, seed=seed, fast=False)
        for name in ("simple_rnn", "dropout")
        for seed in range(3)
    ]


STUDY = study(
    __name__,
    "Does Keras 2, with which the source was trained, do what fresh dropout masks do today?",
    7,
    runs,
    Picture("best_val_accuracy"),
    "Three seeds each, 30 epochs.",
    command="python bench/witness.py",
)
