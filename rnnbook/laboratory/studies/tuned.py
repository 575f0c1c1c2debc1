"""Nine architectures with one budget: the same epochs, ten seeds, and the learning rate that is best on validation.

Only architectures whose `rates` are all recorded: until then nobody knows which rate theirs is.
"""

from __future__ import annotations

from ...networks.architectures import ARCHITECTURES
from ..study import Picture
from ..training import at_rate, study
from .rates import chosen_rate


def runs():
    """The runs of the study."""
    return [
        at_rate("tuned", name, rate, seed)
        for name in ARCHITECTURES
        if (rate := chosen_rate(name)) is not None
        for seed in range(10)
    ]


STUDY = study(
    __name__,
    "How well do nine networks judge film reviews, each at its own learning rate?",
    10,
    runs,
    Picture("test_accuracy"),
    "One size for all, and three rates to choose from.",
)
