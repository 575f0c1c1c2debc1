"""Bags of words, and masks at test: features, fits, and what they must equal."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from rnnbook import reviews
from rnnbook.laboratory.studies import baselines, masked
from rnnbook.networks import bags, weights


def test_words_and_pairs_are_counted_within_each_review():
    some = reviews.Reviews.from_lists([[1, 5, 6, 5, 6], [6, 5], [5, 6, 5]], [1, 0, 1])
    matrix, vocabulary = bags.counts(some)
    pair = {f: k for k, f in enumerate(vocabulary.tolist())}
    assert matrix.toarray()[:, pair[5]].tolist() == [2, 1, 2]
    assert matrix.toarray()[:, pair[6 * 2**16 + 6]].tolist() == [2, 0, 1]  # 5 6, three times in all
    assert 7 * 2**16 + 5 in pair  # 6 5: once in each
    assert 2 * 2**16 + 5 not in pair  # 1 5: too rare; and the end of one review makes no pair with the next
    other, _ = bags.counts(reviews.Reviews.from_lists([[9, 5, 6]], [0]), vocabulary)
    assert other.sum() == 3  # the word 9 is not known


def test_tf_idf_rows_have_length_one_and_ratios_point_the_right_way():
    some = reviews.Reviews.from_lists([[5, 5, 6], [5, 7], [6, 7, 7], [5, 8]], [1, 1, 0, 1])
    matrix, vocabulary = bags.counts(some, pairs=False)
    weighed = bags.tf_idf(matrix)(matrix)
    assert np.sqrt((weighed.toarray() ** 2).sum(axis=1)) == pytest.approx(1)
    ratios = bags.naive_bayes_ratios(matrix, some.labels)(matrix).toarray().sum(axis=0)
    assert ratios[vocabulary.tolist().index(5)] > 0 > ratios[vocabulary.tolist().index(7)]


def test_bags_read_what_the_networks_read(monkeypatch):
    """The last 500 words of a review; what stands before them changes nothing."""
    monkeypatch.setattr(bags, "STRENGTHS", (1.0,))
    rng = np.random.default_rng(0)
    ends = [rng.integers(4, 30, 500).tolist() for _ in range(40)]

    def found(begins):
        some = reviews.Reviews.from_lists([[*begin, *end] for begin, end in zip(begins, ends)], [0, 1] * 20)
        corpus = reviews.Corpus("sample", some, some, 10_000, "0" * 64, dict)
        known, positive = baselines.bag_of_words(corpus, "tf-idf", "pairs")
        return known["features"], positive.tolist()

    assert found([[]] * 40) == found([[7, 8, 9] * (30 * (k % 2)) for k in range(40)])


def test_logistic_regression_ends_where_the_gradient_is_nought():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 3))
    labels = (X @ [2, -1, 0] + rng.normal(size=80) > 0).astype(int)
    w, b = bags.logistic_regression(X, labels, 1.0)

    def loss(parameters):
        p = 1 / (1 + np.exp(-(X @ parameters[:3] + parameters[3])))
        return -np.mean(np.log(np.where(labels == 1, p, 1 - p))) + parameters[:3] @ parameters[:3] / 160

    assert np.abs(approx_fprime(np.append(w, b), loss, 1e-6)).max() < 1e-4
    assert w[0] > 1 > 0 > w[1]


def test_masks_that_drop_nothing_change_no_verdict():
    rng = np.random.default_rng(1)
    some = reviews.Reviews.from_lists([[1, *rng.integers(4, 9000, n)] for n in rng.integers(3, 90, 60)], [0, 1] * 30)
    whole = weights.verdicts(weights.load("dropout"), some)
    for positive in baselines.masked_verdicts(some, masks=3, rate=0.0).values():
        assert (positive == whole).all()
    always = weights.load("dropout") | {"c": np.array([9.0], "float32")}
    assert set(masked.ways(always, some).values()) == {0.5}  # all positive, half of them right
    dropped = baselines.masked_verdicts(some, masks=3, rate=0.5)["dropout, one mask"]
    assert (dropped != whole).any()
