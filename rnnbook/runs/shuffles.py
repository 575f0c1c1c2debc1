"""Does the order of words matter? The shipped networks on test reviews whose words were shuffled within short windows.

A word that moves within its window stays about where it was. So, other than a shuffle of the whole review, this destroys
the order and leaves the distance of every word from the end.
"""

from __future__ import annotations

import functools

import numpy as np

from .. import files, reviews
from . import baselines, diagnosis, store
from .record import packed, rounded

ARCHITECTURES = ("simple_rnn", "lstm")
WINDOWS = (2, 5, 10, 50, 500)  # words; 500 is the whole review, as far as the networks see it
PERMUTATIONS = 3


def rows(corpus, architecture):
    """Rows of the measurement for one shipped network: window 1 is the order as it was; each names its permutation."""
    from ..networks import weights

    network = weights.load(architecture)
    tried = [(1, 0)] + [(window, seed) for window in WINDOWS for seed in range(PERMUTATIONS)]
    made = []
    for window, seed in tried:
        change = functools.partial(diagnosis.shuffle_words, rng=np.random.default_rng(seed), window=window)
        positive = baselines.verdicts(network, corpus.test, change)
        accuracy = rounded(float(np.mean(positive == corpus.test.labels)))
        made.append({"architecture": architecture, "window": window, "seed": seed, "test_accuracy": accuracy})
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
