"""The best network of `forecasts` trained anew on all windows up to 1986, beside the linear model fitted on the same.

One training gives two rows: after the epoch that the validation years chose for this seed when they were not trained on,
and after all epochs. Nothing is chosen on the test years. behind_rival: MASE less that of `Births.rival`, told the same.
"""

from __future__ import annotations

import functools

from ...networks import forecast_training as training
from ...series.tasks import BY_NAME, LAST_YEARS, UNTIL_1986
from ..study import Picture, Study
from .forecasts import BEST_CELL, SEEDS, SETTINGS, births, chosen, digest

RENEWALS = {way: (f"{way}, {UNTIL_1986}", f"{way}, {UNTIL_1986}, all epochs") for way in LAST_YEARS}


def cases(rows):
    """A network of each way that is told last year's value; stop: the epoch that was chosen before."""
    before = [chosen(BEST_CELL, way, seed) for way in LAST_YEARS for seed in SEEDS]
    return [
        {
            "cell": row["cell"], "told": row["way"], "seed": row["seed"], "learning_rate": row["learning_rate"],
            "stop": row["epoch"],
        }
        for row in before if row
    ]  # fmt: skip


@functools.cache
def rival_mase(named):
    """The error in the test years of the linear model fitted on all windows up to 1986."""
    task = births()
    known = task.with_names if named else task.calendar
    said = task.rival(UNTIL_1986, named).forecast(task.values, known, task.at["test"])
    return task.measured(said)["mase"]


def measure(case):
    """A row for each of the two epochs."""
    task, told, rows = births(), case["told"], []
    behind = rival_mase(told in BY_NAME)

    def judge(model, epoch):
        for way, stop in zip(RENEWALS[told], (case["stop"], training.EPOCHS), strict=True):
            if epoch == stop:
                errors = task.measured(training.forecast(task, model, told, "test"))
                row = {"way": way, "epoch": stop, "parameters": model.count_params()}
                rows.append(row | {"behind_rival": round(errors["mase"] - behind, 5)} | errors)

    seed, rate = case["seed"], case["learning_rate"]
    training.train_on(task, UNTIL_1986, told, case["cell"], seed, rate, training.EPOCHS, judge=judge)
    return rows


STUDY = Study(
    question="Does the best network stay ahead of the linear model once both have seen the latest years?",
    chapter=13,
    cases=cases,
    measure=measure,
    settings=SETTINGS,
    data=digest,
    picture=Picture("behind_rival", by="way"),
    limits="One kind of network, two test years; intervals over seeds alone.",
    backend="jax",
)
