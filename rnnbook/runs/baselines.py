"""Bags of words, and what the shipped networks say: the verdicts of each on every test review.

A bag of words has no random start, so one fit is all there is; what remains uncertain is the choice of the test reviews,
and that is why the verdicts themselves are kept. `python -m rnnbook baselines` makes both measurements, in minutes.
"""

from __future__ import annotations

import time

import numpy as np

from .. import files, reviews
from . import lengths, store
from .record import packed, rounded

STRENGTHS = (
    0.01,
    0.1,
    1.0,
    10.0,
    100.0,
    1000.0,
)  # inverse weights of the penalty to choose from, on the validation reviews
MAXLEN = 500
MASKS = 16
RAREST = 3  # a pair of words counts if the training reviews have it at least so often


def counts(some, vocabulary=None, pairs=True):
    """(matrix, vocabulary): how often each word, and each pair of neighbours, occurs in each review.

    some: Reviews. vocabulary: the features (features,) int64 that count, sorted; None: those of these reviews, pairs that
    occur at least `RAREST` times. matrix: (samples, features) ``scipy.sparse.csr_array``. A pair of tokens a, b is the
    number a * 2**16 + b + 2**16; a single token is itself.
    """
    from scipy import sparse

    tokens = some.tokens.astype(np.int64)
    rows = np.repeat(np.arange(len(some)), some.lengths)
    features = tokens
    if pairs:
        together = rows[1:] == rows[:-1]
        features = np.concatenate([tokens, ((tokens[:-1] + 1) * 2**16 + tokens[1:])[together]])
        rows = np.concatenate([rows, rows[1:][together]])
    if vocabulary is None:
        vocabulary, often = np.unique(features, return_counts=True)
        vocabulary = vocabulary[(often >= RAREST) | (vocabulary < 2**16)]
    columns = np.searchsorted(vocabulary, features).clip(max=len(vocabulary) - 1)
    known = vocabulary[columns] == features
    matrix = sparse.coo_array(
        (np.ones(known.sum()), (rows[known], columns[known])), shape=(len(some), len(vocabulary))
    ).tocsr()
    return matrix, vocabulary


def tf_idf(train):
    """What turns counts into TF-IDF rows of length one, with document frequencies of the training reviews."""
    from scipy import sparse

    rarity = np.log((1 + train.shape[0]) / (1 + (train > 0).sum(axis=0))) + 1

    def weigh(matrix):
        weighed = matrix @ sparse.diags_array(rarity)
        return sparse.diags_array(1 / np.maximum(np.sqrt(weighed.power(2).sum(axis=1)), 1e-12)) @ weighed

    return weigh


def naive_bayes_ratios(train, labels, smoothing=1.0):
    """What turns counts into log-count ratios of the words that occur (Wang & Manning, 2012)."""
    from scipy import sparse

    occurs = (train > 0).astype(float)
    positive, negative = (smoothing + occurs[labels == y].sum(axis=0) for y in (1, 0))
    ratio = np.log((positive / positive.sum()) / (negative / negative.sum()))
    return lambda matrix: (matrix > 0).astype(float) @ sparse.diags_array(ratio)


def logistic_regression(X, labels, strength):
    """(weights, bias) of least mean cross-entropy plus |weights|² / (2 · strength · samples), by L-BFGS."""
    from scipy.optimize import minimize
    from scipy.special import expit

    signs = 2.0 * labels - 1

    def loss(parameters):
        w, b = parameters[:-1], parameters[-1]
        margin = signs * (X @ w + b)
        slope = -signs * expit(-margin) / len(signs)
        value = np.logaddexp(0, -margin).mean() + w @ w / (2 * strength * len(signs))
        return value, np.append(X.T @ slope + w / (strength * len(signs)), slope.sum())

    found = minimize(loss, np.zeros(X.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return found[:-1], found[-1]


def last_words(some, most=MAXLEN):
    """The same reviews cut to their last `most` words, as the networks read them."""
    return reviews.Reviews.from_lists([review[-most:] for review in some], some.labels)


def bag_of_words(corpus, name, pairs):
    """One row of the measurement: "tf-idf" or "nb-svm", on single words or also pairs of neighbours of the last 500."""
    started = time.process_time()
    train, validation = (last_words(part) for part in corpus.train.split())
    matrix, vocabulary = counts(train, pairs=pairs)
    weigh = tf_idf(matrix) if name == "tf-idf" else naive_bayes_ratios(matrix, train.labels)
    X, held_out = weigh(matrix), weigh(counts(validation, vocabulary, pairs)[0])
    fits = {strength: logistic_regression(X, train.labels, strength) for strength in STRENGTHS}

    def right(Z, labels, fit):
        return float(np.mean((Z @ fit[0] + fit[1] > 0) == labels))

    scores = {strength: right(held_out, validation.labels, fit) for strength, fit in fits.items()}
    strength = max(scores, key=lambda s: scores[s])
    fit, tested = fits[strength], weigh(counts(last_words(corpus.test), vocabulary, pairs)[0])
    return {
        "model": f"{name}{', pairs' if pairs else ''}",
        "seed": 0,
        "features": len(vocabulary),
        "strength": strength,
        "best_val_accuracy": rounded(scores[strength]),
        "test_accuracy": rounded(right(tested, corpus.test.labels, fit)),
        "predictions": packed(tested @ fit[0] + fit[1] > 0),
        "seconds": rounded(time.process_time() - started, 3),
    }


def verdicts(network, some, change=None):
    """Which reviews a network of `weights.load` calls positive, from their last 500 words, (samples,) bool.

    change: what is done to the token ids (samples, timesteps) before the network reads them.
    """
    from ..networks import weights

    lengths = np.minimum(some.lengths, MAXLEN)
    positive = np.zeros(len(some), bool)
    for length in np.unique(lengths):  # reviews of one length need no padding
        index = np.flatnonzero(lengths == length)
        tokens = np.stack([some[i][-MAXLEN:] for i in index])
        positive[index] = weights.probabilities(network, change(tokens) if change else tokens) > 0.5
    return positive


def _verdicts_of(model, positive, labels):
    accuracy = float(np.mean(positive == labels))
    return {"model": model, "seed": 0, "test_accuracy": rounded(accuracy), "predictions": packed(positive)}


def shipped(corpus, architecture):
    """One row of the measurement: the network that comes with the book, on the last 500 words of every test review."""
    from ..networks import weights

    return _verdicts_of(architecture, verdicts(weights.load(architecture), corpus.test), corpus.test.labels)


def masked_verdicts(corpus, masks=MASKS, rate=0.2):
    """Two rows of the measurement: the shipped network with dropout, tested with its masks on.

    "dropout, one mask" draws one mask for each review, as in training; "dropout, mean of 16 masks" averages the
    probabilities over as many (Gal & Ghahramani, 2016).
    """
    from ..networks import weights

    answers = weights.masked_probabilities(weights.load("dropout"), corpus.test.padded(MAXLEN), masks, rate)
    ways = {"one mask": answers[0], f"mean of {masks} masks": answers.mean(axis=0)}
    return [_verdicts_of(f"dropout, {way}", answer > 0.5, corpus.test.labels) for way, answer in ways.items()]


def add_baselines(parser):
    """The arguments of `baselines`, none; returns what runs it."""
    return _run


def _run(options):
    from ..networks import weights

    corpus = reviews.load("imdb")
    store.write_measurement("test_labels", lengths.labels(corpus))
    rows = []
    for name in ("tf-idf", "nb-svm"):
        for pairs in (False, True):
            rows.append(bag_of_words(corpus, name, pairs))
            print({key: value for key, value in rows[-1].items() if key != "predictions"}, flush=True)
    for architecture in weights.ARCHITECTURES:
        rows.append(shipped(corpus, architecture))
        print(architecture, rows[-1]["test_accuracy"], flush=True)
    rows += masked_verdicts(corpus)
    rows = [row | {"data_sha256": corpus.sha256} for row in rows]
    made = {"rows": rows, "processor": files.processor(), "versions": files.versions("scipy")}
    store.write_measurement("baselines", made)
