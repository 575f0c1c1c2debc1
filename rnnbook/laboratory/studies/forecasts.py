"""Four kinds of network, five ways to forecast four weeks of births; the validation years choose rate and epoch.

Beside them networks in which one thing is changed, at the learning rate of those that they vary.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ...networks import forecast_training as training
from ...networks.forecast_training import FOUR_WEEKS, TOLD
from ...series import tasks
from ...series.tasks import CORRECTED, CORRECTED_NAMED, NAMED
from .. import store
from ..choice import Choice
from ..study import Picture, Study

SEEDS = range(5)
CELLS = ("simple_rnn", "lstm", "gru", "conv")
WAYS = ("recursive", "direct", "known future", "last year")
BEST_CELL = "lstm"  # the best network on the validation years, varied below and trained anew by other studies
CONTROLS = {  # (way, cell): the way that it varies
    (TOLD, "conv"): "direct",
    (TOLD, "lstm"): "direct",
    (FOUR_WEEKS, "lstm"): "recursive",
    (NAMED, BEST_CELL): "last year",
    (CORRECTED_NAMED, BEST_CELL): CORRECTED,
}
RATES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)  # of Adam at the start; it falls to zero
CHOICE = Choice(RATES, lambda row: row["validation_mase"])
SETTINGS = {"epochs": training.EPOCHS, "batch": training.BATCH}


@functools.cache
def births():
    """The series with its origins, made once a process."""
    return tasks.Births()


def digest():
    """Of the series."""
    return tasks.digest(births())


def chosen(cell, way, seed, rows=None):
    """The row of a network at the rate that was chosen for it; None where that is not recorded yet."""
    rows = store.rows("forecasts") if rows is None else rows
    mine = [row for row in rows if (row["cell"], row["way"]) == (cell, way)]
    wanted = [] if (way, cell) in CONTROLS else CHOICE.cases({"cell": cell, "way": way}, SEEDS, rows)
    if not all(any(case.items() <= row.items() for row in mine) for case in wanted):
        return None
    rate = CHOICE.rate(mine)
    return next((row for row in mine if (row["learning_rate"], row["seed"]) == (rate, seed)), None)


def rate_of(cell, way, rows=None):
    """The learning rate that was chosen for a network; None before it is."""
    row = chosen(cell, way, SEEDS[0], rows)
    return row and row["learning_rate"]


def cases(rows) -> list[dict[str, Any]]:
    """Every rate with the first seed, the best two with all seeds; then the controls."""
    networks = [(cell, way) for way in (*WAYS, CORRECTED) for cell in CELLS]
    found = [case for cell, way in networks for case in CHOICE.cases({"cell": cell, "way": way}, SEEDS, rows)]
    for (way, cell), varied in CONTROLS.items():
        if rate := rate_of(cell, varied, rows):
            found += [{"cell": cell, "way": way, "seed": seed, "learning_rate": rate} for seed in SEEDS]
    return found


def measure(case):
    """The errors of one network in the test years, and its MASE in the validation years, which choose."""
    task, cell, way = births(), case["cell"], case["way"]
    model, epoch = training.train(task, way, cell, case["seed"], case["learning_rate"])
    validation = task.measured(training.forecast(task, model, way, "validation"), "validation")
    return {
        "epoch": epoch, "parameters": model.count_params(), "validation_mase": validation["mase"],
        **task.measured(training.forecast(task, model, way, "test")),
    }  # fmt: skip


def derived(frame):
    """chosen: is its learning rate that of the network? rise: by how much the last week's error lies above the first's."""
    rise = [np.mean(errors[-7:]) - np.mean(errors[:7]) for errors in frame["by_day"]]
    return frame.assign(chosen=CHOICE.chosen(frame, "cell", "way"), rise=rise)


STUDY = Study(
    question="Which network forecasts four weeks of births best, and in which way?",
    chapter=13,
    cases=cases,
    measure=measure,
    settings=SETTINGS,
    data=digest,
    derived=derived,
    picture=Picture("mase", by=("way", "cell")),
    limits="One series, two test years, one size of network.",
    backend="jax",
)
