"""The live training of chapter 4, ten times, beside the same with one thing changed at a time.

A run in a page seemed to end below the recorded ones: is it the luck of a seed, the squares that `rmsprop` keeps of an embedding on
TensorFlow, the backend, or the batches? `python -m rnnbook live --backend tensorflow`, then `--backend jax`: what is missing is
added to recorded/measurements/live.json, run by run.
"""

from __future__ import annotations

from .. import files, reviews
from . import environment, store
from .record import rounded

NAME = "live"
SEEDS, EPOCHS, PATIENCE, MAXLEN, BATCH = range(10), 8, 2, 100, 128
WAYS = {  # backend: ways to train, each with one thing changed against another
    "tensorflow": ("model.fit", "model.fit, gradients of a word summed first"),
    "jax": ("model.fit on JAX", "compiled step on JAX", "compiled step on JAX, batches by length"),
}


def kept_epoch(validation_losses, patience=None):
    """The epoch, from 1, whose weights are kept: the lowest loss, where ``patience`` is given before it ran out (`EarlyStopping`)."""
    best = 0
    for epoch, loss in enumerate(validation_losses):
        if loss < validation_losses[best]:
            best = epoch
        if patience is not None and epoch - best >= patience:
            break
    return best + 1


def run(corpus, way, seed):
    """One training of chapter 4's model with rmsprop: validation loss and share of right test answers after each epoch."""
    import keras

    from ..networks import models, training

    class Tested(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            _, accuracy = training.evaluate(self.model, corpus.test, maxlen=MAXLEN, fast=compiled, buckets=buckets)
            told["val_loss"].append(rounded(logs["val_loss"]))
            told["test_accuracy"].append(rounded(accuracy))

    told: dict = {"way": way, "seed": seed, "val_loss": [], "test_accuracy": []}
    compiled, buckets = "compiled" in way, "by length" in way
    keras.utils.set_random_seed(seed)
    model = models.build("simple_rnn", mask_zero=True)
    if way == "model.fit, gradients of a word summed first":
        model.compile(optimizer=_Summed(), loss="binary_crossentropy", metrics=["accuracy"])
    if compiled:
        training.fit(
            model,
            corpus,
            EPOCHS,
            fast=True,
            buckets=buckets,
            maxlen=MAXLEN,
            batch_size=BATCH,
            seed=seed,
            callbacks=[Tested()],
        )
    else:  # as the cell in the chapter
        x, y = corpus.train.padded(MAXLEN), corpus.train.labels
        model.fit(x, y, epochs=EPOCHS, batch_size=BATCH, validation_split=0.2, verbose=0, callbacks=[Tested()])
    return told


def _Summed():
    """RMSprop that adds up the gradients of a word before it squares them, as JAX does; TensorFlow keeps them apart."""
    import keras
    import tensorflow as tf

    class Summed(keras.optimizers.RMSprop):
        def apply(self, grads, trainable_variables=None):
            return super().apply([tf.convert_to_tensor(gradient) for gradient in grads], trainable_variables)

    return Summed()


def add_live(parser):
    """The arguments of `live`; returns what runs it."""
    parser.add_argument(
        "--backend", choices=list(WAYS), default="tensorflow", help="Keras backend; default: tensorflow"
    )
    return _run


def _run(options):
    environment.prepare(options.backend, alone=True)  # before Keras is imported
    corpus = reviews.load("imdb")
    settings = {"epochs": EPOCHS, "maxlen": MAXLEN, "batch_size": BATCH, "data_sha256": corpus.sha256}
    made = store.begin(NAME, {"rows": []}, **settings, processor=files.processor(), versions=files.versions())
    for seed in SEEDS:
        for way in WAYS[options.backend]:
            if (way, seed) not in [(row["way"], row["seed"]) for row in made["rows"]]:
                made["rows"].append(run(corpus, way, seed))
                store.write_measurement(NAME, made)
                last = made["rows"][-1]
                kept = kept_epoch(last["val_loss"])
                print(f"{way}, seed {seed}: epoch {kept}, {last['test_accuracy'][kept - 1]:.4f}", flush=True)
