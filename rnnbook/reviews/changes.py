"""What is done to the words of padded reviews before a trained network reads them."""

from __future__ import annotations

import numpy as np


def keep_last(X, words):
    """X (samples, maxlen), padded in front, with all but the last `words` of each review turned into padding."""
    kept = X.copy()
    kept[:, : X.shape[1] - words] = 0
    return kept


def shuffle_words(X, rng, window=None):
    """X (samples, timesteps), padded in front, with the words of each review in random order.

    window: only words of the same window change places, so many at a time, counted from the end of the review; None: all
    of them. The start symbol, if there is one, and the padding stay.
    """
    samples, timesteps = X.shape
    begin = (X != 0).argmax(axis=1)
    begin = begin + (X[np.arange(samples), begin] == 1)
    position = np.arange(timesteps)
    keys = rng.random(X.shape) - (timesteps - 1 - position) // (window or timesteps)  # windows in order, mixed within
    keys = np.where(position < begin[:, None], position - 2 * timesteps, keys)
    return np.take_along_axis(X, keys.argsort(axis=1), axis=1)
