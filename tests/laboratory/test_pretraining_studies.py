"""The studies of pre-training: each start trained and judged, word models kept, states probed."""

import dataclasses
import types

import numpy as np
import pytest

from rnnbook import reviews
from rnnbook.laboratory.studies import pretraining, pretraining_probes, word_models
from rnnbook.networks import bags, training
from rnnbook.networks import pretraining as networks
from tests.nightly import often

SMALL = {"units": 6, "maxlen": 20, "labelled": 40}


@pytest.mark.parametrize("start", often(["averaged", "pretrained_mean", "vectors"], list(pretraining.SEEDS)))
def test_a_classifier_is_trained_from_each_start_and_judged(start, monkeypatch):
    corpus = reviews.load("sample", num_words=300).first(120)
    monkeypatch.setattr(pretraining, "SETTINGS", pretraining.SETTINGS | SMALL | {"epochs": 4})
    words = networks.word_model(6, 6, 300, batch=2, timesteps=8) if start.startswith("pretrained") else None
    vectors, known = np.random.default_rng(0).normal(size=(300, 6)).astype("float32"), np.arange(300) % 2 == 0
    monkeypatch.setattr(word_models, "lent_vectors", lambda corpus: (vectors, known, 1.0))
    table = pretraining.classifier(start, corpus, words, seed=3).layers[0].get_weights()[0]
    own = (table[known] == vectors[known]).all(axis=1).mean()  # the share of words that begin with their own vector
    assert own < 0.1 if "dealt" in start else own == start.startswith("vectors")
    in_use = {tuple(row) for row in table[known].tolist()} == {tuple(row) for row in vectors[known].tolist()}
    assert in_use == start.startswith("vectors")  # dealt: the same vectors, at other words
    assert np.abs(table[~known]).max() < 0.1 or words  # tokens without a vector stay as Keras draws them
    begun, judged_by = [], []
    start_from, evaluate = networks.start_from, training.evaluate
    monkeypatch.setattr(networks, "start_from", lambda model, words: begun.append(words) or start_from(model, words))

    def judging(model, *arguments, **way):
        judged_by.append([layer.__class__.__name__ for layer in model.layers])
        return evaluate(model, *arguments, **way)

    monkeypatch.setattr(training, "evaluate", judging)
    row = pretraining.judged(corpus, start, 0, 1e-2, words)
    assert begun == ([words] if words else [])
    assert ("GlobalAveragePooling1D" in judged_by[0]) == start.endswith(("averaged", "mean"))
    assert ("LSTM" in judged_by[0]) == (not start.endswith("averaged"))
    assert row["epochs"] == 4 == len(row["validation"]) and 0 <= row["test_accuracy"] <= 1


def test_the_weights_of_the_best_epoch_are_judged_not_the_last(monkeypatch):
    """A rate at which the validation accuracy falls again: the judged network is the one before."""
    corpus = reviews.load("sample", num_words=300).first(120)
    monkeypatch.setattr(pretraining, "SETTINGS", pretraining.SETTINGS | SMALL | {"epochs": 6})
    held, accuracies, evaluate = corpus.train.take(40).split()[1], [], training.evaluate

    def judging(model, reviews, **way):
        accuracies.append(evaluate(model, held, **way)[1])
        return evaluate(model, reviews, **way)

    monkeypatch.setattr(training, "evaluate", judging)
    row = pretraining.judged(corpus, "averaged", 0, 1.0)
    assert row["best_epoch"] < 6 and row["validation"][-1] < max(row["validation"])  # else the last would do as well
    assert row["validation"].index(max(row["validation"])) + 1 == row["best_epoch"]
    assert accuracies[-1] == pytest.approx(max(row["validation"]), abs=1e-4)


def test_a_probe_reads_what_the_states_hold_and_only_that(monkeypatch):
    """States that tell the label apart are read; the word model itself is left as it was."""
    rng = np.random.default_rng(0)
    labels = rng.random(300) < 0.5  # praise is one word, blame another, and the last word is the same in both
    told = reviews.Reviews.from_lists([[5 if y else 9] * rng.integers(3, 9) + [7] * 90 for y in labels], labels)
    corpus = dataclasses.replace(reviews.load("sample", num_words=300), train=told, test=told)
    monkeypatch.setattr(pretraining, "SETTINGS", pretraining.SETTINGS | SMALL | {"maxlen": 100, "labelled": 200})
    words = networks.word_model(6, 6, 300, batch=2, timesteps=8)
    before = [w.copy() for w in words.get_weights()]
    seen, fit = [], bags.logistic_regression

    def fitting(X, labels, strength):
        seen.append(X.shape[1])
        return fit(X, labels, strength)

    monkeypatch.setattr(bags, "logistic_regression", fitting)
    found = {start: pretraining_probes.probed(corpus, start, 0, words) for start in ("pretrained", "pretrained_mean")}
    for mine, its in zip(before, words.get_weights(), strict=True):
        assert (mine == its).all()
    assert set(seen) == {SMALL["units"]}  # states, not what an output layer makes of them
    assert found["pretrained_mean"]["test_accuracy"] > 0.95
    assert found["pretrained"]["test_accuracy"] < found["pretrained_mean"]["test_accuracy"]


@pytest.mark.parametrize("longer", [False, True])
def test_the_word_model_of_a_seed_is_kept_and_read_again(longer, tmp_path, monkeypatch):
    corpus = reviews.load("sample", num_words=300).first(200)
    monkeypatch.setenv("RNNBOOK_CACHE", str(tmp_path))
    monkeypatch.setattr(word_models, "SETTINGS", word_models.SETTINGS | {"units": 4, "longer_word_epochs": 2})
    first, told = word_models.read_first(corpus, longer, 3)
    assert len(told["training_perplexity"]) == 1 + longer and 1 < told["perplexity"] < 300
    monkeypatch.setattr(networks, "train_words", None)
    for mine, its in zip(first.get_weights(), word_models.word_model(corpus, longer, 3).get_weights(), strict=True):
        assert (mine == its).all()


def test_words_are_counted(monkeypatch):
    corpus = reviews.load("sample", num_words=300)
    single, pairs, few = (word_models.counted(corpus, *way) for way in ((1,), (2,), (2, True)))
    assert single["perplexity"] > pairs["perplexity"] and few["perplexity"] > pairs["perplexity"]
    assert few["words"] == pairs["words"] // networks.EVERY


def test_a_network_that_has_read_nothing_is_probed_as_its_seed_draws_it(monkeypatch):
    corpus = reviews.load("sample", num_words=300).first(120)
    monkeypatch.setattr(pretraining, "SETTINGS", pretraining.SETTINGS | SMALL)
    drawn, classifier = [], pretraining.classifier

    def noting(*arguments):
        drawn.append(classifier(*arguments))
        return drawn[-1]

    monkeypatch.setattr(pretraining, "classifier", noting)
    first, again = (pretraining_probes.probed(corpus, "untrained_mean", 3) for _ in range(2))
    assert first == again and 0 < first["test_accuracy"] <= 1
    for mine, its in zip(drawn[0].get_weights(), drawn[1].get_weights(), strict=True):
        assert (mine == its).all()
    pretraining_probes.probed(corpus, "untrained_mean", 4)
    assert (drawn[2].get_weights()[0] != drawn[0].get_weights()[0]).any()


def test_the_vectors_are_narrowed_once_for_all_runs(monkeypatch):
    asked = []

    def glove(words):
        asked.append(words)
        return np.arange(5 * len(words), dtype="float32").reshape(len(words), 5) ** 2, np.array(
            [word != "" for word in words]
        )

    monkeypatch.setattr(word_models.vectors, "glove", glove)
    monkeypatch.setitem(word_models.SETTINGS, "units", 2)
    word_models._narrowed.cache_clear()
    index = {"good": 1, "bad": 2, "film": 3}
    corpora = [types.SimpleNamespace(word_index=index, num_words=size) for size in (7, 7, 6)]
    try:
        first, again, other = (word_models.lent_vectors(corpus) for corpus in corpora)
    finally:
        word_models._narrowed.cache_clear()
    assert asked == [["", "", "", "", "good", "bad", "film"], ["", "", "", "", "good", "bad"]]
    assert first[0].shape == (7, 2) and (first[0] == again[0]).all() and (first[1].sum(), other[1].sum()) == (3, 2)
