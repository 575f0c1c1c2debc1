"""What units and text bring to the character models: the record is whole and fair, and the network that is shipped is one of it."""

import numpy as np
import pytest

from rnnbook import text
from rnnbook.networks import characters
from rnnbook.runs import language, language_sizes, store
from rnnbook.text import sampling


@pytest.fixture(scope="module")
def made():
    return language_sizes.load()


def test_every_network_has_its_rates_and_its_seeds_and_none_is_chosen_at_the_edge(made):
    for units, of in language_sizes.NETWORKS:
        rows, choice = language_sizes.rows_of(made, units, of), language_sizes.CHOICES[units]
        assert not choice.missing({"": rows}, language_sizes.SEEDS)
        (rate,) = {row["learning_rate"] for row in rows if row["chosen"]}
        assert rate not in (choice.rates[0], choice.rates[-1]), (units, of, rate)
        assert {row["seed"] for row in rows if row["chosen"]} == set(language_sizes.SEEDS)
    assert len(made["rows"]) == sum(len(language_sizes.rows_of(made, *network)) for network in language_sizes.NETWORKS)


def test_a_row_is_judged_where_the_validation_play_had_it_best(made):
    for row in made["rows"]:
        epochs = language_sizes.EPOCHS[row["text"]]
        assert len(row["validation"]) == len(row["tests"]) == row["epochs"] == epochs
        assert row["test"] == row["tests"][row["validation"].index(min(row["validation"]))]
        assert row["parameters"] == 4 * row["units"] * (36 + row["units"] + 1) + 36 * (row["units"] + 1)
    row = {"validation": [2.5, 2.2, 2.4], "tests": [2.6, 2.3, 2.1], "test": 2.1}
    assert language_sizes.judged(row)["test"] == 2.3


def test_the_texts_grow_and_the_counts_are_those_recorded_before(made):
    whole, all_works = language.load(), language.load("all_works")
    assert made["texts"]["race"] == len(text.part("train"))
    assert made["texts"]["all"] == all_works["rows"][0]["characters"]
    assert made["data_sha256"] == all_works["data_sha256"]
    assert made["ngrams"]["race"] == whole["ngrams"]
    assert {order: made["ngrams"]["all"][order] for order in all_works["ngrams"]} == all_works["ngrams"]


def test_a_count_is_chosen_by_the_validation_play_too():
    made = {
        "ngrams": {"all": {"5": {"validation": 2.0, "test": 2.5}, "6": {"validation": 2.1, "test": 2.0}}},
        "rows": [{"text": "all", "test": 2.25}],
    }
    assert language_sizes.over_counts(made) == [-0.25]


def test_the_shipped_network_is_the_chosen_one_but_for_its_rounding(made):
    units, of, seed = language_sizes.SHIPPED
    (row,) = (r for r in language_sizes.rows_of(made, units, of) if r["chosen"] and r["seed"] == seed)
    network = characters.larger()
    assert network.units == units
    read = text.encode(text.part("validation"))
    rows, warm = 64, 128
    length = (len(read) - 1 - warm) // rows
    begin, state, bits = warm + length * np.arange(rows), network.start(rows), []
    for k in range(-warm, length):
        said, state = network.step(read[begin + k].astype(int), state)
        if k >= 0:
            bits.append(-np.log2(sampling.probabilities(said)[np.arange(rows), read[begin + k + 1]]))
    assert np.mean(bits) == pytest.approx(row["validation"][-1], abs=0.02)


def test_known_and_new_contexts_make_up_the_test_plays_for_network_and_count(made):
    units, of, seed = language_sizes.SHIPPED
    sharing = made["sharing"]
    assert (sharing["order"], sharing["context"]) == (language_sizes.best_order(made, of), language_sizes.CONTEXT)
    assert sharing["known"]["share"] + sharing["new"]["share"] == pytest.approx(1, abs=1e-3)
    (row,) = (r for r in language_sizes.rows_of(made, units, of) if r["chosen"] and r["seed"] == seed)
    for model, bits in (("count", language_sizes.best_counts(made)[of]), ("network", row["test"])):
        whole = sum(sharing[kind]["share"] * sharing[kind][model] for kind in ("known", "new"))
        assert whole == pytest.approx(bits, abs=0.02)


def test_contexts_are_known_where_the_text_learned_has_them(monkeypatch):
    class Small:
        ids = {"train": np.tile(np.arange(6), 100).astype(np.uint8), "test": np.tile(np.arange(6), 60).astype(np.uint8)}

    Small.ids["test"][300] = 9  # from here on five contexts are new
    monkeypatch.setattr(characters, "larger", characters.Trained)
    monkeypatch.setattr(language_sizes, "bits_in_streams", lambda network, read: np.ones(len(read)))
    found = language_sizes.sharing(Small, 3)
    assert found["new"]["share"] == pytest.approx(5 / (360 - 128), abs=1e-4)
    assert found["new"]["network"] == found["known"]["network"] == 1


def test_the_lines_of_the_shipped_network_vary_less_than_those_of_a_count_of_the_same_text(made):
    lines = made["lines"]
    assert lines["order"] == language_sizes.best_order(made, language_sizes.SHIPPED[1])
    assert (lines["pieces"], lines["characters"]) == (language_sizes.PIECES, language_sizes.PIECE)
    for model in ("count", "network"):
        assert [row["seed"] for row in lines[model]] == list(language_sizes.DRAWS)
    for size in ("deviation", "longest"):
        assert max(row[size] for row in lines["network"]) < min(row[size] for row in lines["count"])
    seed = language_sizes.DRAWS[0]
    written_now = language_sizes.lines_of(characters.larger(), seed)["deviation"]
    assert written_now == pytest.approx(lines["network"][seed]["deviation"], abs=3)  # rounding may turn a draw


def test_it_wrote_at_each_stage_and_needs_fewer_bits_each_time(made):
    units, of, seed = language_sizes.SHIPPED
    for row in language_sizes.rows_of(made, units, of):
        if row["seed"] != seed:
            assert "samples" not in row
            continue
        samples = row["samples"]
        assert [sample["updates"] for sample in samples[:-1]] == list(language_sizes.STAGES)
        batches = (made["texts"][of] - 1) // (language.BATCH * language.TIMESTEPS)
        assert samples[-1]["updates"] == row["epochs"] * batches
        assert samples[-1]["validation"] == pytest.approx(row["validation"][-1], abs=1e-4)
        bits = [sample["validation"] for sample in samples]
        assert bits == sorted(bits, reverse=True)
        assert all(len(sample["written"]) == language_sizes.LENGTH for sample in samples)


def test_what_is_missing_is_added_and_two_processes_share_the_file(tmp_path, monkeypatch):
    class Small:
        ids = {part: np.arange(36).astype(np.uint8) for part in text.PARTS}

    asked, shipped = [], []

    def trained(task, units, of, seed, rate):
        asked.append((units, of, seed, rate))
        middle = language_sizes.RATES[units][1]
        return {
            "units": units,
            "text": of,
            "seed": seed,
            "learning_rate": rate,
            "validation": [2 + abs(rate - middle)],
            "test": 2.0,
        }

    monkeypatch.setattr(language_sizes, "tasks", lambda archive: lambda of: Small)
    monkeypatch.setattr(language_sizes, "trained", trained)
    monkeypatch.setattr(language_sizes, "ship", shipped.append)
    monkeypatch.setattr(language_sizes, "sharing", lambda task, order: {"order": order})
    monkeypatch.setattr(language_sizes, "lines", lambda task, order: {"order": order})
    monkeypatch.setattr(language_sizes.language, "counted", lambda task, order: {"validation": 3.0, "test": 3.0})
    monkeypatch.setattr(store, "RECORDED", tmp_path)
    language_sizes.record("no archive", units=256, runs=2)
    assert [run[0] for run in asked] == [256, 256]
    language_sizes.record("no archive", units=64)
    language_sizes.record("no archive")
    kept = store.measurement("language_sizes", tmp_path)
    rows = kept["rows"]
    assert kept["sharing"] == kept["lines"] == {"order": 1}  # all orders are alike here
    others = len(language_sizes.SEEDS) - 1
    wanted = sum(
        len(language_sizes.RATES[units]) + language_sizes.KEPT[units] * others for units, _ in language_sizes.NETWORKS
    )
    assert len(asked) == len(set(asked)) == len(rows) == wanted
    chosen = {(row["units"], row["learning_rate"]) for row in rows if row["chosen"]}
    assert chosen == {(units, rates[1]) for units, rates in language_sizes.RATES.items()}
    assert len(shipped) == 3
