"""Bags of words: reviews as counts of their words and pairs of words, and the logistic regression that judges them."""

from __future__ import annotations

import numpy as np

STRENGTHS = (
    0.01,
    0.1,
    1.0,
    10.0,
    100.0,
    1000.0,
)  # inverse weights of the penalty, to choose from on validation reviews
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
    entries = (np.ones(known.sum()), (rows[known], columns[known]))
    return sparse.coo_array(entries, shape=(len(some), len(vocabulary))).tocsr(), vocabulary


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
