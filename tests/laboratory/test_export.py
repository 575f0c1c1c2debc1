"""The best seed on validation is shipped, also where its weights were trained on another machine."""

import json

import numpy as np
import pytest

from rnnbook import reviews
from rnnbook.laboratory import Record, Run, checkpoints, export, store
from rnnbook.laboratory.studies import comparison
from rnnbook.networks import models, weights

RUNS = {
    seed: Run("comparison", "simple_rnn", seed=seed, maxlen=50, epochs=1, settings={"mask_zero": True})
    for seed in (0, 1)
}


@pytest.fixture
def at_hand(tmp_path, monkeypatch):
    """Folders of records, trained weights and shipped files; two seeds are recorded, the second is the better one."""
    monkeypatch.setenv("RNNBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(store, "RECORDED", tmp_path / "recorded")
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "shipped")
    monkeypatch.setattr(comparison, "runs", lambda: list(RUNS.values()))
    for seed, accuracy in ((0, 0.85), (1, 0.87)):
        record = recorded(RUNS[seed], accuracy)
        made = {"versions": {}, "processor": ""}
        store.add("comparison", {"case": RUNS[seed].case, "rows": [record.row()], "made": made}, store.RECORDED)
    return tmp_path


def recorded(run, accuracy):
    return Record(
        study=run.study,
        architecture=run.architecture,
        config=run.config(),
        seed=run.seed,
        dataset="imdb",
        data_sha256="d2" * 32,
        n_train=8,
        n_validation=2,
        n_test=3,
        epochs=1,
        history={"loss": [0.3], "accuracy": [0.9], "val_loss": [0.4], "val_accuracy": [accuracy]},
        best_epoch=1,
        best_val_accuracy=accuracy,
        test_accuracy=accuracy,
        last_test_accuracy=accuracy,
        parameters=1,
        seconds_per_epoch=1.0,
        first_epoch_seconds=1.0,
        cpu_seconds_per_epoch=1.0,
        path="fast",
        backend="jax",
        versions={},
        processor="",
    )


def train(seed):
    checkpoints.keep_weights(RUNS[seed], models.build("simple_rnn", mask_zero=True).get_weights())


def corpus():
    some = reviews.Reviews.from_lists([[1, 5, 6, 7]] * 3, np.array([0, 1, 0]))
    return reviews.Corpus("imdb", some, some, 10_000, "d2" * 32, dict)


def ship(folder, seed, sha256="d2" * 32):
    (folder / "shipped").mkdir()
    (folder / "shipped" / "exact.json").write_text(
        json.dumps({"data_sha256": sha256, "simple_rnn": {"seed": seed, "bytes": 4}})
    )


def test_the_best_seed_is_exported(at_hand):
    train(0), train(1)
    made = export.export("simple_rnn", corpus())
    assert made["seed"] == 1 and len(made["probabilities"]) == 3
    assert (at_hand / "shipped" / "simple_rnn.bin").stat().st_size * 4 // 3 <= made["bytes"]


def test_a_better_shipped_file_stays(at_hand):
    train(0), ship(at_hand, 1)
    assert export.export("simple_rnn", corpus()) == {"seed": 1, "bytes": 4}
    assert not (at_hand / "shipped" / "simple_rnn.bin").exists()


def test_a_worse_shipped_file_is_replaced(at_hand):
    train(1), ship(at_hand, 0)
    assert export.export("simple_rnn", corpus())["probabilities"]


def test_a_file_from_other_reviews_does_not_count(at_hand):
    train(0), ship(at_hand, 1, sha256="other")
    assert export.export("simple_rnn", corpus())["seed"] == 0


def test_nothing_to_export(at_hand):
    with pytest.raises(weights.WeightsError, match="rnnbook study comparison --only architecture=simple_rnn"):
        export.export("simple_rnn", corpus())
