"""Does the order of words matter? The shipped networks on test reviews whose words were shuffled within short windows.

A word that moves within its window stays about where it was. So, other than a shuffle of the whole review, this destroys
the order and nearly leaves the distance of every word from the end. Nearly: to a network in which the exact place of a word counts,
one place is much. Two controls tell how much: shuffles that spare the last ten words, and words appended with the order intact.
"""

from __future__ import annotations

import functools

import numpy as np

from .. import files, reviews
from . import baselines, diagnosis, store
from .record import packed, rounded

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
        parts.insert(0, diagnosis.shuffle_words(tokens[:, :kept], rng, window))
    parts += [np.full((len(tokens), 1), token) for token in appended]
    return np.concatenate(parts, axis=1)


def rows(corpus, architecture):
    """Rows of the measurement for one shipped network, one a trial."""
    from ..networks import weights

    network = weights.load(architecture)
    made = []
    for trial in trials():
        change = functools.partial(
            changed,
            rng=np.random.default_rng(trial["seed"]),
            window=trial["window"],
            spared=trial["spared"],
            appended=[network["words"].index(word) for word in trial["appended"].split()],
        )
        positive = baselines.verdicts(network, corpus.test, change)
        accuracy = rounded(float(np.mean(positive == corpus.test.labels)))
        made.append({"architecture": architecture, **trial, "test_accuracy": accuracy})
        print(made[-1], flush=True)
        made[-1] |= {"predictions": packed(positive), "data_sha256": corpus.sha256}
    return made


def add_shuffles(parser):
    """The arguments of `shuffles`, none; returns what runs it."""
    return _run


def _run(options):
    corpus = reviews.load("imdb")
    made = [row for architecture in ARCHITECTURES for row in rows(corpus, architecture)]
    store.write_measurement("shuffles", {"rows": made, "processor": files.processor(), "versions": files.versions()})
