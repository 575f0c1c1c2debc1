"""What is recorded of the numbers in the states of chapter 12's LSTM: the shipped network gives it again, and no number is spoiled."""

import copy

import numpy as np
import pytest

from rnnbook.networks import characters
from rnnbook.networks import language as models
from rnnbook.runs import language, language_units, store


@pytest.fixture(scope="module")
def found():
    """What the shipped network gives now."""
    trained = characters.Trained()
    return language_units.search(trained) | {"costs": language_units.costs(trained)}


def same(row, found):
    """Whether a recorded row says what was found, to 0.005: processors round differently."""
    assert [one["number"] for one in row["single"]] == [one["number"] for one in found["single"]]
    assert [one["r"] for one in row["single"]] == pytest.approx([one["r"] for one in found["single"]], abs=0.005)
    assert row["together"] == pytest.approx(found["together"], abs=0.005)
    assert row["costs"]["everywhere"] == pytest.approx(found["costs"]["everywhere"], abs=0.005)
    for part in ("there", "elsewhere"):
        np.testing.assert_allclose(row["costs"][part], found["costs"][part], rtol=0, atol=0.005)


def test_the_shipped_network_gives_its_row_again(found):
    same(language_units.load()[language.SHIPPED[1], True], found)


def _other_number(row):
    row["single"][0]["number"] += 1


def _other_r(row):
    row["single"][1]["r"] += 0.01


def _other_sum(row):
    row["together"][2] -= 0.01


def _other_cost(row):
    row["costs"]["everywhere"][88] += 0.01


def _cost_elsewhere_instead(row):
    row["costs"]["there"][0] = row["costs"]["elsewhere"][0]


@pytest.mark.parametrize("spoil", [_other_number, _other_r, _other_sum, _other_cost, _cost_elsewhere_instead])
def test_a_spoiled_number_is_found(found, spoil):
    row = copy.deepcopy(language_units.load()[language.SHIPPED[1], True])
    spoil(row)
    with pytest.raises(AssertionError):
        same(row, found)


def test_every_seed_is_there_before_and_after_the_training_that_the_chapter_reports():
    made, rows = store.measurement("language_units"), language_units.load()
    assert set(rows) == {(seed, trained) for seed in language_units.SEEDS for trained in (False, True)}
    assert len(made["rows"]) == len(rows)
    cells = language.load()
    assert all(made[key] == cells[key] for key in ("data_sha256", "versions"))
    cell, _ = language.SHIPPED
    reported = {row["seed"]: row for row in language.of_cells(cells["rows"])[cell] if row["chosen"]}
    for (seed, trained), row in rows.items():
        assert all(0 <= one["number"] < 2 * language.UNITS[cell] for one in row["single"])
        assert np.abs([*(one["r"] for one in row["single"]), *row["together"]]).max() < 1
        if trained:
            assert row["validation"] == reported[seed]["validation"][-1]
            everywhere, there, elsewhere = (
                np.array(row["costs"][part]) for part in ("everywhere", "there", "elsewhere")
            )
            assert there.shape == elsewhere.shape == (3, 2 * language.UNITS[cell])
            share = language_units.shown_at(language_units.plays()[1]).mean(axis=1, keepdims=True)
            np.testing.assert_allclose(share * there + (1 - share) * elsewhere, everywhere[None] + 0 * there, atol=2e-4)


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


def test_what_is_there_is_not_trained_again(tmp_path, monkeypatch):
    asked = []

    def network(task, cell, seed, rate):
        asked.append((cell, seed))
        return seed, {"validation": [2.5]}

    monkeypatch.setattr(language, "network", network)
    monkeypatch.setattr(language, "kept", lambda model: None)
    monkeypatch.setattr(language_units, "search", lambda network: {"single": [], "together": []})
    monkeypatch.setattr(language_units, "costs", lambda network: {})
    cells = language.load()
    monkeypatch.setattr(language, "load", lambda: cells)
    monkeypatch.setattr(store, "RECORDED", tmp_path)
    language_units.record()
    made = store.measurement("language_units", tmp_path)
    language_units.record()
    assert asked == [("lstm", 1), ("lstm", 2)] and store.measurement("language_units", tmp_path) == made
    assert [(row["seed"], row["trained"]) for row in made["rows"]] == [(s, t) for s in range(3) for t in (False, True)]
