"""Character models of chapter 12: a recurrent layer that says at every step which character comes next.

    model = character_model("lstm", 96, batch=32)      # stateful: the next batch goes on where this one ended
    train(model, inputs, targets, epochs=3)            # truncated backpropagation through time
    bits_per_character(model, text.encode(held_out))

In the letters of the course, at every step i: Z_{i+1} = cell(W Z_i + U X_i + b), logits Y_i = V Z_{i+1} + c, where X_i is
the one-hot character at place i and the softmax of Y_i is the distribution over the one at place i + 1.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops

from ..text import ALPHABET
from .characters import Trained

CELLS = {"simple_rnn": layers.SimpleRNN, "gru": layers.GRU, "lstm": layers.LSTM}
CHARACTERS = len(ALPHABET)


def character_model(cell, units, batch=None, clip=1.0, learning_rate=2e-3, steps=None):
    """Ids (batch, timesteps) → logits (batch, timesteps, CHARACTERS).

    batch: with a fixed batch size the layer is stateful and carries its state from one call to the next; with None every
    call starts from zero. clip: bound of the global norm of the gradient, None for none. steps: the learning rate falls
    to zero over so many updates, along half a cosine; None keeps it.
    """
    model = keras.Sequential(
        [
            keras.Input(batch_shape=(batch, None), dtype="int32"),
            layers.Embedding(CHARACTERS, CHARACTERS, "identity", trainable=False, name="one_hot"),
            CELLS[cell](units, return_sequences=True, stateful=batch is not None, name="states"),
            layers.Dense(CHARACTERS, name="logits"),
        ],
        name=f"characters_{cell}",
    )
    rate = keras.optimizers.schedules.CosineDecay(learning_rate, steps) if steps else learning_rate
    model.compile(
        optimizer=keras.optimizers.Adam(rate, global_clipnorm=clip),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model


def letters(model):
    """The weights as U (gates * units, CHARACTERS), W (gates * units, units), b, V (CHARACTERS, units) and c."""
    kernel, recurrent_kernel, bias, output, c = (np.asarray(ops.convert_to_numpy(v)) for v in model.trainable_variables)
    return {"U": kernel.T, "W": recurrent_kernel.T, "b": bias, "V": output.T, "c": c}


def untrained(units, seed=0):
    """An LSTM of the shipped one's shape that has learned nothing, in NumPy: the control for what is found in states."""
    keras.utils.set_random_seed(seed)
    return Trained(letters(character_model("lstm", units)))


class FreshStates(keras.callbacks.Callback):
    """Sets the carried state to zero where an epoch or an evaluation begins: there every stream starts at its first character.

    For an evaluation outside of `fit`, hand it to `evaluate` as well.
    """

    def on_epoch_begin(self, epoch, logs=None):
        """Forget what the last epoch, or the evaluation after it, left."""
        self.reset()

    def on_test_begin(self, logs=None):
        """Forget what training left: in `evaluate`, and for the validation data of `fit`."""
        self.reset()

    def reset(self):
        """Set the states of all stateful layers to zero."""
        for layer in self.model.layers:
            if getattr(layer, "stateful", False):
                layer.reset_state()


def train(model, inputs, targets, epochs, callbacks=()):
    """Fit a stateful model on `text.streams`, in their order; returns the training loss of every epoch in bits."""
    batch = model.input_shape[0]
    fitted = model.fit(
        inputs, targets, batch_size=batch, epochs=epochs, shuffle=False, verbose=0, callbacks=[FreshStates(), *callbacks]
    )  # fmt: skip
    return [loss / np.log(2) for loss in fitted.history["loss"]]


def stateless(model):
    """The same network with the same weights, for any batch size: every call starts from zero."""
    layer = model.get_layer("states")
    cell = next(name for name, kind in CELLS.items() if type(layer) is kind)
    twin = character_model(cell, layer.units)
    for mine, its in zip(twin.trainable_variables, model.trainable_variables, strict=True):
        mine.assign(ops.convert_to_numpy(its))  # a copy: JAX gives the memory of a model that ran to the next call
    return twin


def surprise(model, ids, segments=64, warm_up=128):
    """−log2 of the probability given to each character of ids from place ``warm_up`` on, (characters - warm_up,).

    Carrying the state through a whole play one step at a time is slow. So the text is cut into ``segments``, and each is
    read from ``warm_up`` characters before its start; those only bring the state up to date.
    """
    ids = np.asarray(ids, np.int32)
    counted = len(ids) - warm_up
    length = -(-counted // segments)
    starts = np.minimum(warm_up + length * np.arange(segments), len(ids) - length)
    windows = ids[starts[:, None] + np.arange(-warm_up, length)]
    network = stateless(model) if model.input_shape[0] else model
    said = np.asarray(network.predict(windows[:, :-1], batch_size=segments, verbose=0))
    logits = said[:, warm_up - 1 :]
    bits = -np.take_along_axis(_log_softmax(logits), windows[:, warm_up:, None], axis=-1)[..., 0] / np.log(2)
    whole = np.empty(len(ids))
    whole[starts[:, None] + np.arange(length)] = bits
    return whole[warm_up:]


def bits_per_character(model, ids, **settings):
    """The mean surprise: cross-entropy in bits a character. Perplexity is 2 to the power of it."""
    return float(surprise(model, ids, **settings).mean())


def _log_softmax(logits):
    top = logits.max(axis=-1, keepdims=True)
    return logits - top - np.log(np.exp(logits - top).sum(axis=-1, keepdims=True))
