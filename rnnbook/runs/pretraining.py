"""Does reading first help to judge? Chapter 12's answer, recorded (Dai & Le, 2015): `python -m rnnbook pretraining`.

A model of words reads the training reviews without their labels. Then its embedding and its LSTM begin a classifier of
reviews, beside the same classifier from scratch and beside averaged embeddings, with few labels and with all. Each of the three
tries some learning rates with seed 0, and the validation reviews choose. Each trains until its validation loss has long stopped
to fall. What is missing is added to recorded/measurements/pretraining.json, run by run.
"""

from __future__ import annotations

import dataclasses
import time

import numpy as np

from .. import files, reviews
from . import store
from .record import RecordError, rounded

NAME = "pretraining"
SEEDS = range(5)
STARTS = ("averaged", "scratch", "pretrained")
RATES = (1e-3, 3e-3, 1e-2)
BUDGETS = {"few": 2_500, "all": None}  # labelled reviews, of which a fifth validates
EPOCHS = {"few": 20, "all": 5}
VALIDATED = 1_000  # reviews on which the word models are measured
MORE = {"averaged": 3, "pretrained": 5}  # so many times the epochs, for those that learn slowly
SETTINGS = {
    "num_words": 5_000, "units": 64, "maxlen": 100, "word_epochs": 1, "epochs": EPOCHS, "more": MORE, "budgets": BUDGETS,
    "validated": VALIDATED,
}  # fmt: skip


def read_first(corpus, seed, made):
    """The word model of this seed: trained, recorded in ``made`` and kept in the cache, or from there."""
    import keras

    from ..networks import pretraining

    began = time.process_time()
    train, validation = corpus.train.split()
    train, validation = train.tokens, validation.take(VALIDATED).tokens
    keras.utils.set_random_seed(seed)
    epochs = SETTINGS["word_epochs"]
    updates = epochs * (len(train) // (32 * 64))
    words = pretraining.word_model(SETTINGS["units"], SETTINGS["units"], corpus.num_words, steps=updates)
    kept = files.cache_folder() / f"words-{corpus.sha256[:8]}-{epochs}-s{seed}.weights.h5"
    if kept.is_file() and seed in [told["seed"] for told in made["words"]]:
        words.load_weights(kept)
        return words
    losses = pretraining.train_words(words, train, epochs)
    kept.parent.mkdir(parents=True, exist_ok=True)
    words.save_weights(kept)
    told = {
        "seed": seed, "training_perplexity": [rounded(np.exp(loss), 5) for loss in losses],
        "validation_perplexity": rounded(pretraining.word_perplexity(words, validation), 5),
        "cpu_seconds": round(time.process_time() - began, 1),
    }  # fmt: skip
    print(told, flush=True)
    made["words"] = [*(other for other in made["words"] if other["seed"] != seed), told]
    store.write_measurement(NAME, made)
    return words


def unigram_perplexity(corpus):
    """The same for counting single words, of which each has one more than was seen: what the word model has to beat."""
    train, validation = corpus.train.split()
    train, validation = train.tokens, validation.take(VALIDATED).tokens
    counts = np.bincount(train, minlength=corpus.num_words) + 1
    return rounded(np.exp(-np.log(counts / counts.sum())[validation].mean()), 5)


def judged(corpus, start, labels, seed, rate, words=None):
    """Train one classifier; what is recorded of it. The test reviews are read once, at the epoch of the lowest validation loss."""
    import keras

    from ..networks import models, pretraining, training

    size, epochs = BUDGETS[labels], EPOCHS[labels] * MORE.get(start, 1)
    corpus = dataclasses.replace(corpus, train=corpus.train.take(size)) if size else corpus
    units, way = SETTINGS["units"], {"maxlen": SETTINGS["maxlen"], "fast": True}
    keras.utils.set_random_seed(seed)
    shape = {"num_words": corpus.num_words, "embedding": units, "learning_rate": rate}
    if start == "averaged":
        model = models.dense(units, **shape)
    else:
        model = models.recurrent_classifier("lstm", units, mask_zero=True, **shape)
    if start == "pretrained":
        pretraining.start_from(model, words)
    best = {"loss": np.inf, "epoch": 0, "weights": []}

    class Best(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if logs["val_loss"] < best["loss"]:
                best.update(loss=logs["val_loss"], epoch=epoch + 1, weights=self.model.get_weights())

    began = time.process_time()
    history = training.fit(model, corpus, epochs, seed=seed, callbacks=[Best()], **way).history
    model.set_weights(best["weights"])
    return {
        "start": start, "labels": labels, "seed": seed, "rate": rate, "epochs": epochs, "best_epoch": best["epoch"],
        "parameters": model.count_params(), "training": [rounded(a) for a in history["accuracy"]],
        "validation": [rounded(a) for a in history["val_accuracy"]], "validation_loss": rounded(best["loss"]),
        "test_accuracy": rounded(training.evaluate(model, corpus.test, **way)[1]),
        "cpu_seconds": round(time.process_time() - began, 1),
    }  # fmt: skip


def best_rate(made, start, labels):
    """The learning rate with the lowest validation loss of seed 0."""
    tried = [row for row in made["rates"] if (row["start"], row["labels"]) == (start, labels)]
    return min(tried, key=lambda row: row["validation_loss"])["rate"]


def load():
    """What is recorded. Raises RecordError."""
    return store.measurement(NAME)


def add_pretraining(parser):
    """The arguments of `pretraining`; returns what runs it."""
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="default: %(default)s")
    parser.add_argument("--runs", type=int, help="stop after so many pieces; the same command goes on from there")
    return _run


def _run(options):
    from . import pool

    pool.prepare("jax")
    corpus = reviews.load("imdb", num_words=SETTINGS["num_words"])
    try:
        made = load()
    except RecordError:
        made = {
            "settings": SETTINGS,
            "unigram_perplexity": unigram_perplexity(corpus),
            "words": [],
            "rates": [],
            "rows": [],
        }
    if made["settings"] != SETTINGS or made.get("data_sha256", corpus.sha256) != corpus.sha256:
        raise RecordError(
            f"{NAME}.json was recorded with other settings or other reviews: remove it before you record again."
        )
    made |= {"data_sha256": corpus.sha256, "versions": files.versions(), "processor": files.processor()}
    for start, labels, seed, rate in missing(made, options.seeds)[: options.runs]:
        chosen = rate or best_rate(made, start, labels)
        tried = [row for row in made["rates"] if _which(row) == (start, labels, seed) and row["rate"] == chosen]
        if tried:  # the trial of the best rate is the run of its seed
            row = tried[0]
        else:
            words = read_first(corpus, seed, made) if start == "pretrained" else None
            row = judged(corpus, start, labels, seed, chosen, words)
        print(row, flush=True)
        made["rates" if rate else "rows"].append(row)
        store.write_measurement(NAME, made)


def missing(made, seeds):
    """What is not recorded yet, as (start, labels, seed, rate): first the rates to try, then, with rate None, the runs."""

    tried, done = [(*_which(row), row["rate"]) for row in made["rates"]], [_which(row) for row in made["rows"]]
    wanted = []
    for labels in BUDGETS:
        wanted += [(start, labels, 0, rate) for start in STARTS for rate in RATES]
        wanted += [(start, labels, seed, None) for seed in range(seeds) for start in STARTS]
    return [one for one in wanted if one not in tried and one[:3] not in (done if one[3] is None else [])]


def _which(row):
    return row["start"], row["labels"], row["seed"]
