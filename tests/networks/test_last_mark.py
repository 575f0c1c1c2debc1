"""The task of the last mark: what is asked, that JAX computes the recurrences of the book, and how it trains."""

import numpy as np
import pytest

from rnnbook.laboratory.studies import marks
from rnnbook.networks import last_mark, reference

SMALL = ("gru", "update bias 0", 6)


def by_reference(cell, p, X):
    if cell == "lstm":
        Z, _ = reference.lstm_rollout(X, p["U"], p["W"], p["b"])
    elif cell == "gru":
        Z = reference.gru_rollout(X, p["U"], p["W"], p["b"])
    else:
        activation = (lambda a: np.maximum(a, 0)) if cell == "irnn" else np.tanh
        Z = reference.rollout(X, p["U"], p["W"], p["b"], activation=activation)
    return reference.output_map(Z[:, -1], p["V"], p["c"])[:, 0]


def trained(network, updates, seeds, rates):
    training = last_mark.Training(*network, seeds, rates)
    training.go_on(updates, chunk=30)
    return training.measured()


@pytest.mark.parametrize("closest", [last_mark.CLOSEST, marks.FAR])
def test_the_target_is_the_number_at_the_last_mark(closest):
    X, y = last_mark.sequences(np.random.default_rng(0), samples=300, closest=closest)
    assert X.shape == (300, last_mark.TIMESTEPS, 2) and set(np.unique(X[:, :, 1])) == {0, 1}
    for sequence, target in zip(X, y, strict=True):
        at = np.flatnonzero(sequence[:, 1])
        assert len(at) and at[-1] < last_mark.TIMESTEPS - closest and target == sequence[at[-1], 0]
    assert abs(np.mean(y**2) - 1 / 3) < 0.05


@pytest.mark.parametrize("cell, start, units", marks.NETWORKS)
def test_answers_are_those_of_the_reference(cell, start, units):
    X, _ = last_mark.sequences(np.random.default_rng(1), samples=8)
    p, rng = last_mark.untrained(cell, start, units, seed=3), np.random.default_rng(2)
    p = {name: array + 0.01 * rng.normal(size=array.shape) for name, array in p.items()}  # no bias is 0
    np.testing.assert_allclose(
        last_mark.answers(cell, p, X.astype(np.float32)), by_reference(cell, p, X), rtol=1e-3, atol=1e-5
    )


def test_training_lowers_the_error_and_a_seed_is_alone_what_it_is_among_others():
    both = trained(SMALL, 60, seeds=(0, 1), rates=(1e-2,))
    alone = trained(SMALL, 60, seeds=(1,), rates=(1e-2,))
    X, y = last_mark.sequences(np.random.default_rng((1, 3)), samples=2000)
    before = last_mark.error("gru", last_mark.untrained(*SMALL, seed=1), X, y)
    weights, _, test = both[1e-2, 1]
    assert test < before
    np.testing.assert_allclose(test, alone[1e-2, 1][2], rtol=1e-2)
    np.testing.assert_allclose(np.mean((by_reference("gru", weights, X) - y) ** 2), test, rtol=1e-3)


def test_networks_of_one_rate_go_on_from_where_they_were():
    at_once = trained(SMALL, 40, seeds=(0, 1), rates=(1e-3, 1e-2))
    training = last_mark.Training(*SMALL, (0, 1), (1e-3, 1e-2))
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
    network = ("lstm", "forget bias 1", 6)
    before = last_mark.untrained(*network, seed=0)
    for (rate, _), (after, _, _) in trained(network, 1, seeds=(0,), rates=(1e-3, 1e-2)).items():
        moved = np.concatenate([np.abs(after[name] - before[name]).ravel() for name in before])
        assert moved.max() <= 1.001 * rate and np.median(moved) == pytest.approx(rate, rel=1e-2)


@pytest.mark.parametrize("cell, start, units", marks.SHOWN)
def test_shipped_weights_have_the_recorded_error(cell, start, units):
    from rnnbook import laboratory

    rows = laboratory.frame("marks").query("chosen and cell == @cell and start == @start").set_index("seed")
    shipped = last_mark.shipped()[f"{cell}, {start}"]
    assert len(shipped) == len(rows) == len(marks.SEEDS)
    for seed, p in enumerate(shipped):
        X, y = last_mark.sequences(np.random.default_rng((seed, 3)), samples=2000)
        assert np.mean((by_reference(cell, p, X) - y) ** 2) == pytest.approx(rows.test[seed], rel=0.05, abs=1e-3)
