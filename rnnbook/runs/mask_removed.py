"""What padding does to a SimpleRNN from which the mask is taken away, and to one that never had any (chapter 3).

``python -m rnnbook mask-removed`` trains the five networks of the study `comparison` again, each as far as its choice of an
epoch needs, and asks them for all test reviews: with the mask, and without it with padding in front and behind.
It also follows their states where nothing but padding comes. Then it trains five networks without a mask on reviews that are
padded behind; those that are padded in front are in the study `source`.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace

import numpy as np

from .. import files, reviews
from ..reviews.corpus import Reviews
from . import store, studies
from .record import rounded
from .run import Run

NAME = "mask_removed"
EPOCHS = 10  # none of the five has its lowest validation loss later
MAXLEN = 500
BATCH = 1_000  # reviews that are read at once
LONG, READ = 5_000, 100  # steps of padding after as many reviews
CONFIG = {"cell": "simple_rnn", "depth": 1, "bidirectional": False}


def runs():
    """The runs of chapter 4's network, trained with a mask, one a seed; shorter."""
    return [replace(run, epochs=EPOCHS) for run in studies.comparison() if run.architecture == "simple_rnn"]


class Behind(Run):
    """A run on reviews that are brought to `maxlen` tokens beforehand, so that padding stands behind the words."""

    def corpus(self):
        """What the run trains, validates and tests on."""
        corpus = super().corpus()
        train, test = (
            Reviews.from_lists(list(part.padded(self.maxlen, padding="post")), part.labels)
            for part in (corpus.train, corpus.test)
        )
        return replace(corpus, train=train, test=test)


def never_masked():
    """Runs of the study `source` without dropout, hence without a mask and in its batches, but padded behind; shorter."""
    return [Behind("source", "simple_rnn", seed=seed, epochs=EPOCHS, buckets=False) for seed in range(5)]


def learned_without():
    """A row a seed: right answers of networks that learned without a mask, padded in front (`source`) and behind."""
    rows = []
    in_front = {record.seed: record for record in store.records("source", "simple_rnn") if record.path == "fast"}
    for run in never_masked():
        with tempfile.TemporaryDirectory() as folder:
            behind = store.read(run.record(folder))
        right = {"in front": in_front[run.seed].test_accuracy, "behind": behind.test_accuracy}
        rows.append({"seed": run.seed, "training": behind.history["accuracy"][-1]} | right)
        print(rows[-1], flush=True)
    return rows


def answers(network, some):
    """{way: probabilities (reviews,)} with the mask, and without it where padding stands in front or behind."""
    from ..networks.weights import masked_probabilities, probabilities

    def without(side):
        tokens = some.padded(MAXLEN, padding=side)
        return np.concatenate([probabilities(network, tokens[k : k + BATCH]) for k in range(0, len(tokens), BATCH)])

    masked = masked_probabilities(network, some.padded(MAXLEN), masks=1, rate=0.0)[0]
    return {"masked": masked, "in front": without("pre"), "behind": without("post")}


def resting(network, tokens, long=LONG):
    """The answers, to two decimals and each once, that are left when `long` steps of padding follow the tokens (reviews, timesteps).

    A mask guards the reading; what comes after it is read without one.
    """
    from ..networks import reference

    layer = network["layers"][0]
    X = network["E"].astype(float)[np.concatenate([tokens, np.zeros((len(tokens), long), int)], axis=1)]
    mask = np.ones(X.shape[:2], bool)
    mask[:, : tokens.shape[1]] = tokens > 0
    last = reference.masked_rollout(X, mask, layer["U"], layer["W"], layer["b"])[:, -1]
    said = np.asarray(reference.sigmoid(reference.output_map(last, network["V"], network["c"])))[:, 0]
    return sorted({round(float(answer), 2) for answer in said})


def add_mask_removed(parser):
    """The arguments of `mask-removed`, none; returns what runs it."""
    return _run


def _run(options):
    from ..networks import weights

    corpus, rows = reviews.load("imdb"), []
    for run in runs():
        with tempfile.TemporaryDirectory() as folder:
            record = store.read(run.record(folder))
            network = weights.assembled(weights.from_keras(store.weights(run, folder), CONFIG), CONFIG)
        network["about"] = {"mask_zero": True, "maxlen": MAXLEN}
        said = {way: of_way > 0.5 for way, of_way in answers(network, corpus.test).items()}
        rows.append(
            {"seed": run.seed, "best_epoch": record.best_epoch}
            | {way: rounded(float(np.mean(of_way == corpus.test.labels))) for way, of_way in said.items()}
            | {"positive": {way: rounded(float(of_way.mean())) for way, of_way in said.items()}}
            | {"resting": resting(network, corpus.test.padded(MAXLEN)[:READ])}
        )
        print(rows[-1], flush=True)
    made = {"rows": rows, "never_masked": learned_without(), "reviews": len(corpus.test)}
    made |= {"epochs": EPOCHS, "data_sha256": corpus.sha256}
    store.write_measurement(NAME, made | {"processor": files.processor(), "versions": files.versions()})
