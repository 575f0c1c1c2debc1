"""The best network of chapter 13, trained anew on all windows up to 1986, on the next Tuesday alone.

``python -m rnnbook forecasts`` adds what is missing to the "tuesdays" of recorded/measurements/forecasts.json: the rows of
`forecasts` had not kept the errors of single days, so each network is trained once more, with the same seed and epoch.
"""

from __future__ import annotations

import itertools

import numpy as np

from . import forecasts, store
from .forecast_task import CORRECTED, CORRECTED_NAMED


def add(task, made, seeds):
    """Record what is missing in ``made``, the measurement of `forecasts`."""
    for way, seed in itertools.product((CORRECTED, CORRECTED_NAMED), seeds):
        key = {"cell": forecasts.RENEWED_CELL, "way": way, "seed": seed}
        if not any(key.items() <= row.items() for row in made.setdefault("tuesdays", [])):
            made["tuesdays"].append(key | measure(task, made, **key))
            store.write_measurement("forecasts", made)
            print("tuesdays", *key.values(), made["tuesdays"][-1]["mase"], flush=True)


def measure(task, made, cell, way, seed):
    """The errors of one network, `off` on the first Tuesday from each origin of the test years in births, and what it `says`
    of the Tuesday after `Task.FRIDAY`."""
    key = {"cell": cell, "way": forecasts.RENEWALS[way][0], "seed": seed}
    recorded = next(row for row in made["rows"] if key.items() <= row.items())
    rate, until = forecasts.rate_of(made, cell, way), forecasts.UNTIL_1986
    model = forecasts.until_1986(task, way, cell, seed, rate)
    model.fit(
        [task.past(until), task.future(until, way)], task.wanted(until),
        batch_size=forecasts.BATCH, epochs=recorded["epoch"], verbose=0,  # pyright: ignore[reportArgumentType]
    )  # fmt: skip
    task.at["friday"] = np.array([task.series.index.get_loc(task.FRIDAY)])
    said = {part: forecasts.forecast(task, model, way, part) for part in ("test", "friday")}
    off, there = np.abs(task.truth("test") - said["test"]), task.first_tuesday("test")
    return {
        "learning_rate": rate, "epoch": recorded["epoch"], **forecasts.measured(task, said["test"]),
        "says": round(float(said["friday"][0, task.first_tuesday("friday")[0]]), 1),
        "off": [round(float(births), 1) for births in off[np.arange(len(off)), there]],
    }  # fmt: skip
