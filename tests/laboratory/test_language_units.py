"""Numbers in the states of chapter 12's LSTM: the shipped network gives its record again, and the measures do what they say."""

import numpy as np
import pytest

from rnnbook.laboratory import store
from rnnbook.laboratory.studies import language_units
from rnnbook.networks import characters
from rnnbook.networks import language as models


def test_the_shipped_network_gives_its_row_again():
    """To 0.005: processors round differently."""
    case = {"seed": 0, "trained": True}
    (row,), found = store.find("language_units", case)["rows"], language_units.measure(case)
    assert row["validation"] == found["validation"]
    assert [one["number"] for one in row["single"]] == [one["number"] for one in found["single"]]
    assert [one["r"] for one in row["single"]] == pytest.approx([one["r"] for one in found["single"]], abs=0.005)
    assert row["together"] == pytest.approx(found["together"], abs=0.005)
    assert row["costs"]["everywhere"] == pytest.approx(found["costs"]["everywhere"], abs=0.005)
    for part in ("there", "elsewhere"):
        np.testing.assert_allclose(row["costs"][part], found["costs"][part], rtol=0, atol=0.005)


def test_the_untrained_network_has_the_weights_from_which_training_of_its_seed_begins():
    import keras

    keras.utils.set_random_seed(2)
    begun = models.letters(models.character_model("lstm", 8, batch=4, learning_rate=1e-2, steps=10))
    for name, array in models.untrained(8, seed=2).weights.items():
        np.testing.assert_array_equal(array, begun[name].astype(float))


def test_places_in_line_and_word_and_speakers_are_tracked():
    written = "so it is\n\nking.\nno"
    line, word, speaker = language_units.tracked(written).T
    assert line.tolist() == [*range(1, 9), 0, 0, *range(1, 6), 0, 1, 2]  # a line break stands on no line
    assert word[:9].tolist() == [1, 2, 0, 1, 2, 0, 1, 2, 0]
    assert "".join(letter for letter, told in zip(written, speaker, strict=True) if told) == "king.\n"
    ends, words, speakers = language_units.shown_at(written)
    assert ends.sum() == 3 and words.sum() == 5 and len(speakers) == len(written) - 1


def test_a_number_that_nothing_reads_costs_nothing_and_one_that_is_read_does():
    rng, units = np.random.default_rng(0), 3
    weights = {
        name: rng.normal(size=shape)
        for name, shape in (("U", (12, 36)), ("W", (12, 3)), ("b", 12), ("V", (36, 3)), ("c", 36))
    }
    weights["W"][:, 1] = weights["V"][:, 1] = 0  # nobody reads hidden 1
    cost = language_units.costs_of_holding(characters.Trained(weights), "to be or not to be, that is the question")
    assert cost.shape == (39, 2 * units)
    assert np.abs(cost[:, 1]).max() < 1e-9 < np.abs(cost[:, 0]).max()
