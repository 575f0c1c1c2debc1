"""How far one word moves a network's verdict, by its place in a review.

The logit with "excellent" at a place less the logit with "awful" there, for test reviews that fill 200 words exactly, so that
nothing is cut or padded. Each review is asked at one place of every ten, drawn at random.
"""

from __future__ import annotations

import numpy as np

from ... import reviews
from .. import checkpoints
from ..record import rounded
from ..study import Picture, Study
from . import tuned

ARCHITECTURES = ("simple_rnn", "bidirectional")
WORDS = ("excellent", "awful")
TIMESTEPS, BLOCK = 200, 10


def pull(network, tokens, places, words):
    """How far the logit moves (samples,) when the word at a review's place is the first of two, not the second.

    network: as `weights.load` gives it; tokens (samples, timesteps), of equal length; places (samples,), from 0; words: two tokens.
    """
    from ...networks.weights import probabilities

    logits = []
    for word in words:
        put = tokens.copy()
        put[np.arange(len(tokens)), places] = word
        p = probabilities(network, put).astype(float)
        logits.append(np.log(p / (1 - p)))
    return logits[0] - logits[1]


def drawn_places(samples, seed=0):
    """{first place: a place (samples,) of each review among the ten from there on}; places count from 0."""
    rng = np.random.default_rng(seed)
    return {
        first: rng.integers(first, first + BLOCK, size=samples)
        for first in range(1, TIMESTEPS, BLOCK)  # 0 holds the start sign
    }


def measure(case):
    """Rows (first word of ten, from 1; median; the tenth and the ninetieth of a hundred) of one network."""
    corpus = reviews.load("imdb")
    words = [reviews.encode(word, corpus.word_index, start=False)[0] for word in WORDS]
    chosen = np.flatnonzero(corpus.test.lengths == TIMESTEPS + 1)  # with the start sign
    tokens = np.stack([corpus.test[int(k)].astype(int) for k in chosen])
    network = checkpoints.network(_run(case), bidirectional=case["architecture"] == "bidirectional")
    network["about"] = {"mask_zero": True, "maxlen": TIMESTEPS}
    rows = []
    for first, places in drawn_places(len(tokens)).items():
        low, median, high = np.quantile(pull(network, tokens, places, words), [0.1, 0.5, 0.9])
        rows.append({"place": first, "pull": rounded(median), "low": rounded(low), "high": rounded(high)})
    return rows


def _run(case):
    return next(run for run in tuned.runs() if (run.architecture, run.seed) == (case["architecture"], case["seed"]))


STUDY = Study(
    question="Does a word count less the further it stands from the end?",
    chapter=6,
    cases=lambda rows: [{"architecture": name, "seed": seed} for name in ARCHITECTURES for seed in range(10)],
    measure=measure,
    settings={"words": list(WORDS), "timesteps": TIMESTEPS, "reviews": 75},
    data=lambda: reviews.load("imdb").sha256,
    picture=Picture("pull", over="place"),
    limits="Two words, 75 reviews of 200 words, ten networks of each kind.",
)
