"""Forecasting day by day: split in time, scaling, windows, rolling origins, errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

HISTORY, HORIZON = 56, 28  # days that a network reads, days that it forecasts
TRAIN_ENDS, VALIDATION_ENDS = "1984-12-31", "1986-12-31"
STEP = 5  # days between two origins: prime to 7, so that every weekday is an origin
WEEK, YEAR = 7, 52 * 7  # a year of whole weeks, so that the weekday agrees
LEVEL = 4 * WEEK  # days over which a level is taken
INSIDE = 0.8  # the share of days that an interval should hold: from the quantile .1 to the quantile .9


@dataclass(frozen=True)
class Scale:
    """Mean and standard deviation of the training part: nothing else may be known while training."""

    mean: float
    std: float

    @classmethod
    def fit(cls, values) -> Scale:
        """From the values to scale by."""
        return cls(float(np.mean(values)), float(np.std(values)))

    def to(self, values):
        """Into units of the standard deviation."""
        return (np.asarray(values) - self.mean) / self.std

    def back(self, scaled):
        """Into the units of the series."""
        return np.asarray(scaled) * self.std + self.mean


def origins(series: pd.Series, after: str | None, until: str, step: int = 1) -> np.ndarray:
    """Positions t from which days t to t + HORIZON - 1 are forecast, all of them after ``after`` and up to ``until``.

    t is the first day that is not known. after=None: from the first day with a whole year before it.
    """
    first = YEAR if after is None else int(series.index.searchsorted(pd.Timestamp(after), side="right"))
    last = int(series.index.searchsorted(pd.Timestamp(until), side="right")) - HORIZON
    return np.arange(first, last + 1, step)


def windows(values: np.ndarray, at: np.ndarray, start: int, stop: int) -> np.ndarray:
    """The values (origins, stop - start, …) from day t + start to before day t + stop, for every origin t."""
    return values[at[:, None] + np.arange(start, stop)]


def overlapping(chosen: np.ndarray) -> np.ndarray:
    """Of windows at consecutive origins: which share a day, read or to be forecast, with one of those ``chosen``; (origins,), bool."""
    reach = np.ones(2 * (HISTORY + HORIZON) - 1)
    return np.convolve(chosen, reach, mode="same") > 0.5


def mase(error: np.ndarray, training: np.ndarray, season: int = WEEK) -> float:
    """Mean absolute scaled error (Hyndman & Koehler, 2006): 1 is what 'as a week ago' gets, one week ahead, in training."""
    return float(np.mean(np.abs(error))) / naive_error(training, season)


def naive_error(training: np.ndarray, season: int = WEEK) -> float:
    """Mean absolute error of 'as a season ago' in training, what `mase` divides by."""
    return float(np.mean(np.abs(training[season:] - training[:-season])))


def pinball(error: np.ndarray, quantile: float) -> np.ndarray:
    """Quantile loss of truth minus forecast (Koenker & Bassett, 1978): lowest, on average, at that quantile."""
    return np.maximum(quantile * error, (quantile - 1) * error)


def coverage(truth: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """The share of days that lie in their interval."""
    return float(np.mean((low <= truth) & (truth <= high)))
