"""The first symbol of chapter 9, recalled by an LSTM whose forget bias starts at the logarithm of the lag.

All else is as in the study `memory`: the same sequences, batches, seeds and epochs, and but for that bias the same start.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..record import rounded
from ..study import Picture, Study
from . import memory


def runs():
    """The runs of `memory` with an LSTM: what is done again with another forget bias."""
    return [run for run in memory.runs() if run.architecture == "lstm"]


def cases(rows):
    """A case a run."""
    return [{"lag": run.lag, "seed": run.seed} for run in runs()]


def open_gate(model, bias, units=32):
    """Set the forget bias of a model's LSTM layer; Keras keeps the blocks in the order i, f, c, o."""
    kernel, recurrent_kernel, start = model.layers[1].get_weights()
    start[units : 2 * units] = bias
    model.layers[1].set_weights([kernel, recurrent_kernel, start])


def measure(case):
    """Train from the other forget bias; test accuracy at the epoch of lowest validation loss and at the last one."""
    import keras

    from ...networks import models, training

    class Best(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            losses.append(float(logs["val_loss"]))
            if losses[-1] <= min(losses):
                kept[:] = self.model.get_weights()

    losses: list[float] = []
    kept: list[np.ndarray] = []
    run = next(run for run in runs() if (run.lag, run.seed) == (case["lag"], case["seed"]))
    corpus = run.corpus()
    train, validation = corpus.train.split(run.validation_split)
    keras.utils.set_random_seed(run.seed)
    model = models.build(run.architecture, **run.settings)
    open_gate(model, math.log(case["lag"]))
    model.optimizer.build(model.trainable_variables)
    way = {"maxlen": run.maxlen, "fast": run.fast, "buckets": run.buckets}
    fitted = {"batch_size": run.batch_size, "seed": run.seed, "callbacks": [Best()], **way}
    training.fit(model, replace(corpus, train=train), run.epochs, validation=validation, **fitted)

    def accuracy():
        return rounded(np.mean((training.predict(model, corpus.test, **way) > 0.5) == corpus.test.labels))

    last = accuracy()
    model.set_weights(kept)
    return {
        "forget_bias": rounded(math.log(case["lag"])),
        "best_epoch": 1 + int(np.argmin(losses)),
        "test_accuracy": accuracy(),
        "last_test_accuracy": last,
    }


STUDY = Study(
    question="Does an LSTM reach further when its forget gate starts as open as the lag asks for?",
    chapter=9,
    cases=cases,
    measure=measure,
    settings={"epochs": 30},
    picture=Picture("test_accuracy", by="lag"),
    limits="One task, three seeds a lag.",
    backend="jax",
)
