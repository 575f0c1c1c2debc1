"""Where runs are kept: records, one JSON file a run, ``recorded/<study>/<run>.json``; checkpoints and weights in the cache."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np

from .. import files
from ..networks import architectures
from .record import CURVES, Record, RecordError

RECORDED = Path(__file__).parent / "recorded"


def path(run, folder=None) -> Path:
    """Where the record of a run lies, or will lie."""
    return Path(folder or RECORDED) / run.study / f"{run.name}.json"


def write(run, record: Record, folder=None) -> Path:
    """Store the record of a run, all of it or nothing; returns its path."""
    target = path(run, folder)
    files.replace(
        target, lambda file: file.write((json.dumps(record.as_dict(), separators=(",", ":")) + "\n").encode())
    )
    return target


def read(target) -> Record:
    """One record, checked. Raises RecordError."""
    try:
        return Record.read(json.loads(Path(target).read_text("utf-8")))
    except (OSError, ValueError) as error:  # a RecordError among them
        raise RecordError(f"{target} is not a valid record ({error}): record the run again.") from None


def records(study=None, architecture=None, folder=None) -> list[Record]:
    """The records, sorted by study and file name: none of a study of the course that has none yet.

    Raises RecordError for a folder that is not there and, of the course's own records, for an unknown study; CourseError
    for an unknown architecture.
    """
    _note_use("recorded runs", folder)
    if folder is None and study is not None:
        _known(study)
    if architecture is not None:
        architectures.get(architecture)
    if folder is not None and not Path(folder).is_dir():
        raise RecordError(f"There is no folder {folder}.")
    found = [
        read(target)
        for target in sorted(Path(folder or RECORDED).glob(f"{study or '*'}/*.json"))
        if target.parent.name != "measurements"
    ]
    return [record for record in found if architecture in (None, record.architecture)]


def _known(study):
    from .studies import STUDIES  # which reads records itself

    known = {*STUDIES, *(place.name for place in RECORDED.iterdir() if place.is_dir())} - {"measurements"}
    if study not in known:
        raise RecordError(f"There is no study {study!r}: there are {', '.join(sorted(known))}.")


def _note_use(data, folder):
    if folder is None or Path(folder) == RECORDED:
        files.note_use(data)


def is_recorded(run, folder=None) -> bool:
    """Is there a record with at least the epochs of the run?"""
    target = path(run, folder)
    return target.exists() and read(target).epochs >= run.epochs


def load(study=None, architecture=None, per="run", folder=None):
    """The records as a tidy pandas frame: all that are there. Runs of several studies are pooled by `together`.

    per="run": a row a run, the hyperparameters of its configuration as columns. per="epoch": a row an epoch, with
    epoch (from 1), loss, accuracy, val_loss and val_accuracy beside them.
    """
    return _frame(records(study, architecture, folder), per, folder)


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
    return _frame(found.values(), per, folder)


# Settings that records did not name before there was a choice.
OLDER = {"buckets": True, "pooling": "last", "shuffled": False, "residual": False, "normalize": False, "clip": 0.0}


def identity(record) -> tuple:
    """What a run is: architecture, data, seed, code, backend and settings. Epochs are none: a shorter run is its beginning."""
    library = "tf_keras" if "tf_keras" in record.versions else "keras"
    settings = json.dumps(OLDER | record.config, sort_keys=True)
    return record.architecture, record.data_sha256, record.seed, record.path, record.backend, library, settings


def _frame(found, per, folder):
    import pandas as pd

    if per not in ("run", "epoch"):
        raise RecordError(f'per is {per!r}: use "run" or "epoch".')
    rows = []
    for record in found:
        made = record.as_dict()
        row = {
            key: value for key, value in made.items() if key not in ("config", "history", "versions", "predictions")
        } | made["config"]
        row["commit"] = record.commit
        row["library"] = "tf_keras" if "tf_keras" in record.versions else "keras"  # the witness of chapter 7 is Keras 2
        if per == "run":
            rows.append(row)
        else:
            rows += [
                row | {"epoch": k + 1} | {name: made["history"][name][k] for name in CURVES}
                for k in range(record.epochs)
            ]
    return pd.DataFrame(rows)


def measurement(name, folder=None):
    """A measurement that is no training run, e.g. "diagnosis" or "bench_training". Raises RecordError."""
    target = Path(folder or RECORDED) / "measurements" / f"{name}.json"
    _note_use("recorded measurements", folder)
    try:
        return json.loads(target.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RecordError(
            f"{target.name} cannot be read ({error}): make it again (CONTRIBUTING.md, 'Add a run or a study')."
        ) from None


def begin(name, empty, folder=None, **same):
    """The measurement to go on with, else ``empty``; both with ``same``: its data, settings, versions and processor.

    Raises RecordError where the file is damaged, or was made with another value of one of these: rows of two kinds
    never stand in one measurement.
    """
    target = Path(folder or RECORDED) / "measurements" / f"{name}.json"
    if not target.exists():
        return empty | same
    made = measurement(name, folder)
    for key, value in json.loads(json.dumps(same)).items():
        if made.get(key) != value:
            raise RecordError(
                f"{target.name} was recorded with another {key}: go on where it was made, or remove it and record all of it again."
            )
    return made


def write_measurement(name, made, folder=None) -> Path:
    """Store a measurement under its name, all of it or nothing."""
    target = Path(folder or RECORDED) / "measurements" / f"{name}.json"
    files.replace(target, lambda file: file.write((json.dumps(made) + "\n").encode()))
    return target


# --- weights and checkpoints -----------------------------------------------------------------------------------------


def weights_path(run, folder=None) -> Path:
    """Where the weights of a run at its best validation loss are kept on this machine (``.npz``, in Keras's order)."""
    return (
        (files.cache_folder() / "weights" if folder is None else Path(folder) / ".weights")
        / run.study
        / f"{run.name}.npz"
    )


def keep_weights(run, weights, folder=None) -> None:
    """Keep the weights of a run at its best validation loss."""
    files.replace(weights_path(run, folder), lambda file: np.savez(file, *weights))


def weights(run, folder=None) -> list[np.ndarray] | None:
    """The weights that were kept, in Keras's order, or None where they are not on this machine."""
    target = weights_path(run, folder)
    if not target.exists():
        return None
    with np.load(target) as stored:
        return [stored[name] for name in stored.files]


class Checkpoint:
    """A run after its last finished epoch: weights, optimizer, random state, curves, best weights; one file, atomic."""

    def __init__(self, run, folder=None):
        where = files.cache_folder() / "runs" if folder is None else Path(folder) / ".unfinished"
        self.path = where / run.study / f"{run.name}.npz"
        self.history = {name: [] for name in (*CURVES, "seconds", "cpu_seconds")}
        self.best, self._state = None, None

    @property
    def epochs(self) -> int:
        """Epochs that are finished."""
        return len(self.history["loss"])

    def read(self) -> bool:
        """Read what is there; False where there is nothing to go on from."""
        try:
            with np.load(self.path) as stored:
                history = json.loads(str(stored["history"]))
                self._state = [
                    stored[f"state_{k}"] for k in range(sum(name.startswith("state_") for name in stored.files))
                ]
                self.best = [stored[f"best_{k}"] for k in range(sum(name.startswith("best_") for name in stored.files))]
        except (OSError, KeyError, ValueError, EOFError):
            return False
        self.history = history
        return True

    def attach(self, model):
        """Put what was read into a model and its optimizer; returns the Keras callback that stores every epoch from here on."""
        import keras

        if self._state is not None:
            for variable, value in zip(_variables(model), self._state, strict=True):
                variable.assign(value)
        began = {}

        def begin(epoch, logs):
            began.update(seconds=time.perf_counter(), cpu_seconds=time.process_time())

        def end(epoch, logs):
            seconds = {"seconds": time.perf_counter(), "cpu_seconds": time.process_time()}
            self._add(model, logs | {name: now - began[name] for name, now in seconds.items()})

        return keras.callbacks.LambdaCallback(on_epoch_begin=begin, on_epoch_end=end)

    def _add(self, model, logs) -> None:
        import keras

        for name, values in self.history.items():
            values.append(float(logs[name]))
        if self.best is None or logs["val_loss"] <= min(self.history["val_loss"]):
            self.best = model.get_weights()
        arrays = {f"state_{k}": keras.ops.convert_to_numpy(v) for k, v in enumerate(_variables(model))}
        arrays |= {f"best_{k}": w for k, w in enumerate(self.best)}
        files.replace(self.path, lambda file: np.savez(file, history=json.dumps(self.history), **arrays))  # pyright: ignore[reportArgumentType]

    def remove(self) -> None:
        """Give it up: the record is stored."""
        self.path.unlink(missing_ok=True)


def _variables(model):
    return list({id(v): v for v in [*model.variables, *model.optimizer.variables]}.values())


def epochs_done(run, folder=None) -> int:
    """Epochs of a run that are finished, whether it is recorded, under way or interrupted."""
    target = path(run, folder)
    if target.exists():
        return min(read(target).epochs, run.epochs)
    checkpoint = Checkpoint(run, folder)
    checkpoint.read()
    return checkpoint.epochs
