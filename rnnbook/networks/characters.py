"""The character models that the book ships, two LSTMs, in NumPy and without Keras: they read and write character by character."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..text import ALPHABET, encode, sampling
from . import reference

TRAINED = Path(__file__).parent / "trained" / "characters.npz"  # in the letters of the course, float16
LARGER = TRAINED.with_name("characters_larger.npz")  # as `rounded` makes it
ROUNDED = "UWV"  # stored as int8; the biases stay float32


def rounded(weights):
    """Weights in few bytes: int8 arrays with a scale for each, as ``scale_U``, and the biases as float32."""
    scales = {name: np.float32(np.abs(weights[name]).max()) for name in ROUNDED}
    arrays = {name: np.round(127 * weights[name] / scales[name]).astype(np.int8) for name in ROUNDED}
    return (
        arrays
        | {f"scale_{name}": scale for name, scale in scales.items()}
        | {name: np.asarray(weights[name], np.float32) for name in "bc"}
    )


def restored(arrays):
    """The weights that `rounded` stored, as float64."""
    whole = {name: arrays[name] * (float(arrays[f"scale_{name}"]) / 127) for name in ROUNDED}
    return whole | {name: np.asarray(arrays[name], float) for name in "bc"}


def larger_arrays():
    """What is stored of the larger LSTM of chapter 12, as `rounded` made it."""
    with np.load(LARGER) as stored:
        return dict(stored)


def larger():
    """The larger LSTM of chapter 12: 256 units, learned from all works but the plays that are held out."""
    return Trained(restored(larger_arrays()))


def surprise(network, ids, segments=64, warm_up=128):
    """−log2 of the probability given to each character of ids, (characters,); nan at the first ``warm_up`` and the last few.

    The text is read in so many segments at once, each from ``warm_up`` characters before its start.
    """
    length = (len(ids) - 1 - warm_up) // segments
    begin = warm_up + length * np.arange(segments)
    state, bits = network.start(segments), np.full(len(ids), np.nan)
    for k in range(-warm_up, length):
        said, state = network.step(ids[begin + k].astype(int), state)
        if k >= 0:
            after = ids[begin + k + 1]
            bits[begin + k + 1] = -np.log2(sampling.probabilities(said)[np.arange(segments), after])
    return bits


class Trained:
    """An LSTM with its output map; by default the one that is shipped.

    weights: U (4 units, characters), W (4 units, units), b (4 units,), V (characters, units) and c (characters,).
    """

    def __init__(self, weights=None):
        if weights is None:
            with np.load(TRAINED) as stored:
                weights = {name: stored[name] for name in stored.files}
        self.weights = {name: np.asarray(array, float) for name, array in weights.items()}
        self.units = self.weights["W"].shape[1]

    def start(self, batch):
        """Hidden and cell state before anything is read, each (batch, units)."""
        return np.zeros((batch, self.units)), np.zeros((batch, self.units))

    def step(self, ids, state):
        """Read ids (batch,): logits of the next character (batch, characters), and the new state."""
        U, W, b, V, c = (self.weights[name] for name in "UWbVc")
        Z, C = reference.lstm_step(np.eye(len(ALPHABET))[ids], state[0], state[1], U, W, b)
        return reference.output_map(Z, V, c), (Z, C)

    def read(self, text):
        """Logits (length, characters) after each character of a text, and the states Z and C there, (length, units)."""
        state, kept = self.start(1), []
        for i in encode(text):
            logits, state = self.step(np.array([i]), state)
            kept.append((logits[0], state[0][0], state[1][0]))
        return tuple(np.array(part) for part in zip(*kept, strict=True))
