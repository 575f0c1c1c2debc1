"""Half of the input dropped anew at every timestep, as a Dropout layer in front draws it, at three learning rates."""

from __future__ import annotations

from ...networks.architectures import USUAL
from ..study import Picture
from ..training import masked, study


def runs():
    """The runs of the study."""
    return [
        masked(
            "dropout_in_front",
            "simple_rnn",
            seed,
            settings={"dropout": 0.5} | ({"learning_rate": rate} if rate != USUAL["learning_rate"] else {}),
            epochs=30,
            maxlen=200,
            fresh_masks=True,
        )
        for seed in range(5)
        for rate in (3e-4, 1e-3, 3e-3)
    ]


STUDY = study(
    __name__,
    "Fresh masks on the input, as a Dropout layer in front draws them: what do they bring at three learning rates?",
    7,
    runs,
    Picture("test_accuracy", by="learning_rate"),
    "200 words, a SimpleRNN of 32 units.",
)
