"""The forecasters that the book ships, in NumPy and without Keras: those recorded with seed 0, read back from their weights."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

from . import reference

TRAINED = Path(__file__).parent / "trained" / "forecasters.npz"  # in the letters of the course, float16
RECURSIVE = "recursive"
NAMES = ("simple_rnn", "lstm", "gru", RECURSIVE)  # the first three with quantiles, told what happened a year ago
CELL = {RECURSIVE: "simple_rnn"}  # the cell of a network that is not called by it


def letters(keras_weights):
    """Keras's list of weights, layer by layer, as (U, W, b) of each recurrent layer and (V, c): name → array.

    An encoder and a decoder give U0, W0, b0 and U1, W1, b1; a network without a decoder only the first three.
    """
    *layers, V, c = (np.asarray(array) for array in keras_weights)
    found = {"V": V.T, "c": c}
    for level in range(len(layers) // 3):
        U, W, b = layers[3 * level : 3 * level + 3]
        found |= {f"U{level}": U.T, f"W{level}": W.T, f"b{level}": b}
    return found


@functools.cache
def stored():
    """The shipped weights: name of the network → letter → array, float64."""
    with np.load(TRAINED) as file:
        arrays = {key: file[key].astype(float) for key in file.files}
    return {name: {key.split("/")[1]: a for key, a in arrays.items() if key.startswith(f"{name}/")} for name in NAMES}


class Forecaster:
    """One of `NAMES`, with the weights that are shipped or with given ones (as `letters` returns them)."""

    def __init__(self, name, weights=None):
        self.weights = stored()[name] if weights is None else weights
        self.name, self.cell = name, CELL.get(name, name)

    def read(self, X, level=0, start=()):
        """The states of X (batch, timesteps, features) before its first step and after each, (batch, timesteps + 1, units).

        A tuple: hidden states, of an LSTM also the cell states. start: the states (batch, units) to begin with.
        """
        weights = [self.weights[f"{letter}{level}"] for letter in "UWb"]
        if self.cell == "lstm":
            return reference.lstm_rollout(X, *weights, *start)
        return ((reference.gru_rollout if self.cell == "gru" else reference.rollout)(X, *weights, *start),)

    def forecast(self, past, future):
        """past (batch, history, features) and future (batch, horizon, known) → (batch, horizon, outputs), scaled and above the level.

        With a decoder the outputs are the quantiles .1, .5 and .9, sorted; the recursive network says one value.
        """
        past, future = np.asarray(past, float), np.asarray(future, float)
        V, c = self.weights["V"], self.weights["c"]
        if self.name != RECURSIVE:
            last = [states[:, -1] for states in self.read(past)]
            return np.sort(reference.output_map(self.read(future, 1, last)[0][:, 1:], V, c), axis=-1)
        answers = []
        for ahead in range(future.shape[1]):
            answers.append(reference.output_map(self.read(past)[0][:, -1], V, c))
            tomorrow = np.concatenate([answers[-1], future[:, ahead, : past.shape[2] - 1]], axis=1)
            past = np.concatenate([past[:, 1:], tomorrow[:, None]], axis=1)
        return np.stack(answers, axis=1)
