"""Does reading first help to judge? Chapter 12's answer, recorded (Dai & Le, 2015): `python -m rnnbook pretraining`.

A model of words reads the training reviews without their labels. Then its embedding and its LSTM begin a classifier of
reviews, beside the same classifier from scratch and beside averaged embeddings, with few labels. Both LSTMs judge by their last
state, or by the mean of all their states. A model that reads longer is asked for every word once. Word vectors that others have
learned begin some classifiers; the control has the same vectors, dealt to the wrong words. The validation reviews choose the
learning rate of each start, as `choice` says, and the epoch of each run. Beside them stand probes: a logistic regression on the
states of a word model that learns nothing more, and of the same network before it has read anything. The word models stand
beside counts of words, pairs and triples.
What is missing is added to recorded/measurements/pretraining.json, run by run.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import time

import numpy as np

from .. import files, reviews
from ..text import ngrams, vectors
from . import baselines, store
from .choice import Choice
from .record import rounded

NAME = "pretraining"
SEEDS = range(5)
RATES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)  # of RMSprop at the start; it falls to zero
CHOICE = Choice(RATES, SEEDS[0], lambda row: 1 - max(row["validation"]))
STARTS = (
    "averaged", "scratch", "pretrained", "scratch_mean", "pretrained_mean",
    "vectors_averaged", "vectors", "vectors_dealt_averaged", "pretrained_longer", "pretrained_longer_mean",
)  # fmt: skip
MORE_SEEDS = range(10)  # of the starts whose rates five seeds left to a coin, and of those that are compared with them
OF_MORE_SEEDS = (
    "averaged", "scratch", "scratch_mean", "vectors_averaged", "vectors", "vectors_dealt_averaged",
    "pretrained_longer", "pretrained_longer_mean",
)  # fmt: skip
PROBED = (
    "pretrained", "pretrained_mean", "pretrained_longer", "pretrained_longer_mean", "untrained", "untrained_mean",
)  # fmt: skip
ORDERS = 2, 3  # of the counts that the word models stand beside
STRENGTHS = (0.01, 0.1, 1.0, 10.0)  # of the probes' logistic regression, chosen on validation
SETTINGS = {
    "num_words": 5_000, "units": 64, "maxlen": 100, "word_epochs": 1, "longer_word_epochs": 8, "epochs": 40,
    "labelled": 2_500,  # reviews, of which a fifth validates
    "validated": 1_000,  # reviews on which the word models are measured
}  # fmt: skip


def read_first(corpus, start, seed, made):
    """The word model of this start and seed: trained, recorded in ``made`` and kept in the cache, or from there."""
    import keras

    from ..networks import pretraining

    began = time.process_time()
    train, validation = word_parts(corpus)
    keras.utils.set_random_seed(seed)
    longer = "longer" in start
    kind, epochs = ("words_longer", SETTINGS["longer_word_epochs"]) if longer else ("words", SETTINGS["word_epochs"])
    updates = epochs * (len(train) // (32 * 64))
    words = pretraining.word_model(SETTINGS["units"], SETTINGS["units"], corpus.num_words, steps=updates)
    kept = files.cache_folder() / f"words-{corpus.sha256[:8]}-{epochs}-s{seed}.weights.h5"
    if kept.is_file() and seed in [told["seed"] for told in made[kind]]:
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
    made[kind] = [*(other for other in made[kind] if other["seed"] != seed), told]
    store.write_measurement(NAME, made)
    return words


def word_parts(corpus):
    """The tokens that the word models learn from, and those on which they are measured."""
    train, validation = corpus.train.split()
    return train.tokens, validation.take(SETTINGS["validated"]).tokens


def perplexity(probability):
    """The perplexity of words that were given these probabilities."""
    return rounded(np.exp(-np.log(probability).mean()), 5)


def unigram_perplexity(corpus):
    """The same for counting single words, of which each has one more than was seen: what the word model has to beat."""
    train, validation = word_parts(corpus)
    counts = np.bincount(train, minlength=corpus.num_words) + 1
    return perplexity((counts / counts.sum())[validation])


def counted_perplexities(corpus):
    """The same for counting pairs and triples of words, with Kneser–Ney smoothing, by order."""
    train, validation = word_parts(corpus)
    counts = {order: ngrams.KneserNey(order, corpus.num_words).fit(train) for order in ORDERS}
    return {str(order): perplexity(model.of_each(validation)) for order, model in counts.items()}


def counted_on_as_few(corpus):
    """Pairs counted on the first part of the text alone, as many words as a word model is asked for in one pass."""
    from ..networks.pretraining import EVERY

    train, validation = word_parts(corpus)
    few = train[: len(train) // EVERY]
    pairs = ngrams.KneserNey(2, corpus.num_words).fit(few)
    return {"words": len(few), "of": len(train), "perplexity": perplexity(pairs.of_each(validation))}


def lent_vectors(corpus):
    """GloVe's vectors for the tokens of a corpus, narrowed to the embedding: (vectors, which tokens have one, share of variance left)."""
    word_of = reviews.word_of(corpus.word_index)
    return _narrowed(tuple(word_of.get(token, "") for token in range(corpus.num_words)), SETTINGS["units"])


@functools.lru_cache(maxsize=1)  # every run of a start asks for the same
def _narrowed(words, width):
    found, known = vectors.glove(list(words))
    narrow, left = vectors.narrowed(found, known, width)
    return narrow, known, left


def classifier(start, corpus, words=None, learning_rate=1e-3, seed=0):
    """The classifier of a start, with the layers of a word model where it has read, or with word vectors where they are lent."""
    from ..networks import models, pretraining

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
        narrow, known, _ = lent_vectors(corpus)
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

    from ..networks import training

    epochs, way = SETTINGS["epochs"], {"maxlen": SETTINGS["maxlen"], "fast": True}
    corpus = labelled(corpus)
    keras.utils.set_random_seed(seed)
    updates = epochs * -(-len(corpus.train.split()[0]) // 128)
    model = classifier(start, corpus, words, keras.optimizers.schedules.CosineDecay(rate, updates), seed)  # pyright: ignore[reportArgumentType]
    best = keras.callbacks.EarlyStopping("val_accuracy", mode="max", patience=epochs, restore_best_weights=True)

    began = time.process_time()
    history = training.fit(model, corpus, epochs, seed=seed, callbacks=[best], **way).history
    return {
        "start": start, "seed": seed, "learning_rate": rate, "epochs": epochs, "best_epoch": best.best_epoch + 1,
        "parameters": model.count_params(), "training": [rounded(a) for a in history["accuracy"]],
        "validation": [rounded(a) for a in history["val_accuracy"]],
        "test_accuracy": rounded(training.evaluate(model, corpus.test, **way)[1]),
        "cpu_seconds": round(time.process_time() - began, 1),
    }  # fmt: skip


def labelled(corpus):
    """The corpus with the few labelled reviews that the classifiers learn from."""
    return dataclasses.replace(corpus, train=corpus.train.take(SETTINGS["labelled"]))


def probed(corpus, start, seed, words=None):
    """A logistic regression on states, the last or their mean: of the word model as it is, or of a network as drawn.

    Returns what is recorded of it.
    """
    import keras

    corpus = labelled(corpus)
    keras.utils.set_random_seed(seed)
    model = classifier(start, corpus, words)
    states = keras.Model(model.inputs, model.layers[-2].output)
    sides = []
    for some in (*corpus.train.split(), corpus.test):
        tokens = some.padded(SETTINGS["maxlen"])
        sides.append((states.predict(tokens, batch_size=500, verbose=0), some.labels))  # pyright: ignore[reportArgumentType]
    (X, labels), held_out, tested = sides
    mean, spread = X.mean(axis=0), X.std(axis=0) + 1e-6
    fits = [baselines.logistic_regression((X - mean) / spread, labels, strength) for strength in STRENGTHS]

    def right(fit, states, labels):
        return float(np.mean(((states - mean) / spread @ fit[0] + fit[1] > 0) == labels))

    best = max(fits, key=lambda fit: right(fit, *held_out))
    return {
        "start": start, "seed": seed, "validation": rounded(right(best, *held_out)),
        "test_accuracy": rounded(right(best, *tested)),
    }  # fmt: skip


def has_read(start):
    """Whether this start takes over the layers of a word model."""
    return start.startswith("pretrained")


def seeds_of(start):
    """The seeds with which a start is recorded."""
    return MORE_SEEDS if start in OF_MORE_SEEDS else SEEDS


def of_starts(rows):
    """The rows of each start."""
    return {start: [row for row in rows if row["start"] == start] for start in STARTS}


def load():
    """What is recorded. Raises RecordError."""
    return store.measurement(NAME)


def add_pretraining(parser):
    """The arguments of `pretraining`; returns what runs it."""
    parser.add_argument(
        "--start", action="append", choices=STARTS, help="this start only; may be given again (default: all)"
    )
    return _run


def _run(options):
    from . import environment

    environment.prepare("jax")
    corpus = reviews.load("imdb", num_words=SETTINGS["num_words"])
    made = store.begin(
        NAME, {"unigram_perplexity": unigram_perplexity(corpus), "words": [], "probes": [], "rows": []},
        settings=SETTINGS, rates=list(RATES), data_sha256=corpus.sha256, versions=files.versions(),
        processor=files.processor(),
    )  # fmt: skip
    made.setdefault("words_longer", [])
    starts = options.start or STARTS
    for start in starts:
        while missing := CHOICE.missing({start: of_starts(made["rows"])[start]}, seeds_of(start)):
            _, seed, rate = missing[0]
            words = read_first(corpus, start, seed, made) if has_read(start) else None
            made["rows"].append(judged(corpus, start, seed, rate, words))
            CHOICE.choose(of_starts(made["rows"])[start])
            _write(made, "rows")
    if "counted_perplexities" not in made:
        made["counted_perplexities"] = counted_perplexities(corpus)
        store.write_measurement(NAME, made)
    if "counted_on_as_few" not in made:
        made["counted_on_as_few"] = counted_on_as_few(corpus)
        store.write_measurement(NAME, made)
    if "lent" not in made:
        _, known, left = lent_vectors(corpus)
        made["lent"] = {
            "source": vectors.URL, "sha256": vectors.SHA256, "words": int(known.sum()), "variance": rounded(left),
        }  # fmt: skip
        store.write_measurement(NAME, made)
    probed_before = [(row["start"], row["seed"]) for row in made["probes"]]
    for start, seed in itertools.product(PROBED, SEEDS):
        if (start, seed) not in probed_before and (start in starts or options.start is None):
            words = read_first(corpus, start, seed, made) if has_read(start) else None
            made["probes"].append(probed(corpus, start, seed, words))
            _write(made, "probes")


def _write(made, kind):
    store.write_measurement(NAME, made)
    print(kind, {k: v for k, v in made[kind][-1].items() if not isinstance(v, list)}, flush=True)
