"""What a training run keeps on this machine: a checkpoint after each epoch while it is under way, and its best weights."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np

from .. import files
from .record import CURVES
from .store import RecordError


def weights_path(run) -> Path:
    """Where the weights of a run at its best validation loss are kept on this machine (``.npz``, in Keras's order)."""
    return files.cache_folder() / "weights" / run.study / f"{run.name}.npz"


def keep_weights(run, weights) -> None:
    """Keep the weights of a run at its best validation loss."""
    files.replace(weights_path(run), lambda file: np.savez(file, *weights))


def weights(run) -> list[np.ndarray] | None:
    """The weights that were kept, in Keras's order, or None where they are not on this machine."""
    target = weights_path(run)
    if not target.exists():
        return None
    with np.load(target) as stored:
        return [stored[name] for name in stored.files]


def needed(run) -> list[np.ndarray]:
    """The weights that were kept. Raises RecordError where they are not on this machine."""
    arrays = weights(run)
    if arrays is None:
        raise RecordError(
            f"The weights of {run} are not on this machine: record the run once more, with `python -m rnnbook study {run.study} "
            f"--only architecture={run.architecture} --folder FOLDER`, then this study."
        )
    return arrays


def network(run, **config):
    """A trained simple recurrent network in the course's own form, from the weights that were kept of a run.

    config: depth, bidirectional, where they are not 1 and False. Raises RecordError where they are not on this machine.
    """
    from ..networks import weights as form

    config = {"cell": "simple_rnn", "depth": 1, "bidirectional": False} | config
    return form.assembled(form.from_keras(needed(run), config), config)


class Checkpoint:
    """A run after its last finished epoch: weights, optimizer, random state, curves, best weights; one file, atomic."""

    def __init__(self, run):
        self.path = files.cache_folder() / "runs" / run.study / f"{run.name}.npz"
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
