"""The architectures of the course in Keras 3, one builder each.

Every builder returns a compiled ``keras.Sequential``: token ids (batch, timesteps) in, the probability of a
positive review (batch, 1) out; binary cross-entropy, RMSprop. The code runs on any Keras backend.
"""

import inspect

from numbers import Integral, Real

import keras
from keras import layers

CELLS = {"simple_rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}


def recurrent_classifier(cell="simple_rnn", units=32, depth=1, bidirectional=False, dropout=0.0,
                         recurrent_dropout=0.0, mask_zero=False, num_words=10_000, embedding=32, logit=True,
                         learning_rate=1e-3, name=None):
    """A stack of recurrent layers between an embedding and one sigmoid unit.

    cell: "simple_rnn" (Elman, 1990), "lstm" (Hochreiter & Schmidhuber, 1997) or "gru" (Cho et al., 2014).
    units: size of the hidden state of each layer (and of each direction). depth: number of layers, 1 to 4.
    dropout, recurrent_dropout: rates in [0, 1); each mask is drawn once a batch and kept over all timesteps
    (Gal & Ghahramani, 2016). mask_zero: skip padding, so that the state is carried past it unchanged.
    logit=False leaves out the sigmoid unit; the output is then the last hidden state (batch, units).
    Raises ValueError for a setting outside these.
    """
    if cell not in CELLS:
        raise ValueError(f"Unknown cell {cell!r}: use one of {', '.join(CELLS)}.")
    for what, size in (("units", units), ("embedding", embedding), ("depth", depth)):
        if not isinstance(size, Integral) or size < 1:
            raise ValueError(f"{what} is {size!r}: it must be a whole number, at least 1.")
    if depth > 4:
        raise ValueError(f"depth must be between 1 and 4, not {depth}.")
    for what, rate in (("dropout", dropout), ("recurrent_dropout", recurrent_dropout)):
        if not isinstance(rate, Real) or not 0 <= rate < 1:
            raise ValueError(f"{what} is {rate!r}: it must be a number, at least 0 and less than 1.")

    model = keras.Sequential([keras.Input((None,), dtype="int32"),
                              layers.Embedding(num_words, embedding, mask_zero=mask_zero)], name=name)
    for level in range(1, depth + 1):
        layer = CELLS[cell](units, return_sequences=level < depth, dropout=dropout,
                            recurrent_dropout=recurrent_dropout)
        model.add(layers.Bidirectional(layer) if bidirectional else layer)
    if logit:
        model.add(layers.Dense(1, activation="sigmoid"))
    return _compiled(model, learning_rate)


# What distinguishes each recurrent architecture; everything else is as in `recurrent_classifier`.
PRESETS = {
    "simple_rnn": {},
    "stacked": {"depth": 4},
    "bidirectional": {"bidirectional": True},
    "dropout": {"dropout": 0.2, "recurrent_dropout": 0.2},
    "lstm": {"cell": "lstm"},
    "gru": {"cell": "gru"},
    "bidirectional_lstm": {"cell": "lstm", "bidirectional": True},
}


def _preset(architecture, settings):
    return recurrent_classifier(**{"name": architecture, **PRESETS[architecture], **settings})


def simple_rnn(**settings):
    """One SimpleRNN layer: 322,113 parameters with the standard settings."""
    return _preset("simple_rnn", settings)


def stacked(**settings):
    """Four SimpleRNN layers, each reading the states of the one below: 328,353 parameters, 328,320 without logit."""
    return _preset("stacked", settings)


def bidirectional(**settings):
    """One SimpleRNN reads forwards, one backwards, their last states are joined: 324,225 parameters."""
    return _preset("bidirectional", settings)


def dropout(**settings):
    """SimpleRNN with a fifth of the inputs and of the recurrent state dropped: 322,113 parameters."""
    return _preset("dropout", settings)


def lstm(**settings):
    """One LSTM layer: 328,353 parameters."""
    return _preset("lstm", settings)


def gru(**settings):
    """One GRU layer: 326,369 parameters."""
    return _preset("gru", settings)


def bidirectional_lstm(**settings):
    """One LSTM reads forwards, one backwards: 336,705 parameters."""
    return _preset("bidirectional_lstm", settings)


def dense(units=32, mask_zero=True, num_words=10_000, embedding=32, learning_rate=1e-3):
    """The baseline without word order: the average embedding of the words, then one hidden layer."""
    return _compiled(keras.Sequential([
        keras.Input((None,), dtype="int32"),
        layers.Embedding(num_words, embedding, mask_zero=mask_zero),
        layers.GlobalAveragePooling1D(),
        layers.Dense(units, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ], name="dense"), learning_rate)


def conv(units=32, kernel_size=5, num_words=10_000, embedding=32, learning_rate=1e-3):
    """One-dimensional convolution over five words at a time, then the maximum over the review."""
    return _compiled(keras.Sequential([
        keras.Input((None,), dtype="int32"),
        layers.Embedding(num_words, embedding),
        layers.Conv1D(units, kernel_size, padding="same", activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(1, activation="sigmoid"),
    ], name="conv"), learning_rate)


ARCHITECTURES = {build.__name__: build for build in (
    simple_rnn, stacked, bidirectional, dropout, dense, conv, lstm, gru, bidirectional_lstm)}


def build(architecture, **settings):
    """The compiled model of that name; ``settings`` as its builder takes them.

    Raises ValueError for an unknown architecture or setting.
    """
    if architecture not in ARCHITECTURES:
        raise ValueError(f"Unknown architecture {architecture!r}: use one of {', '.join(ARCHITECTURES)}.")
    builder = ARCHITECTURES[architecture]
    known = inspect.signature(recurrent_classifier if architecture in PRESETS else builder).parameters
    unknown = sorted(set(settings) - set(known))
    if unknown:
        raise ValueError(f"{architecture} has no setting {', '.join(unknown)}: use {', '.join(known)}.")
    return builder(**settings)


def _compiled(model, learning_rate):
    model.compile(optimizer=keras.optimizers.RMSprop(learning_rate), loss="binary_crossentropy", metrics=["accuracy"])
    return model
