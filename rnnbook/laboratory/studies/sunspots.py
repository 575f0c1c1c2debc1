"""Networks that say five years of sunspots at once, and baselines, on the same origins."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ...series import tasks
from ..study import Picture, Study
from .forecasts import CELLS, SEEDS

EPOCHS, BATCH, LEARNING_RATE = 60, 64, 5e-3
RIVAL = "linear autoregression"


@functools.cache
def sunspots():
    """The series with its origins, made once a process."""
    return tasks.Sunspots()


def cases(rows):
    """Every baseline in the validation and the test years, then the networks."""
    every = [{"name": name, "part": part} for part in ("validation", "test") for name in sunspots().baselines(part)]
    return every + [{"cell": cell, "seed": seed} for seed in SEEDS for cell in CELLS]


def measure(case):
    """Errors of a baseline in a part, or of a network in the test years."""
    task = sunspots()
    if "name" in case:
        return task.measured(task.baselines(case["part"])[case["name"]], case["part"])
    return network(task, case["cell"], case["seed"])


def network(task, cell, seed, epochs=EPOCHS):
    """Train one network that says all quarters at once; returns its row."""
    import keras

    from ...networks import forecasters

    keras.utils.set_random_seed(seed)
    model = forecasters.direct(cell, task.HISTORY, 1, task.HORIZON)
    # Every training gets as much and ends at rest.
    rate: Any = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, epochs * -(-len(task.at["train"]) // BATCH))
    model.compile(keras.optimizers.Adam(rate, global_clipnorm=1.0), "mae")
    wanted = {part: task.scale.to(task.truth(part)).astype("float32") for part in ("train", "validation")}
    history = model.fit(
        task.past("train"), wanted["train"],
        batch_size=BATCH, epochs=epochs, verbose=0,  # pyright: ignore[reportArgumentType]
        callbacks=[keras.callbacks.EarlyStopping(patience=epochs, restore_best_weights=True)],
        validation_data=(task.past("validation"), wanted["validation"]),
    )  # fmt: skip
    said = {part: task.scale.back(model.predict(task.past(part), verbose=0)) for part in ("validation", "test")}  # pyright: ignore[reportArgumentType]
    return {
        "epoch": 1 + int(np.argmin(history.history["val_loss"])), "parameters": model.count_params(),
        "validation_mase": task.measured(said["validation"], "validation")["mase"], **task.measured(said["test"], "test"),
    }  # fmt: skip


def derived(frame):
    """behind_linear: the MASE of a network less that of the linear autoregression, in the test years."""
    rival = frame[(frame["name"] == RIVAL) & (frame["part"] == "test")].mase
    return frame.assign(behind_linear=(frame.mase - rival.iloc[0]).round(5) if len(rival) else float("nan"))


STUDY = Study(
    question="Do networks forecast five years of sunspots better than a linear model?",
    chapter=13,
    cases=cases,
    measure=measure,
    settings={"epochs": EPOCHS, "batch": BATCH, "learning_rate": LEARNING_RATE},
    data=lambda: tasks.digest(sunspots()),
    derived=derived,
    picture=Picture("mase", by="cell"),
    limits="One series of 23 cycles, four of them in the test years; one learning rate.",
    backend="jax",
)
