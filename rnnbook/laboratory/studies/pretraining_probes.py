"""What the states of word models know of a verdict: a logistic regression on them, and on those of a network that has read nothing."""

from __future__ import annotations

import numpy as np

from ..record import rounded
from ..study import Picture, Study
from . import pretraining, word_models

STARTS = (
    "pretrained", "pretrained_mean", "pretrained_longer", "pretrained_longer_mean", "untrained", "untrained_mean",
)  # fmt: skip
STRENGTHS = (0.01, 0.1, 1.0, 10.0)  # of the regression, chosen on validation


def measure(case):
    """Probe one network."""
    corpus, start, seed = word_models.corpus(), case["start"], case["seed"]
    return probed(corpus, start, seed, pretraining.words_of(corpus, start, seed))


def probed(corpus, start, seed, words=None):
    """A logistic regression on states, the last or their mean: of the word model as it is, or of a network as drawn."""
    import keras

    from ...networks.bags import logistic_regression

    corpus = pretraining.labelled(corpus)
    keras.utils.set_random_seed(seed)
    model = pretraining.classifier(start, corpus, words)
    states = keras.Model(model.inputs, model.layers[-2].output)
    sides = []
    for some in (*corpus.train.split(), corpus.test):
        tokens = some.padded(pretraining.SETTINGS["maxlen"])
        sides.append((states.predict(tokens, batch_size=500, verbose=0), some.labels))  # pyright: ignore[reportArgumentType]
    (X, labels), held_out, tested = sides
    mean, spread = X.mean(axis=0), X.std(axis=0) + 1e-6
    fits = [logistic_regression((X - mean) / spread, labels, strength) for strength in STRENGTHS]

    def right(fit, states, labels):
        return float(np.mean(((states - mean) / spread @ fit[0] + fit[1] > 0) == labels))

    best = max(fits, key=lambda fit: right(fit, *held_out))
    return {"validation": rounded(right(best, *held_out)), "test_accuracy": rounded(right(best, *tested))}


STUDY = Study(
    question="Can the verdict be read from states that were never asked for it?",
    chapter=12,
    cases=lambda rows: [{"start": start, "seed": seed} for start in STARTS for seed in range(5)],
    measure=measure,
    settings=pretraining.SETTINGS,
    data=lambda: word_models.corpus().sha256,
    picture=Picture("test_accuracy", by="start"),
    limits="Five networks of each kind, a linear probe.",
    backend="jax",
)
