"""Copy the first symbol over a lag: the one-bit form of the latch problem of Bengio, Simard & Frasconi (1994)."""

from __future__ import annotations

import hashlib

import numpy as np

from .corpus import Corpus, Reviews

TRAINING, TESTING = 5000, 1000


def corpus(lag: int, seed: int) -> Corpus:
    """Sequences of one of two symbols and ``lag`` distractors; the label is the first symbol.

    Tokens: 1 and 2 the symbols to copy, 3 to 10 distractors.
    """
    rng = np.random.default_rng([lag, seed])

    def draw(n):
        label = rng.integers(0, 2, n)
        return Reviews.from_lists(np.column_stack([1 + label, rng.integers(3, 11, (n, lag))]).tolist(), label)

    train, test = draw(TRAINING), draw(TESTING)
    digest = hashlib.sha256(train.tokens.tobytes() + test.tokens.tobytes()).hexdigest()
    return Corpus("copy", train, test, 11, digest, dict)
