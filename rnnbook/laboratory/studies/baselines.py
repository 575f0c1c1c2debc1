"""Bags of words, and what the shipped networks say: the verdicts of each on every test review.

A bag of words has no random start, so one fit is all there is; what remains uncertain is the choice of the test reviews,
and that is why the verdicts themselves are kept.
"""

from __future__ import annotations

import time

import numpy as np

from ... import reviews
from ...networks import bags, weights
from ..record import packed, rounded
from ..study import Picture, Study

MAXLEN = 500
MASKS, RATE = 16, 0.2
BAGS = ("tf-idf", "tf-idf, pairs", "nb-svm", "nb-svm, pairs")
MASKED = ("dropout, one mask", f"dropout, mean of {MASKS} masks")


def measure(case):
    """One row: the verdicts on all test reviews, and the share that is right."""
    corpus, model = reviews.load("imdb"), case["model"]
    more = {}
    if model in BAGS:
        more, positive = bag_of_words(corpus, *model.partition(", ")[::2])
    elif model in MASKED:
        positive = masked_verdicts(corpus.test)[model]
    else:
        positive = weights.verdicts(weights.load(model), corpus.test, maxlen=MAXLEN)
    accuracy = rounded(np.mean(positive == corpus.test.labels))
    return more | {"test_accuracy": accuracy, "predictions": packed(positive), "data_sha256": corpus.sha256}


def bag_of_words(corpus, name, pairs=""):
    """(what is known of the fit, which test reviews it calls positive): "tf-idf" or "nb-svm", on words or also "pairs"."""
    started = time.process_time()
    train, validation = (last_words(part) for part in corpus.train.split())
    matrix, vocabulary = bags.counts(train, pairs=bool(pairs))
    weigh = bags.tf_idf(matrix) if name == "tf-idf" else bags.naive_bayes_ratios(matrix, train.labels)
    X, held_out = weigh(matrix), weigh(bags.counts(validation, vocabulary, bool(pairs))[0])
    fits = {strength: bags.logistic_regression(X, train.labels, strength) for strength in bags.STRENGTHS}
    scores = {
        strength: float(np.mean((held_out @ w + b > 0) == validation.labels)) for strength, (w, b) in fits.items()
    }
    strength = max(scores, key=lambda s: scores[s])
    w, b = fits[strength]
    positive = weigh(bags.counts(last_words(corpus.test), vocabulary, bool(pairs))[0]) @ w + b > 0
    known = {"features": len(vocabulary), "strength": strength, "best_val_accuracy": rounded(scores[strength])}
    return known | {"seconds": rounded(time.process_time() - started, 3)}, positive


def last_words(some, most=MAXLEN):
    """The same reviews cut to their last `most` words, as the networks read them."""
    return reviews.Reviews.from_lists([review[-most:] for review in some], some.labels)


def masked_verdicts(some, masks=MASKS, rate=RATE):
    """{model: which reviews it calls positive}: the shipped network with dropout, tested with its masks on.

    The first draws one mask for each review, as in training; the other averages the probabilities over all masks (Gal &
    Ghahramani, 2016).
    """
    answers = weights.masked_probabilities(weights.load("dropout"), some.padded(MAXLEN), masks, rate)
    return dict(zip(MASKED, (answers[0] > 0.5, answers.mean(axis=0) > 0.5), strict=True))


STUDY = Study(
    question="On the same test reviews, is a bag of words as good as a recurrent network?",
    chapter=10,
    cases=lambda rows: [{"model": model} for model in (*BAGS, *weights.ARCHITECTURES, *MASKED)],
    measure=measure,
    data=lambda: reviews.load("imdb").sha256,
    picture=Picture("test_accuracy", by="model"),
    limits="One fit or one shipped network of each model: other starts are not in the intervals, other reviews are.",
)
