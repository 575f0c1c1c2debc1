"""A direct GRU judged on windows that it was trained on, on windows held out, and on the test years, by what is held out.

at random: a fifth of all windows up to 1986, which overlap those of the training. whole years: every fifth year, beginning
with another one for each seed; windows that share a day with them are dropped. as few at random: as many windows, trained
on and held out, as with whole years.
"""

from __future__ import annotations

import numpy as np

from ...networks import forecast_training as training
from ...series import windows
from ...series.tasks import UNTIL_1986
from ..study import Picture, Study
from .forecasts import SEEDS, SETTINGS, births, digest, rate_of

SPLITS = ("at random", "whole years", "as few at random")
CELL, WAY = "gru", "direct"
JUDGED = ("rest", "held out", "test")


def cases(rows):
    """Three splits with five seeds, at the learning rate of the direct GRU."""
    rate = rate_of(CELL, WAY)
    keys = [(split, seed) for seed in SEEDS for split in SPLITS] if rate else []
    return [{"split": split, "cell": CELL, "seed": seed, "learning_rate": rate} for split, seed in keys]


def split(task, kind, seed):
    """The origins that are held out, and those of the training."""
    everything = task.at[UNTIL_1986]
    if kind == "at random":  # in the order of the first recordings
        everything = np.concatenate(
            [task.at["train"], windows.origins(task.series, windows.TRAIN_ENDS, windows.VALIDATION_ENDS)]
        )
        shuffled = np.random.default_rng(seed).permutation(everything)
        return np.split(shuffled, [len(shuffled) // 5])
    out = np.asarray(task.series.index[everything].year % len(SEEDS) == seed)  # pyright: ignore[reportAttributeAccessIssue]
    years, rest = everything[out], everything[~windows.overlapping(out)]
    if kind == "whole years":
        return years, rest
    shuffled = np.random.default_rng(seed).permutation(everything)
    return shuffled[: len(years)], shuffled[len(years) : len(years) + len(rest)]


def measure(case):
    """MASE on the windows of the training (rest), on those held out, and on the test years."""
    task, seed = births(), case["seed"]
    task.at["held out"], task.at["rest"] = split(task, case["split"], seed)
    model = training.train_on(task, "rest", WAY, case["cell"], seed, case["learning_rate"], training.EPOCHS)
    return {part: task.measured(training.forecast(task, model, WAY, part), part)["mase"] for part in JUDGED}


STUDY = Study(
    question="What does an error on held-out windows promise for the years to come?",
    chapter=13,
    cases=cases,
    measure=measure,
    settings=SETTINGS,
    data=digest,
    picture=Picture("held out", by="split"),
    limits="One kind of network, one series.",
    backend="jax",
)
