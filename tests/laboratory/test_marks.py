"""The study of the last mark: validation chooses the rate that trains on, and what is shipped can be made again."""

import numpy as np
import pytest

from rnnbook import laboratory
from rnnbook.laboratory.studies import marks
from rnnbook.networks import last_mark


@pytest.fixture
def short(monkeypatch):
    """Two rates and two seeds, a few updates."""
    for name, value in {"RATES": (1e-5, 1e-2), "SEEDS": range(2), "UPDATES": 20, "LONGER": 30}.items():
        monkeypatch.setattr(marks, name, value)


def test_the_best_rate_on_validation_trains_on(short):
    case = {"cell": "gru", "start": "update bias 0", "units": 6, "closest": last_mark.CLOSEST}
    rows = marks.measure(case)
    assert [row["updates"] for row in rows] == [20] * 4 + [30] * 2
    mean = {rate: np.mean([r["validation"] for r in rows[:4] if r["learning_rate"] == rate]) for rate in marks.RATES}
    assert {row["learning_rate"] for row in rows[4:]} == {min(mean, key=lambda rate: mean[rate])}
    far = marks.measure(case | {"closest": marks.FAR})
    assert len(far) == 4 and all(set(row) == set(rows[-1]) for row in far)


def test_the_recorded_choice_is_inside_of_the_rates_tried_and_is_what_trained_on():
    rows = laboratory.frame("marks")
    network = ["cell", "start", "learning_rate", "seed"]
    chosen, longer = (
        set(map(tuple, part[network].values)) for part in (rows[rows.chosen], rows[rows.part == "longer"])
    )
    assert chosen == longer and len(chosen) == len(marks.NETWORKS) * len(marks.SEEDS)
    assert not {rate for _, _, rate, _ in chosen} & {marks.RATES[0], marks.RATES[-1]}
    assert rows.parameters.max() < 1.08 * rows.parameters.min()


def test_a_rate_whose_loss_is_no_number_is_not_chosen():
    import pandas as pd

    rows = [
        {
            "cell": "gru",
            "start": "",
            "closest": 5,
            "updates": marks.UPDATES,
            "learning_rate": rate,
            "validation": v,
            "test": 0.1,
        }
        for rate, errors in {0.1: (0.001, np.nan), 0.01: (0.2, 0.2)}.items()
        for v in errors
    ]
    assert set(marks.derived(pd.DataFrame(rows)).query("chosen").learning_rate) == {0.01}


def test_what_the_book_ships_is_trained_at_the_recorded_rates(short, monkeypatch, tmp_path):
    monkeypatch.setattr(marks, "RATES", (3e-2, 1e-1))
    monkeypatch.setattr(last_mark, "TRAINED", tmp_path / "last_mark.npz")
    rates = laboratory.frame("marks").query("chosen").groupby(["cell", "start"]).learning_rate.first()
    shown = [network for network in marks.SHOWN if rates[network[:2]] in marks.RATES]
    monkeypatch.setattr(marks, "SHOWN", shown)
    marks.ship()
    made = last_mark.shipped.__wrapped__()
    assert shown and {name: len(of_seeds) for name, of_seeds in made.items()} == {f"{c}, {s}": 2 for c, s, _ in shown}
