"""Nine architectures. Recurrent ones skip padding (mask_zero), as the fast path trains best that way."""

from __future__ import annotations

from ..run import Run
from ..study import Picture
from ..training import masked, study


def runs():
    """The runs of the study."""
    found = [masked("comparison", name, seed, epochs=100) for seed in range(5) for name in ("simple_rnn", "dropout")]
    for seed in range(3):
        found += [Run("comparison", name, seed=seed, epochs=20) for name in ("dense", "conv")]
        found += [
            masked("comparison", name, seed, epochs=20)
            for name in ("bidirectional", "gru", "lstm", "stacked", "bidirectional_lstm")
        ]
    return found


STUDY = study(
    __name__,
    "How well do nine networks judge film reviews at the usual settings?",
    10,
    runs,
    Picture("test_accuracy"),
    "One learning rate for all: it shows which network likes that rate, not which is better. `tuned` asks that.",
)
