"""Forecasts without a network, for the same origins: each returns (origins, HORIZON), in births."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from .windows import HISTORY, HORIZON, LEVEL, WEEK, YEAR, origins, windows

HARMONIC = "dynamic harmonic regression"


def last_value(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Every day will be like the last one."""
    return np.repeat(values[at - 1][:, None], HORIZON, axis=1)


def same_weekday(values: np.ndarray, at: np.ndarray, weeks: int = 1) -> np.ndarray:
    """As on the same weekday last week, or on average over the last ``weeks``: the seasonal naive forecast."""
    recent = windows(values, at, -WEEK * weeks, 0).reshape(len(at), weeks, WEEK).mean(axis=1)
    return np.tile(recent, HORIZON // WEEK)


def last_year(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """As 52 weeks ago, so that the weekday agrees, moved by how much the last four weeks lie above those of then."""
    moved = windows(values, at, -LEVEL, 0).mean(axis=1) - windows(values, at, -LEVEL - YEAR, -YEAR).mean(axis=1)
    return windows(values, at, -YEAR, HORIZON - YEAR) + moved[:, None]


class Linear:
    """Linear autoregression: for every day ahead, one least-squares fit on the last HISTORY days and that day's calendar.

    calendar: whatever is known of each day, (days, features), such as `series.calendar`, with `series.named_days` or without.
    last_year: also on the value a year of weeks before the day that is forecast, above the level of then. A little ridge (penalty 1 on standardized inputs) keeps the fit stable.
    absolute: fitted on the absolute error, as networks are. relative: told relative to the mean of the last four weeks, which is added again, as networks are; else the level is an input.
    """

    def __init__(self, last_year=False, absolute=False, relative=False):
        self.last_year, self.absolute, self.relative = last_year, absolute, relative

    def fit(self, values, calendar, at):
        """Fit on training origins only."""
        X, Y = self._inputs(values, calendar, at), windows(values, at, 0, HORIZON) - self._level(values, at)
        self.mean = np.median(Y) if self.absolute else Y.mean()
        self.weights = [self._solve(x, y - self.mean) for x, y in zip(X, Y.T, strict=True)]
        return self

    def forecast(self, values, calendar, at):
        """(origins, HORIZON)."""
        X = self._inputs(values, calendar, at)
        above = np.column_stack([x @ w for x, w in zip(X, self.weights, strict=True)]) + self.mean
        return above + self._level(values, at)

    def _solve(self, x, y):
        if self.absolute:
            return least_absolute(x, y, penalty=1e-3, near=30)
        return np.linalg.solve(x.T @ x + np.eye(x.shape[1]), x.T @ y)

    def _level(self, values, at):
        return windows(values, at, -LEVEL, 0).mean(axis=1, keepdims=True) if self.relative else 0.0

    def _inputs(self, values, calendar, at):
        history = windows(values, at, -HISTORY, 0)
        level = self._level(values, at) if self.relative else history.mean(axis=1, keepdims=True)
        lags = (history - level) / 1000
        if not self.relative:
            lags = np.hstack([lags, level / 1000])
        days = [[lags, calendar[at + ahead], np.ones((len(at), 1))] for ahead in range(HORIZON)]
        if self.last_year:
            then = windows(values, at - YEAR, -LEVEL, 0).mean(axis=1, keepdims=True)
            for ahead, day in enumerate(days):
                day.append((values[at + ahead - YEAR][:, None] - then) / 1000)
        return [np.hstack(day) for day in days]


def least_absolute(x, y, penalty, near):
    """The weights of a linear fit on the absolute error: by squares, weighted again and again; errors below ``near`` count fully."""
    counts = np.ones(len(y))
    for _ in range(8):
        left, right = (x * counts[:, None]).T @ x, (x * counts[:, None]).T @ y
        weights = np.linalg.solve(left + penalty * np.eye(len(left)), right)
        counts = near / np.maximum(np.abs(y - x @ weights), near)
    return weights


def exponential_smoothing(series: pd.Series, at: np.ndarray, years: int = 3) -> np.ndarray:
    """Holt–Winters with a damped trend and a weekly season, fitted anew at every origin on the last ``years``."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    values, forecasts = series.to_numpy(), []
    for t in at:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an optimizer that stops a little early is fine for a baseline
            model = ExponentialSmoothing(
                values[t - years * 365 : t], trend="add", damped_trend=True, seasonal="add", seasonal_periods=WEEK
            )
            forecasts.append(model.fit().forecast(HORIZON))
    return np.array(forecasts)


def sarima(series: pd.Series, calendar: np.ndarray, at: np.ndarray, train_ends: str) -> np.ndarray:
    """SARIMA(1, 0, 1)(0, 1, 1, 7) with holidays as a regressor, fitted on the last training years and then only updated."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    values, holiday = series.to_numpy(), calendar[:, 7]
    end = int(series.index.searchsorted(pd.Timestamp(train_ends), side="right"))
    begin = end - 4 * 365

    def model(stop):
        return SARIMAX(
            values[begin:stop] / 1000, exog=holiday[begin:stop], order=(1, 0, 1), seasonal_order=(0, 1, 1, WEEK)
        )

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parameters = model(end).fit(disp=False).params
        forecasts = []
        for t in at:
            state = model(t).filter(parameters)
            forecasts.append(state.forecast(HORIZON, exog=holiday[t : t + HORIZON]) * 1000)
    return np.array(forecasts)


def harmonic_regression(
    series: pd.Series, named: np.ndarray, at: np.ndarray, train_ends: str, years: int = 2, pairs: int = 15
) -> np.ndarray:
    """Dynamic harmonic regression: waves of the week and of the year and holidays by name; the errors follow an ARIMA(1, 1, 1).

    Fitted on the last training years and then only updated, at one origin after another. years and pairs (of sine and
    cosine in a year): the best of 2 to 6 and of 6 to 20 on the validation years, where the training ends in 1984.
    """
    from statsmodels.tsa.arima.model import ARIMA
    from statsmodels.tsa.deterministic import Fourier

    values = series.to_numpy() / 1000
    end = int(series.index.searchsorted(pd.Timestamp(train_ends), side="right"))
    begin = end - years * 1461 // 4
    waves = [Fourier(period, order).in_sample(series.index) for period, order in ((WEEK, 3), (365.25, pairs))]
    known = np.column_stack([*waves, named])
    known = known[:, known[begin:end].any(axis=0)]  # a holiday that these years never had has no weight
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ARIMA(values[begin:end], exog=known[begin:end], order=(1, 1, 1))
        # Regression and errors in turn: fast with many regressors.
        state = model.fit(method="innovations_mle", gls=True)
        forecasts = []
        for t in at:
            if t > end:
                state, end = state.extend(values[end:t], exog=known[end:t]), t
            forecasts.append(state.forecast(HORIZON, exog=known[t : t + HORIZON]) * 1000)
    return np.array(forecasts)


def all_of_them(series: pd.Series, calendar: np.ndarray, named: np.ndarray, at: np.ndarray, train_ends: str) -> dict:
    """Every baseline of the chapter: name → what makes its forecasts, (origins, HORIZON)."""
    values = series.to_numpy()
    training = origins(series, None, train_ends)

    def linear(last_year):
        return lambda: Linear(last_year).fit(values, calendar, training).forecast(values, calendar, at)

    return {
        "last value": lambda: last_value(values, at),
        "same day last week": lambda: same_weekday(values, at),
        "mean of four weeks": lambda: same_weekday(values, at, 4),
        "same week last year": lambda: last_year(values, at),
        "linear autoregression": linear(False),
        "linear autoregression with last year": linear(True),
        "exponential smoothing": lambda: exponential_smoothing(series, at),
        "SARIMA": lambda: sarima(series, calendar, at, train_ends),
        HARMONIC: lambda: harmonic_regression(series, named, at, train_ends),
    }
