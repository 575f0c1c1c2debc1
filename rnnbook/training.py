"""Training on the reviews: the textbook path, the fast path, progress, and a run that can be stopped and resumed.

    history = fit(model, corpus, epochs=10)              # model.fit, as in the notebooks
    history = fit(model, corpus, epochs=10, fast=True)   # the same model, loss and optimizer, several times faster
"""

from __future__ import annotations

import functools
from numbers import Integral, Real
import re
import sys
import threading

import keras
import numpy as np

from . import data
from .fast import FastModel

SHAPES = 6  # padded lengths that the fast path compiles: each costs a second or two in the first epoch


class OutOfMemoryError(MemoryError):
    """There was too little memory to train, on the GPU or beside it."""


def _says_when_memory_is_full(train):
    """TensorFlow, JAX and NumPy each say it in a way of their own, and none says what to do."""

    @functools.wraps(train)
    def wrapped(*args, **settings):
        try:
            return train(*args, **settings)
        except Exception as error:
            if not re.search("ResourceExhausted|RESOURCE_EXHAUSTED|MemoryError|out of memory|OOM when", f"{type(error).__name__}: {error}", re.I):
                raise
            raise OutOfMemoryError(
                "The memory is full: this training needs more than the GPU has, or the computer where there is no GPU. Restart the kernel "
                "(on Colab: Runtime, Restart session), since the memory stays full until then; then choose a smaller batch_size, maxlen "
                "or number of units, or fewer reviews.") from error

    return wrapped


@_says_when_memory_is_full
def fit(model, corpus, epochs=1, *, fast=False, maxlen=500, batch_size=128, validation_split=0.2, seed=0,
        initial_epoch=0, callbacks=(), fresh_masks=False):
    """Train a compiled Keras model on ``corpus.train``; the last fifth of the reviews is held out for validation.

    fast=False pads all reviews to ``maxlen`` and calls ``model.fit``. fast=True trains on batches of similar length,
    each padded only as far as it needs, in one compiled step (see `rnnbook.fast`); an epoch then leaves out
    the few reviews that fill no batch, others each time. Returns the ``keras.callbacks.History``: loss, accuracy,
    val_loss, val_accuracy for every epoch. Keras callbacks work on both paths, ``model.stop_training = True`` too.
    Raises ValueError where there are too few reviews to hold some out, or for settings out of range, and
    `OutOfMemoryError`.
    """
    if not isinstance(validation_split, Real) or not 0 < validation_split < 1:
        raise ValueError(f"validation_split is {validation_split!r}: it must be a number between 0 and 1.")
    for name, value in (("epochs", epochs), ("batch_size", batch_size), ("maxlen", maxlen)):
        if not isinstance(value, Integral) or value < 1:
            raise ValueError(f"{name} is {value!r}: it must be a whole number, at least 1.")
    train, validation = split(corpus.train, validation_split)
    if not fast:
        if fresh_masks:
            raise ValueError("fresh_masks needs fast=True: Keras itself keeps one mask over all timesteps.")
        return model.fit(train.padded(maxlen), train.labels, batch_size=batch_size, epochs=epochs, verbose=0,
                         initial_epoch=initial_epoch, callbacks=list(callbacks),
                         validation_data=(validation.padded(maxlen), validation.labels))

    runner = fast_model(model, fresh_masks)
    batch_size = min(batch_size, len(train))
    listed = keras.callbacks.CallbackList(list(callbacks), add_history=True, model=model, epochs=epochs,
                                          steps=len(train) // batch_size, verbose=0)
    masked = any(getattr(layer, "mask_zero", False) for layer in model.layers)
    model.stop_training = False
    listed.on_train_begin()
    for epoch in range(initial_epoch, epochs):
        listed.on_epoch_begin(epoch)
        totals, seen = {"loss": 0.0, "accuracy": 0.0}, 0
        order = np.random.default_rng([seed, epoch])  # by epoch, so that a resumed run sees the same batches
        # Batches of one length alone cost accuracy; where padding is not masked, mix lengths more (measured).
        for step, batch in enumerate(batches(train.lengths, maxlen, batch_size, order, jitter=20 if masked else 120)):
            logs = runner.train_on_batch(_padded(train, *batch, maxlen), _column(train.labels[batch[0]]),
                                         return_dict=True)
            seen += 1
            for name in totals:
                totals[name] += float(logs[name])
            listed.on_train_batch_end(step, logs)
            if model.stop_training:
                break
        logs = {name: total / seen for name, total in totals.items()}
        if not np.isfinite(logs["loss"]):
            raise FloatingPointError(f"The loss became {logs['loss']} in epoch {epoch + 1}: lower the learning rate.")
        loss, accuracy = evaluate(model, validation, maxlen=maxlen, fast=True)
        listed.on_epoch_end(epoch, {**logs, "val_loss": loss, "val_accuracy": accuracy})
        if model.stop_training:
            break
    listed.on_train_end()
    return model.history


def split(reviews, validation_split=0.2):
    """Training and validation reviews: as in ``model.fit``, the last share is held out."""
    at = int(len(reviews) * (1 - validation_split))
    if at < 1 or at >= len(reviews):
        raise ValueError(f"{len(reviews)} review{'' if len(reviews) == 1 else 's'} cannot be split for validation: use at least 10.")
    return reviews[:at], reviews[at:]


def evaluate(model, reviews, *, maxlen=500, fast=False, batch_size=256):
    """Mean binary cross-entropy and accuracy of a model on reviews."""
    labels = reviews.labels.astype("float32")
    if fast:
        runner, probability = fast_model(model), np.zeros(len(reviews), "float32")
        for index, length in batches(reviews.lengths, maxlen, min(batch_size, len(reviews))):
            probability[index] = np.asarray(runner.predict_on_batch(_padded(reviews, index, length, maxlen)))[:, 0]
    else:
        probability = model.predict(reviews.padded(maxlen), batch_size=batch_size, verbose=0)[:, 0]
    clipped = np.clip(probability, 1e-7, 1 - 1e-7)  # as Keras does
    loss = -np.mean(labels * np.log(clipped) + (1 - labels) * np.log1p(-clipped))
    return float(loss), float(np.mean((probability > 0.5) == labels))


def fast_model(model, fresh_masks=False):
    """The `FastModel` of a compiled model, made once and compiled for XLA with the model's own optimizer."""
    runner = getattr(model, "_fast_model", None)
    if runner is None or runner.optimizer is not model.optimizer:
        runner = FastModel(model, fresh_masks)
        runner.compile(optimizer=model.optimizer, loss=model.loss, metrics=["accuracy"], jit_compile=True)
        object.__setattr__(model, "_fast_model", runner)  # past Keras's tracking: the model must not contain itself
    return runner


def batches(lengths, maxlen, batch_size, rng=None, jitter=0):
    """Indices and padded length of each batch, with reviews of similar length together.

    With rng: training; lengths are jittered by up to that many words before sorting, batches are full and come in
    random order. Without: every review once, in batches filled up with repeats, so that few shapes need compiling.
    """
    lengths = np.minimum(lengths, maxlen)
    ladder = np.unique([max(1, round(maxlen * 0.72**k)) for k in range(SHAPES)])
    if rng is None:
        order = np.argsort(lengths, kind="stable")
        order = np.concatenate([order, order[:1].repeat(-len(order) % batch_size)])
    else:
        order = np.argsort(lengths + rng.uniform(-jitter, jitter, len(lengths)))
        spare = len(order) % batch_size
        order = np.delete(order, rng.choice(len(order), spare, replace=False))
    groups = order.reshape(-1, batch_size)
    if rng is not None:
        groups = rng.permutation(groups)
    for group in groups:
        yield group, int(ladder[np.searchsorted(ladder, lengths[group].max())])


def _padded(reviews, index, length, maxlen):
    out = np.zeros((len(index), length), "int32")
    for row, i in zip(out, index):
        tokens = reviews[i][-maxlen:]
        row[length - len(tokens):] = tokens
    return out


def _column(labels):
    return labels.astype("float32")[:, None]


class Progress(keras.callbacks.Callback):
    """A progress line with the time left; stops training after the current batch when ``stop`` is set.

    on_epoch, if given, is called after each epoch with the epoch (from 1) and the logs. total: the number of epochs,
    where they are trained by several calls of ``fit``.
    """

    def __init__(self, stop: threading.Event | None = None, on_epoch=None, show=True, total=None):
        super().__init__()
        self.stop, self.on_epoch, self.bar, self.show, self.total = stop, on_epoch, None, show, total

    def on_train_begin(self, logs=None):
        if self.show and self.bar is None:
            from tqdm.auto import tqdm

            self.bar = tqdm(total=self.total or self.params["epochs"], unit="epoch", file=sys.stdout)

    def on_epoch_begin(self, epoch, logs=None):
        if self.bar and self.bar.n < epoch:
            self.bar.initial = self.bar.n = epoch  # a resumed run: the epochs before count neither time nor speed

    def on_train_batch_end(self, batch, logs=None):
        if self.stop is not None and self.stop.is_set():
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        if self.bar:
            self.bar.update(epoch + 1 - self.bar.n)
            self.bar.set_postfix({name: f"{value:.3f}" for name, value in (logs or {}).items()})
        if self.on_epoch:
            self.on_epoch(epoch + 1, dict(logs or {}))

    def on_train_end(self, logs=None):
        if self.bar and (self.total is None or self.bar.n >= self.total):
            self.bar.close()
            self.bar = None


def train_in_background(model, corpus, epochs, on_epoch, stop: threading.Event, on_end=None, **settings):
    """Start `fit` in a thread and return the thread.

    on_epoch(epoch, logs) after each epoch, on_end(error) at the end: None, or the exception that ended it.
    Set ``stop`` to end training after the current batch.
    """

    def work():
        error = None
        try:
            fit(model, corpus, epochs, callbacks=[Progress(stop, on_epoch, show=False)], **settings)
        except Exception as caught:  # whatever it was, the reader must see it
            error = caught
        if on_end:
            on_end(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def saved_weights(architecture, seed):
    """Where the weights of a comparison run at its best validation loss are kept (``.npz``; arrays in Keras's order)."""
    return data.cache_folder() / "weights" / f"{architecture}-s{seed}.npz"
