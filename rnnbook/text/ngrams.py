"""Counting: n-gram models of characters, with interpolated Kneser–Ney smoothing (Kneser & Ney, 1995; Chen & Goodman, 1999).

model = KneserNey(5).fit(text.encode(training))
bits = model.surprise(text.encode(held_out))          # (characters,)
"""

from __future__ import annotations

import numpy as np

from ..errors import CourseError
from . import ALPHABET

SIZE = len(ALPHABET)


class KneserNey:
    """A character given the ``order - 1`` before it.

    The counts of the longest context are those of the text. A shorter context counts something else: after how many
    different characters a sequence was seen (its *continuations*), because it is asked only where the longer one failed.
    Of each count a discount d is taken; what is saved goes to the next shorter context:

        P(x | context) = max(n(context x) - d, 0) / n(context) + d · kinds(context) / n(context) · P(x | shorter context)

    with d = n1 / (n1 + 2 n2), where n1 and n2 are how many sequences were counted once and twice (d = 1/2 where none was
    counted once). The last context is the
    uniform distribution over the alphabet.
    """

    def __init__(self, order: int, size: int = SIZE):
        """size: how many kinds there are, of characters or of words."""
        self.order, self.size = order, size

    def fit(self, ids: np.ndarray) -> KneserNey:
        """Count ids (characters,)."""
        self.levels = []  # from no context to the longest: (sequences, counts, discount)
        for length in range(1, self.order + 1):
            if length == self.order:
                codes, counts = np.unique(_sequences(ids, length, self.size), return_counts=True)
            else:  # each kind of sequence one longer counts once: how many characters were seen before this one
                longer = np.unique(_sequences(ids, length + 1, self.size))
                codes, counts = np.unique(longer % self.size**length, return_counts=True)
            once, twice = (counts == 1).sum(), (counts == 2).sum()
            self.levels.append((codes, counts, once / (once + 2 * twice) if once else 0.5))
        return self

    def distribution(self, context: np.ndarray) -> np.ndarray:
        """P(next | context) for contexts (n, at least order - 1): (n, characters of the alphabet)."""
        context = np.atleast_2d(context).astype(np.int64)
        probability = np.full((len(context), self.size), 1 / self.size)
        for length, (codes, counts, discount) in enumerate(self.levels, start=1):
            before = context[:, context.shape[1] - length + 1 :] @ self.size ** np.arange(length - 1, 0, -1)
            n = _look_up(codes, counts, before[:, None] + np.arange(self.size))
            total = n.sum(axis=1, keepdims=True)
            kept = np.maximum(n - discount, 0) + discount * (n > 0).sum(axis=1, keepdims=True) * probability
            probability = np.where(total > 0, kept / np.maximum(total, 1), probability)
        return probability

    def of_each(self, ids: np.ndarray) -> np.ndarray:
        """P of each of ids from place ``order - 1`` on: where there are thousands of kinds, only what comes is asked for."""
        asked = _sequences(ids, self.order, self.size)
        probability = np.full(len(asked), 1 / self.size)
        for length, (codes, counts, discount) in enumerate(self.levels, start=1):
            contexts, first, kinds = np.unique(codes // self.size, return_index=True, return_counts=True)
            code = asked % self.size**length
            total = _look_up(contexts, np.add.reduceat(counts, first), code // self.size)
            saved = discount * _look_up(contexts, kinds, code // self.size) * probability
            kept = np.maximum(_look_up(codes, counts, code) - discount, 0) + saved
            probability = np.where(total > 0, kept / np.maximum(total, 1), probability)
        return probability

    def surprise(self, ids: np.ndarray, skip: int = 128) -> np.ndarray:
        """−log2 P of each character of ids from place ``skip`` on, (characters - skip,)."""
        ids = np.asarray(ids, np.int64)
        contexts = np.lib.stride_tricks.sliding_window_view(ids, self.order)[skip - self.order + 1 :]
        bits = []
        for chunk in np.array_split(contexts, max(1, len(contexts) // 10_000)):
            said = self.distribution(chunk[:, :-1])
            bits.append(-np.log2(said[np.arange(len(chunk)), chunk[:, -1]]))
        return np.concatenate(bits)

    def start(self, batch):
        """The state before anything is read: as after line ends, (batch, order - 1)."""
        return np.zeros((batch, self.order - 1), np.int64)

    def step(self, ids, state):
        """Read ids (batch,): log-probabilities of the next character (batch, characters), and the new state."""
        state = np.concatenate([state, np.asarray(ids)[:, None]], axis=1)[:, 1:] if self.order > 1 else state
        return np.log(self.distribution(state)), state


def remembered(ids, order, skip=128, every=1000):
    """The probability of each character of ids from place ``skip`` on, (characters - skip,), by counts of this text alone.

    Only what was read before counts; it is counted anew after every so many characters. Raises CourseError where fewer
    characters are skipped than a context holds.
    """
    if skip < order:
        raise CourseError(f"skip is {skip}: use at least the order, {order}.")
    probability = np.empty(len(ids) - skip)
    for begin in range(skip, len(ids), every):
        recent = KneserNey(order).fit(ids[:begin])
        bits = recent.surprise(ids[begin - order : begin + every], skip=order)
        probability[begin - skip : begin - skip + len(bits)] = 2**-bits
    return probability


def with_cache(bits, probability, share):
    """The surprise (characters,) of a model with ``bits`` whose word counts 1 - share beside `remembered`'s: a cache (Kuhn & De Mori, 1990).

    A text that repeats itself, as a play does the names of its speakers, becomes less surprising.
    """
    return -np.log2((1 - share) * 2**-bits + share * probability)


def _sequences(ids, length, size=SIZE):
    """Every sequence of ``length`` of ``size`` kinds as one number, in the order of the text."""
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(ids, np.int64), length)
    return windows @ size ** np.arange(length - 1, -1, -1)


def _look_up(codes, counts, wanted):
    """The count of each wanted code, 0 where it was not seen."""
    at = np.minimum(np.searchsorted(codes, wanted), len(codes) - 1)
    return np.where(codes[at] == wanted, counts[at], 0)
