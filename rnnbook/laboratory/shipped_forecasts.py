"""Trains the networks that chapter 13 ships and its page runs, once more, and keeps their weights."""

from __future__ import annotations

import numpy as np

from .. import files
from ..networks import forecast_training as training
from ..networks import shipped_forecasters as shipped
from . import environment, store
from .store import RecordError
from .studies import forecasts

SAME = 0.002  # how far one training may come out from another with the same seed, in MASE


def recorded(name):
    """The row of the run, with seed 0, that a shipped network repeats. Raises RecordError where it is not recorded."""
    if name == shipped.RECURSIVE:
        row = forecasts.chosen(shipped.CELL[name], "recursive", 0)
    else:
        wanted = {"cell": name, "until": "1984", "seed": 0}.items()
        row = next((row for row in store.rows("forecast_intervals") if wanted <= row.items()), None)
    if row is None:
        raise RecordError(
            f"{name} with seed 0 is not recorded: record the studies forecasts and forecast_intervals first."
        )
    return row


def ship():
    """Train the networks of `shipped_forecasters` and store their weights. Raises RecordError where one is not the recorded one."""
    environment.prepare("jax")
    from ..networks.forecasters import QUANTILES

    task, arrays = forecasts.births(), {}
    rows = {name: recorded(name) for name in shipped.NAMES}
    for name, row in rows.items():
        recursive = name == shipped.RECURSIVE
        way, quantiles = ("recursive", None) if recursive else ("last year", QUANTILES)
        model, _ = training.train(task, way, row["cell"], 0, row["learning_rate"], quantiles)
        said = training.forecast(task, model, way, "test")
        mase = task.measured(said if recursive else np.sort(said, axis=-1)[..., 1])["mase"]
        print(f"{name}: MASE {mase:.5f}, recorded {row['mase']:.5f}", flush=True)
        if abs(mase - row["mase"]) > SAME:
            raise RecordError(f"{name} came out otherwise than recorded: record the study and ship on one machine.")
        arrays |= {f"{name}/{key}": a.astype(np.float16) for key, a in shipped.letters(model.get_weights()).items()}
    files.replace(shipped.TRAINED, lambda file: np.savez_compressed(file, **arrays))
