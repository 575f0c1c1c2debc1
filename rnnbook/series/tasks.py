"""What the forecasters of chapter 13 are given and asked: a series with its scale and the origins of each part, as windows."""

from __future__ import annotations

import hashlib

import numpy as np

from .. import series
from . import baselines, windows

NAMED = "last year, named holidays"  # as "last year", but each day to come is told its holiday by name as well
CORRECTED = "last year, corrected"  # told as much as "last year"; the forecast is that value plus what the network says
CORRECTED_NAMED = CORRECTED + ", named holidays"
LAST_YEARS = ("last year", NAMED, CORRECTED, CORRECTED_NAMED)  # told the value then
BY_NAME = (NAMED, CORRECTED_NAMED)
LAST_DAY = "1988-12-31"
UNTIL_1986 = "up to 1986"  # the part of all windows before the test years


class Births:
    """Births a day: the series, its calendar, the scale fitted on the training part, and the origins of each part."""

    FRIDAY = "1988-06-17"  # the chapter asks what the Tuesday after it brings

    def __init__(self):
        self.series = series.births()
        self.values = self.series.to_numpy()
        self.calendar = series.calendar(self.series.index).to_numpy()  # pyright: ignore[reportArgumentType]
        end = int(self.series.index.searchsorted(np.datetime64(windows.TRAIN_ENDS), side="right"))
        self.names = series.named_days(self.series.index).to_numpy()  # pyright: ignore[reportArgumentType]
        self.with_names = np.hstack([self.calendar, self.names])
        self.training = self.values[:end]
        self.scale = windows.Scale.fit(self.training)
        self.scaled = self.scale.to(self.values)
        self.inputs = np.column_stack([self.scaled, self.calendar]).astype("float32")
        self.at = {
            "train": windows.origins(self.series, None, windows.TRAIN_ENDS),
            "validation": windows.origins(self.series, windows.TRAIN_ENDS, windows.VALIDATION_ENDS, windows.STEP),
            "test": windows.origins(self.series, windows.VALIDATION_ENDS, LAST_DAY, windows.STEP),
            UNTIL_1986: windows.origins(self.series, None, windows.VALIDATION_ENDS),
        }

    def level(self, part, back=0):
        """The mean over the four weeks before each origin, or before the day ``back`` days earlier: (origins, 1), scaled."""
        return windows.windows(self.scaled, self.at[part] - back, -windows.LEVEL, 0).mean(axis=1, keepdims=True)

    def past(self, part):
        """(origins, HISTORY, 11): the value of each day before, above the level, and its calendar."""
        past = windows.windows(self.inputs, self.at[part], -windows.HISTORY, 0)
        past[..., 0] -= self.level(part)
        return past

    def future(self, part, way="known future"):
        """What is known of each day to come, (origins, HORIZON, 10): its calendar; with `LAST_YEARS` also the value then (11), above its level.

        With a way of `BY_NAME` the calendar has the holidays by name as well.
        """
        known, at = self.with_names if way in BY_NAME else self.calendar, self.at[part]
        future = windows.windows(known.astype("float32"), at, 0, windows.HORIZON)
        if way not in LAST_YEARS:
            return future
        then = windows.windows(self.scaled, at, -windows.YEAR, windows.HORIZON - windows.YEAR)
        then = (then - self.level(part, windows.YEAR)).astype("float32")
        return np.concatenate([future, then[..., None]], axis=2)

    def first_tuesday(self, part):
        """How many days after each origin the first Tuesday comes, 0 to 6: (origins,)."""
        days = self.series.index[self.at[part]]
        return (1 - days.day_of_week.to_numpy()) % 7  # pyright: ignore[reportAttributeAccessIssue]

    def truth(self, part):
        """(origins, HORIZON), in births."""
        return windows.windows(self.values, self.at[part], 0, windows.HORIZON)

    def wanted(self, part):
        """What a network is to say, (origins, HORIZON): the truth, scaled, above the level."""
        return (self.scale.to(self.truth(part)) - self.level(part)).astype("float32")

    def births(self, said, part):
        """What a network said, (origins, HORIZON) or (origins, HORIZON, quantiles), in births."""
        level = self.level(part)
        return self.scale.back(said + (level[..., None] if np.ndim(said) == 3 else level))

    def measured(self, said, part="test"):
        """The errors of forecasts: MASE over everything, mean absolute error for each day ahead (births), and by origin."""
        error = self.truth(part) - said
        return {
            "mase": round(windows.mase(error, self.training), 5),
            "by_day": [round(float(x), 1) for x in np.abs(error).mean(axis=0)],
            "by_origin": [round(float(x), 1) for x in np.abs(error).mean(axis=1)],
        }

    def rival(self, part, named=False):
        """The linear model that has what the best network has: last year's value, its own level, and the absolute error.

        Fitted on the origins of a part. named: told the holidays by name as well; it then asks for `with_names`.
        """
        model = baselines.Linear(last_year=True, absolute=True, relative=True)
        return model.fit(self.values, self.with_names if named else self.calendar, self.at[part])


class Sunspots:
    """Sunspots, a mean a quarter, less noisy than a month: the series, its scale and origins, as in `Births`."""

    MONTHS = 3  # of a step
    HISTORY, HORIZON = 88, 20  # quarters that a model reads, two cycles; quarters that it forecasts, five years
    CYCLE = 44  # quarters of a mean cycle: what 'as eleven years ago' looks back
    ENDS = {"train": "1929", "validation": "1965", "test": "2008"}  # the last year of each part
    RIDGES = (1, 10, 100, 1000)  # penalties of the linear autoregression; the validation years choose

    def __init__(self):
        self.series = series.sunspots().resample(f"{self.MONTHS}MS").mean()
        self.values = self.series.to_numpy()
        ends = [len(self.series[:year]) for year in self.ENDS.values()]  # pyright: ignore[reportArgumentType]
        starts = [self.HISTORY, *ends]
        self.at = {
            part: np.arange(start, end - self.HORIZON + 1)
            for part, start, end in zip(self.ENDS, starts, ends, strict=False)
        }
        self.training = self.values[: ends[0]]
        self.scale = windows.Scale.fit(self.training)

    def past(self, part):
        """(origins, HISTORY, 1), scaled."""
        past = windows.windows(self.scale.to(self.values), self.at[part], -self.HISTORY, 0)
        return past[..., None].astype("float32")

    def truth(self, part):
        """(origins, HORIZON), in sunspots."""
        return windows.windows(self.values, self.at[part], 0, self.HORIZON)

    def measured(self, said, part):
        """MASE over everything (1 is the error of 'as eleven years ago' in training) and mean absolute error by quarters ahead."""
        error = self.truth(part) - said
        return {
            "mase": round(windows.mase(error, self.training, self.CYCLE), 5),
            "by_quarter": [round(float(x), 2) for x in np.abs(error).mean(axis=0)],
        }

    def linear(self, part, ridge):
        """Direct linear autoregression on the last HISTORY quarters: one least-squares fit for each quarter ahead."""
        inputs, wanted = self._with_one("train"), self.scale.to(self.truth("train"))
        weights = np.linalg.solve(inputs.T @ inputs + ridge * np.eye(inputs.shape[1]), inputs.T @ wanted)
        return self.scale.back(self._with_one(part) @ weights)

    def _with_one(self, part):
        past = self.past(part)[..., 0]
        return np.hstack([np.ones((len(past), 1)), past])

    def baselines(self, part):
        """Forecasts without a network: name → (origins, HORIZON)."""
        at, values = self.at[part], self.values
        best = min(self.RIDGES, key=lambda ridge: self.measured(self.linear("validation", ridge), "validation")["mase"])
        year = windows.windows(values, at, -12 // self.MONTHS, 0).mean(axis=1, keepdims=True)
        return {
            "mean of all years before 1930": np.full((len(at), self.HORIZON), self.training.mean()),
            "last value": np.repeat(values[at - 1][:, None], self.HORIZON, axis=1),
            "mean of the last year": np.repeat(year, self.HORIZON, axis=1),
            "eleven years ago": windows.windows(values, at, -self.CYCLE, self.HORIZON - self.CYCLE),
            "linear autoregression": self.linear(part, best),
        }


def digest(task):
    """Of the values of a task's series."""
    return hashlib.sha256(task.values.tobytes()).hexdigest()
