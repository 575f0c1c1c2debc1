"""What is recorded of the language models: equal sizes and budgets, on the text that is shipped, and nothing twice."""

import argparse
import hashlib
import io
import tarfile

import numpy as np
import pytest

from rnnbook.runs import language, store
from rnnbook.text import prepare


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
    assert {(row["cell"], row["seed"]) for row in rows} == {(c, s) for c in language.UNITS for s in language.SEEDS}
    for row in rows:
        assert row["epochs"] == made["settings"]["epochs"] == len(row["training"]) == len(row["validation"])
        assert 1 < row["test"] < np.log2(36)
    assert language.counted(task, 2) == made["ngrams"]["2"]


def test_a_network_is_trained_and_judged(task):
    class Small:
        ids = {part: ids[:6000] for part, ids in task.ids.items()}
        inputs, targets = (x[: 2 * language.BATCH] for x in (task.inputs, task.targets))

    model, made = language.network(Small, "gru", seed=1, units=6, epochs=2)
    assert model.count_params() > made["parameters"]  # the one-hot table is not learned
    assert made["parameters"] == 3 * 6 * (36 + 6 + 2) + 36 * 7
    assert len(made["validation"]) == 2 and 2 < made["test"] < 5.5


def test_what_is_there_is_not_made_again_and_a_stop_keeps_what_is_done(task, tmp_path, monkeypatch):
    asked, shipped = [], []
    monkeypatch.setattr(language, "Task", lambda: task)
    monkeypatch.setattr(language, "counted", lambda task, order: {"validation": 3.0, "test": 3.0})
    monkeypatch.setattr(
        language, "network", lambda task, cell, seed: asked.append((cell, seed)) or (cell, {"test": 2.5})
    )
    monkeypatch.setattr(language, "_ship", shipped.append)
    monkeypatch.setattr(language.store, "RECORDED", tmp_path)
    language._run(argparse.Namespace(seeds=2, runs=4, all_works=None, rates=False))
    assert len(asked) == 4 and len(store.measurement("language", tmp_path)["rows"]) == 4 and shipped == ["lstm"]
    language._run(argparse.Namespace(seeds=2, runs=None, all_works=None, rates=False))
    assert len(asked) == len(set(asked)) == 6 and shipped == ["lstm"]


def test_each_cell_has_tried_each_rate_once_on_this_text(task, tmp_path, monkeypatch):
    recorded = language.load("rates")
    assert recorded["data_sha256"] == language.load()["data_sha256"]
    pairs = {(row["cell"], row["rate"]) for row in recorded["rows"]}
    assert pairs == {(cell, rate) for cell in language.UNITS for rate in language.RATES}
    assert len(pairs) == len(recorded["rows"])

    asked = []
    monkeypatch.setattr(language.store, "RECORDED", tmp_path)

    def network(task, cell, seed, epochs, rate):
        asked.append((cell, rate))
        if len(asked) == 5:
            raise KeyboardInterrupt
        return None, {"validation": [3.0, rate]}

    monkeypatch.setattr(language, "network", network)
    with pytest.raises(KeyboardInterrupt):
        language.tried(task)
    language.tried(task)
    assert len(asked) == 1 + len(pairs) and set(asked) == pairs
    assert all(row["validation"] == row["rate"] for row in language.load("rates")["rows"])


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


def test_a_small_network_and_counts_are_adapted(task, monkeypatch):
    plays = {play: content[:900] for play, content in language.text.works().items()}
    monkeypatch.setattr(language.text, "works", lambda: plays)
    monkeypatch.setattr(language, "SHARES", (0.2,))
    monkeypatch.setattr(language, "ADAPTING_RATES", (0.1,))

    class Small:
        ids = {"train": task.ids["train"][:5000]}

    from rnnbook.networks import characters

    made = language.adapted(Small, characters.Trained())
    assert len(made["adapting"]) == 12 and len(made["tried"]) == 4
    assert all(row["characters"] == 900 - 128 for row in made["adapting"])
