"""The recorded lengths of the real reviews, and what a tensor of fixed length keeps of them."""

import numpy as np
import pytest

from rnnbook import data, lengths


def test_record_holds_fifty_thousand_plausible_reviews():
    recorded = lengths.load()
    assert 49_900 <= len(recorded) <= 50_000
    assert (np.diff(recorded) >= 0).all() and recorded[0] >= 1
    assert 150 < np.median(recorded) < 200 and recorded[-1] > 2_000


def test_survivors_counts_what_pad_sequences_keeps():
    tokens = [[1, 2, 3], [1, 2, 3, 4, 5, 6, 7], [1]]
    padded = data.Reviews.from_lists(tokens, [0, 1, 0]).padded(maxlen=4)
    shares = lengths.survivors(np.array([3, 7, 1]), 4)
    assert shares["tokens"] == pytest.approx((padded > 0).sum() / 11)
    assert shares["padding"] == pytest.approx((padded == 0).mean())
    assert shares["whole"] == pytest.approx(2 / 3)


def test_survivors_refuses_an_empty_tensor():
    with pytest.raises(ValueError, match="at least 1"):
        lengths.survivors(np.array([3]), 0)


def test_record_and_load_agree(tmp_path, monkeypatch):
    corpus = data.load("sample")
    path = tmp_path / "lengths.json"
    lengths.record(corpus, path)
    monkeypatch.setattr(lengths, "files", lambda _: tmp_path)
    monkeypatch.setattr(lengths, "RECORD", "lengths.json")
    expected = np.sort(np.concatenate([corpus.train.lengths, corpus.test.lengths]))
    np.testing.assert_array_equal(lengths.load(), expected)
