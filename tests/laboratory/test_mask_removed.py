"""A mask taken away after training, and one that never was: where padding stands, and resting places by hand."""

import numpy as np
import pytest

from rnnbook.laboratory.studies import mask_removed, padded_behind


def test_padding_stands_behind_the_words():
    run = padded_behind.Behind("own", "simple_rnn", dataset="sample", maxlen=30)
    tokens = run.corpus().train.padded(30)
    assert (np.diff((tokens > 0).astype(int), axis=1) <= 0).all() and (tokens[:, -1] == 0).any()


def network(w):
    """One unit of weight w that reads token 1 as +1 and token 2 as −1; padding is 0."""
    layer = {"U": np.array([[1.0]]), "W": np.array([[w]]), "b": np.zeros(1)}
    return {"E": np.array([[0.0], [1.0], [-1.0]]), "layers": [layer], "V": np.array([[4.0]]), "c": np.zeros(1)}


@pytest.mark.parametrize(("w", "answers"), [(0.5, [0.5]), (2.0, [0.02, 0.98])])
def test_a_leaky_unit_comes_to_rest_in_one_place_and_a_latch_in_two(w, answers):
    tokens = np.array([[0, 1], [1, 1], [0, 2], [2, 0]])
    assert mask_removed.resting(network(w), tokens, long=60) == answers
