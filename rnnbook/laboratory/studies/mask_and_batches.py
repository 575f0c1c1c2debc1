"""What separates our runs from the source's, one at a time: a mask over the padding, and batches by length."""

from __future__ import annotations

from ..run import Run
from ..study import Picture
from ..training import study


def runs():
    """The runs of the study."""
    return [
        Run(
            "mask_and_batches",
            name,
            seed=seed,
            epochs=30,
            buckets=buckets,
            settings={"mask_zero": True} if masked else {},
        )
        for seed in range(3)
        for name in ("simple_rnn", "dropout")
        for masked in (False, True)
        for buckets in (False, True)
    ]


STUDY = study(
    __name__,
    "What separates our runs from the source's: the mask over the padding, or batches by length?",
    7,
    runs,
    Picture("test_accuracy", by=("architecture", "mask_zero", "buckets")),
    "Three seeds, one learning rate.",
)
