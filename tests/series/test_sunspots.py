"""The sunspots: the series is the published one, no forecast sees what it is to say, and the record belongs to both."""

import re
from pathlib import Path

import numpy as np
import pytest
import statsmodels.datasets.sunspots

from rnnbook import series
from rnnbook.laboratory import study
from rnnbook.laboratory.studies import sunspots
from rnnbook.networks import forecasters
from rnnbook.series import tasks
from tests.nightly import often


@pytest.fixture(scope="module")
def task():
    return tasks.Sunspots()


def test_the_series_is_that_of_statsmodels():
    file = Path(statsmodels.datasets.sunspots.__file__).parent / "src" / "sunspots_monthly.dat"
    years = [line.split() for line in file.read_text().splitlines() if re.match(r"\d{4} ", line)]
    published = {int(year): [float(v) for v in months] for year, *months in years if len(months) == 12}
    spots = series.sunspots()
    assert list(published) == sorted(set(spots.index.year))
    np.testing.assert_array_equal(spots, np.ravel(list(published.values())))
    assert "public domain" in statsmodels.datasets.sunspots.COPYRIGHT


def test_the_parts_share_no_quarter_that_is_forecast(task):
    quarters = {part: set((at[:, None] + np.arange(tasks.Sunspots.HORIZON)).ravel()) for part, at in task.at.items()}
    assert not quarters["train"] & quarters["validation"] and not quarters["validation"] & quarters["test"]
    assert str(task.series.index[max(quarters["train"])].date()) == "1929-10-01"
    assert task.scale.mean == pytest.approx(series.sunspots()[:"1929"].mean())


def test_no_forecast_changes_with_the_quarters_it_is_to_forecast(task):
    spoiled = tasks.Sunspots()
    t = task.at["test"][40]
    spoiled.values = task.values.copy()
    spoiled.values[t:] = 1e4
    blind = spoiled.baselines("test")
    for name, honest in task.baselines("test").items():
        assert honest.shape == (len(task.at["test"]), tasks.Sunspots.HORIZON)
        np.testing.assert_allclose(honest[40], blind[name][40], err_msg=name)
    np.testing.assert_array_equal(task.past("test")[40], spoiled.past("test")[40])


def test_a_wave_of_eleven_years_is_forecast_by_looking_back_one_cycle():
    made = tasks.Sunspots()
    made.values = 50 + 40 * np.sin(2 * np.pi * np.arange(len(made.values)) / tasks.Sunspots.CYCLE)
    made.scale = made.scale.fit(made.values[: len(made.training)])
    said = made.baselines("test")
    np.testing.assert_allclose(said["eleven years ago"], made.truth("test"), atol=1e-9)
    np.testing.assert_allclose(said["linear autoregression"], made.truth("test"), atol=2)


@pytest.mark.parametrize("cell", often(["gru"], sunspots.CELLS))
def test_a_network_learns_a_wave_and_is_judged_on_quarters_it_has_not_seen(cell):
    made = tasks.Sunspots()
    made.at = made.at | {"train": made.at["train"][::3]}
    made.values = 50 + 40 * np.sin(2 * np.pi * np.arange(len(made.values)) / tasks.Sunspots.CYCLE)
    made.training = made.values[: len(made.training)]
    made.scale = made.scale.fit(made.training)
    row = sunspots.network(made, cell, seed=0, epochs=30)
    mean = np.abs(made.truth("test") - made.training.mean()).mean()
    assert np.mean(row["by_quarter"]) < 0.5 * mean and 1 <= row["epoch"] <= 30
    assert len(row["by_quarter"]) == tasks.Sunspots.HORIZON


def test_a_convolution_reaches_over_all_that_it_is_given():
    """A change of the first quarter of the history changes the forecast, whatever the length of the history."""
    for history in (56, 64, 65, 88):
        model = forecasters.direct("conv", history, 1, 3, units=64)
        past = np.zeros((2, history, 1), np.float32)
        past[1, 0] = 5.0
        one, other = model.predict(past, verbose=0)
        assert np.abs(one - other).max() > 0, history


def test_networks_stand_beside_the_linear_model():
    frame = study.frame("sunspots")
    linear = frame[(frame["name"] == sunspots.RIVAL) & (frame["part"] == "test")].mase.item()
    networks = frame[frame.seed.notna()]
    np.testing.assert_allclose(networks.behind_linear, networks.mase - linear, atol=1e-5)
