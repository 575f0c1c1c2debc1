"""Networks that were trained with dropout, tested with their masks on; `baselines` asks the shipped one."""

from __future__ import annotations

import numpy as np

from ... import reviews
from .. import checkpoints
from ..record import rounded
from ..study import Picture, Study
from . import tuned
from .baselines import MASKS, MAXLEN, RATE

REVIEWS = 5_000


def measure(case):
    """Rows (way, test_accuracy) of one network of `tuned`."""
    run = next(run for run in tuned.runs() if (run.architecture, run.seed) == ("dropout", case["seed"]))
    found = ways(checkpoints.network(run), reviews.load("imdb").test.take(REVIEWS))
    return [{"way": way, "test_accuracy": accuracy} for way, accuracy in found.items()]


def ways(network, some):
    """{way: share of right answers}: the whole network, one mask a review, and the mean over `MASKS` masks."""
    from ...networks.weights import masked_probabilities

    tokens = some.padded(MAXLEN)
    whole = masked_probabilities(network, tokens, masks=1, rate=0.0)
    thinned = masked_probabilities(network, tokens, MASKS, RATE)
    answers = {"whole": whole[0], "one mask": thinned[0], f"mean of {MASKS} masks": thinned.mean(axis=0)}
    return {way: rounded(np.mean((answer > 0.5) == some.labels)) for way, answer in answers.items()}


STUDY = Study(
    question="Does the average over masks repair what dropout costs a SimpleRNN at test?",
    chapter=7,
    cases=lambda rows: [{"seed": seed} for seed in range(10)],
    measure=measure,
    settings={"reviews": REVIEWS},
    data=lambda: reviews.load("imdb").sha256,
    picture=Picture("test_accuracy", by="way"),
    limits="Ten networks of one size, 5,000 test reviews, 16 masks.",
)
