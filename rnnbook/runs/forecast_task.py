"""What every forecaster of chapter 13 is given: the births with their calendar, scale and origins, as windows."""

from __future__ import annotations

import numpy as np

from .. import series
from ..series import windows

NAMED = "last year, named holidays"  # as "last year", but each day to come is told its holiday by name as well
CORRECTED = "last year, corrected"  # told as much as "last year"; the forecast is that value plus what the network says
CORRECTED_NAMED = CORRECTED + ", named holidays"
LAST_YEARS = ("last year", NAMED, CORRECTED, CORRECTED_NAMED)  # told the value then
BY_NAME = (NAMED, CORRECTED_NAMED)
LAST_DAY = "1988-12-31"


class Task:
    """The series, its calendar, the scale fitted on the training part, and the origins of each part."""

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
