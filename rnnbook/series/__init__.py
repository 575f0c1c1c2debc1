"""What the networks of chapter 13 forecast: births a day in the United States, with their calendar, and monthly sunspots.

from rnnbook import series
births = series.births()              # pandas Series, a value a day
calendar = series.calendar(births.index)
spots = series.sunspots()             # a value a month
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from .. import files

FIRST_DAY = "1969-01-01"
NEAR = range(-1, 4)  # days from the day before a holiday to the third after it
# Month and day of what is met whether it is observed or not.
FIXED = ((12, 24), (12, 25), (12, 26), (12, 31), (1, 1), (1, 2), (7, 3), (7, 4), (7, 5))


def births() -> pd.Series:
    """Births a day in the United States, 1 January 1969 to 31 December 1988 (7,305 days), a DatetimeIndex.

    National Center for Health Statistics; in the public domain (CC0), by way of stdlib's data package.
    """
    files.note_use("births a day")
    with np.load(Path(__file__).parent / "births.npz") as stored:
        values = stored["births"]
    return pd.Series(values.astype(float), pd.date_range(FIRST_DAY, periods=len(values), name="day"), name="births")


def calendar(days: pd.DatetimeIndex) -> pd.DataFrame:
    """What is known of a day before it comes, (days, 10): weekday (7 columns of 0 and 1), holiday, season (cosine, sine).

    Holidays are the federal ones of the United States, on the day they are observed by today's rules: until 1977 some were
    kept on other days.
    """
    from pandas.tseries.holiday import USFederalHolidayCalendar

    known = pd.get_dummies(days.day_of_week).reindex(columns=range(7), fill_value=False).astype(float)
    known.columns = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    known.index = days
    known["holiday"] = days.isin(USFederalHolidayCalendar().holidays(days[0], days[-1])).astype(float)
    angle = 2 * np.pi * days.day_of_year / 365.25
    known["season (cosine)"], known["season (sine)"] = np.cos(angle), np.sin(angle)
    return known


def named_days(days: pd.DatetimeIndex) -> pd.DataFrame:
    """Holidays by name, as known before they come: a column of 0 and 1 for each holiday and each day `NEAR` it, and for each of the `FIXED` dates.

    `calendar` has one flag for all holidays, and a linear model cannot make of it a deep notch at Christmas and none on
    Columbus Day. Columns: 5 for each holiday of these years, and 9.
    """
    from pandas.tseries.holiday import USFederalHolidayCalendar

    week = pd.Timedelta(days=7)  # a holiday just outside reaches in
    kept = pd.Series(USFederalHolidayCalendar().holidays(days[0] - week, days[-1] + week, return_name=True))
    known = {}
    for name in sorted(kept.unique()):
        of_name = kept.index[kept == name]
        for away in NEAR:
            known[f"{name} {away:+d}"] = days.isin(of_name + pd.Timedelta(days=away))
    for month, day in FIXED:
        known[f"{day}.{month}."] = (days.month == month) & (days.day == day)
    return pd.DataFrame(known, index=days).astype(float)


def sunspots() -> pd.Series:
    """Monthly mean sunspot numbers, January 1749 to December 2008 (3,120 months), indexed by the first day of the month.

    National Geophysical Data Center, in the public domain, by way of statsmodels. These are the numbers as they were counted
    until 2015, when the whole series was revised. February 1824 had no observations and is interpolated.
    """
    files.note_use("sunspot numbers")
    with np.load(Path(__file__).parent / "sunspots.npz") as stored:
        values = stored["tenths"] / 10
    return pd.Series(values, pd.date_range("1749-01-01", periods=len(values), freq="MS", name="month"), name="sunspots")
