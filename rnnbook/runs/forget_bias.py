"""The first symbol of chapter 9, recalled by an LSTM whose forget bias starts at the logarithm of the lag.

All else is as in the study ``memory``: the same sequences, batches, seeds and epochs, and but for that bias the same start.
``python -m rnnbook forget-bias`` adds what is missing to recorded/measurements/forget_bias.json, run by run.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from .. import files
from . import environment, store, studies
from .record import rounded

NAME = "forget_bias"


def runs():
    """The runs of the study ``memory`` with an LSTM: what is done again with another forget bias."""
    return [run for run in studies.memory() if run.architecture == "lstm"]


def open_gate(model, bias, units=32):
    """Set the forget bias of a model's LSTM layer; Keras keeps the blocks in the order i, f, c, o."""
    kernel, recurrent_kernel, start = model.layers[1].get_weights()
    start[units : 2 * units] = bias
    model.layers[1].set_weights([kernel, recurrent_kernel, start])


def row(run, forget_bias):
    """Train as `run` does, from another forget bias; test accuracy at the epoch of lowest validation loss and at the last one."""
    import keras

    from ..networks import models, training

    class Best(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            losses.append(float(logs["val_loss"]))
            if losses[-1] <= min(losses):
                kept[:] = self.model.get_weights()

    losses: list[float] = []
    kept: list[np.ndarray] = []
    corpus = run.corpus()
    train, validation = corpus.train.split(run.validation_split)
    keras.utils.set_random_seed(run.seed)
    model = models.build(run.architecture, **run.settings)
    open_gate(model, forget_bias)
    model.optimizer.build(model.trainable_variables)
    way = {"maxlen": run.maxlen, "fast": run.fast, "buckets": run.buckets}
    training.fit(
        model,
        replace(corpus, train=train),
        run.epochs,
        validation=validation,
        callbacks=[Best()],
        batch_size=run.batch_size,
        seed=run.seed,
        **way,
    )
    accuracies = []
    for weights in (None, kept):
        if weights:
            model.set_weights(weights)
        right = (training.predict(model, corpus.test, **way) > 0.5) == corpus.test.labels
        accuracies.append(rounded(float(np.mean(right))))
    return {
        "lag": run.lag,
        "seed": run.seed,
        "forget_bias": rounded(forget_bias),
        "best_epoch": 1 + int(np.argmin(losses)),
        "test_accuracy": accuracies[1],
        "last_test_accuracy": accuracies[0],
    }


def add_forget_bias(parser):
    """The arguments of `forget-bias`, none; returns what runs it."""
    return _run


def _run(options):
    environment.prepare("jax", alone=True)
    epochs = {run.epochs for run in runs()}
    made = store.begin(NAME, {"rows": []}, epochs=max(epochs), processor=files.processor(), versions=files.versions())
    for run in runs():
        if (run.lag, run.seed) not in {(done["lag"], done["seed"]) for done in made["rows"]}:
            made["rows"].append(row(run, math.log(run.lag)))  # pyright: ignore[reportArgumentType]
            store.write_measurement(NAME, made)
            print(made["rows"][-1], flush=True)
