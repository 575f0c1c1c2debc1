"""Runs of several seeds: means, spreads, intervals. What compares two kinds of runs is `rnnbook.runs.claims`."""

from __future__ import annotations

import numpy as np

from .record import RecordError


def summarize(frame, value, by="architecture"):
    """Mean, standard deviation, number of runs and 95 % interval of the mean of ``value`` for each group.

    The interval is Student's t over seeds; with a single run, spread and interval are NaN. by: a column or a list.
    """
    import pandas as pd

    _need(frame, [value, *([by] if isinstance(by, str) else by)])
    rows = {}
    for group, values in frame.groupby(by, sort=False, dropna=False)[value]:
        mean, half = values.mean(), _half_interval(values)
        rows[group] = {"mean": mean, "std": values.std(), "n": len(values), "low": mean - half, "high": mean + half}
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.names = [by] if isinstance(by, str) else list(by)
    return table


def _half_interval(values, level=0.95):
    from scipy import stats

    n = len(values)
    return stats.t.ppf((1 + level) / 2, n - 1) * values.std() / np.sqrt(n) if n > 1 else np.nan


def _need(frame, columns):
    missing = [column for column in columns if column not in frame]
    if missing:
        raise RecordError(f"The frame has no column {', '.join(missing)}: it has {', '.join(frame.columns)}.")
