"""The networks of chapter 13: from the last days to the next ones. All take scaled values; units and names as in the course."""

from __future__ import annotations

import keras
from keras import layers, ops

CELLS = {"simple_rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}
QUANTILES = (0.1, 0.5, 0.9)


def direct(cell, history, features, horizon, units=32, learning_rate=1e-3, known=0):
    """Read (batch, history, features), say all ``horizon`` values at once: (batch, horizon).

    known: how many features of each day to come are read as well, as a second input (batch, horizon, known); every day's
    output has weights of its own for all of them.
    """
    past = keras.Input((history, features), name="past")
    inputs, summary = past, _summary(cell, units, history)(past)
    if known:
        future = keras.Input((horizon, known), name="future")
        inputs, summary = [past, future], layers.Concatenate()([summary, layers.Flatten()(future)])
    return _compiled(keras.Model(inputs, layers.Dense(horizon)(summary), name=f"direct_{cell}"), learning_rate)


def one_step(cell, history, features, units=32, learning_rate=1e-3):
    """Read (batch, history, features), say the next value: (batch, 1). Fed with its own answers it goes on for ever."""
    return direct(cell, history, features, 1, units, learning_rate)


def encoder_decoder(
    cell, history, features, horizon, known, units=32, quantiles=None, learning_rate=1e-3, corrects=False
):
    """An encoder reads the past, a decoder starts from its state and reads what is known of each day to come.

    Inputs: past (batch, history, features) and future (batch, horizon, known), such as weekday and holiday. Output
    (batch, horizon), or (batch, horizon, quantiles) trained with the quantile loss. Sutskever et al. (2014), with known
    inputs in place of the decoder's own words.

    corrects: the output is the last known feature plus what the network says, which begins at 0, so that the untrained
    network forecasts that feature: a residual connection (He et al., 2016). Not with quantiles.
    """
    past, future = keras.Input((history, features), name="past"), keras.Input((horizon, known), name="future")
    if cell == "conv":
        summary = layers.RepeatVector(horizon)(_summary(cell, units, history)(past))
        states = layers.Dense(units, activation="tanh")(layers.Concatenate()([summary, future]))
    else:
        _, *state = CELLS[cell](units, return_state=True)(past)
        states = CELLS[cell](units, return_sequences=True)(future, initial_state=state)
    start = "zeros" if corrects else "glorot_uniform"
    forecast = layers.Dense(len(quantiles) if quantiles else 1, kernel_initializer=start)(states)
    if corrects:
        forecast = layers.Add()([forecast, future[..., -1:]])
    if not quantiles:
        forecast = layers.Reshape((horizon,))(forecast)
    model = keras.Model([past, future], forecast, name=f"encoder_decoder_{cell}")
    return _compiled(model, learning_rate, quantile_loss(quantiles) if quantiles else "mae")


def quantile_loss(quantiles):
    """The pinball loss (Koenker & Bassett, 1978), mean over ``quantiles``: truth (batch, n, 1) against (batch, n, quantiles)."""
    levels = ops.convert_to_tensor(quantiles, "float32")

    def loss(truth, forecast):
        error = truth - forecast
        return ops.mean(ops.maximum(levels * error, (levels - 1) * error))

    return loss


def _summary(cell, units, history):
    """The last state of a recurrent layer, or of dilated causal convolutions that reach back over all of ``history`` steps."""
    if cell != "conv":
        return CELLS[cell](units)
    levels = (history - 1).bit_length()
    stack = [layers.Conv1D(units, 2, dilation_rate=2**k, padding="causal", activation="relu") for k in range(levels)]
    return keras.Sequential([*stack, layers.Lambda(lambda z: z[:, -1])])


def _compiled(model, learning_rate, loss="mae"):
    model.compile(optimizer=keras.optimizers.Adam(learning_rate, clipnorm=1.0), loss=loss)
    return model
