"""The house tables of recorded runs, as Markdown: every mean with its spread and its number of seeds."""
# pandas does not tell which columns a row has.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false

from __future__ import annotations

import re

# column of the frame: (heading, how a group of runs is told)
_COLUMNS = {
    "best_val_accuracy": ("best validation accuracy", lambda values: told(values)),
    "test_accuracy": ("test accuracy", lambda values: told(values)),
    "last_test_accuracy": ("test accuracy at the last epoch", lambda values: told(values)),
    "best_epoch": ("best epoch", lambda values: told(values, 1)),
    "parameters": ("parameters", lambda values: f"{values.iloc[0]:,}"),
    "cpu_seconds_per_epoch": ("processor seconds per epoch", lambda values: f"{values.median():.1f}"),
}
GLUE = "\u00a0"  # a space at which no line breaks


def told(values, digits=3):
    """'mean ± standard deviation' of a pandas Series of numbers, or the number alone where there is just one."""
    return f"{values.mean():.{digits}f}" + (f"{GLUE}±{GLUE}{values.std():.{digits}f}" if len(values) > 1 else "")


def results(frame, columns, by="architecture", order=None, names=None):
    """A row for each kind of run, with its number of seeds.

    frame: a run a row, from `runs.load`. columns: among best_val_accuracy, test_accuracy (at the epoch of lowest validation loss),
    last_test_accuracy, best_epoch (that epoch), parameters and cpu_seconds_per_epoch. by: the column that tells the kinds apart.
    order: the kinds to show. names: a dictionary from kind to label.
    """
    groups = dict(list(frame.groupby(by, sort=False)))
    heads = [_COLUMNS[column][0] for column in columns]
    rows = [
        [_label(kind, names), *(_COLUMNS[column][1](groups[kind][column]) for column in columns), len(groups[kind])]
        for kind in (order or groups)
        if kind in groups
    ]
    return markdown([by.replace("_", " "), *heads, "seeds"], rows)


def lags(frame):
    """Test accuracy at recalling the first symbol: a row a lag, a column a cell, and up to where every seed learned it.

    Taken at the epoch of lowest validation loss; runs that have lost it by their last epoch are named.
    """
    names, kinds = list(frame.architecture.unique()), frame.groupby(["lag", "architecture"]).test_accuracy
    spread = {key: f"{values.mean():.2f} ({values.min():.2f} to {values.max():.2f})" for key, values in kinds}
    table = markdown(
        ["lag", *map(_label, names)],
        [[lag, *(spread.get((lag, name), "–") for name in names)] for lag in sorted(frame.lag.unique())],
    )
    reach = []
    for name in names:
        worst = frame[frame.architecture == name].groupby("lag").test_accuracy.min()
        learned = [lag for lag in worst.index if worst.loc[:lag].min() > 0.95]
        reach.append(
            f"`{name}`: every seed is above 95 % "
            + (f"up to a lag of {max(learned)}." if learned else "at none of the lags.")
        )
    lost = frame[frame.last_test_accuracy < frame.test_accuracy - 0.1].sort_values(["architecture", "lag", "seed"])
    later = [
        f"`{run.architecture}` at lag {run.lag}, seed {run.seed}: {run.test_accuracy:.2f}, at the end {run.last_test_accuracy:.2f}."
        for run in lost.itertuples()
    ]
    seeds = frame.groupby(["lag", "architecture"]).seed.nunique()
    return (
        f"{table}\n\nTest accuracy at the epoch of lowest validation loss, of {frame.epochs.max()} epochs: "
        f"mean over {_range(seeds)} seeds (lowest to highest). "
        + " ".join(reach)
        + (" By the last epoch some had lost it again: " + " ".join(later) if later else "")
    )


def markdown(heads, rows):
    """A Markdown table, with its columns of numbers to the right."""
    columns = [[str(row[i]) for row in rows] for i in range(len(heads))]
    rules = [
        "---:" if all(re.match(r"[+\N{MINUS SIGN}]?\d|–|none|$", cell) for cell in column) else ":---"
        for column in columns
    ]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in [heads, rules, *rows])


def _label(kind, names=None):
    if names:
        return names[kind]
    return f"`{kind}`" if isinstance(kind, str) else str(kind)


def _range(counts):
    fewest, most = counts.min(), counts.max()
    return str(most) if fewest == most else f"{fewest} to {most}"
