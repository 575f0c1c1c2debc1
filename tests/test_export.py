"""The best seed on validation is shipped, also where its weights were trained on another machine."""

import json

import numpy as np
import pandas as pd
import pytest

from rnnbook import reviews, runs
from rnnbook.networks import models, training, weights
from rnnbook.runs import export


@pytest.fixture
def at_hand(tmp_path, monkeypatch):
    """A folder of trained weights and one of shipped files; two seeds are recorded, the second is the better one."""
    frame = pd.DataFrame(
        [
            {
                "architecture": "simple_rnn",
                "seed": seed,
                "best_val_accuracy": value,
                "test_accuracy": value,
                "units": 32,
                "cell": "simple_rnn",
                "depth": 1,
                "bidirectional": False,
                "mask_zero": True,
                "maxlen": 50,
                "num_words": 10_000,
                "data_sha256": "d2",
            }
            for seed, value in ((0, 0.85), (1, 0.87))
        ]
    )
    monkeypatch.setattr(runs, "load", lambda **_: frame)
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "shipped")
    monkeypatch.setattr(training, "saved_weights", lambda architecture, seed: tmp_path / f"{architecture}-{seed}.npz")
    return tmp_path


def train(folder, seed):
    np.savez(folder / f"simple_rnn-{seed}.npz", *models.build("simple_rnn", mask_zero=True).get_weights())


def corpus():
    some = reviews.Reviews.from_lists([[1, 5, 6, 7]] * 3, np.array([0, 1, 0]))
    return reviews.Corpus("imdb", some, some, 10_000, "d2", dict)


def ship(folder, seed, sha256="d2"):
    (folder / "shipped").mkdir()
    (folder / "shipped" / "exact.json").write_text(
        json.dumps({"data_sha256": sha256, "simple_rnn": {"seed": seed, "bytes": 4}})
    )


def test_the_best_seed_is_exported(at_hand):
    train(at_hand, 0), train(at_hand, 1)
    made = export.export("simple_rnn", corpus())
    assert made["seed"] == 1 and len(made["probabilities"]) == 3
    assert (at_hand / "shipped" / "simple_rnn.bin").stat().st_size * 4 // 3 <= made["bytes"]


def test_a_better_shipped_file_stays(at_hand):
    train(at_hand, 0), ship(at_hand, 1)
    assert export.export("simple_rnn", corpus()) == {"seed": 1, "bytes": 4}
    assert not (at_hand / "shipped" / "simple_rnn.bin").exists()


def test_a_worse_shipped_file_is_replaced(at_hand):
    train(at_hand, 1), ship(at_hand, 0)
    assert export.export("simple_rnn", corpus())["probabilities"]


def test_a_file_from_other_reviews_does_not_count(at_hand):
    train(at_hand, 0), ship(at_hand, 1, sha256="other")
    assert export.export("simple_rnn", corpus())["seed"] == 0


def test_nothing_to_export(at_hand):
    with pytest.raises(weights.WeightsError, match="rnnbook study comparison --only simple_rnn"):
        export.export("simple_rnn", corpus())
