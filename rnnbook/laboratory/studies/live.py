"""The live training of chapter 4, ten times, beside the same with the gradients of a word summed.

A run in a page seemed to end below the recorded ones: is it the luck of a seed, the squares that `rmsprop` keeps of an embedding
on TensorFlow, the backend, or the batches? One thing is changed at a time; `live_jax` goes on from here.
"""

from __future__ import annotations

from ... import reviews
from ..record import rounded
from ..study import Picture, Study

EPOCHS, MAXLEN, BATCH = 8, 100, 128
SUMMED = "model.fit, gradients of a word summed first"


def measure(case):
    """One training of chapter 4's model with rmsprop: validation loss and share of right test answers after each epoch."""
    import keras

    from ...networks import models, training

    class Tested(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            _, accuracy = training.evaluate(self.model, corpus.test, maxlen=MAXLEN, fast=compiled, buckets=buckets)
            told["val_loss"].append(rounded(logs["val_loss"]))
            told["test_accuracy"].append(rounded(accuracy))

    corpus, way, seed = reviews.load("imdb"), case["way"], case["seed"]
    told: dict = {"val_loss": [], "test_accuracy": []}
    compiled, buckets = "compiled" in way, "by length" in way
    keras.utils.set_random_seed(seed)
    model = models.build("simple_rnn", mask_zero=True)
    if way == SUMMED:
        model.compile(optimizer=summed(), loss="binary_crossentropy", metrics=["accuracy"])
    common = {"batch_size": BATCH, "callbacks": [Tested()]}
    if compiled:
        training.fit(model, corpus, EPOCHS, fast=True, buckets=buckets, maxlen=MAXLEN, seed=seed, **common)
    else:  # as the cell in the chapter
        x, y = corpus.train.padded(MAXLEN), corpus.train.labels
        model.fit(x, y, epochs=EPOCHS, validation_split=0.2, verbose=0, **common)
    return told


def summed():
    """RMSprop that adds up the gradients of a word before it squares them, as JAX does; TensorFlow keeps them apart."""
    import keras
    import tensorflow as tf

    class Summed(keras.optimizers.RMSprop):
        def apply(self, grads, trainable_variables=None):
            return super().apply([tf.convert_to_tensor(gradient) for gradient in grads], trainable_variables)

    return Summed()


def kept(frame):
    """With a column "kept": the test accuracy at the epoch of the lowest validation loss."""
    at = [losses.index(min(losses)) for losses in frame["val_loss"]]
    return frame.assign(kept=[right[k] for right, k in zip(frame["test_accuracy"], at, strict=True)])


def study_of(ways, question, backend):
    """The study of some ways to train, ten seeds each."""
    return Study(
        question=question,
        chapter=4,
        cases=lambda rows: [{"way": way, "seed": seed} for seed in range(10) for way in ways],
        measure=measure,
        settings={"epochs": EPOCHS, "maxlen": MAXLEN, "batch_size": BATCH},
        data=lambda: reviews.load("imdb").sha256,
        derived=kept,
        picture=Picture("kept", by="way"),
        limits="Another seed alone moves such a run by about a point.",
        backend=backend,
    )


STUDY = study_of(("model.fit", SUMMED), "Does your own run of chapter 4 end where the recorded ones do?", "tensorflow")
