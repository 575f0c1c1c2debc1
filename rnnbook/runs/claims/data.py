"""The numbers that a claim rests on: one a run, from recorded runs or from a measurement."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

from .. import language_sizes, lengths, store
from ..live import kept_epoch
from ..record import RecordError, bits
from .entry import ClaimError

# What a selection leaves open is as usual; only of these, since studies differ in the rest.
USUAL = ("units", "depth", "bidirectional", "dropout", "recurrent_dropout", "learning_rate")
OWN = ("study", "measurement", "value")
BESIDE = ("leaks", "whole years", "as few at random", "quantiles, up to 1986")  # of the forecasts, beside their rows


def sample(selection, folder=None):
    """The chosen runs as a frame with a column ``chosen``, the number of each.

    selection: study (or measurement), value, and what the runs have, column by column: a value, or a list of which any
    will do. value: a column of `runs.load`, of `derived` or of `runs.by_length`. Raises ClaimError where no run fits, or where several
    share a seed, which happens when the selection is not narrow enough.
    """
    wanted = {key: value for key, value in selection.items() if key not in OWN}
    if "measurement" in selection:
        frame, told = measured(selection["measurement"], folder), f"measurement {selection['measurement']}"
    else:
        frame, told = recorded(selection["study"], folder), f"study {selection['study']}"
        wanted = _usual(wanted.get("architecture")) | wanted
    for column, value in wanted.items():
        if column not in frame:
            raise ClaimError(f"The {told} has no {column!r}.")
        frame = frame[frame[column].isin(value if isinstance(value, list) else [value])]  # pyright: ignore[reportAttributeAccessIssue]
    if frame.empty:  # pyright: ignore[reportAttributeAccessIssue]
        raise ClaimError(f"The {told} has nothing with {wanted}.")
    if selection["value"] not in frame:
        raise ClaimError(f"The {told} has no value {selection['value']!r}.")
    varied = ["seed", *(key for key, value in wanted.items() if isinstance(value, list))]
    if frame.duplicated(varied).any():  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]
        raise ClaimError(f"Several runs of the {told} with {wanted} share a seed: say which.")
    return frame.assign(chosen=frame[selection["value"]].astype(float))  # pyright: ignore[reportAttributeAccessIssue]


def right(selection, folder=None):
    """Which test reviews the chosen networks get right: the share of them for each review, (n_test,).

    Raises ClaimError where they kept no predictions.
    """
    chosen = sample({**selection, "value": "seed"}, folder)
    if "predictions" not in chosen or (chosen["predictions"].fillna("") == "").any():  # pyright: ignore[reportGeneralTypeIssues]
        raise ClaimError(f"Not all networks with {selection} kept their predictions.")
    truth = store.measurement("test_labels", folder)
    digests = set(chosen["data_sha256"]) - {truth["data_sha256"]}
    if digests:
        raise ClaimError(f"The predictions of {selection} are on other reviews than the labels.")
    labels = bits(truth["labels"], truth["reviews"])
    return np.mean([bits(text, len(labels)) == labels for text in chosen["predictions"]], axis=0)


def _usual(architecture):
    from ...networks import architectures

    if not isinstance(architecture, str) or not architectures.get(architecture).recurrent:
        return {}
    return {name: architectures.usual(architecture)[name] for name in USUAL}


def recorded(study, folder=None):
    """The runs of a study with what can be derived from their curves."""
    return _recorded(study, str(folder or store.RECORDED))


@functools.cache
def _recorded(study, folder):
    import pandas as pd

    frame, made = store.load(study, folder=folder), store.records(study, folder=folder)
    if frame.empty:
        raise ClaimError(f"No run of the study {study} is recorded.")
    more = [derived(record) | {"predictions": record.predictions} for record in made]
    frame = pd.concat([frame, pd.DataFrame(more)], axis=1)
    judged = (
        any(record.predictions for record in made) and (Path(folder) / "measurements" / "test_labels.json").exists()
    )
    return pd.concat([frame, lengths.by_length(study, folder)], axis=1) if judged else frame


def derived(record):
    """What a record's curves tell besides: each value with the name by which a claim asks for it."""
    curves = record.history
    last = {f"last_{name}": curve[-1] for name, curve in curves.items()}
    return last | {
        "lowest_val_loss": min(curves["val_loss"]),
        "val_accuracy_at_best": curves["val_accuracy"][record.best_epoch - 1],
        "highest_accuracy": max(curves["accuracy"]),
        "best_accuracy_epoch": 1 + int(np.argmax(curves["val_accuracy"])),
        "last5_val_accuracy": float(np.mean(curves["val_accuracy"][-5:])),
        "last5_val_loss": float(np.mean(curves["val_loss"][-5:])),
        "best30_val_accuracy": max(curves["val_accuracy"][:30]),
        "val_accuracy_20": curves["val_accuracy"][min(20, record.epochs) - 1],
        "processor_seconds": record.cpu_seconds_per_epoch,
    }


def measured(name, folder=None):
    """A measurement as a frame with a column ``seed``. Raises RecordError."""
    import pandas as pd

    if name == "diagnosis":
        from .. import diagnosis

        return diagnosis.load(folder)
    made = store.measurement(name, folder)
    if "rows" not in made:
        raise RecordError(f"The measurement {name} has no 'rows', so no claim can rest on it.")
    frame = pd.DataFrame(made["rows"])
    if "by_day" in frame:  # forecasts: by how much the error of the last week lies above that of the first
        frame["rise"] = [np.mean(errors[-7:]) - np.mean(errors[:7]) for errors in frame["by_day"]]
    if name == "forecasts":  # the splits that leak or not, and the intervals: each is a way of its own
        beside = [pd.DataFrame(made[key]).assign(way=key) for key in BESIDE if key in made]
        frame = pd.concat([frame, *beside], ignore_index=True)
    if name == "language_sizes":
        frame["over_counts"] = language_sizes.over_counts(made)
    if name == "live":  # at the epoch whose weights are kept
        frame["kept"] = [row["test_accuracy"][kept_epoch(row["val_loss"]) - 1] for row in made["rows"]]
    if (
        name == "marks"
    ):  # `longer` ones have no `chosen`: only a claim that asks for their `updates` takes them. Over powers of ten only logarithms scatter evenly
        frame = pd.concat([frame, pd.DataFrame(made.get("longer", []))], ignore_index=True)
        frame["log10_test"] = np.log10(frame["test"])
    return frame if "seed" in frame else frame.assign(seed=range(len(frame)))
