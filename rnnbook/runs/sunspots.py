"""The sunspots of chapter 13, recorded: networks with several seeds and baselines, on the same origins.

``python -m rnnbook sunspots`` adds what is missing to recorded/measurements/sunspots.json, run by run.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from .. import files, series
from ..series import windows
from . import store

NAME = "sunspots"
SEEDS = range(5)
CELLS = ("simple_rnn", "lstm", "gru", "conv")
MONTHS = 3  # of a step: a quarter's mean is less noisy, and two cycles are then 88 steps
HISTORY, HORIZON = 88, 20  # quarters that a model reads, two cycles; quarters that it forecasts, five years
CYCLE = 44  # quarters of a mean cycle: what 'as eleven years ago' looks back
ENDS = {"train": "1929", "validation": "1965", "test": "2008"}  # the last year of each part
EPOCHS, BATCH, LEARNING_RATE = 60, 64, 5e-3
RIDGES = (1, 10, 100, 1000)  # penalties of the linear autoregression; the validation years choose


class Task:
    """The series, the scale fitted on the training part, and the origins of each part."""

    def __init__(self):
        self.series = series.sunspots().resample(f"{MONTHS}MS").mean()
        self.values = self.series.to_numpy()
        ends = [len(self.series[:year]) for year in ENDS.values()]  # pyright: ignore[reportArgumentType]
        starts = [HISTORY, *ends]
        self.at = {
            part: np.arange(start, end - HORIZON + 1) for part, start, end in zip(ENDS, starts, ends, strict=False)
        }
        self.training = self.values[: ends[0]]
        self.scale = windows.Scale.fit(self.training)

    def past(self, part):
        """(origins, HISTORY, 1), scaled."""
        return windows.windows(self.scale.to(self.values), self.at[part], -HISTORY, 0)[..., None].astype("float32")

    def truth(self, part):
        """(origins, HORIZON), in sunspots."""
        return windows.windows(self.values, self.at[part], 0, HORIZON)

    def measured(self, said, part):
        """MASE over everything (1 is the error of 'as eleven years ago' in training) and mean absolute error by quarters ahead."""
        error = self.truth(part) - said
        return {
            "mase": round(windows.mase(error, self.training, CYCLE), 5),
            "by_quarter": [round(float(x), 2) for x in np.abs(error).mean(axis=0)],
        }


def linear(task, part, ridge):
    """Direct linear autoregression on the last HISTORY quarters: one least-squares fit for each quarter ahead."""
    X, Y = (np.ones((len(task.at["train"]), 1)), task.past("train")[..., 0]), task.scale.to(task.truth("train"))
    inputs = np.hstack(X)
    weights = np.linalg.solve(inputs.T @ inputs + ridge * np.eye(inputs.shape[1]), inputs.T @ Y)
    past = task.past(part)[..., 0]
    return task.scale.back(np.hstack([np.ones((len(past), 1)), past]) @ weights)


def baselines(task, part):
    """Forecasts without a network: name → (origins, HORIZON)."""
    at, values = task.at[part], task.values
    best = min(RIDGES, key=lambda ridge: task.measured(linear(task, "validation", ridge), "validation")["mase"])
    year = windows.windows(values, at, -12 // MONTHS, 0).mean(axis=1, keepdims=True)
    return {
        "mean of all years before 1930": np.full((len(at), HORIZON), task.training.mean()),
        "last value": np.repeat(values[at - 1][:, None], HORIZON, axis=1),
        "mean of the last year": np.repeat(year, HORIZON, axis=1),
        "eleven years ago": windows.windows(values, at, -CYCLE, HORIZON - CYCLE),
        "linear autoregression": linear(task, part, best),
    }


def network(task, cell, seed):
    """Train one network that says all quarters at once; returns its row."""
    import keras

    from ..networks import forecasters

    keras.utils.set_random_seed(seed)
    model = forecasters.direct(cell, HISTORY, 1, HORIZON)
    updates = EPOCHS * -(-len(task.at["train"]) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(
        LEARNING_RATE, updates
    )  # every training gets as much and ends at rest
    model.compile(keras.optimizers.Adam(rate, global_clipnorm=1.0), "mae")  # pyright: ignore[reportArgumentType]
    wanted = {part: task.scale.to(task.truth(part)).astype("float32") for part in ("train", "validation")}
    history = model.fit(
        task.past("train"), wanted["train"],
        batch_size=BATCH, epochs=EPOCHS, verbose=0,  # pyright: ignore[reportArgumentType]
        callbacks=[keras.callbacks.EarlyStopping(patience=EPOCHS, restore_best_weights=True)],
        validation_data=(task.past("validation"), wanted["validation"]),
    )  # fmt: skip
    said = {part: task.scale.back(model.predict(task.past(part), verbose=0)) for part in ("validation", "test")}  # pyright: ignore[reportArgumentType]
    return {
        "epoch": 1 + int(np.argmin(history.history["val_loss"])), "parameters": model.count_params(),
        "validation_mase": task.measured(said["validation"], "validation")["mase"], **task.measured(said["test"], "test"),
    }  # fmt: skip


def load():
    """What is recorded. Raises RecordError."""
    return store.measurement(NAME)


def add_sunspots(parser):
    """The arguments of `sunspots`; returns what runs it."""
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="default: %(default)s")
    return _run


def _run(options):
    from . import environment

    environment.prepare("jax")
    task = Task()
    made: dict[str, Any] = store.begin(
        NAME, {"rows": []}, data_sha256=hashlib.sha256(task.values.tobytes()).hexdigest(),
        settings={"epochs": EPOCHS, "batch": BATCH, "learning_rate": LEARNING_RATE},
        versions=files.versions(), processor=files.processor(),
    )  # fmt: skip
    made |= {
        "origins": {part: len(at) for part, at in task.at.items()},
        "baselines": {part: {name: task.measured(said, part) for name, said in baselines(task, part).items()} for part in ("validation", "test")},
    }  # fmt: skip
    store.write_measurement(NAME, made)
    done = {(row["cell"], row["seed"]) for row in made["rows"]}
    rival = made["baselines"]["test"]["linear autoregression"]["mase"]
    for cell, seed in [(cell, seed) for seed in range(options.seeds) for cell in CELLS if (cell, seed) not in done]:
        row = {"cell": cell, "seed": seed} | network(task, cell, seed)
        made["rows"].append(row | {"behind_linear": round(row["mase"] - rival, 5)})
        store.write_measurement(NAME, made)
        print(cell, seed, row["epoch"], row["validation_mase"], row["mase"], flush=True)
