"""The source's own experiment: no mask, padded in front to 500 words, batches of all lengths, 100 epochs.

Plain, and with dropout .2/.2 whose masks are fixed (as Keras 3 keeps them) or fresh at every timestep (as Keras 2 drew
them inside ``model.fit``). The compiled step on the batches of ``model.fit``; a test holds the two together.
"""

from __future__ import annotations

from ..run import Run
from ..study import Picture
from ..training import study


def runs():
    """The runs of the study."""
    chosen = {"study": "source", "epochs": 100, "buckets": False}
    return [
        Run(**chosen, architecture=name, seed=seed, fresh_masks=fresh)
        for seed in range(5)
        for name, fresh in (("dropout", True), ("dropout", False), ("simple_rnn", False))
    ] + [Run(**chosen, architecture="simple_rnn", seed=seed) for seed in range(5, 10)]


STUDY = study(
    __name__,
    "What comes out of the experiment that this course began with: 500 words, no mask, 100 epochs, with and without dropout?",
    7,
    runs,
    Picture("best_val_accuracy", by=("architecture", "fresh_masks", "path")),
    "The settings of the source, not the best ones.",
)
