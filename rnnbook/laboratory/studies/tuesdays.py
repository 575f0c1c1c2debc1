"""The networks of `forecast_renewals` that correct last year's value, trained once more and asked for single days.

The rows there keep no errors of single days. off: the error on the first Tuesday from each origin of the test years, in
births; says: the forecast for the Tuesday after `Births.FRIDAY`.
"""

from __future__ import annotations

import numpy as np

from ...networks import forecast_training as training
from ...series.tasks import CORRECTED, CORRECTED_NAMED, UNTIL_1986
from ..study import Picture, Study
from .forecasts import BEST_CELL, SEEDS, SETTINGS, births, chosen, digest


def cases(rows):
    """Told the holidays by one flag or by name, at the rate and after the epoch that were chosen before."""
    before = [chosen(BEST_CELL, way, seed) for way in (CORRECTED, CORRECTED_NAMED) for seed in SEEDS]
    keys = ("cell", "way", "seed", "learning_rate", "epoch")
    return [{key: row[key] for key in keys} for row in before if row]


def measure(case):
    """One network."""
    task, way = births(), case["way"]
    model = training.train_on(task, UNTIL_1986, way, case["cell"], case["seed"], case["learning_rate"], case["epoch"])
    return asked(task, lambda part: training.forecast(task, model, way, part))


def asked(task, says):
    """The row of a forecaster: ``says(part)`` gives its forecasts (origins, HORIZON), in births."""
    task.at["friday"] = np.array([task.series.index.get_loc(task.FRIDAY)])
    said = {part: says(part) for part in ("test", "friday")}
    off, there = np.abs(task.truth("test") - said["test"]), task.first_tuesday("test")
    return task.measured(said["test"]) | {
        "says": round(float(said["friday"][0, task.first_tuesday("friday")[0]]), 1),
        "off": [round(float(births), 1) for births in off[np.arange(len(off)), there]],
    }


STUDY = Study(
    question="How far off is the forecast of the next Tuesday?",
    chapter=13,
    cases=cases,
    measure=measure,
    settings=SETTINGS,
    data=digest,
    picture=Picture("mase", by="way"),
    limits="One kind of network; a weekday that is seldom a holiday.",
    backend="jax",
)
