"""SimpleRNN by ``model.fit``, all reviews padded to 500 words: what the fast path must equal."""

from __future__ import annotations

from ..run import Run
from ..study import Picture
from ..training import study


def runs():
    """The runs of the study."""
    return [Run("textbook", "simple_rnn", seed=seed, epochs=12, fast=False) for seed in range(5)]


STUDY = study(
    __name__,
    "What does `model.fit` reach on reviews padded to 500 words?",
    4,
    runs,
    Picture("test_accuracy"),
    "One learning rate, no mask.",
)
