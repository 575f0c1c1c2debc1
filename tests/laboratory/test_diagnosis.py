"""The diagnosis changes exactly what it says."""

import json
import os
import subprocess
import sys

import numpy as np

from rnnbook import reviews
from rnnbook.laboratory import store
from rnnbook.laboratory.studies import diagnosis
from rnnbook.networks import weights
from rnnbook.reviews import changes

X = np.array([[0, 0, 1, 7, 8, 9], [4, 5, 6, 7, 8, 9]])


def test_the_last_words_stay():
    np.testing.assert_array_equal(changes.keep_last(X, 2), [[0, 0, 0, 0, 8, 9], [0, 0, 0, 0, 8, 9]])
    np.testing.assert_array_equal(changes.keep_last(X, 6), X)


def test_shuffling_keeps_padding_start_and_words():
    shuffled = np.concatenate([changes.shuffle_words(X, np.random.default_rng(s)) for s in range(20)])
    assert (shuffled[::2, :3] == [0, 0, 1]).all()
    assert all(sorted(row) == sorted(X[i % 2]) for i, row in enumerate(shuffled))
    assert len({tuple(row) for row in shuffled[1::2]}) > 10


def test_words_stay_within_their_window():
    """Windows are counted from the end: words 8 to 12 of a review of 12 stay among the last five, and so on."""
    X = np.concatenate([np.zeros(3, int), [1], np.arange(101, 113)])[None].repeat(50, axis=0)
    shuffled = changes.shuffle_words(X, np.random.default_rng(0), window=5)
    assert (shuffled[:, :4] == [0, 0, 0, 1]).all()
    for window in (slice(4, 6), slice(6, 11), slice(11, 16)):
        assert (np.sort(shuffled[:, window]) == X[:, window]).all()
        assert len(np.unique(shuffled[:, window], axis=0)) > 1
    assert (changes.shuffle_words(X, np.random.default_rng(0), window=1) == X).all()


def test_a_model_that_reads_one_word_is_found_out():
    """It answers by the last word alone: shortening changes nothing, shuffling does."""

    class LastWord:
        def predict(self, X, **_):
            return (X[:, -1:] > 50).astype(float)

    rng = np.random.default_rng(0)
    words = [rng.integers(4, 100, n).tolist() for n in rng.integers(10, 500, 400)]
    some = reviews.Reviews.from_lists(words, np.array([w[-1] > 50 for w in words]))
    rows = {(row["change"], row["amount"]): row["accuracy"] for row in diagnosis.diagnose(LastWord(), some)}
    assert rows["last words", 5] == rows["last words", 500] == rows["length", 120] == 1
    assert 0.35 < rows["shuffled", 500] < 0.65


def test_the_start_of_the_shipped_network_is_the_one_that_its_seed_draws():
    """Orthogonal, near what training made of it, and drawn anew where the backend is that of the record."""
    (made,) = store.rows("start")
    W, trained = np.array(made["W"]), weights.load("simple_rnn")
    assert made["seed"] == trained["about"]["seed"]
    np.testing.assert_allclose(W @ W.T, np.eye(len(W)), atol=1e-3)
    assert np.linalg.norm(trained["layers"][0]["W"] - W) < 0.15 * np.linalg.norm(trained["layers"][0]["W"] - W.T)
    program = (
        "import json; from rnnbook.laboratory.studies import start;"
        "print(json.dumps(start.measure({'architecture': 'simple_rnn'})))"
    )
    again = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        env=os.environ | {"KERAS_BACKEND": made["backend"]},
    )
    np.testing.assert_allclose(json.loads(again.stdout.splitlines()[-1])["W"], W, atol=1e-4)
