"""Right answers by the length of the review: every review in one group, and the groups as a count by hand gives them."""

import numpy as np
import pytest

from rnnbook import laboratory
from rnnbook.laboratory import lengths, record, store, study


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
    truth = store.rows("test_labels")[0]
    assert lengths.labels(real_corpus).items() <= truth.items()
    sizes = lengths.groups(truth).sum(axis=1)
    made = laboratory.records("tuned")
    found = lengths.by_length(made)
    together = found[list(lengths.GROUPS)].to_numpy() @ sizes / sizes.sum()
    assert together == pytest.approx(np.array([run.test_accuracy for run in made]), abs=1e-5)
    np.testing.assert_allclose(found.beyond_400_less_to_120, found.right_beyond_400 - found.right_to_120)


def test_each_recorded_accuracy_is_that_of_the_verdicts_that_were_kept():
    truth = store.rows("test_labels")[0]
    wanted = record.bits(truth["labels"], truth["reviews"])
    kept = [
        run for name in study.names() if study.get(name).runs for run in laboratory.records(name)
        if run.predictions and run.data_sha256 == truth["data_sha256"]
    ]  # fmt: skip
    told = [f"{run.study}, {run.config}, seed {run.seed}" for run in kept]
    right = [float((record.unpacked(run) == wanted).mean()) for run in kept]
    wrong = [name for name, run, share in zip(told, kept, right, strict=True) if abs(run.test_accuracy - share) > 1e-5]
    assert wrong == [] and len(kept) > 100
