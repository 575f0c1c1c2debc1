"""Networks that say the quantiles .1, .5 and .9: how often the truth lies between the outer two (80 % would be right).

Trained up to 1984, and the LSTM once more up to 1986, where no year is left that could tell how wide an interval must be.
"""

from __future__ import annotations

import numpy as np

from ...networks import forecast_training as training
from ...series import windows
from ...series.tasks import UNTIL_1986
from ..study import Picture, Study
from .forecasts import BEST_CELL, CELLS, SEEDS, SETTINGS, births, digest, rate_of

WAY = "last year"


def cases(rows):
    """Every recurrent network up to 1984, the best of them up to 1986."""
    kinds = [(cell, "1984") for cell in CELLS[:-1]] + [(BEST_CELL, "1986")]
    return [
        {"cell": cell, "seed": seed, "until": until, "learning_rate": rate}
        for seed in SEEDS
        for cell, until in kinds
        if (rate := rate_of(cell, WAY))
    ]


def quantiles(task, model, part):
    """What a network says of its quantiles, in order: three arrays (origins, HORIZON), in births."""
    return np.moveaxis(np.sort(training.forecast(task, model, WAY, part), axis=-1), -1, 0)


def measure(case):
    """Coverage and width in the test years, and the MASE of the median."""
    from ...networks.forecasters import QUANTILES

    task, network = births(), (WAY, case["cell"], case["seed"], case["learning_rate"])
    before, epoch = training.train(task, *network, QUANTILES)
    if case["until"] == "1986":
        return renewed(task, before, epoch, lambda: training.train_on(task, UNTIL_1986, *network, epoch, QUANTILES))
    low, median, high = quantiles(task, before, "test")
    truth = task.truth("test")
    return {
        "coverage": round(windows.coverage(truth, low, high), 4), "width": round(float(np.mean(high - low)), 1),
        "mase": round(windows.mase(truth - median, task.training), 5),
        "coverage_by_day": [round(windows.coverage(truth[:, i], low[:, i], high[:, i]), 3) for i in range(windows.HORIZON)],
    }  # fmt: skip


def renewed(task, before, epoch, train):
    """The row of a network up to 1986, kept after the epoch that the validation years chose for the one ``before``, up to 1984.

    moved: by how many births both ends of that one must move for `windows.INSIDE` of the validation days; the ends of the
    new one are moved by as much. train(): trains the new one.
    """
    truth = {part: task.truth(part) for part in ("validation", "test")}
    old = {part: quantiles(task, before, part) for part in truth}
    low, _, high = old["validation"]
    moved = float(np.quantile(np.maximum(low - truth["validation"], truth["validation"] - high), windows.INSIDE))
    new = quantiles(task, train(), "test")

    def inside(said, part, more=0.0):
        return round(windows.coverage(truth[part], said[0] - more, said[2] + more), 4)

    return {
        "epoch": epoch, "moved": round(moved, 1), "validation_before": inside(old["validation"], "validation"),
        "before": inside(old["test"], "test"), "before_moved": inside(old["test"], "test", moved),
        "coverage": inside(new, "test"), "coverage_moved": inside(new, "test", moved),
        "width": round(float(np.mean(new[2] - new[0])), 1), "mase": round(windows.mase(truth["test"] - new[1], task.training), 5),
    }  # fmt: skip


STUDY = Study(
    question="Do a network's 80 % intervals hold 80 % of the days to come?",
    chapter=13,
    cases=cases,
    measure=measure,
    settings=SETTINGS,
    data=digest,
    picture=Picture("coverage", by=("until", "cell")),
    limits="One series, two test years; only the LSTM is trained anew.",
    backend="jax",
)
