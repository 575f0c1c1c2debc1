"""Does reading first help to judge (Dai & Le, 2015)? Classifiers of reviews with few labels, each begun in several ways.

The embedding and the LSTM of a word model (study `word_models`) begin a classifier, beside the same from scratch and beside
averaged embeddings. Both LSTMs judge by their last state, or by the mean of all their states. Word vectors that others have
learned begin some classifiers; the control has the same vectors, dealt to the wrong words. The validation reviews choose the
learning rate of each start, as `choice` says, and the epoch of each run.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from ..choice import Choice
from ..record import rounded
from ..study import Picture, Study
from . import word_models

RATES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)  # of RMSprop at the start; it falls to zero
CHOICE = Choice(RATES, lambda row: 1 - max(row["validation"]))
SEEDS = {"pretrained": range(5), "pretrained_mean": range(5)} | {
    start: range(10)  # those whose rates five seeds left to a coin, and those that are compared with them
    for start in (
        "averaged", "scratch", "scratch_mean", "vectors_averaged", "vectors", "vectors_dealt_averaged",
        "pretrained_longer", "pretrained_longer_mean",
    )
}  # fmt: skip
SETTINGS = word_models.SETTINGS | {
    "maxlen": 100,
    "epochs": 40,
    "labelled": 2_500,
}  # reviews, of which a fifth validates


def cases(rows):
    """All starts with the rates and seeds that are wanted of them."""
    return [case for start, seeds in SEEDS.items() for case in CHOICE.cases({"start": start}, seeds, rows)]


def measure(case):
    """Train one classifier and judge it."""
    corpus, start, seed = word_models.corpus(), case["start"], case["seed"]
    return judged(corpus, start, seed, case["learning_rate"], words_of(corpus, start, seed))


def words_of(corpus, start, seed):
    """The word model that begins this start, or None."""
    return word_models.word_model(corpus, "longer" in start, seed) if start.startswith("pretrained") else None


def classifier(start, corpus, words=None, learning_rate=1e-3, seed=0):
    """The classifier of a start, with the layers of a word model where it has read, or with word vectors where they are lent."""
    from ...networks import models, pretraining

    units = SETTINGS["units"]
    shape = {"num_words": corpus.num_words, "embedding": units, "learning_rate": learning_rate}
    if start.endswith("averaged"):
        model = models.dense(units, **shape)
    else:
        pooling = "mean" if start.endswith("mean") else "last"
        model = models.recurrent_classifier("lstm", units, mask_zero=True, pooling=pooling, **shape)
    if words is not None:
        pretraining.start_from(model, words)
    if start.startswith("vectors"):
        narrow, known, _ = word_models.lent_vectors(corpus)
        pretraining.lend_vectors(model, dealt(narrow, known, seed) if "dealt" in start else narrow, known)
    return model


def dealt(narrow, known, seed):
    """The same vectors, each with another known word: their sizes and directions without what they say of their words."""
    shuffled = narrow.copy()
    shuffled[known] = np.random.default_rng(seed).permutation(narrow[known])
    return shuffled


def judged(corpus, start, seed, rate, words=None):
    """Train one classifier; what is recorded of it. The test reviews are read once, at the epoch of the best validation accuracy."""
    import keras

    from ...networks import training

    epochs, way = SETTINGS["epochs"], {"maxlen": SETTINGS["maxlen"], "fast": True}
    corpus = labelled(corpus)
    keras.utils.set_random_seed(seed)
    updates = epochs * -(-len(corpus.train.split()[0]) // 128)
    model = classifier(start, corpus, words, keras.optimizers.schedules.CosineDecay(rate, updates), seed)  # pyright: ignore[reportArgumentType]
    best = keras.callbacks.EarlyStopping("val_accuracy", mode="max", patience=epochs, restore_best_weights=True)
    history = training.fit(model, corpus, epochs, seed=seed, callbacks=[best], **way).history
    return {
        "epochs": epochs, "best_epoch": best.best_epoch + 1, "parameters": model.count_params(),
        "training": [rounded(a) for a in history["accuracy"]],
        "validation": [rounded(a) for a in history["val_accuracy"]],
        "test_accuracy": rounded(training.evaluate(model, corpus.test, **way)[1]),
    }  # fmt: skip


def labelled(corpus):
    """The corpus with the few labelled reviews that the classifiers learn from."""
    return dataclasses.replace(corpus, train=corpus.train.take(SETTINGS["labelled"]))


STUDY = Study(
    question="Does a network judge reviews better once it has read others without their labels?",
    chapter=12,
    cases=cases,
    measure=measure,
    settings=SETTINGS,
    data=lambda: word_models.corpus().sha256,
    derived=lambda frame: frame.assign(chosen=CHOICE.chosen(frame, "start")),
    picture=Picture("test_accuracy", by="start", over="learning_rate", log=True),
    limits="2,500 labels, 100 words of each review, one size.",
    backend="jax",
)
