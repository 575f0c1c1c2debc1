"""The architectures of the course in Keras 3: `build("lstm")`.

Every builder returns a compiled ``keras.Sequential``: token ids (batch, timesteps) in, the probability of a
positive review (batch, 1) out; binary cross-entropy, RMSprop. The code runs on any Keras backend.
"""

import math
from numbers import Integral, Real

import keras
from keras import layers, ops

from ..errors import CourseError
from . import architectures

CELLS = {"simple_rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}
POOLING = ("last", "mean", "max")


class Residual(layers.Wrapper):
    """A recurrent layer that adds its states to what it reads (He et al., 2016): (batch, timesteps, units) in.

    Where the layer returns its last state only, that is added to the last step of its input. Padding must stand in front.
    """

    def __init__(self, layer, **settings):
        super().__init__(layer, **settings)
        self.supports_masking, self.return_sequences = True, layer.return_sequences

    def call(self, inputs, training=False, mask=None):
        below = inputs if self.return_sequences else inputs[:, -1]
        return below + self.layer(inputs, training=training, mask=mask)

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)

    def compute_mask(self, inputs, mask=None):
        return mask if self.return_sequences else None


class MaxOverStates(layers.Layer):
    """The greatest value of each unit over all timesteps: (batch, timesteps, units) to (batch, units).

    Keras's own layer takes padding for steps; this one leaves out what is masked.
    """

    def __init__(self, **settings):
        super().__init__(**settings)
        self.supports_masking = True

    def call(self, inputs, mask=None):
        return ops.max(
            inputs if mask is None else ops.where(mask[:, :, None], inputs, -1.0), axis=1
        )  # tanh is above −1

    def compute_output_shape(self, input_shape):
        return input_shape[0], input_shape[2]

    def compute_mask(self, inputs, mask=None):
        return None


def recurrent_classifier(
    cell="simple_rnn",
    units=32,
    depth=1,
    bidirectional=False,
    dropout=0.0,
    recurrent_dropout=0.0,
    residual=False,
    normalize=False,
    clip=0.0,
    pooling="last",
    mask_zero=False,
    num_words=10_000,
    embedding=32,
    logit=True,
    learning_rate=1e-3,
    name=None,
):
    """A stack of recurrent layers between an embedding and one sigmoid unit.

    cell: "simple_rnn" (Elman, 1990), "lstm" (Hochreiter & Schmidhuber, 1997) or "gru" (Cho et al., 2014).
    units: size of the hidden state of each layer (and of each direction). depth: number of layers, 1 to 4.
    dropout, recurrent_dropout: rates in [0, 1); each mask is drawn once a batch and kept over all timesteps
    (Gal & Ghahramani, 2016). residual: every layer from the second on adds its states to those of the layer below (He et
    al., 2016). normalize: what a layer hands to the next one is normalized over its units (Ba et al., 2016, who normalize
    inside the recurrence). clip: length to which the gradient of all weights is cut where it is longer (Pascanu et al.,
    2013); 0 for none. mask_zero: skip padding, so that the state is carried past it unchanged.
    pooling: what the sigmoid unit judges by, "last" (the last hidden state), "mean" (the mean over all of them, without
    those of skipped padding) or "max" (the greatest value of each unit among them). logit=False leaves out the sigmoid unit; the output is then what it would read (batch, units).
    Raises CourseError for a setting outside these.
    """
    _whole(units=units, embedding=embedding, depth=depth, num_words=num_words)
    _check(cell, depth, dropout, recurrent_dropout, clip, pooling)
    model = keras.Sequential(
        [keras.Input((None,), dtype="int32"), layers.Embedding(num_words, embedding, mask_zero=mask_zero)], name=name
    )
    for level in range(1, depth + 1):
        all_states = level < depth or pooling != "last"
        layer = CELLS[cell](units, return_sequences=all_states, dropout=dropout, recurrent_dropout=recurrent_dropout)
        layer = layers.Bidirectional(layer) if bidirectional else layer
        model.add(Residual(layer) if residual and level > 1 else layer)
        if normalize and level < depth:
            model.add(layers.LayerNormalization())
    if pooling != "last":
        model.add(layers.GlobalAveragePooling1D() if pooling == "mean" else MaxOverStates())
    if logit:
        model.add(layers.Dense(1, activation="sigmoid"))
    return _compiled(model, learning_rate, clip)


def dense(units=32, mask_zero=True, num_words=10_000, embedding=32, learning_rate=1e-3, name="dense"):
    """The baseline without word order: the average embedding of the words, then one hidden layer."""
    _whole(units=units, embedding=embedding, num_words=num_words)
    return _compiled(
        keras.Sequential(
            [
                keras.Input((None,), dtype="int32"),
                layers.Embedding(num_words, embedding, mask_zero=mask_zero),
                layers.GlobalAveragePooling1D(),
                layers.Dense(units, activation="relu"),
                layers.Dense(1, activation="sigmoid"),
            ],
            name=name,
        ),
        learning_rate,
    )


def conv(units=32, kernel_size=5, num_words=10_000, embedding=32, learning_rate=1e-3, name="conv"):
    """One-dimensional convolution over five words at a time, then the maximum over the review."""
    _whole(units=units, kernel_size=kernel_size, embedding=embedding, num_words=num_words)
    return _compiled(
        keras.Sequential(
            [
                keras.Input((None,), dtype="int32"),
                layers.Embedding(num_words, embedding),
                layers.Conv1D(units, kernel_size, padding="same", activation="relu"),
                layers.GlobalMaxPooling1D(),
                layers.Dense(1, activation="sigmoid"),
            ],
            name=name,
        ),
        learning_rate,
    )


def _whole(**sizes):
    for what, size in sizes.items():
        if not isinstance(size, Integral) or size < 1:
            raise CourseError(f"{what} is {size!r}: it must be a whole number, at least 1.")


def _check(cell, depth, dropout, recurrent_dropout, clip, pooling):
    if cell not in CELLS:
        raise CourseError(f"Unknown cell {cell!r}: use one of {', '.join(CELLS)}.")
    if depth > 4:
        raise CourseError(f"depth must be between 1 and 4, not {depth}.")
    for what, rate in (("dropout", dropout), ("recurrent_dropout", recurrent_dropout)):
        if not isinstance(rate, Real) or not 0 <= float(rate) < 1:
            raise CourseError(f"{what} is {rate!r}: it must be a number, at least 0 and less than 1.")
    if not isinstance(clip, Real) or float(clip) < 0:
        raise CourseError(f"clip is {clip!r}: it must be a number above 0, or 0 for none.")
    if pooling not in POOLING:
        raise CourseError(f"pooling is {pooling!r}: use one of {', '.join(POOLING)}.")


_BASELINES = {"dense": dense, "conv": conv}


def build(architecture, **settings):
    """The compiled model of that name, as `architectures` describes it; ``settings`` replace its usual ones.

    Raises CourseError for an unknown architecture or setting.
    """
    architectures.check(architecture, settings, ["logit"] if architectures.get(architecture).recurrent else [])
    usual = architectures.usual(architecture)
    return _BASELINES.get(architecture, recurrent_classifier)(**{**usual, "name": architecture, **settings})


def _is_rate(value):
    # Keras's schedules are called; NaN is no rate.
    return callable(value) or isinstance(value, Real) and 0 < float(value) < math.inf


def _compiled(model, learning_rate, clip=0.0):
    if not _is_rate(learning_rate):
        raise CourseError(f"learning_rate is {learning_rate!r}: it must be a number above 0.")
    optimizer = keras.optimizers.RMSprop(learning_rate, global_clipnorm=clip or None)
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    return model
