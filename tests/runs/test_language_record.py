"""What is recorded of the language models: equal sizes and budgets, on the text that is shipped, and nothing twice."""

import argparse
import hashlib
import io
import tarfile

import numpy as np
import pytest

from rnnbook.networks import characters
from rnnbook.runs import language, store
from rnnbook.text import prepare, sampling


@pytest.fixture(scope="module")
def task():
    return language.Task()


def test_the_record_is_of_this_text_and_of_networks_of_one_size(task):
    made = language.load()
    text = hashlib.sha256(b"".join(ids.tobytes() for ids in task.ids.values())).hexdigest()
    assert made["data_sha256"] == text
    rows = made["rows"]
    sizes = [row["parameters"] for row in rows]
    assert max(sizes) < 1.01 * min(sizes)
    runs = [(row["cell"], row["seed"], row["learning_rate"]) for row in rows]
    trials = {(cell, language.SEEDS[0], tried) for cell in language.UNITS for tried in language.RATES}
    assert len(runs) == len(set(runs))
    assert set(runs) == trials | {
        (cell, seed, rate)
        for cell, mine in language.of_cells(rows).items()
        for rate in language.CHOICE.finalists(mine)
        for seed in language.SEEDS
    }
    for row in rows:
        assert row["epochs"] == made["settings"]["epochs"] == len(row["training"]) == len(row["validation"])
        assert 1 < row["test"] < np.log2(36)
    assert language.counted(task, 2) == made["ngrams"]["2"]


def test_a_network_is_trained_and_judged(task):
    class Small:
        ids = {part: ids[:6000] for part, ids in task.ids.items()}
        inputs, targets = (x[: 2 * language.BATCH] for x in (task.inputs, task.targets))

    model, made = language.network(Small, "gru", seed=1, rate=3e-3, units=6, epochs=2)
    assert model.count_params() > made["parameters"]  # the one-hot table is not learned
    assert made["parameters"] == 3 * 6 * (36 + 6 + 2) + 36 * 7
    assert len(made["validation"]) == 2 and 2 < made["test"] < 5.5


def test_the_validation_play_chose_each_rate_over_all_seeds_and_none_lies_at_the_edge(assert_well_chosen):
    for cell, mine in language.of_cells(language.load()["rows"]).items():
        assert_well_chosen(cell, mine, language.RATES, language.SEEDS, lambda row: row["validation"][-1])


def test_the_shipped_weights_are_those_of_the_recorded_run(task):
    cell, seed = language.SHIPPED
    (row,) = (r for r in language.load()["rows"] if r["chosen"] and (r["cell"], r["seed"]) == (cell, seed))
    trained, ids = characters.Trained(), task.ids["validation"]
    assert trained.units == row["units"]
    pieces = ids[: len(ids) // 50 * 50].reshape(50, -1).astype(int)  # fifty pieces at once, each from a fresh state
    state, bits = trained.start(len(pieces)), []
    for now, after in zip(pieces.T[:-1], pieces.T[1:], strict=True):
        logits, state = trained.step(now, state)
        bits.append(-np.log2(sampling.probabilities(logits)[np.arange(len(pieces)), after]))
    assert np.mean(bits) == pytest.approx(row["validation"][-1], abs=0.005)


def test_what_is_there_is_not_made_again_and_a_stop_keeps_what_is_done(task, tmp_path, monkeypatch):
    asked, shipped = [], []

    def network(task, cell, seed, rate):
        asked.append((cell, seed, rate))
        return (cell, seed, rate), {"validation": [abs(rate - 1e-2)], "test": 2.5}

    monkeypatch.setattr(language, "Task", lambda: task)
    monkeypatch.setattr(language, "counted", lambda task, order: {"validation": 3.0, "test": 3.0})
    monkeypatch.setattr(language, "network", network)
    monkeypatch.setattr(language, "_ship", shipped.append)
    monkeypatch.setattr(language.store, "RECORDED", tmp_path)
    tries = len(language.UNITS) * len(language.RATES)
    language._run(argparse.Namespace(seeds=2, runs=4, all_works=None, sizes=None, search_units=False))
    assert len(asked) == 4 and len(store.measurement("language", tmp_path)["rows"]) == 4
    language._run(argparse.Namespace(seeds=2, runs=None, all_works=None, sizes=None, search_units=False))
    assert len(asked) == len(set(asked)) == tries + 2 * len(language.UNITS)
    assert asked[tries:] == [(cell, 1, rate) for cell in language.UNITS for rate in (1e-2, 5e-3)]
    assert shipped[-1] == (*language.SHIPPED, 1e-2)
    chosen = {(r["cell"], r["learning_rate"]) for r in store.measurement("language", tmp_path)["rows"] if r["chosen"]}
    assert chosen == {(cell, 1e-2) for cell in language.UNITS}


def test_the_larger_network_has_learned_from_no_held_out_play():
    made = language.load("all_works")
    (row,) = made["rows"]
    held_out = {*language.text.PARTS["validation"], *language.text.PARTS["test"]}
    assert set(row["works"]) >= set(language.text.PARTS["train"]) and not held_out & set(row["works"])
    units = row["units"]
    assert row["parameters"] == 4 * units * (36 + units + 1) + 36 * (units + 1)
    assert len(row["validation"]) == row["epochs"] and set(made["ngrams"]) == set(map(str, language.LARGER_ORDERS))


def test_all_works_are_the_plays_that_are_not_held_out_and_the_sonnets(tmp_path):
    """No play that is held out, nothing without acts, nothing by Milton, whose poems lie in the same archive."""
    archive = tmp_path / "works.tar.gz"
    raw = b"list of persons\n\nACT I\n\nKING.\nOnce more.\n"
    with tarfile.open(archive, "w:gz") as made:
        for name, content in {"hamlet": raw, "macbeth": raw, "poetical_works": raw, "comus": b"no division\n"}.items():
            entry = tarfile.TarInfo(f"{prepare.FOLDER}{name}_gut.txt")
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    assert prepare.others(archive) == {"hamlet": "king.\nonce more.\n"}


def test_going_on_to_learn_was_chosen_on_the_validation_play_and_recorded_of_every_play():
    made = language.load("all_works")
    assert {trial["model"] for trial in made["tried"]} == {"kneser-ney", "lstm"}
    for model in ("kneser-ney", "lstm"):
        tried = {trial["speed"]: trial["bits"] for trial in made["tried"] if trial["model"] == model}
        best = min((speed for speed in tried if speed), key=lambda speed: tried[speed])
        rows = [row for row in made["adapting"] if row["model"] == model]
        assert {(row["play"], row["speed"]) for row in rows} == {
            (play, speed) for play in ("julius_caesar", "macbeth", "tempest") for speed in (0.0, best)
        }
        for row in rows:
            parts = [row[kind] * row[f"share of {kind}"] for kind in language.text.KINDS]
            assert sum(parts) == pytest.approx(row["bits"], abs=2e-3)
    # Frozen, they are what was judged before, but for how the states are brought up to date.
    (frozen,) = (
        row
        for row in made["adapting"]
        if row["model"] == "lstm" and row["play"] == "julius_caesar" and not row["speed"]
    )
    assert frozen["bits"] == pytest.approx(made["rows"][0]["validation"][-1], abs=0.01)


def test_without_the_roman_plays_a_play_is_counted_by_other_works_alone():
    made = language.load("all_works")
    rows = {(row["play"], bool(row["without"])): row for row in made["roman"]}
    assert len(rows) == len(made["roman"]) == 6
    assert set(language.ROMAN) <= set(made["rows"][0]["works"])
    for play in ("julius_caesar", "macbeth", "tempest"):
        whole, less = rows[play, False], rows[play, True]
        assert whole["characters"] == made["rows"][0]["characters"] > less["characters"]
        (frozen,) = (
            row for row in made["adapting"] if row["model"] == "kneser-ney" and row["play"] == play and not row["speed"]
        )
        assert (whole["bits"], whole["names"]) == (frozen["bits"], frozen["names"])

    # A small world of two works: what only a Roman play knows is missed without it.
    class Small:
        works = {"hamlet": "to be or not to be. " * 20, language.ROMAN[1]: language.text.works()["macbeth"][:5000]}

    told = {(row["play"], bool(row["without"])): row["bits"] for row in language.acquainted(Small)}
    assert told["macbeth", True] > told["macbeth", False] + 1


def test_what_is_missing_of_all_works_is_added_and_nothing_trained_again(tmp_path, monkeypatch):
    class Small:
        ids = {part: np.arange(36).astype(np.uint8) for part in language.text.PARTS}
        works = {"hamlet": "to be"}

    asked = []
    network = lambda task, **way: asked.append(way) or (None, {"units": 1})
    monkeypatch.setattr(language, "network", network)
    monkeypatch.setattr(language, "counted", lambda task, order: {})
    monkeypatch.setattr(language, "adapted", lambda task, trained: {"adapting": [], "tried": []})
    monkeypatch.setattr(language, "acquainted", lambda task: ["told"])
    monkeypatch.setattr(characters, "Trained", lambda weights: None)
    monkeypatch.setattr("rnnbook.networks.language.letters", lambda model: None)
    monkeypatch.setattr(language.store, "RECORDED", tmp_path)
    language.larger(Small)
    made = store.measurement("language_all_works", tmp_path)
    store.write_measurement("language_all_works", {key: made[key] for key in made if key != "roman"}, tmp_path)
    language.larger(Small)
    assert store.measurement("language_all_works", tmp_path) == made and made["roman"] == ["told"]
    assert len(asked) == 1


def test_a_small_network_and_counts_are_adapted(task, monkeypatch):
    plays = {play: content[:900] for play, content in language.text.works().items()}
    monkeypatch.setattr(language.text, "works", lambda: plays)
    monkeypatch.setattr(language, "SHARES", (0.2,))
    monkeypatch.setattr(language, "ADAPTING_RATES", (0.1,))

    class Small:
        ids = {"train": task.ids["train"][:5000]}

    made = language.adapted(Small, characters.Trained())
    assert len(made["adapting"]) == 12 and len(made["tried"]) == 4
    assert all(row["characters"] == 900 - 128 for row in made["adapting"])
