"""The shipped networks on test reviews whose words were shuffled within short windows.

A word that moves within its window stays about where it was. So, other than a shuffle of the whole review, this destroys
the order and nearly leaves the distance of every word from the end. Nearly: to a network in which the exact place of a word counts,
one place is much. Two controls tell how much: shuffles that spare the last ten words, and words appended with the order intact.
"""

from __future__ import annotations

import functools

import numpy as np

from ... import reviews
from ...reviews.changes import shuffle_words
from ..record import packed, rounded
from ..study import Picture, Study

ARCHITECTURES = ("simple_rnn", "lstm")
WINDOWS = (2, 5, 10, 50, 500)  # words; 500 is the whole review, as far as the networks see it
SPARED = 10  # words at the end of a review, in the first control
WITH_SPARED = (2, 10)  # windows, in the first control
APPENDED = ("<unknown>", "the", "and", "<unknown> <unknown>")  # in the second control
PERMUTATIONS = 3


def trials():
    """What is tried, as dictionaries: window (1: the order as it was), words spared at the end, words appended, seed."""
    usual = {"window": 1, "spared": 0, "appended": "", "seed": 0}
    shuffled = [(window, 0) for window in WINDOWS] + [(window, SPARED) for window in WITH_SPARED]
    return [
        usual,
        *(
            usual | {"window": window, "spared": spared, "seed": seed}
            for window, spared in shuffled
            for seed in range(PERMUTATIONS)
        ),
        *(usual | {"appended": words} for words in APPENDED),
    ]


def changed(tokens, rng, window=1, spared=0, appended=()):
    """Tokens (samples, timesteps) shuffled within windows, all but the last `spared`, and with the appended tokens."""
    kept = max(tokens.shape[1] - spared, 0)
    parts = [tokens[:, kept:]]
    if kept:
        parts.insert(0, shuffle_words(tokens[:, :kept], rng, window))
    parts += [np.full((len(tokens), 1), token) for token in appended]
    return np.concatenate(parts, axis=1)


def measure(case):
    """One row: the verdicts of one shipped network in one trial."""
    from ...networks import weights

    corpus, network = reviews.load("imdb"), weights.load(case["architecture"])
    change = functools.partial(
        changed,
        rng=np.random.default_rng(case["seed"]),
        window=case["window"],
        spared=case["spared"],
        appended=[network["words"].index(word) for word in case["appended"].split()],
    )
    positive = weights.verdicts(network, corpus.test, change)
    accuracy = rounded(np.mean(positive == corpus.test.labels))
    return {"test_accuracy": accuracy, "predictions": packed(positive), "data_sha256": corpus.sha256}


STUDY = Study(
    question="Does the order of words matter to a trained network, or only their distance from the end?",
    chapter=4,
    cases=lambda rows: [{"architecture": name, **trial} for name in ARCHITECTURES for trial in trials()],
    measure=measure,
    data=lambda: reviews.load("imdb").sha256,
    picture=Picture("test_accuracy", by=("architecture", "window", "spared", "appended")),
    limits="One shipped network of each kind, three permutations.",
)
