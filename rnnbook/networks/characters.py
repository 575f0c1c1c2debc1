"""The character model that the book ships, an LSTM, in NumPy and without Keras: it reads and writes character by character."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..text import ALPHABET, encode
from . import reference

TRAINED = Path(__file__).parent / "trained" / "characters.npz"  # in the letters of the course, float16


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
