"""Studies whose cases are training runs: how they are defined, measured and read.

STUDY = training.study("How many words are enough?", 4, lambda: [Run("maxlen", "lstm", seed=s) for s in range(10)])
"""

from __future__ import annotations

import functools
import json

import numpy as np

from .. import reviews
from ..networks import architectures
from . import checkpoints, lengths, store
from .record import CURVES, Record
from .run import Run, name_of
from .store import RecordError
from .study import Picture, Study, get

# Settings that records did not name before there was a choice.
OLDER = {"buckets": True, "pooling": "last", "shuffled": False, "residual": False, "normalize": False, "clip": 0.0}


def study(module, question, chapter, runs, picture=None, limits="", backend=None, command="") -> Study:
    """A study of the runs that ``runs()`` lists, a `Run` each. module: the ``__name__`` of the study's module."""
    name = module.rpartition(".")[2]
    return Study(
        question=question,
        chapter=chapter,
        cases=lambda rows: [run.case for run in runs()],
        measure=functools.partial(_measure, name),
        finish=lambda case: checkpoints.Checkpoint(Run(name, **case)).remove(),
        data=lambda: reviews.load("imdb").sha256 if any(run.dataset == "imdb" for run in runs()) else "",
        picture=picture or Picture("test_accuracy"),
        limits=limits,
        seconds=lambda line: line["rows"][0]["cpu_seconds_per_epoch"] * line["rows"][0]["epochs"],
        backend=backend,
        command=command,
        runs=True,
    )


def _measure(name, case):
    return Run(name, **case).measure(say=lambda text: None).row()


def records(study, architecture=None, folder=None) -> list[Record]:
    """The records of a study, sorted by the names of their runs; none where nothing is recorded yet.

    Raises RecordError for a study that is unknown or has no runs, CourseError for an unknown architecture.
    """
    if folder is None and not get(study).runs:
        raise RecordError(f"The study {study} has no training runs: read it with laboratory.frame({study!r}).")
    if architecture is not None:
        architectures.get(architecture)
    lines = sorted(store.lines(study, folder), key=lambda line: name_of(line["case"]))
    found = [Record.read(study, line) for line in lines]
    return [record for record in found if architecture in (None, record.architecture)]


def load(study, architecture=None, per="run", folder=None):
    """The runs of a study as a tidy pandas frame. Runs of several studies are pooled by `together`.

    per="run": a row a run, the hyperparameters of its configuration as columns. per="epoch": a row an epoch, with
    epoch (from 1), loss, accuracy, val_loss and val_accuracy beside them.
    """
    return _frame(records(study, architecture, folder), per)


def together(*studies, architecture=None, per="run", folder=None):
    """The runs of several studies as one frame like that of `load`, every run once.

    A run can stand in two studies, and a seed can have been trained again on another processor, where it begins alike
    and meets the same batches. Of runs of one `identity` only the first counts, in the order of the studies: counted
    twice, it makes every interval too narrow.
    """
    found = {}
    for study in studies:
        for record in records(study, architecture, folder):
            found.setdefault(identity(record), record)
    return _frame(found.values(), per)


def identity(record) -> tuple:
    """What a run is: architecture, data, seed, code, backend and settings. Epochs are none: a shorter run is its beginning."""
    settings = json.dumps(OLDER | record.config, sort_keys=True)
    library = _library(record)
    return record.architecture, record.data_sha256, record.seed, record.path, record.backend, library, settings


def _library(record):
    return "tf_keras" if "tf_keras" in record.versions else "keras"  # the witness of chapter 7 is Keras 2


def _frame(found, per):
    import pandas as pd

    if per not in ("run", "epoch"):
        raise RecordError(f'per is {per!r}: use "run" or "epoch".')
    rows = []
    for record in found:
        made = record.as_dict()
        row = {
            key: value for key, value in made.items() if key not in ("config", "history", "versions", "predictions")
        } | made["config"]
        row |= {"commit": record.commit, "library": _library(record)}
        if per == "run":
            rows.append(row)
        else:
            rows += [
                row | {"epoch": k + 1} | {name: made["history"][name][k] for name in CURVES}
                for k in range(record.epochs)
            ]
    return pd.DataFrame(rows)


def with_curves(study, folder=None):
    """The frame of `load` with what can be derived from each run's curves and verdicts: the values that claims ask for."""
    import pandas as pd

    frame, found = load(study, folder=folder), records(study, folder=folder)
    if frame.empty:
        return frame
    more = [derived(record) | {"predictions": record.predictions} for record in found]
    frame = pd.concat([frame, pd.DataFrame(more)], axis=1)
    judged = any(record.predictions for record in found)
    return pd.concat([frame, lengths.by_length(found)], axis=1) if judged else frame


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


EPOCHS = 20  # of the studies that compare networks at several learning rates


def masked(study, architecture, seed, settings=None, **choices) -> Run:
    """A run that skips padding (mask_zero), as the fast path trains best that way."""
    return Run(study, architecture, seed=seed, settings={"mask_zero": True, **(settings or {})}, **choices)


def at_rate(study, name, rate, seed) -> Run:
    """A run of `EPOCHS` epochs at a learning rate."""
    learning_rate = architectures.usual(name)["learning_rate"]
    settings = {"mask_zero": True} if architectures.get(name).recurrent else {}
    settings |= {"learning_rate": rate} if rate != learning_rate else {}
    return Run(study, name, seed=seed, epochs=EPOCHS, settings=settings)
