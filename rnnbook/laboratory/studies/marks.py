"""Gated and plain networks of equal size on the task of `networks.last_mark`: give the number that stood at the last mark.

All rates and seeds of a network train at once, and those of the rate that is best on validation train on. One more GRU gets
sequences with no mark in their last 20 steps. Needs JAX.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import files
from ...networks import last_mark
from ...networks.last_mark import CLOSEST, Training
from .. import study
from ..record import rounded
from ..study import Picture, Study

SEEDS = range(5)
RATES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)  # of Adam
UPDATES, LONGER = 1000, 4000  # of all rates, and in all at the chosen one
FAR = 20  # steps from the last mark to the end, at least, where there are no short cases
GRU = ("gru", "update bias 0", 18)
# (cell, start, units): about 1,200 parameters each. Starts of the SimpleRNN are those that keep something.
NETWORKS = (
    ("lstm", "forget bias 1", 16),
    GRU,
    ("simple_rnn", "W = Q", 32),
    ("simple_rnn", "W = Q, small U", 32),
    ("simple_rnn", "W = 1.5 I", 32),
    ("simple_rnn", "W = I", 32),
    ("irnn", "W = I", 32),
)
SHOWN = (("lstm", "forget bias 1", 16), ("simple_rnn", "W = Q", 32))  # whose weights the book ships


def cases(rows) -> list[dict[str, Any]]:
    """A case a network."""
    wanted = [(*network, CLOSEST) for network in NETWORKS] + [(*GRU, FAR)]
    return [dict(zip(("cell", "start", "units", "closest"), one, strict=True)) for one in wanted]


def measure(case):
    """Errors of all rates and seeds, then those of the best rate after LONGER updates; only the first where there are no short cases."""
    training = Training(case["cell"], case["start"], case["units"], SEEDS, RATES, case["closest"])
    training.go_on(UPDATES)
    found = training.measured()
    if case["closest"] == FAR:
        return _rows(found, UPDATES)
    mean = {rate: np.mean([found[rate, seed][1] for seed in SEEDS]) for rate in RATES}
    training.keep(min(mean, key=lambda rate: np.nan_to_num(mean[rate], nan=np.inf)))
    training.go_on(LONGER)
    rows = [row | {"validation": rounded(found[row["learning_rate"], row["seed"]][1])} for row in _rows(found, UPDATES)]
    return rows + _rows(training.measured(), LONGER)


def _rows(found, updates):
    return [
        {"learning_rate": rate, "seed": seed, "updates": updates, "test": rounded(test)}
        | {"parameters": sum(array.size for array in weights.values())}
        for (rate, seed), (weights, _, test) in found.items()
    ]


def derived(frame):
    """part: all rates ("rates"), the chosen ones after more updates ("longer"), no short cases ("far"); chosen: by the lowest
    mean validation error of all rates; log10_test: over powers of ten only logarithms scatter evenly.
    """
    part = np.where(frame.closest == FAR, "far", np.where(frame.updates == LONGER, "longer", "rates"))
    frame = frame.assign(part=part, log10_test=np.log10(frame.test), chosen=False)
    for _, network in frame[part == "rates"].groupby(["cell", "start"]):
        mean = network.groupby("learning_rate").validation.agg(lambda errors: errors.mean(skipna=False))
        frame.loc[network.index, "chosen"] = network.learning_rate == mean.idxmin()
    return frame


def ship():
    """Train what the book ships once more, at the recorded rates, and write its weights."""
    networks, rows = {}, study.frame("marks")
    for cell, start, units in SHOWN:
        rate = rows[rows.chosen & (rows.cell == cell) & (rows.start == start)].learning_rate.iloc[0]
        training = Training(cell, start, units, SEEDS, RATES)
        training.go_on(UPDATES)
        networks[f"{cell}, {start}"] = [training.measured()[rate, seed][0] for seed in SEEDS]
    files.replace(last_mark.TRAINED, lambda file: np.savez_compressed(file, **last_mark.stored(networks)))


STUDY = Study(
    question="Do plain networks keep a number until it is asked for as well as gated ones of their size?",
    chapter=9,
    cases=cases,
    measure=measure,
    settings={
        "timesteps": last_mark.TIMESTEPS,
        "batch": last_mark.BATCH,
        "updates": UPDATES,
        "clip": last_mark.CLIP,
        "marked": last_mark.MARKED,
    },
    picture=Picture("test", by=("cell", "start"), over="learning_rate", log=True, part="rates"),
    limits="One task of 40 steps, one size, one optimizer; five seeds each.",
    derived=derived,
)
