"""The task with marks: what is asked, that JAX computes the recurrences of the book, and that the record is complete."""

import argparse

import numpy as np
import pytest

from rnnbook.networks import reference
from rnnbook.runs import marks, store


def test_the_target_is_the_number_at_the_last_mark():
    X, y = marks.sequences(np.random.default_rng(0), samples=300)
    assert X.shape == (300, marks.TIMESTEPS, 2) and set(np.unique(X[:, :, 1])) == {0, 1}
    for sequence, target in zip(X, y, strict=True):
        at = np.flatnonzero(sequence[:, 1])
        assert len(at) and at[-1] < marks.TIMESTEPS - 5 and target == sequence[at[-1], 0]
    assert abs(np.mean(y**2) - 1 / 3) < 0.05


def by_reference(cell, p, X):
    if cell == "lstm":
        Z, _ = reference.lstm_rollout(X, p["U"], p["W"], p["b"])
    elif cell == "gru":
        Z = reference.gru_rollout(X, p["U"], p["W"], p["b"])
    else:
        activation = (lambda a: np.maximum(a, 0)) if cell == "irnn" else np.tanh
        Z = reference.rollout(X, p["U"], p["W"], p["b"], activation=activation)
    return reference.output_map(Z[:, -1], p["V"], p["c"])[:, 0]


@pytest.mark.parametrize("cell, start, units", marks.NETWORKS)
def test_answers_are_those_of_the_reference(cell, start, units):
    X, _ = marks.sequences(np.random.default_rng(1), samples=8)
    p, rng = marks.untrained(cell, start, units, seed=3), np.random.default_rng(2)
    p = {name: array + 0.01 * rng.normal(size=array.shape) for name, array in p.items()}  # no bias is 0
    np.testing.assert_allclose(
        marks.answers(cell, p, X.astype(np.float32)), by_reference(cell, p, X), rtol=1e-3, atol=1e-5
    )


def test_training_lowers_the_error_and_a_seed_is_alone_what_it_is_among_others():
    settings = {"updates": 60, "rates": (1e-2,), "chunk": 30}
    both = marks.trained("gru", "update bias 0", 6, seeds=(0, 1), **settings)
    alone = marks.trained("gru", "update bias 0", 6, seeds=(1,), **settings)
    X, y = marks.sequences(np.random.default_rng((1, 3)), samples=2000)
    before = marks.error("gru", marks.untrained("gru", "update bias 0", 6, seed=1), X, y)
    weights, _, test = both[1e-2, 1]
    assert test < before
    np.testing.assert_allclose(test, alone[1e-2, 1][2], rtol=1e-2)
    np.testing.assert_allclose(np.mean((by_reference("gru", weights, X) - y) ** 2), test, rtol=1e-3)


def test_networks_of_one_rate_go_on_from_where_they_were():
    network = "gru", "update bias 0", 6
    at_once = marks.trained(*network, updates=40, seeds=(0, 1), rates=(1e-3, 1e-2))
    training = marks.Training(*network, seeds=(0, 1), rates=(1e-3, 1e-2))
    training.go_on(20)
    training.keep(1e-2)
    training.go_on(40)
    in_two = training.measured()
    assert set(in_two) == {(1e-2, 0), (1e-2, 1)}
    for run, (weights, _, test) in in_two.items():
        np.testing.assert_allclose(test, at_once[run][2], rtol=1e-3)
        for name, array in weights.items():
            np.testing.assert_allclose(array, at_once[run][0][name], rtol=1e-2, atol=1e-3)


def test_the_first_step_is_one_of_adam_with_the_asked_rate():
    """Adam's first step moves a weight by the learning rate, whatever the size of its gradient (Kingma & Ba, 2015)."""
    for rate in (1e-3, 1e-2):
        before = marks.untrained("lstm", "forget bias 1", 6, seed=0)
        after, _, _ = marks.trained("lstm", "forget bias 1", 6, updates=1, seeds=(0,), rates=(rate,))[rate, 0]
        moved = np.concatenate([np.abs(after[name] - before[name]).ravel() for name in before])
        assert moved.max() <= 1.001 * rate and np.median(moved) == pytest.approx(rate, rel=1e-2)


def test_a_rate_of_zero_learns_nothing():
    before = marks.untrained("gru", "update bias 0", 6, seed=0)
    after, _, _ = marks.trained("gru", "update bias 0", 6, updates=5, seeds=(0,), rates=(0.0,))[0.0, 0]
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array.astype(np.float32))


def test_the_record_is_complete_and_of_networks_of_one_size():
    made = marks.load()
    rows = made["rows"]
    there = [(*marks._network(row), row["learning_rate"], row["seed"]) for row in rows]
    assert len(there) == len(set(there)) and set(there) == {
        (*network, rate, seed) for network in marks.NETWORKS for rate in marks.RATES for seed in marks.SEEDS
    }
    chosen = {(*marks._network(row), row["learning_rate"], row["seed"]) for row in rows if row["chosen"]}
    longer = [(*marks._network(row), row["learning_rate"], row["seed"]) for row in made["longer"]]
    assert len(longer) == len(chosen) and set(longer) == chosen
    assert {row["updates"] for row in made["longer"]} == {marks.LONGER}
    sizes = {row["parameters"] for row in rows}
    assert max(sizes) < 1.08 * min(sizes)
    for network in marks.NETWORKS:
        mine = [row for row in rows if marks._network(row) == network]
        mean = {rate: np.mean([r["validation"] for r in mine if r["learning_rate"] == rate]) for rate in marks.RATES}
        chosen = {row["learning_rate"] for row in mine if row["chosen"]}
        assert chosen == {min(mean, key=mean.get)}
        assert chosen - {marks.RATES[0], marks.RATES[-1]}, (
            f"the best rate of {network} is the first or last that was tried"
        )


@pytest.mark.parametrize("cell, start", sorted(marks.SHOWN))
@pytest.mark.parametrize("seed", marks.SEEDS)
def test_kept_weights_have_the_recorded_error(cell, start, seed):
    made = marks.load()
    p = {name: np.array(values) for name, values in made["weights"][f"{cell}, {start}"][seed].items()}
    X, y = marks.sequences(np.random.default_rng((seed, 3)), samples=2000)
    row = next(r for r in made["rows"] if (r["cell"], r["start"], r["seed"]) == (cell, start, seed) and r["chosen"])
    assert np.mean((by_reference(cell, p, X) - y) ** 2) == pytest.approx(row["test"], rel=0.05, abs=1e-3)


def test_what_is_there_is_not_made_again_and_the_lowest_validation_error_chooses(tmp_path, monkeypatch):
    asked, far = [], []

    def trained(cell, start, units, rates, closest=marks.CLOSEST):
        (asked if closest == marks.CLOSEST else far).extend((cell, start, units, rate) for rate in rates)
        p = marks.untrained(cell, start, units, 0)
        return {(rate, seed): (p, abs(rate - 3e-3), 0.5) for rate in rates for seed in marks.SEEDS}

    def trained_on(cell, start, units, rate):
        went_on.append((cell, start, units, rate))
        return dict.fromkeys(marks.SEEDS, (0.5, 0.1))

    went_on = []
    (tmp_path / "measurements").mkdir()
    monkeypatch.setattr(marks, "trained", trained)
    monkeypatch.setattr(marks, "trained_on", trained_on)
    monkeypatch.setattr(store, "RECORDED", tmp_path)
    monkeypatch.setattr(marks, "RATES", (1e-3, 1e-2))
    marks._run(argparse.Namespace())
    assert {row["learning_rate"] for row in marks.load()["rows"] if row["chosen"]} == {1e-3}
    monkeypatch.setattr(marks, "RATES", (1e-3, 3e-3, 1e-2))
    marks._run(argparse.Namespace())
    assert asked[len(marks.NETWORKS) * 2 :] == [(*network, 3e-3) for network in marks.NETWORKS]
    assert {row["learning_rate"] for row in marks.load()["rows"] if row["chosen"]} == {3e-3}
    assert set(marks.load()["weights"]) == {", ".join(shown) for shown in marks.SHOWN}
    assert went_on == [(*network, rate) for rate in (1e-3, 3e-3) for network in marks.NETWORKS]
    marks._run(argparse.Namespace())
    assert len(went_on) == 2 * len(marks.NETWORKS)
    assert len(marks.load()["longer"]) == len(marks.NETWORKS) * len(marks.SEEDS)
    assert [(cell, rate) for cell, _, _, rate in far] == [("gru", 1e-3), ("gru", 1e-2), ("gru", 3e-3)]


def test_without_short_cases_the_last_mark_lies_far_back_and_only_large_steps_learn():
    X, y = marks.sequences(np.random.default_rng(0), samples=300, closest=marks.FAR)
    since = X[:, ::-1, 1].argmax(axis=1)
    assert since.min() >= marks.FAR and (y == X[np.arange(300), marks.TIMESTEPS - 1 - since, 0]).all()
    worst, best = {}, {}
    for row in marks.load()["far"]:
        worst[row["learning_rate"]] = max(worst.get(row["learning_rate"], 0), row["test"])
        best[row["learning_rate"]] = min(best.get(row["learning_rate"], 1), row["test"])
    assert {rate for rate in worst if worst[rate] < 0.01} == {3e-2, 1e-1}
    assert {rate for rate in best if best[rate] > 0.3} == {rate for rate in marks.RATES if rate <= 1e-2}


def test_networks_go_on_at_the_chosen_rate_and_under_the_same_rounding_only():
    chosen = [{"cell": "gru", "start": "update bias 0", "units": 18, "learning_rate": 0.1, "seed": 0, "test": 0.5}]
    made = {"longer": []}
    marks._add_longer(made, chosen, {0: (0.5, 0.25)})
    assert [(row["updates"], row["test"]) for row in made["longer"]] == [(marks.LONGER, 0.25)]
    with pytest.raises(store.RecordError, match="rounding"):
        marks._add_longer(made, chosen, {0: (0.5001, 0.25)})
