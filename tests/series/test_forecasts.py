"""Forecasting: no forecast sees what it is to say, baselines are right where they must be, networks are what they say."""

import keras
import numpy as np
import pandas as pd
import pytest

from rnnbook import series
from rnnbook.laboratory import RecordError, shipped_forecasts, study
from rnnbook.laboratory.studies import forecast_intervals, forecast_leaks, forecast_renewals, forecasts, tuesdays
from rnnbook.networks import forecast_training as training
from rnnbook.networks import forecasters, reference, shipped_forecasters
from rnnbook.series import baselines, tasks, windows


@pytest.fixture(scope="module")
def task():
    return tasks.Births()


def test_the_series_is_that_of_the_twenty_years():
    births = series.births()
    assert len(births) == 7305 and str(births.index[-1].date()) == "1988-12-31"
    # The 29th of February exists, and a Sunday has fewer births than a Tuesday.
    assert pd.Timestamp("1988-02-29") in births.index
    by_weekday = births.groupby(births.index.day_of_week).mean()
    assert by_weekday[6] < by_weekday[1] - 1000
    calendar = series.calendar(births.index)
    assert calendar.shape == (7305, 10) and (calendar.iloc[:, :7].sum(axis=1) == 1).all()
    assert calendar.loc["1984-12-25", "holiday"] == 1 and calendar.loc["1984-12-25", "Tue"] == 1


def test_holidays_are_known_by_name():
    named = series.named_days(series.births().index)
    assert named.shape == (7305, 59) and set(named.to_numpy().ravel()) == {0, 1}
    christmas = named.loc["1984-12-25"]
    assert set(named.columns[christmas == 1]) == {"Christmas Day +0", "25.12."}
    # In 1982 Christmas was a Saturday, kept on Friday; the date does not move.
    assert set(named.columns[named.loc["1982-12-24"] == 1]) == {"Christmas Day +0", "24.12."}
    assert named.loc["1984-11-23", "Thanksgiving Day +1"] == 1 and named.loc["1984-11-23"].sum() == 1
    assert named.loc["1984-06-20"].sum() == 0
    assert named.filter(like="Christmas Day").sum().eq(20).all()
    # The last day knows of a holiday just outside: New Year of 1989 was kept on the 2nd of January.
    assert series.named_days(pd.date_range("1988-12-20", "1989-01-01")).loc["1989-01-01", "New Year's Day -1"] == 1


def test_a_linear_model_told_the_names_learns_notches_of_different_depth(task):
    """One flag gives every holiday the same notch; a year of whole weeks ago may hold none, so that value cannot stand in."""
    days, depth = task.series.index, {"Christmas Day +0": 3000, "Columbus Day +0": 100, "Thanksgiving Day +0": 2000}
    named = series.named_days(days)
    values = (
        9000 + 500.0 * (np.arange(len(days)) % 7 < 5) - sum(named[name].to_numpy() * by for name, by in depth.items())
    )
    error = {}
    for name, calendar in (("flag", task.calendar), ("names", task.with_names)):
        model = baselines.Linear(True, True, True).fit(values, calendar, task.at["train"][::3])
        said = model.forecast(values, calendar, task.at["test"])
        asked = task.at["test"][:, None] + np.arange(windows.HORIZON)
        error[name] = np.abs(said - values[asked])[named["Christmas Day +0"].to_numpy()[asked] == 1].mean()
    assert error["names"] < 300 < 1000 < error["flag"]


def test_a_harmonic_regression_follows_week_year_and_holidays(task):
    days = np.arange(len(task.series))
    eve = series.named_days(task.series.index)["Christmas Day -1"].to_numpy()
    wave = 500 * np.cos(2 * np.pi * days / 365.25) + 800.0 * (days % 7 < 5) - 2000 * eve
    noise = np.random.default_rng(0).normal(0, 20, len(days))
    made = pd.Series(9000 + wave + noise, task.series.index)
    at = task.at["test"][:70:4]
    truth = windows.windows(made.to_numpy(), at, 0, windows.HORIZON)
    told, not_told = (
        np.abs(truth - baselines.harmonic_regression(made, known, at, windows.VALIDATION_ENDS)).mean()
        for known in (task.names, np.zeros((len(days), 1)))
    )
    assert told < 22 < not_told  # the noise alone makes 16


def test_the_parts_share_no_day_that_is_forecast(task):
    days = {part: set((at[:, None] + np.arange(windows.HORIZON)).ravel()) for part, at in task.at.items()}
    assert not days["train"] & days["validation"] and not days["validation"] & days["test"]
    weekdays = pd.Series(task.series.index[task.at["test"]].day_of_week).value_counts()
    assert len(weekdays) == 7 and weekdays.max() - weekdays.min() <= 1
    assert task.scale.mean == pytest.approx(task.series[: windows.TRAIN_ENDS].mean())


def test_windows_that_share_a_day_with_a_chosen_one_are_found():
    chosen = np.zeros(400, bool)
    chosen[200] = True
    whole = windows.HISTORY + windows.HORIZON  # the days of a window, read or to be forecast
    np.testing.assert_array_equal(np.flatnonzero(windows.overlapping(chosen)), np.arange(200 - whole + 1, 200 + whole))
    assert not windows.overlapping(np.zeros(400, bool)).any()


def test_held_out_years_share_no_day_with_the_windows_that_train(task):
    held_out = []
    for seed in forecasts.SEEDS:
        out, rest = forecast_leaks.split(task, "whole years", seed)
        read_or_asked = np.arange(-windows.HISTORY, windows.HORIZON)
        assert not set((out[:, None] + read_or_asked).ravel()) & set((rest[:, None] + read_or_asked).ravel())
        held_out += list(out)
    everything = windows.origins(task.series, None, windows.VALIDATION_ENDS)
    np.testing.assert_array_equal(np.sort(held_out), everything)  # each window once


def test_no_forecast_changes_with_the_days_it_is_to_forecast(task):
    """From the origin on, everything is replaced by nonsense."""
    at = task.at["test"][[3, 70]]
    kinds = ((False,), (True,), (True, True), (True, False, True), (True, True, True))
    linear = [baselines.Linear(*kind).fit(task.values, task.calendar, task.at["train"][:1000]) for kind in kinds]
    told = baselines.Linear(True, True, True).fit(task.values, task.with_names, task.at["train"][:1000])
    for t in at:
        spoiled = task.values.copy()
        spoiled[t:] = 1e5
        one = np.array([t])
        as_series = pd.Series(spoiled, task.series.index)
        said = {}
        for name, values, whole in (("true", task.values, task.series), ("spoiled", spoiled, as_series)):
            said[name] = [
                baselines.last_value(values, one),
                baselines.same_weekday(values, one),
                baselines.same_weekday(values, one, 4),
                baselines.last_year(values, one),
                *(model.forecast(values, task.calendar, one) for model in linear),
                told.forecast(values, task.with_names, one),
                baselines.harmonic_regression(whole, task.names, one, windows.TRAIN_ENDS),
                baselines.exponential_smoothing(whole, one),
                baselines.sarima(whole, task.calendar, one, windows.TRAIN_ENDS),
            ]
        for honest, blind in zip(said["true"], said["spoiled"], strict=True):
            assert honest.shape == (1, windows.HORIZON)
            np.testing.assert_array_equal(honest, blind)


def test_what_a_network_reads_does_not_hold_what_it_is_to_say(task):
    other = tasks.Births()
    t = other.at["test"][10]
    other.scaled[t:] = 99
    other.inputs[t:, 0] = 99
    for mine, theirs in (
        (task.past, other.past),
        (lambda p: task.future(p, "last year"), lambda p: other.future(p, "last year")),
        (lambda p: task.future(p, tasks.NAMED), lambda p: other.future(p, tasks.NAMED)),
    ):
        np.testing.assert_array_equal(mine("test")[10], theirs("test")[10])
    # ... and it is told relative to its own level: a series that stands higher reads the same.
    other.scaled, other.inputs = task.scaled + 5, task.inputs.copy()
    other.inputs[:, 0] += 5
    np.testing.assert_allclose(other.past("test"), task.past("test"), atol=1e-5)


def test_baselines_are_exact_on_a_series_that_repeats():
    days = np.arange(1200)
    week = 100.0 + np.array([5, 6, 7, 6, 5, 1, 0])[days % 7]
    at = np.array([800, 803, 901])
    truth = windows.windows(week, at, 0, windows.HORIZON)
    for said in (baselines.same_weekday(week, at), baselines.same_weekday(week, at, 4), baselines.last_year(week, at)):
        np.testing.assert_allclose(said, truth)
    drifting = week + 0.01 * days  # last year's forecast moves with the level
    moved = np.abs(baselines.last_year(drifting, at) - windows.windows(drifting, at, 0, windows.HORIZON))
    assert moved.max() < 0.3 < np.abs(baselines.same_weekday(drifting, at)[:, -1] - drifting[at + 27]).max() + 0.2
    assert windows.mase(truth - baselines.same_weekday(week + days, at), week + days) > 0


def test_a_linear_model_told_relative_to_its_level_moves_with_the_level(task):
    fit, at = task.at["train"][:1000], task.at["test"][:3]
    for absolute in (False, True):
        model = baselines.Linear(True, absolute, relative=True).fit(task.values, task.calendar, fit)
        said = model.forecast(task.values, task.calendar, at)
        np.testing.assert_allclose(model.forecast(task.values + 500, task.calendar, at), said + 500)


def test_a_fit_on_the_absolute_error_lets_an_outlier_be():
    rng = np.random.default_rng(0)
    x, y = np.ones((101, 1)), rng.normal(size=101)
    y[:5] = 1e4
    said = baselines.least_absolute(x, y, 1e-3, 0.01)[0]
    assert abs(said - np.median(y)) < 1 < 100 < abs(y.mean() - np.median(y))


def test_the_scaled_error_of_last_week_one_week_ahead_is_about_one(task):
    t = task.at["train"]
    error = windows.windows(task.values, t, 0, 7) - baselines.same_weekday(task.values, t)[:, :7]
    assert windows.mase(error, task.training) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_the_pinball_loss_is_lowest_at_its_quantile(quantile):
    truth = np.random.default_rng(0).normal(size=20_000)
    candidates = np.linspace(-2, 2, 201)
    best = candidates[np.argmin([windows.pinball(truth - c, quantile).mean() for c in candidates])]
    assert best == pytest.approx(np.quantile(truth, quantile), abs=0.03)
    error = np.array([[[0.5]], [[-2.0]]], "float32")
    said = forecasters.quantile_loss([quantile])(error, np.zeros_like(error))
    assert float(said) == pytest.approx(windows.pinball(error, quantile).mean(), rel=1e-6)


def test_coverage_counts_the_days_inside():
    truth = np.array([1.0, 2, 3, 4])
    assert windows.coverage(truth, truth - 1, np.array([0.0, 3, 3, 5])) == 0.75


@pytest.mark.parametrize("cell", forecasts.CELLS)
def test_networks_say_what_is_asked(cell):
    past, future = np.random.rand(2, 56, 11).astype("float32"), np.random.rand(2, 28, 10).astype("float32")
    assert forecasters.one_step(cell, 56, 11).predict(past, verbose=0).shape == (2, 1)
    assert forecasters.direct(cell, 56, 11, 28, known=10).predict([past, future], verbose=0).shape == (2, 28)
    model = forecasters.encoder_decoder(cell, 56, 11, 28, 10)
    said = model.predict([past, future], verbose=0)
    assert said.shape == (2, 28)
    changed = future.copy()
    changed[:, 20:] += 1  # a day's forecast does not know of later days' calendar
    moved = np.abs(model.predict([past, changed], verbose=0) - said).max(axis=0)
    assert moved[:20].max() == 0 < moved[20:].min()
    assert forecasters.encoder_decoder(cell, 56, 11, 28, 10, quantiles=(0.1, 0.5, 0.9)).output_shape == (None, 28, 3)


@pytest.mark.parametrize("way", [tasks.CORRECTED, tasks.CORRECTED_NAMED])
@pytest.mark.parametrize("cell", forecasts.CELLS)
def test_a_network_that_corrects_begins_at_the_same_week_last_year(task, cell, way):
    known = task.future("test", way).shape[2]
    model = forecasters.encoder_decoder(
        cell, windows.HISTORY, task.inputs.shape[1], windows.HORIZON, known, corrects=True
    )
    said = training.forecast(task, model, way, "test")
    np.testing.assert_allclose(said, baselines.last_year(task.values, task.at["test"]), rtol=1e-5)
    model.fit([task.past("test"), task.future("test", way)], task.wanted("test"), verbose=0)
    assert np.abs(training.forecast(task, model, way, "test") - said).mean() > 1


def test_the_decoder_starts_from_the_encoders_state():
    past, future = np.random.rand(2, 9, 3).astype("float32"), np.random.rand(2, 4, 2).astype("float32")
    model = forecasters.encoder_decoder("simple_rnn", 9, 3, 4, 2, units=5)
    encoder, decoder, (V, c) = (model.get_weights()[i:j] for i, j in ((0, 3), (3, 6), (6, 8)))
    Z0 = reference.rollout(past, encoder[0].T, encoder[1].T, encoder[2])[:, -1]
    Z = reference.rollout(future, decoder[0].T, decoder[1].T, decoder[2], Z0)[:, 1:]
    said = model.predict([past, future], verbose=0)
    np.testing.assert_allclose(said, reference.output_map(Z, V.T, c)[..., 0], atol=1e-5)


class Adds(keras.Model):
    """Says the last value plus one, so that a forecast on its own answers counts."""

    def call(self, past):
        return past[:, -1, :1] + 1


def test_the_recursive_forecast_reads_its_own_answers(task):
    said = training.forecast(task, Adds(), "recursive", "test")
    start = task.scaled[task.at["test"] - 1]
    np.testing.assert_allclose(
        task.scale.to(said) - start[:, None], np.arange(1, 29) * np.ones((len(start), 1)), atol=1e-4
    )


def test_the_validation_years_chose_every_rate_over_all_seeds_and_none_lies_at_the_edge(assert_well_chosen):
    frame = study.frame("forecasts")
    for way in (*forecasts.WAYS, tasks.CORRECTED):
        for cell in forecasts.CELLS:
            rows = frame[(frame.way == way) & (frame.cell == cell)].to_dict("records")
            assert_well_chosen((cell, way), rows, forecasts.RATES, forecasts.SEEDS, forecasts.CHOICE.error)


def test_the_best_network_of_the_validation_years_is_the_one_that_is_varied():
    frame = study.frame("forecasts").query("chosen")
    for added, expected in (((), "last year"), ((tasks.CORRECTED,), tasks.CORRECTED)):
        networks = frame[frame.way.isin([*forecasts.WAYS, *added])].groupby(["cell", "way"])
        assert networks.validation_mase.mean().idxmin() == (forecasts.BEST_CELL, expected)


def test_rates_are_asked_for_first_then_seeds_then_controls():
    def made(cases):
        return [case | {"validation_mase": abs(np.log(case["learning_rate"] / 0.01)) + 1} for case in cases]

    first = forecasts.cases([])
    assert {case["seed"] for case in first} == {0} and len(first) == 20 * len(forecasts.RATES)
    second = forecasts.cases(made(first))
    assert len(second) == len(first) + 20 * 2 * 4 and all(case in second for case in first)
    third = forecasts.cases(made(second))
    assert len(third) == len(second) + 5 * len(forecasts.CONTROLS)
    assert {case["learning_rate"] for case in third[len(second) :]} == {0.01}
    assert forecasts.cases(made(third)) == third


@pytest.fixture
def small(monkeypatch):
    """A task of 64 windows, known to all studies, and two epochs."""
    made = tasks.Births()
    made.at |= dict.fromkeys(("train", tasks.UNTIL_1986), made.at["train"][:64])
    for module in (forecasts, forecast_renewals, forecast_intervals, forecast_leaks, tuesdays):
        monkeypatch.setattr(module, "births", lambda: made)
    monkeypatch.setattr(training, "EPOCHS", 2)
    forecast_renewals.rival_mase.cache_clear()
    yield made
    forecast_renewals.rival_mase.cache_clear()


def test_a_network_trained_anew_is_kept_after_the_epoch_chosen_before_and_after_all(small):
    for told in (tasks.CORRECTED, tasks.NAMED):
        case = {"cell": "simple_rnn", "told": told, "seed": 0, "learning_rate": 0.01, "stop": 1}
        rows = forecast_renewals.measure(case)
        names = forecast_renewals.RENEWALS[told]
        assert [(row["way"], row["epoch"]) for row in rows] == list(zip(names, (1, 2), strict=True))
        assert rows[0]["mase"] != rows[1]["mase"]
        rival = forecast_renewals.rival_mase(told in tasks.BY_NAME)
        assert rows[0]["behind_rival"] == pytest.approx(rows[0]["mase"] - rival, abs=1e-4)


def test_a_tuesday_is_that_which_comes_first(task):
    days = task.series.index[task.at["test"] + task.first_tuesday("test")]
    assert set(days.day_name()) == {"Tuesday"} and ((days - task.series.index[task.at["test"]]).days < 7).all()
    # A network that errs by 10 births more with each day ahead.
    found = tuesdays.asked(task, lambda part: task.truth(part) + 10 * np.arange(28.0))
    np.testing.assert_allclose(found["off"], 10 * task.first_tuesday("test"))
    assert found["says"] == task.series["1988-06-21"] + 40


def test_the_ends_of_a_network_trained_anew_move_by_what_the_one_before_needed(task, monkeypatch):
    # By how many births the old network says too much; the new one says twice as much too much.
    too_high = {"validation": 30, "test": 20}

    def says(task, model, part):
        low = task.truth(part) + too_high[part] * (1 if model == "old" else 2)
        return low, low + 100, low + 200

    monkeypatch.setattr(forecast_intervals, "quantiles", says)
    row = forecast_intervals.renewed(task, "old", 1, lambda: "new")
    assert row["epoch"] == 1 and row["moved"] == pytest.approx(30)
    assert row["validation_before"] == row["before"] == row["coverage"] == 0
    assert row["before_moved"] == 1 and row["coverage_moved"] == 0  # 20 < 30 < 40
    assert row["width"] == pytest.approx(200) and row["mase"] > 0


def test_a_recursive_network_can_keep_the_epoch_of_its_lowest_error_over_four_weeks(small, monkeypatch):
    off = iter([3, 1, 2])  # how far the forecasts of three epochs lie off
    monkeypatch.setattr(training, "EPOCHS", 3)
    monkeypatch.setattr(training, "forecast", lambda *settings: small.truth("validation") + next(off))
    model, epoch = training.train(small, training.FOUR_WEEKS, "simple_rnn", 0, 0.01)
    assert epoch == 2 and model.output_shape == (None, 1)


def test_small_networks_are_measured(small):
    key = {"cell": "simple_rnn", "seed": 0, "learning_rate": 0.01}
    row = forecasts.measure(key | {"way": "direct"})
    assert 0.5 < row["mase"] < 5 and len(row["by_day"]) == windows.HORIZON and row["epoch"] in (1, 2)
    row = forecast_intervals.measure(key | {"until": "1984"})
    assert 0 <= row["coverage"] <= 1 and len(row["coverage_by_day"]) == windows.HORIZON


def test_only_networks_that_come_out_as_recorded_are_shipped(monkeypatch, tmp_path):
    class Trained:
        def get_weights(self):
            return [np.ones((2, 3)), np.ones((3, 3)), np.ones(3), np.ones((3, 1)), np.ones(1)]

    def perfect(task, model, way, part):
        truth = task.truth(part)
        return truth if way == "recursive" else np.repeat(truth[..., None], 3, axis=-1)

    monkeypatch.setattr(shipped_forecasters, "TRAINED", tmp_path / "forecasters.npz")
    monkeypatch.setattr(training, "train", lambda *settings: (Trained(), 1))
    monkeypatch.setattr(training, "forecast", perfect)
    monkeypatch.setattr(shipped_forecasts.environment, "prepare", lambda backend: None)
    with pytest.raises(RecordError, match="simple_rnn came out otherwise than recorded"):
        shipped_forecasts.ship()
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(shipped_forecasts, "SAME", 2)
    shipped_forecasts.ship()
    with np.load(tmp_path / "forecasters.npz") as stored:
        assert {name.split("/")[0] for name in stored.files} == set(shipped_forecasters.NAMES)
        assert stored["gru/U0"].shape == (3, 2)
