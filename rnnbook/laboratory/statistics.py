"""Runs of several seeds: means, spreads, intervals. The tests behind registered claims are in `rnnbook.laboratory.claims`."""

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


def rank_test(first, against) -> float:
    """Two-sided p-value of the test by ranks of Mann and Whitney (1947).

    first, against: the numbers of the runs of each side, shapes (runs,) and (runs of the other side,).
    It asks who stands above whom, and not by how much: one number far off counts as one place. Without equal numbers
    all orders of the runs are counted, so p is exact; with some, SciPy's normal approximation for them is used.
    Needs two runs on each side; with three, p cannot fall below 0.1.
    """
    from scipy import stats

    first, against = np.asarray(first, float), np.asarray(against, float)
    if min(first.size, against.size) < 2 or first.ndim != 1 or against.ndim != 1:
        raise RecordError("rank_test needs two lists with at least two numbers each.")
    together = np.concatenate([first, against])
    method = "exact" if len(np.unique(together)) == len(together) else "asymptotic"
    return float(stats.mannwhitneyu(first, against, alternative="two-sided", method=method).pvalue)


def _half_interval(values, level=0.95):
    from scipy import stats

    n = len(values)
    return stats.t.ppf((1 + level) / 2, n - 1) * values.std() / np.sqrt(n) if n > 1 else np.nan


def _need(frame, columns):
    missing = [column for column in columns if column not in frame]
    if missing:
        raise RecordError(f"The frame has no column {', '.join(missing)}: it has {', '.join(frame.columns)}.")
