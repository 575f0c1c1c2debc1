"""How the networks of chapter 13 are trained on births, and what they then say; Keras comes with the first training."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..series import windows
from ..series.tasks import CORRECTED, CORRECTED_NAMED, LAST_YEARS

TOLD, FOUR_WEEKS = "direct, told the calendar", "recursive, epoch by four weeks"
DECODED = ("known future", *LAST_YEARS)  # by an encoder and a decoder that reads what is known of the days to come
EPOCHS, BATCH = 40, 64


def build(task, way, cell, rate, part="train", quantiles=None) -> Any:
    """An untrained network, compiled to learn from the windows of a part.

    task: a `series.tasks.Births`. rate: of Adam at the start; it falls to zero along a cosine (Loshchilov & Hutter, 2017).
    """
    import keras

    from . import forecasters

    features = task.inputs.shape[1]
    falling: Any = keras.optimizers.schedules.CosineDecay(rate, EPOCHS * -(-len(task.at[part]) // BATCH))
    if way in DECODED:
        return forecasters.encoder_decoder(
            cell, windows.HISTORY, features, windows.HORIZON, task.future("test", way).shape[2], quantiles=quantiles,
            learning_rate=falling, corrects=way in (CORRECTED, CORRECTED_NAMED),
        )  # fmt: skip
    if way in ("direct", TOLD):
        known = task.calendar.shape[1] if way == TOLD else 0
        return forecasters.direct(cell, windows.HISTORY, features, windows.HORIZON, learning_rate=falling, known=known)
    return forecasters.one_step(cell, windows.HISTORY, features, learning_rate=falling)


def sides(task, way, part, quantiles=None):
    """What a network reads and what it is to say, for the windows of a part."""
    x = [task.past(part), task.future(part, way)] if way in (*DECODED, TOLD) else task.past(part)
    y = task.wanted(part)
    return x, (y[:, :1] if way in ("recursive", FOUR_WEEKS) else y[..., None] if quantiles else y)


def train(task, way, cell, seed, rate, quantiles=None):
    """Train one network up to 1984; returns it as it was at the epoch of the lowest validation loss, and that epoch.

    With `FOUR_WEEKS` the epoch is that of the lowest error over four weeks of its own answers.
    """
    import keras

    keras.utils.set_random_seed(seed)
    model = build(task, way, cell, rate, quantiles=quantiles)
    by_weeks: dict[str, Any] = {"mase": np.inf}

    def judge(epoch, logs):
        mase = windows.mase(task.truth("validation") - forecast(task, model, way, "validation"), task.training)
        if mase < by_weeks["mase"]:
            by_weeks.update(mase=mase, epoch=epoch + 1, weights=model.get_weights())

    best = keras.callbacks.EarlyStopping(patience=EPOCHS, restore_best_weights=True)  # never stops, only restores
    history = model.fit(
        *sides(task, way, "train", quantiles),
        batch_size=BATCH,
        epochs=EPOCHS,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=judge) if way == FOUR_WEEKS else best],
        validation_data=sides(task, way, "validation", quantiles),
    )
    if way == FOUR_WEEKS:
        model.set_weights(by_weeks["weights"])
        return model, by_weeks["epoch"]
    return model, 1 + int(np.argmin(history.history["val_loss"]))


def train_on(task, part, way, cell, seed, rate, epochs, quantiles=None, judge=None):
    """Train one network on the windows of any part, where no year is left to choose an epoch; returns it after ``epochs``.

    judge: called with the network and the number of each epoch that is done.
    """
    import keras

    keras.utils.set_random_seed(seed)
    model = build(task, way, cell, rate, part, quantiles)
    done = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: judge(model, epoch + 1)) if judge else None
    model.fit(
        *sides(task, way, part, quantiles),
        batch_size=BATCH, epochs=epochs, verbose=0, callbacks=[done] if done else [],
    )  # fmt: skip
    return model


def forecast(task, model, way, part):
    """What a trained network says, in births: (origins, HORIZON), with a last axis for quantiles."""
    past, future = task.past(part), task.future(part, way)
    if way in (*DECODED, TOLD):
        return task.births(model.predict([past, future], verbose=0), part)
    if way == "direct":
        return task.births(model.predict(past, verbose=0), part)
    said = []
    for ahead in range(windows.HORIZON):  # its answer becomes its input, as the truth is not known yet
        answer = model.predict(past, verbose=0)
        said.append(answer[:, 0])
        past = np.concatenate([past[:, 1:], np.concatenate([answer, future[:, ahead]], axis=1)[:, None]], axis=1)
    return task.births(np.stack(said, axis=1), part)
