"""The sunspots: the series is the published one, no forecast sees what it is to say, and the record belongs to both."""

import argparse
import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
import statsmodels.datasets.sunspots

from rnnbook import series
from rnnbook.networks import forecasters
from rnnbook.runs import store, sunspots
from tests.nightly import often


@pytest.fixture(scope="module")
def task():
    return sunspots.Task()


def test_the_series_is_that_of_statsmodels():
    file = Path(statsmodels.datasets.sunspots.__file__).parent / "src" / "sunspots_monthly.dat"
    years = [line.split() for line in file.read_text().splitlines() if re.match(r"\d{4} ", line)]
    published = {int(year): [float(v) for v in months] for year, *months in years if len(months) == 12}
    spots = series.sunspots()
    assert list(published) == sorted(set(spots.index.year))
    np.testing.assert_array_equal(spots, np.ravel(list(published.values())))
    assert "public domain" in statsmodels.datasets.sunspots.COPYRIGHT


def test_the_parts_share_no_quarter_that_is_forecast(task):
    quarters = {part: set((at[:, None] + np.arange(sunspots.HORIZON)).ravel()) for part, at in task.at.items()}
    assert not quarters["train"] & quarters["validation"] and not quarters["validation"] & quarters["test"]
    assert str(task.series.index[max(quarters["train"])].date()) == "1929-10-01"
    assert task.scale.mean == pytest.approx(series.sunspots()[:"1929"].mean())


def test_no_forecast_changes_with_the_quarters_it_is_to_forecast(task):
    spoiled = sunspots.Task()
    t = task.at["test"][40]
    spoiled.values = task.values.copy()
    spoiled.values[t:] = 1e4
    blind = sunspots.baselines(spoiled, "test")
    for name, honest in sunspots.baselines(task, "test").items():
        assert honest.shape == (len(task.at["test"]), sunspots.HORIZON)
        np.testing.assert_allclose(honest[40], blind[name][40], err_msg=name)
    np.testing.assert_array_equal(task.past("test")[40], spoiled.past("test")[40])


def test_a_wave_of_eleven_years_is_forecast_by_looking_back_one_cycle():
    made = sunspots.Task()
    made.values = 50 + 40 * np.sin(2 * np.pi * np.arange(len(made.values)) / sunspots.CYCLE)
    made.scale = made.scale.fit(made.values[: len(made.training)])
    said = sunspots.baselines(made, "test")
    np.testing.assert_allclose(said["eleven years ago"], made.truth("test"), atol=1e-9)
    np.testing.assert_allclose(said["linear autoregression"], made.truth("test"), atol=2)


@pytest.mark.parametrize("cell", often(["gru"], sunspots.CELLS))
def test_a_network_learns_a_wave_and_is_judged_on_quarters_it_has_not_seen(cell, monkeypatch):
    monkeypatch.setattr(sunspots, "EPOCHS", 30)
    made = sunspots.Task()
    made.at = made.at | {"train": made.at["train"][::3]}
    made.values = 50 + 40 * np.sin(2 * np.pi * np.arange(len(made.values)) / sunspots.CYCLE)
    made.training = made.values[: len(made.training)]
    made.scale = made.scale.fit(made.training)
    row = sunspots.network(made, cell, seed=0)
    mean = np.abs(made.truth("test") - made.training.mean()).mean()
    assert np.mean(row["by_quarter"]) < 0.5 * mean and 1 <= row["epoch"] <= 30
    assert len(row["by_quarter"]) == sunspots.HORIZON


def test_a_convolution_reaches_over_all_that_it_is_given():
    """A change of the first quarter of the history changes the forecast, whatever the length of the history."""
    for history in (56, 64, 65, 88):
        model = forecasters.direct("conv", history, 1, 3, units=64)
        past = np.zeros((2, history, 1), np.float32)
        past[1, 0] = 5.0
        one, other = model.predict(past, verbose=0)
        assert np.abs(one - other).max() > 0, history


def test_what_is_recorded_belongs_to_this_series(task):
    recorded = sunspots.load()
    assert recorded["data_sha256"] == hashlib.sha256(task.values.tobytes()).hexdigest()
    assert {(row["cell"], row["seed"]) for row in recorded["rows"]} == {
        (cell, seed) for cell in sunspots.CELLS for seed in sunspots.SEEDS
    }
    for part, kept in recorded["baselines"].items():
        for name, said in sunspots.baselines(task, part).items():
            assert task.measured(said, part)["mase"] == pytest.approx(kept[name]["mase"], rel=1e-4)
    linear = recorded["baselines"]["test"]["linear autoregression"]["mase"]
    naive = np.abs(task.training[sunspots.CYCLE :] - task.training[: -sunspots.CYCLE]).mean()
    for row in recorded["rows"]:
        assert row["mase"] == pytest.approx(np.mean(row["by_quarter"]) / naive, rel=1e-3)
        assert row["behind_linear"] == pytest.approx(row["mase"] - linear, abs=2e-5)


def test_what_is_there_is_not_made_again(task, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(sunspots, "Task", lambda: task)
    monkeypatch.setattr(
        sunspots,
        "network",
        lambda task, cell, seed: asked.append((cell, seed)) or {"epoch": 1, "validation_mase": 1, "mase": 1},
    )
    monkeypatch.setattr(sunspots.store, "RECORDED", tmp_path)
    for seeds in (1, 2):
        sunspots._run(argparse.Namespace(seeds=seeds))
    assert len(asked) == len(set(asked)) == 2 * len(sunspots.CELLS)
    rows = store.measurement("sunspots", tmp_path)["rows"]
    linear = store.measurement("sunspots", tmp_path)["baselines"]["test"]["linear autoregression"]["mase"]
    assert len(rows) == 8 and rows[0]["behind_linear"] == pytest.approx(1 - linear, abs=1e-4)


def test_a_network_learns_and_tells_its_errors(task, monkeypatch):
    monkeypatch.setattr(sunspots, "EPOCHS", 10)
    small = sunspots.Task()
    small.at = {
        "train": task.at["train"][::40],
        "validation": task.at["validation"][::40],
        "test": task.at["test"][::40],
    }
    row = sunspots.network(small, "gru", 0)
    assert row["parameters"] == 3 * 32 * (1 + 32 + 2) + 20 * 33 and 1 <= row["epoch"] <= sunspots.EPOCHS
    assert len(row["by_quarter"]) == sunspots.HORIZON and 0.1 < row["mase"] < 5
