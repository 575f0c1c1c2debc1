"""How pre-training is recorded: rates from validation, each start trained and judged, nothing twice."""

import argparse

import pytest

from rnnbook import reviews
from rnnbook.runs import pretraining, store
from rnnbook.runs.record import RecordError


def test_rates_are_tried_before_the_runs_and_few_labels_come_first():
    made = {"rates": [], "rows": []}
    order = pretraining.missing(made, seeds=2)
    assert order[0] == ("averaged", "few", 0, pretraining.RATES[0])
    assert len(order) == 2 * (2 * len(pretraining.RATES) + 2 * len(pretraining.STARTS))
    for start, labels, seed, rate in order[:8]:
        made["rates" if rate else "rows"].append({"start": start, "labels": labels, "seed": seed, "rate": rate or 1})
    assert pretraining.missing(made, seeds=2) == order[8:]


def test_the_best_rate_from_scratch_is_taken_for_the_pretrained():
    tried = [("scratch", 1e-3, 0.5), ("scratch", 1e-2, 0.4), ("averaged", 1e-3, 0.3)]
    made = {"rates": [{"start": s, "labels": "few", "rate": rate, "validation_loss": loss} for s, rate, loss in tried]}
    assert pretraining.best_rate(made, "scratch", "few") == pretraining.best_rate(made, "pretrained", "few") == 1e-2
    assert pretraining.best_rate(made, "averaged", "few") == 1e-3


@pytest.mark.parametrize("start", pretraining.STARTS)
def test_a_classifier_is_trained_from_each_start_and_judged(start, monkeypatch):
    corpus = reviews.load("sample", num_words=300).first(120)
    monkeypatch.setattr(pretraining, "SETTINGS", pretraining.SETTINGS | {"units": 6, "maxlen": 20})
    monkeypatch.setattr(pretraining, "EPOCHS", {"few": 2, "all": 1})
    monkeypatch.setattr(pretraining, "BUDGETS", {"few": 40, "all": None})
    words = None
    if start == "pretrained":
        from rnnbook.networks import pretraining as networks

        words = networks.word_model(6, 6, 300, batch=2, timesteps=8)
    row = pretraining.judged(corpus, start, "few", 0, 1e-2, words)
    assert row["epochs"] == 2 * pretraining.MORE.get(start, 1) == len(row["validation"])
    assert 1 <= row["best_epoch"] <= row["epochs"] and 0 <= row["test_accuracy"] <= 1


def test_a_stop_keeps_what_is_done_and_other_reviews_are_refused(tmp_path, monkeypatch):
    corpus = reviews.load("sample", num_words=300).first(60)
    asked = []
    monkeypatch.setattr(pretraining.reviews, "load", lambda name, num_words: corpus)
    monkeypatch.setattr(pretraining, "read_first", lambda corpus, seed, made: "words")
    monkeypatch.setattr(pretraining.store, "RECORDED", tmp_path)

    def judged(corpus, start, labels, seed, rate, words):
        assert words == ("words" if start == "pretrained" else None)
        asked.append((start, labels, seed, rate))
        return {"start": start, "labels": labels, "seed": seed, "rate": rate, "validation_loss": rate}

    monkeypatch.setattr(pretraining, "judged", judged)
    pretraining._run(argparse.Namespace(seeds=2, runs=7))
    assert len(asked) == 7
    pretraining._run(argparse.Namespace(seeds=2, runs=None))
    made = store.measurement("pretraining", tmp_path)
    assert len(made["rows"]) == 12 and len(asked) == 24 and {row["rate"] for row in made["rows"]} == {1e-3}
    monkeypatch.setattr(pretraining, "SETTINGS", pretraining.SETTINGS | {"units": 1})
    with pytest.raises(RecordError, match="other settings or other reviews"):
        pretraining._run(argparse.Namespace(seeds=2, runs=None))


def test_the_word_model_of_a_seed_is_kept_and_read_again(tmp_path, monkeypatch):
    corpus = reviews.load("sample", num_words=300).first(200)
    monkeypatch.setenv("RNNBOOK_CACHE", str(tmp_path))
    monkeypatch.setattr(pretraining.store, "RECORDED", tmp_path)
    monkeypatch.setattr(pretraining, "SETTINGS", pretraining.SETTINGS | {"units": 4})
    made = {"words": []}
    first = pretraining.read_first(corpus, 3, made)
    again = pretraining.read_first(corpus, 3, made)
    assert [told["seed"] for told in made["words"]] == [3]
    for mine, its in zip(first.get_weights(), again.get_weights(), strict=True):
        assert (mine == its).all()


def test_every_start_has_every_seed_on_the_same_reviews():
    made = pretraining.load()
    rows = made["rows"]
    budgets = {row["labels"] for row in rows}
    assert budgets <= set(pretraining.BUDGETS) and "few" in budgets
    assert sorted((row["start"], row["labels"], row["seed"]) for row in rows) == sorted(
        (start, labels, seed) for start in pretraining.STARTS for labels in budgets for seed in pretraining.SEEDS
    )
    assert [told["seed"] for told in made["words"]] == list(pretraining.SEEDS) and len(made["data_sha256"]) == 64
    sizes = {row["start"]: row["parameters"] for row in rows}
    assert sizes["scratch"] == sizes["pretrained"]
    for row in rows:
        assert row["rate"] == pretraining.best_rate(made, row["start"], row["labels"])
        assert len(row["validation"]) == row["epochs"] >= row["best_epoch"] and 0.5 < row["test_accuracy"] < 1
    for told in made["words"]:
        assert told["validation_perplexity"] < made["unigram_perplexity"]
