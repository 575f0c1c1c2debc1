"""Training on the reviews: the textbook path, the fast path, progress, and a run that can be stopped and resumed.

history = fit(model, corpus, epochs=10)              # model.fit, as in the notebooks
history = fit(model, corpus, epochs=10, fast=True)   # the same model, loss and optimizer, several times faster
"""

from __future__ import annotations

import functools
import re
import sys
import threading
from numbers import Integral, Real

import keras
import numpy as np

from ..errors import CourseError
from .fast import FastModel

SHAPES = 6  # padded lengths that the fast path compiles: each costs a second or two in the first epoch


DIVERGED = 1e6  # a mean cross-entropy beyond this comes from weights that grew without bound


class DivergedError(CourseError):
    """Training that ran away: a loss is no number any more, or absurdly large."""


class OutOfMemoryError(CourseError, MemoryError):
    """There was too little memory to train, on the GPU or beside it."""


def _says_when_memory_is_full(train):
    """TensorFlow, JAX and NumPy each say it in a way of their own, and none says what to do."""

    @functools.wraps(train)
    def wrapped(*args, **settings):
        try:
            return train(*args, **settings)
        except Exception as error:
            if not re.search(
                "ResourceExhausted|RESOURCE_EXHAUSTED|MemoryError|out of memory|OOM when",
                f"{type(error).__name__}: {error}",
                re.I,
            ):
                raise
            raise OutOfMemoryError(
                "The memory is full: this training needs more than the GPU has, or the computer where there is no GPU. Restart the kernel "
                "(on Colab: Runtime, Restart session), since the memory stays full until then; then choose a smaller batch_size, maxlen "
                "or number of units, or fewer reviews."
            ) from error

    return wrapped


@_says_when_memory_is_full
def fit(
    model,
    corpus,
    epochs=1,
    *,
    fast=False,
    buckets=True,
    maxlen=500,
    batch_size=128,
    validation_split=0.2,
    validation=None,
    seed=0,
    initial_epoch=0,
    callbacks=(),
    fresh_masks=False,
):
    """Train a compiled Keras model on ``corpus.train``; the last fifth of the reviews is held out for validation.

    validation: reviews that were held out already, so that all of ``corpus.train`` is trained on.
    fast=False pads all reviews to ``maxlen`` and calls ``model.fit``. fast=True trains on batches of similar length,
    each padded only as far as it needs, in one compiled step (see `rnnbook.networks.fast`); an epoch then leaves out
    the few reviews that fill no batch, others each time. fast=True, buckets=False: the compiled step on the very batches
    that fast=False takes. Returns the ``keras.callbacks.History``: loss, accuracy,
    val_loss, val_accuracy for every epoch. Keras callbacks work on both paths, ``model.stop_training = True`` too.
    Raises CourseError where there are too few reviews to hold some out, or for settings out of range, and
    `OutOfMemoryError`; `DivergedError` where a loss becomes NaN, infinite or larger than `DIVERGED`.
    """
    if not isinstance(validation_split, Real) or not 0 < validation_split < 1:
        raise CourseError(f"validation_split is {validation_split!r}: it must be a number between 0 and 1.")
    for name, value in (("epochs", epochs), ("batch_size", batch_size), ("maxlen", maxlen)):
        if not isinstance(value, Integral) or value < 1:
            raise CourseError(f"{name} is {value!r}: it must be a whole number, at least 1.")
    if fresh_masks and not fast:
        raise CourseError("fresh_masks needs fast=True: Keras itself keeps one mask over all timesteps.")
    train = corpus.train
    if validation is None:
        train, validation = train.split(validation_split)
    batch_size = min(batch_size, len(train))
    finite = _Finite()
    callbacks = [finite, *callbacks]
    if fast:
        masked = any(getattr(layer, "mask_zero", False) for layer in model.layers)
        # Batches of one length alone cost accuracy; where padding is not masked, mix lengths more (measured).
        loader = _Batches(train, maxlen, batch_size, seed, (20 if masked else 120) if buckets else None)
        return _fit_fast(model, loader, validation, epochs, initial_epoch, callbacks, buckets, fresh_masks)
    try:
        return model.fit(
            # Keras looks at two batches and ends that "epoch" before the first one begins.
            _Batches(train, maxlen, batch_size, seed, epoch=initial_epoch - 1),
            epochs=epochs,
            verbose=0,
            shuffle=False,
            initial_epoch=initial_epoch,
            callbacks=callbacks,
            validation_data=(validation.padded(maxlen), validation.labels),
        )
    except Exception as error:
        # Where a weight is NaN, an update of Keras may end in an error of TensorFlow about indices before the epoch does.
        if all(np.isfinite(np.asarray(keras.ops.convert_to_numpy(weight))).all() for weight in model.weights):
            raise
        raise _diverged("loss", np.nan, finite.epoch) from error


class _Batches(keras.utils.PyDataset):
    """The training batches of an epoch, drawn by seed and epoch, so that a resumed run sees the same ones.

    jitter=None: all reviews in random order, each padded to ``maxlen``, as ``model.fit`` takes them. Else reviews of
    similar length share a batch, see `batches`.
    """

    def __init__(self, reviews, maxlen, batch_size, seed, jitter=None, epoch=0):
        super().__init__()
        self.reviews, self.maxlen, self.batch_size, self.seed, self.jitter = reviews, maxlen, batch_size, seed, jitter
        self.start(epoch)

    def start(self, epoch):
        self.epoch, rng = epoch, np.random.default_rng([self.seed, max(epoch, 0)])
        if self.jitter is not None:
            self.rows = list(batches(self.reviews.lengths, self.maxlen, self.batch_size, rng, self.jitter))
        else:
            order = rng.permutation(len(self.reviews))
            self.rows = [(order[i : i + self.batch_size], self.maxlen) for i in range(0, len(order), self.batch_size)]

    def on_epoch_end(self):
        self.start(self.epoch + 1)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, step):
        index, length = self.rows[step]
        return _padded(self.reviews, index, length, self.maxlen), self.reviews.labels[index].astype("float32")[:, None]


def _fit_fast(model, loader, validation, epochs, initial_epoch, callbacks, buckets, fresh_masks):
    runner = fast_model(model)
    listed = keras.callbacks.CallbackList(
        callbacks, add_history=True, model=model, epochs=epochs, steps=len(loader), verbose=0
    )
    model.stop_training = False
    listed.on_train_begin()
    for epoch in range(initial_epoch, epochs):
        listed.on_epoch_begin(epoch)
        loader.start(epoch)
        totals, seen = {"loss": 0.0, "accuracy": 0.0}, 0
        for step in range(len(loader)):
            tokens, labels = loader[step]
            if fresh_masks:
                rng = np.random.default_rng([loader.seed, epoch, step])
                tokens = tokens, runner.draw_masks(rng, tokens.shape[1], len(tokens))
            logs = runner.train_on_batch(tokens, labels, return_dict=True)
            seen += len(labels)
            for name in totals:
                totals[name] += len(labels) * float(logs[name])
            listed.on_train_batch_end(step, logs)
            if model.stop_training:
                break
        loss, accuracy = evaluate(model, validation, maxlen=loader.maxlen, fast=True, buckets=buckets)
        listed.on_epoch_end(
            epoch, {name: total / seen for name, total in totals.items()} | {"val_loss": loss, "val_accuracy": accuracy}
        )
        if model.stop_training:
            break
    listed.on_train_end()
    return model.history


class _Finite(keras.callbacks.Callback):
    """Ends a run whose loss is no number any more, with words, before the epoch is stored."""

    epoch = 0  # the one that is trained

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_epoch_end(self, epoch, logs=None):
        for name in ("loss", "val_loss"):
            value = (logs or {}).get(name, 0.0)
            if not np.isfinite(value) or value > DIVERGED:
                raise _diverged(name, value, epoch)


def _diverged(name, value, epoch):
    return DivergedError(
        f"The training diverged: {name} is {value:.3g} after epoch {epoch + 1}. Lower the learning rate, or clip the gradient."
    )


def predict(model, reviews, *, maxlen=500, fast=False, buckets=True, batch_size=256):
    """The probabilities (samples,) that the reviews are positive."""
    if not fast:
        return model.predict(reviews.padded(maxlen), batch_size=batch_size, verbose=0)[:, 0]
    runner, probability = fast_model(model), np.zeros(len(reviews), "float32")
    for index, length in batches(reviews.lengths, maxlen, min(batch_size, len(reviews))):
        padded = _padded(reviews, index, length if buckets else maxlen, maxlen)
        probability[index] = np.asarray(runner.predict_on_batch(padded))[:, 0]
    return probability


def evaluate(model, reviews, *, maxlen=500, fast=False, buckets=True, batch_size=256):
    """Mean binary cross-entropy and accuracy of a model on reviews."""
    probability = predict(model, reviews, maxlen=maxlen, fast=fast, buckets=buckets, batch_size=batch_size)
    labels, clipped = reviews.labels.astype("float32"), np.clip(probability, 1e-7, 1 - 1e-7)  # as Keras does
    loss = -np.mean(labels * np.log(clipped) + (1 - labels) * np.log1p(-clipped))
    return float(loss), float(np.mean((probability > 0.5) == labels))


def fast_model(model):
    """The `FastModel` of a compiled model, made once and compiled for XLA with the model's own optimizer."""
    runner = getattr(model, "_fast_model", None)
    if runner is None or runner.optimizer is not model.optimizer:
        runner = FastModel(model)
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
        row[length - len(tokens) :] = tokens
    return out


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
