"""Forecasts of births without a network, on the origins of the networks; nothing in them is random."""

from __future__ import annotations

from ...series import baselines, windows
from ...series.tasks import UNTIL_1986
from ..study import Picture, Study
from .forecasts import births, digest


def cases(rows):
    """Each baseline in the validation and the test years; the best of them in the test years once more, fitted up to 1986."""
    every = [{"part": part, "name": name} for part in ("validation", "test") for name in _forecasts("test")]
    return [*every, {"part": UNTIL_1986, "name": baselines.HARMONIC}]


def _forecasts(part):
    task = births()
    return baselines.all_of_them(task.series, task.calendar, task.names, task.at[part], windows.TRAIN_ENDS)


def measure(case):
    """The errors of one baseline."""
    task, part = births(), case["part"]
    if part == UNTIL_1986:
        at = task.at["test"]
        return task.measured(baselines.harmonic_regression(task.series, task.names, at, windows.VALIDATION_ENDS))
    return task.measured(_forecasts(part)[case["name"]](), part)


STUDY = Study(
    question="How well are births forecast without a network?",
    chapter=13,
    cases=cases,
    measure=measure,
    data=digest,
    picture=Picture("mase", by=("part", "name")),
    limits="One series; the settings of the statistical models are usual ones, those of the waves chosen on validation.",
)
