"""The SimpleRNN at the usual rate, as `tuned` has it at the chosen one: ten seeds, one backend, the same epochs.

Seeds 0 to 2 repeat `rates`: never count both.
"""

from __future__ import annotations

from ..study import Picture
from ..training import at_rate, study


def runs():
    """The runs of the study."""
    return [at_rate("usual", "simple_rnn", 1e-3, seed) for seed in range(10)]


STUDY = study(
    __name__,
    "How well does the SimpleRNN do at the usual rate, with the budget of `tuned`?",
    10,
    runs,
    Picture("test_accuracy"),
    "Seeds 0 to 2 repeat `rates`.",
)
