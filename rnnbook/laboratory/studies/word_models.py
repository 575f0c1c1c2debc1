"""What begins the classifiers of `pretraining`: word models, and word vectors that others have learned. The models stand beside
counts of single words, pairs and triples.

The models read the training reviews without their labels; the loss looks at every eighth word. A longer one is asked for every word once.
"""

from __future__ import annotations

import functools

import numpy as np

from ... import files, reviews
from ...text import vectors
from ..record import rounded
from ..study import Picture, Study

SETTINGS = {"num_words": 5_000, "units": 64, "word_epochs": 1, "longer_word_epochs": 8, "validated": 1_000}  # reviews
SEEDS = {False: range(5), True: range(10)}  # of the longer ones more
ORDERS = 1, 2, 3


def corpus():
    """The reviews, with the most frequent words only."""
    return reviews.load("imdb", num_words=SETTINGS["num_words"])


def cases(rows):
    """Networks; counts of all words; pairs counted on as few words as a word model is asked for in one pass; lent vectors."""
    networks = [{"part": "network", "longer": longer, "seed": s} for longer, seeds in SEEDS.items() for s in seeds]
    counts = [{"part": "counts", "order": order, "few": False} for order in ORDERS]
    return [*networks, *counts, {"part": "counts", "order": 2, "few": True}, {"part": "vectors"}]


def measure(case):
    """Perplexities of one network or count on validation reviews; of the vectors, how many words have one and what is left of them."""
    if case["part"] == "vectors":
        _, known, left = lent_vectors(corpus())
        return {"source": vectors.URL, "sha256": vectors.SHA256, "known": int(known.sum()), "variance": rounded(left)}
    if case["part"] == "counts":
        return counted(corpus(), case["order"], case["few"])
    return read_first(corpus(), case["longer"], case["seed"])[1]


def parts(some):
    """The tokens that are learned from, and those on which is measured."""
    train, validation = some.train.split()
    return train.tokens, validation.take(SETTINGS["validated"]).tokens


def counted(some, order, few=False):
    """The perplexity of a count with Kneser–Ney smoothing; single words have each one more than was seen."""
    from ...networks.pretraining import EVERY
    from ...text import ngrams

    train, validation = parts(some)
    learned = train[: len(train) // EVERY] if few else train
    if order == 1:
        counts = np.bincount(learned, minlength=some.num_words) + 1
        probability = (counts / counts.sum())[validation]
    else:
        probability = ngrams.KneserNey(order, some.num_words).fit(learned).of_each(validation)
    return {"words": len(learned), "of": len(train), "perplexity": rounded(np.exp(-np.log(probability).mean()), 5)}


def lent_vectors(some):
    """GloVe's vectors for the tokens of a corpus, narrowed to the embedding: (vectors, which tokens have one, share of variance left)."""
    word_of = reviews.word_of(some.word_index)
    return _narrowed(tuple(word_of.get(token, "") for token in range(some.num_words)), SETTINGS["units"])


@functools.lru_cache(maxsize=1)  # every run of a start asks for the same
def _narrowed(words, width):
    found, known = vectors.glove(list(words))
    narrow, left = vectors.narrowed(found, known, width)
    return narrow, known, left


def word_model(some, longer, seed):
    """The word model of a seed: from the cache, or trained now."""
    model, kept = _fresh(some, longer, seed)
    if not kept.is_file():
        return read_first(some, longer, seed)[0]
    model.load_weights(kept)
    return model


def read_first(some, longer, seed):
    """Train a word model and keep it in the cache; returns it with what is recorded of it."""
    from ...networks import pretraining

    model, kept = _fresh(some, longer, seed)
    train, validation = parts(some)
    losses = pretraining.train_words(model, train, _epochs(longer))
    kept.parent.mkdir(parents=True, exist_ok=True)
    model.save_weights(kept)
    return model, {
        "training_perplexity": [rounded(np.exp(loss), 5) for loss in losses],
        "perplexity": rounded(pretraining.word_perplexity(model, validation), 5),
    }


def _fresh(some, longer, seed):
    import keras

    from ...networks import pretraining

    keras.utils.set_random_seed(seed)
    units, epochs = SETTINGS["units"], _epochs(longer)
    model = pretraining.word_model(units, units, some.num_words, steps=epochs * (len(parts(some)[0]) // (32 * 64)))
    return model, files.cache_folder() / f"words-{some.sha256[:8]}-{epochs}-s{seed}.weights.h5"


def _epochs(longer):
    return SETTINGS["longer_word_epochs" if longer else "word_epochs"]


STUDY = Study(
    question="How well does a small LSTM guess the next word of a review?",
    chapter=12,
    cases=cases,
    measure=measure,
    settings=SETTINGS,
    data=lambda: corpus().sha256,
    picture=Picture("perplexity", by=("part", "longer", "order")),
    limits="One size; the loss looks at every eighth word, counts look at all.",
    backend="jax",
)
