"""How pre-training is recorded: rates from validation, each start trained and judged, nothing twice."""

import argparse

import pytest

from rnnbook import reviews
from rnnbook.networks import pretraining as networks
from rnnbook.networks import training
from rnnbook.runs import pretraining, store
from rnnbook.runs.record import RecordError


def test_nothing_is_done_twice():
    made = {"rates": [], "rows": []}
    every, starts = pretraining.untried(made), list(pretraining.EPOCHS)
    assert len(every) == len(starts) * len(pretraining.RATES) and every[0] == (starts[0], pretraining.RATES[0])
    made["rates"] = [{"start": start, "rate": rate} for start, rate in every[:7]]
    assert pretraining.untried(made) == every[7:]
    made["rows"] = [{"start": starts[1], "seed": 1}]
    assert pretraining.missing(made, seeds=2) == [(s, n) for n in (0, 1) for s in starts if (s, n) != (starts[1], 1)]


def test_the_validation_reviews_choose_a_rate_for_each_start():
    tried = [("scratch", 1e-3, 0.5), ("scratch", 1e-2, 0.4), ("averaged", 1e-3, 0.3)]
    made = {"rates": [{"start": s, "rate": rate, "validation_loss": loss} for s, rate, loss in tried]}
    assert pretraining.best_rate(made, "scratch") == 1e-2 and pretraining.best_rate(made, "averaged") == 1e-3


@pytest.mark.parametrize("start", pretraining.EPOCHS)
def test_a_classifier_is_trained_from_each_start_and_judged(start, monkeypatch):
    corpus = reviews.load("sample", num_words=300).first(120)
    monkeypatch.setattr(pretraining, "SETTINGS", pretraining.SETTINGS | {"units": 6, "maxlen": 20, "labelled": 40})
    monkeypatch.setitem(pretraining.EPOCHS, start, 4)
    words = networks.word_model(6, 6, 300, batch=2, timesteps=8) if pretraining.has_read(start) else None
    begun, judged_by = [], []
    start_from, evaluate = networks.start_from, training.evaluate
    monkeypatch.setattr(networks, "start_from", lambda model, words: begun.append(words) or start_from(model, words))

    def judging(model, *arguments, **way):
        judged_by.append([layer.__class__.__name__ for layer in model.layers])
        return evaluate(model, *arguments, **way)

    monkeypatch.setattr(training, "evaluate", judging)
    row = pretraining.judged(corpus, start, 0, 1e-2, words)
    assert begun == ([words] if words else [])
    assert ("GlobalAveragePooling1D" in judged_by[0]) == (start == "averaged" or start.endswith("mean"))
    assert ("LSTM" in judged_by[0]) == (start != "averaged")
    assert row["epochs"] == 4 == len(row["validation"]) and 0 <= row["test_accuracy"] <= 1


def test_the_weights_of_the_best_epoch_are_judged_not_the_last(monkeypatch):
    """A rate so high that the validation loss rises: the judged network is the one before."""
    corpus = reviews.load("sample", num_words=300).first(120)
    monkeypatch.setattr(pretraining, "SETTINGS", pretraining.SETTINGS | {"units": 6, "maxlen": 20, "labelled": 40})
    monkeypatch.setitem(pretraining.EPOCHS, "averaged", 6)
    held, losses, evaluate = corpus.train.take(40).split()[1], [], training.evaluate

    def judging(model, reviews, **way):
        losses.append(evaluate(model, held, **way)[0])
        return evaluate(model, reviews, **way)

    monkeypatch.setattr(training, "evaluate", judging)
    row = pretraining.judged(corpus, "averaged", 0, 0.3)
    assert row["best_epoch"] < 6
    assert losses[-1] == pytest.approx(row["validation_loss"], rel=1e-3)


def test_a_stop_keeps_what_is_done_and_other_reviews_are_refused(tmp_path, monkeypatch):
    corpus = reviews.load("sample", num_words=300).first(60)
    asked, stop_after = [], [None]
    monkeypatch.setattr(pretraining.reviews, "load", lambda name, num_words: corpus)
    monkeypatch.setattr(pretraining, "read_first", lambda corpus, seed, made: "words")
    monkeypatch.setattr(pretraining.store, "RECORDED", tmp_path)

    def judged(corpus, start, seed, rate, words):
        assert words == ("words" if pretraining.has_read(start) else None)
        if len(asked) == stop_after[0]:
            raise KeyboardInterrupt
        asked.append((start, seed, rate))
        return {"start": start, "seed": seed, "rate": rate, "validation_loss": rate}

    monkeypatch.setattr(pretraining, "judged", judged)
    stop_after[0] = 7
    with pytest.raises(KeyboardInterrupt):
        pretraining._run(argparse.Namespace(seeds=2))
    stop_after[0] = None
    assert len(asked) == 7
    pretraining._run(argparse.Namespace(seeds=2))
    made = store.measurement("pretraining", tmp_path)
    starts, rates = len(pretraining.EPOCHS), len(pretraining.RATES)
    assert len(made["rows"]) == 2 * starts and {row["rate"] for row in made["rows"]} == {pretraining.RATES[0]}
    assert len(asked) == len(set(asked)) == starts * rates + starts  # seed 0 at the best rate was already trained
    monkeypatch.setattr(
        pretraining, "RATES", (1e-5, *pretraining.RATES)
    )  # now another rate is best: its runs replace the old
    pretraining._run(argparse.Namespace(seeds=2))
    made = store.measurement("pretraining", tmp_path)
    assert len(made["rows"]) == 2 * starts and {row["rate"] for row in made["rows"]} == {1e-5}
    monkeypatch.setattr(pretraining, "SETTINGS", pretraining.SETTINGS | {"units": 1})
    with pytest.raises(RecordError, match="another settings"):
        pretraining._run(argparse.Namespace(seeds=2))


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


def test_every_start_has_every_seed_and_trained_until_nothing_improved():
    made = pretraining.load()
    rows = made["rows"]
    assert sorted((row["start"], row["seed"]) for row in rows) == sorted(
        (start, seed) for start in pretraining.EPOCHS for seed in pretraining.SEEDS
    )
    assert [told["seed"] for told in made["words"]] == list(pretraining.SEEDS) and len(made["data_sha256"]) == 64
    sizes = {row["start"]: row["parameters"] for row in rows}
    assert len({size for start, size in sizes.items() if start != "averaged"}) == 1
    for row in rows:
        assert row["rate"] == pretraining.best_rate(made, row["start"])
        assert row["rate"] not in (pretraining.RATES[0], pretraining.RATES[-1]), (
            "the best rate is the first or last that was tried"
        )
        assert len(row["validation"]) == row["epochs"] and 0.5 < row["test_accuracy"] < 1
        assert row["best_epoch"] <= 0.9 * row["epochs"], (
            "stopped while it was still learning: give this start more epochs"
        )
    for told in made["words"]:
        assert told["validation_perplexity"] < made["unigram_perplexity"]
