"""The pull of a word is measured at the place that is asked for, with the words that are named."""

import numpy as np
import pytest

from rnnbook.laboratory.studies import pulls


def network(backward):
    """One unit that hears the number of a word (0, 1 or 2) and forgets half at every step, in one direction or two."""
    layer = {"cell": "simple_rnn", "U": np.array([[0.01]]), "W": np.array([[0.5]]), "b": np.zeros(1)}
    if backward:
        layer["backward"] = dict(layer)
    return {
        "E": np.array([[0.0], [1.0], [2.0]]),
        "layers": [layer],
        "V": np.ones((1, 1 + backward)),
        "c": np.zeros(1),
        "about": {"mask_zero": True, "maxlen": 6},
    }


@pytest.mark.parametrize("backward", [False, True])
def test_a_pull_halves_with_each_step_to_the_nearest_end_that_is_read(backward):
    """With numbers this small tanh is a straight line, so the answer is known: 0.01 for each end, halved for each step."""
    tokens, places = np.zeros((6, 6), int), np.arange(6)
    found = pulls.pull(network(backward), tokens, places, words=(2, 1))
    expected = 0.01 * (0.5 ** (5 - places) + backward * 0.5**places)
    np.testing.assert_allclose(found, expected, rtol=0.01)
    assert (tokens == 0).all()  # the reviews are left as they were


def test_each_review_is_asked_once_in_every_ten_words_and_never_at_its_start_sign():
    drawn = pulls.drawn_places(500)
    assert list(drawn) == list(range(1, 200, 10))
    for first, places in drawn.items():
        assert len(places) == 500 and set(places) == set(range(first, first + 10))
