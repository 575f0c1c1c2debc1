"""How many words of a review are enough?"""

from __future__ import annotations

from ..study import Picture
from ..training import masked, study


def runs():
    """The runs of the study."""
    return [
        masked("maxlen", name, seed, epochs=10, maxlen=words)
        for seed in range(10)
        for name in ("simple_rnn", "lstm")
        for words in (100, 250, 500, 1000)
    ]


STUDY = study(
    __name__,
    "How many words of a review are enough?",
    4,
    runs,
    Picture("test_accuracy", over="maxlen", log=True),
    "Two cells at their usual learning rate; a review's last words are kept, not its first.",
)
