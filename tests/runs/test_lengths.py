"""Right answers by the length of the review: every review in one group, and the groups as a count by hand gives them."""

import numpy as np
import pytest

from rnnbook import runs
from rnnbook.runs import lengths, store


class Corpus:
    sha256 = "a"

    class test:
        lengths = np.array([5, 120, 121, 200, 201, 400, 401, 900])
        labels = np.array([1, 0, 1, 0, 1, 0, 1, 0], bool)

        def __len__(self):
            return 8

    test = test()


def test_every_review_is_in_one_group():
    inside = lengths.groups(lengths.labels(Corpus))
    assert inside.sum(axis=0).tolist() == [1] * 8
    assert inside.argmax(axis=0).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_groups_together_give_the_recorded_accuracy(real_corpus):
    truth = store.measurement("test_labels")
    assert truth == lengths.labels(real_corpus)
    sizes = lengths.groups(truth).sum(axis=1)
    made, found = runs.load("tuned"), runs.by_length("tuned")
    together = found[list(lengths.GROUPS)].to_numpy() @ sizes / sizes.sum()
    assert together == pytest.approx(made.test_accuracy.to_numpy(), abs=1e-5)
    np.testing.assert_allclose(found.beyond_400_less_to_120, found.right_beyond_400 - found.right_to_120)
