"""What trained networks make of a review: how much of its end they use, whether order matters, where they err."""

from __future__ import annotations

import numpy as np

from ... import reviews
from ...networks.architectures import ARCHITECTURES
from ...reviews.changes import keep_last, shuffle_words
from .. import checkpoints
from ..study import Picture, Study
from . import comparison

REVIEWS = 5_000
KEPT = (5, 10, 20, 50, 100, 200, 500)
LENGTHS = ((0, 120), (120, 200), (200, 400), (400, 10_000))


def measure(case):
    """Rows (change, amount, accuracy) of one network of `comparison`."""
    from ...networks import models

    run = next(run for run in comparison.runs() if (run.architecture, run.seed) == (case["architecture"], case["seed"]))
    model = models.build(run.architecture, **run.settings)
    model.set_weights(checkpoints.needed(run))
    return diagnose(model, reviews.load("imdb").test.take(REVIEWS))


def diagnose(model, some, maxlen=500):
    """Rows for a trained Keras model on Reviews.

    change "last words": only the last `amount` words were given; "length": reviews of up to `amount` words (and more
    than the bin below); "shuffled": all words, in random order.
    """
    X, labels, lengths = some.padded(maxlen), some.labels, some.lengths

    def right(X):
        return (model.predict(X, batch_size=500, verbose=0)[:, 0] > 0.5) == labels

    found = [("last words", words, right(keep_last(X, words))) for words in KEPT]
    whole = right(X)
    found += [("length", most, whole[(lengths > least) & (lengths <= most)]) for least, most in LENGTHS]
    found.append(("shuffled", maxlen, right(shuffle_words(X, np.random.default_rng(0)))))
    return [
        {"change": change, "amount": amount, "accuracy": round(float(judged.mean()), 4)}
        for change, amount, judged in found
    ]


STUDY = Study(
    question="Which words of a review does a trained network use, and does their order matter to it?",
    chapter=4,
    cases=lambda rows: [
        {"architecture": name, "seed": seed} for name, a in ARCHITECTURES.items() if a.diagnosed for seed in range(3)
    ],
    measure=measure,
    settings={"reviews": REVIEWS},
    data=lambda: reviews.load("imdb").sha256,
    derived=lambda frame: frame.assign(part=frame["change"]),
    picture=Picture("accuracy", over="amount", log=True, part="last words"),
    limits="Three networks of each kind, 5,000 test reviews, one random order.",
    backend="jax",  # as the runs of the comparison were made
)
