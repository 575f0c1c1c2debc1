"""Three learning rates for each of the nine architectures, three seeds each: `tuned` chooses among them."""

from __future__ import annotations

from ...networks.architectures import ARCHITECTURES
from .. import store
from ..study import Picture
from ..training import at_rate, load, study

RATES = (3e-4, 1e-3, 3e-3)


def runs():
    """The runs of the study."""
    return [at_rate("rates", name, rate, seed) for name in ARCHITECTURES for seed in range(3) for rate in RATES]


def chosen_rate(architecture, folder=None):
    """The learning rate of the highest mean of best validation accuracies; None before all rates are recorded."""
    wanted = [run.case for run in runs() if run.architecture == architecture]
    if any(store.find("rates", case, folder) is None for case in wanted):
        return None
    frame = load("rates", architecture, folder=folder)
    return float(frame.groupby("learning_rate").best_val_accuracy.mean().idxmax())


STUDY = study(
    __name__,
    "Which learning rate suits each of nine networks?",
    10,
    runs,
    Picture("best_val_accuracy", over="learning_rate", log=True),
    "Three rates: where the best stands at the edge, a better one may lie beyond it.",
)
