"""Does reading first help to judge? Chapter 12's answer, recorded (Dai & Le, 2015): `python -m rnnbook pretraining`.

A model of words reads the training reviews without their labels. Then its embedding and its LSTM begin a classifier of
reviews, beside the same classifier from scratch and beside averaged embeddings, with few labels. Both LSTMs judge by their last
state, or by the mean of all their states. Each start tries some learning rates with seed 0, and the validation reviews choose.
Each trains until its validation loss has stopped to fall. What is missing is added to recorded/measurements/pretraining.json,
run by run.
"""

from __future__ import annotations

import dataclasses
import itertools
import time

import numpy as np

from .. import files, reviews
from . import store
from .record import rounded

NAME = "pretraining"
SEEDS = range(5)
RATES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
# How each start begins, and for how many epochs it trains: those that learn slowly have more.
EPOCHS = {"averaged": 60, "scratch": 20, "pretrained": 100, "scratch_mean": 40, "pretrained_mean": 60}
SETTINGS = {
    "num_words": 5_000, "units": 64, "maxlen": 100, "word_epochs": 1, "epochs": EPOCHS,
    "labelled": 2_500,  # reviews, of which a fifth validates
    "validated": 1_000,  # reviews on which the word models are measured
}  # fmt: skip


def read_first(corpus, seed, made):
    """The word model of this seed: trained, recorded in ``made`` and kept in the cache, or from there."""
    import keras

    from ..networks import pretraining

    began = time.process_time()
    train, validation = corpus.train.split()
    train, validation = train.tokens, validation.take(SETTINGS["validated"]).tokens
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
    train, validation = train.tokens, validation.take(SETTINGS["validated"]).tokens
    counts = np.bincount(train, minlength=corpus.num_words) + 1
    return rounded(np.exp(-np.log(counts / counts.sum())[validation].mean()), 5)


def judged(corpus, start, seed, rate, words=None):
    """Train one classifier; what is recorded of it. The test reviews are read once, at the epoch of the lowest validation loss."""
    import keras

    from ..networks import models, pretraining, training

    epochs = EPOCHS[start]
    corpus = dataclasses.replace(corpus, train=corpus.train.take(SETTINGS["labelled"]))
    units, way = SETTINGS["units"], {"maxlen": SETTINGS["maxlen"], "fast": True}
    keras.utils.set_random_seed(seed)
    shape = {"num_words": corpus.num_words, "embedding": units, "learning_rate": rate}
    if start == "averaged":
        model = models.dense(units, **shape)
    else:
        pooling = "mean" if start.endswith("mean") else "last"
        model = models.recurrent_classifier("lstm", units, mask_zero=True, pooling=pooling, **shape)
    if has_read(start):
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
        "start": start, "seed": seed, "rate": rate, "epochs": epochs, "best_epoch": best["epoch"],
        "parameters": model.count_params(), "training": [rounded(a) for a in history["accuracy"]],
        "validation": [rounded(a) for a in history["val_accuracy"]], "validation_loss": rounded(best["loss"]),
        "test_accuracy": rounded(training.evaluate(model, corpus.test, **way)[1]),
        "cpu_seconds": round(time.process_time() - began, 1),
    }  # fmt: skip


def has_read(start):
    """Whether this start takes over the layers of a word model."""
    return start.startswith("pretrained")


def best_rate(made, start):
    """The learning rate with the lowest validation loss of seed 0."""
    tried = [row for row in made["rates"] if row["start"] == start]
    return min(tried, key=lambda row: row["validation_loss"])["rate"]


def load():
    """What is recorded. Raises RecordError."""
    return store.measurement(NAME)


def add_pretraining(parser):
    """The arguments of `pretraining`; returns what runs it."""
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="default: %(default)s")
    return _run


def _run(options):
    from . import pool

    pool.prepare("jax")
    corpus = reviews.load("imdb", num_words=SETTINGS["num_words"])
    made = store.begin(
        NAME, {"unigram_perplexity": unigram_perplexity(corpus), "words": [], "rates": [], "rows": []}, settings=SETTINGS,
        data_sha256=corpus.sha256, versions=files.versions(), processor=files.processor(),
    )  # fmt: skip
    for start, rate in untried(made):
        made["rates"].append(_judged(corpus, made, start, 0, rate))
        store.write_measurement(NAME, made)
    best = {start: best_rate(made, start) for start in EPOCHS}
    made["rows"] = [
        row for row in made["rows"] if row["rate"] == best[row["start"]]
    ]  # another rate may have turned out best
    for start, seed in missing(made, options.seeds):
        tried = [row for row in made["rates"] if (row["start"], row["seed"], row["rate"]) == (start, seed, best[start])]
        made["rows"].append(tried[0] if tried else _judged(corpus, made, start, seed, best[start]))
        store.write_measurement(NAME, made)


def untried(made):
    """The rates that are not tried yet, as (start, rate)."""
    tried = [(row["start"], row["rate"]) for row in made["rates"]]
    return [one for one in itertools.product(EPOCHS, RATES) if one not in tried]


def missing(made, seeds):
    """The runs that are not recorded yet, as (start, seed)."""
    done = [(row["start"], row["seed"]) for row in made["rows"]]
    return [(start, seed) for seed in range(seeds) for start in EPOCHS if (start, seed) not in done]


def _judged(corpus, made, start, seed, rate):
    row = judged(corpus, start, seed, rate, read_first(corpus, seed, made) if has_read(start) else None)
    print(row, flush=True)
    return row
