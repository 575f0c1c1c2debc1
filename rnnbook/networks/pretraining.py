"""Words instead of characters, and pre-training (Dai & Le, 2015): a network that has learned to say the next word judges reviews.

words = word_model(units=64)
train_words(words, reviews.tokens, epochs=2)       # needs no labels
classifier = models.recurrent_classifier("lstm", 64, mask_zero=True, num_words=5_000, embedding=64)
start_from(classifier, words)                      # its embedding and its LSTM begin where the word model ended
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops

from .. import text
from ..errors import CourseError
from .language import FreshStates

EVERY = 8  # the loss looks at every eighth word: a softmax over the whole vocabulary is the costly part


def word_model(units=64, embedding=64, num_words=5_000, batch=32, timesteps=64, learning_rate=3e-3, steps=None):
    """Tokens (batch, timesteps) → logits of the next word at every `EVERY`-th place, (batch, timesteps / EVERY, num_words).

    The LSTM carries its state from one window to the next. steps: the learning rate falls to zero over so many updates.
    """
    if timesteps % EVERY:
        raise CourseError(
            f"timesteps is {timesteps}: use a multiple of {EVERY}, since the loss looks at every {EVERY}th word."
        )
    tokens = keras.Input(batch_shape=(batch, timesteps), dtype="int32")
    vectors = layers.Embedding(num_words, embedding, name="embedding")(tokens)
    states = layers.LSTM(units, return_sequences=True, stateful=True, name="states")(vectors)
    model = keras.Model(tokens, layers.Dense(num_words, name="logits")(states[:, EVERY - 1 :: EVERY]), name="words")
    rate = keras.optimizers.schedules.CosineDecay(learning_rate, steps) if steps else learning_rate
    model.compile(
        optimizer=keras.optimizers.Adam(rate, global_clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model


def windows(model, tokens, shift=0):
    """Inputs and targets of a word model for the stream of tokens (tokens,), which begins at place ``shift``."""
    batch, timesteps = model.input_shape
    inputs, targets = text.streams(tokens[shift:], batch, timesteps)
    return inputs.astype("int32"), targets[:, EVERY - 1 :: EVERY].astype("int32")


def train_words(model, tokens, epochs):
    """Fit a word model on tokens (tokens,) laid end to end; returns the training loss of every epoch in nats a word.

    Each epoch begins one place further on, so that the loss looks at other words.
    """
    losses = []
    for epoch in range(epochs):
        inputs, targets = windows(model, tokens, epoch % EVERY)
        fitted = model.fit(
            inputs, targets, batch_size=model.input_shape[0], shuffle=False, verbose=0, callbacks=[FreshStates()]
        )
        losses.append(float(fitted.history["loss"][0]))
    return losses


def word_perplexity(model, tokens):
    """e to the mean cross-entropy of a word in tokens (tokens,), which the model has not seen."""
    inputs, targets = windows(model, tokens)
    model.get_layer("states").reset_state()
    return float(np.exp(model.evaluate(inputs, targets, batch_size=model.input_shape[0], verbose=0)))


def start_from(classifier, words):
    """Give a recurrent classifier the embedding and the LSTM of a word model; what comes after them stays as drawn."""
    ours = classifier.layers[0], classifier.layers[1]
    for layer, name in zip(ours, ("embedding", "states"), strict=True):
        for mine, its in zip(layer.trainable_variables, words.get_layer(name).trainable_variables, strict=True):
            mine.assign(ops.convert_to_numpy(its))


def lend_vectors(classifier, vectors, known):
    """Give the embedding of a classifier the vectors (num_words, embedding) of the known tokens; the others stay as drawn."""
    table = classifier.layers[0]
    drawn = ops.convert_to_numpy(table.embeddings)
    table.embeddings.assign(np.where(known[:, None], vectors, drawn))
