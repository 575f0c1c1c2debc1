"""What is done to the words of a review before a shipped network reads it."""

import numpy as np

from rnnbook.laboratory.studies import shuffles

X = np.array([[1, *range(10, 29)], [1, *range(40, 59)]])


def test_words_move_within_their_window_only_and_the_last_ones_are_spared():
    made = [shuffles.changed(X, np.random.default_rng(seed), window=2, spared=10) for seed in range(20)]
    assert all((some[:, 10:] == X[:, 10:]).all() for some in made)
    assert all((some[:, :2] == X[:, :2]).all() for some in made)  # the start symbol, and a word without a partner
    assert all((np.sort(some[:, 2:4]) == X[:, 2:4]).all() for some in made)
    assert len({tuple(some[0]) for some in made}) > 10


def test_a_short_review_is_spared_whole():
    assert (shuffles.changed(X[:, :8], np.random.default_rng(0), window=2, spared=10) == X[:, :8]).all()


def test_words_are_appended_and_the_order_stays():
    made = shuffles.changed(X, np.random.default_rng(0), appended=[2, 4])
    assert (made[:, :-2] == X).all() and (made[:, -2:] == [2, 4]).all()


def test_every_trial_is_tried_once_and_the_first_changes_nothing():
    tried = shuffles.trials()
    assert len({tuple(trial.items()) for trial in tried}) == len(tried)
    assert (shuffles.changed(X, np.random.default_rng(0)) == X).all()
    assert tried[0] == {"window": 1, "spared": 0, "appended": "", "seed": 0}
