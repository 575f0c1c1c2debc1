"""Runs compared over seeds: means, spreads, intervals."""

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


def compare(frame, value, a, b):
    """Compare two kinds of runs seed by seed: the mean of ``value`` for b minus a, with its 95 % interval.

    a and b name an architecture, or are dictionaries of columns, e.g. {"fresh_masks": True}. Only seeds that both
    have count, and each must have exactly one run. Returns a pandas Series: a, b (means), difference, low, high
    (Student's t on the paired differences), n (pairs). Raises RecordError where the runs cannot be paired.
    """
    import pandas as pd

    sides = []
    for wanted in (a, b):
        wanted = {"architecture": wanted} if isinstance(wanted, str) else wanted
        _need(frame, [value, *wanted])
        chosen = frame
        for column, content in wanted.items():
            chosen = chosen[chosen[column] == content]
        if chosen.empty:
            raise RecordError(f"No run has {wanted}: choose among the runs that `load` shows.")
        if chosen["seed"].duplicated().any():
            raise RecordError(f"Several runs with {wanted} share a seed: narrow the frame down, e.g. to one study.")
        sides.append(chosen.set_index("seed")[value])
    pairs = pd.concat(sides, axis=1, keys=["a", "b"], join="inner")
    if pairs.empty:
        raise RecordError("The two kinds of runs share no seed, so they cannot be paired.")
    differences = pairs["b"] - pairs["a"]
    mean, half = differences.mean(), _half_interval(differences)
    return pd.Series(
        {
            "a": pairs["a"].mean(),
            "b": pairs["b"].mean(),
            "difference": mean,
            "low": mean - half,
            "high": mean + half,
            "n": len(pairs),
        }
    )


def _half_interval(values, level=0.95):
    from scipy import stats

    n = len(values)
    return stats.t.ppf((1 + level) / 2, n - 1) * values.std() / np.sqrt(n) if n > 1 else np.nan


def _need(frame, columns):
    missing = [column for column in columns if column not in frame]
    if missing:
        raise RecordError(f"The frame has no column {', '.join(missing)}: it has {', '.join(frame.columns)}.")
