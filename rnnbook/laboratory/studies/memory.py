"""The copy task over growing lags: which cell still knows the first symbol?"""

from __future__ import annotations

from ..run import Run
from ..study import Picture
from ..training import study


def runs():
    """The runs of the study."""
    return [
        Run(
            "memory",
            name,
            seed=seed,
            epochs=30,
            dataset="copy",
            lag=lag,
            maxlen=lag + 1,
            settings={"num_words": 11, "embedding": 8},
        )
        for seed in range(3)
        for lag in (5, 10, 20, 50, 100, 200)
        for name in ("simple_rnn", "lstm", "gru")
    ]


STUDY = study(
    __name__,
    "Over how many steps does a cell still know the first symbol?",
    9,
    runs,
    Picture("test_accuracy", over="lag", log=True),
    "One optimizer and one learning rate: other rates reach further with the LSTM and the GRU.",
)
