"""Measures how long the real reviews are and how much a vocabulary knows; SequenceTensor shows it.

``python -m rnnbook.reviews.lengths`` writes lengths.json beside this file anew from the IMDB training reviews.
"""

import functools
import json
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_suffix(".json")
BIN, LISTED, STEP = 10, 1997, 50


def measure(corpus):
    """Return what the file holds, from the training reviews of a `rnnbook.reviews.Corpus` with its largest vocabulary.

    `counts[k]` reviews have from 10k + 1 to 10k + 10 words, `kept[k]` words are left of all `words` at maxlen 10k
    (Keras's default cuts at the front, so the start token goes first), `known[k]` words have tokens below 50(k + 1),
    `known_10000` below 10,000. `list` has the most frequent words by rank.
    """
    words = corpus.train.lengths - 1
    limits = np.arange(0, words.max() + BIN, BIN)
    tokens = corpus.train.tokens[corpus.train.tokens != 1]
    below = np.cumsum(np.bincount(tokens, minlength=10_000))
    below -= below[2]  # 2 stands for the words that no vocabulary reaches
    ranked = sorted(corpus.word_index, key=corpus.word_index.get)
    return {
        "dataset": corpus.name,
        "sha256": corpus.sha256,
        "reviews": len(corpus.train),
        "words": int(words.sum()),
        "counts": np.histogram(words, limits + 0.5)[0].tolist(),
        "kept": [int(np.minimum(words, limit).sum()) for limit in limits],
        "known": [int(below[limit - 1]) for limit in range(STEP, 2001, STEP)],
        "known_10000": int(below[9_999]),
        "list": " ".join(ranked[:LISTED]),
    }


@functools.cache
def recorded():
    """Return the recorded measurement."""
    return json.loads(FILE.read_text("utf-8"))


if __name__ == "__main__":
    from . import LARGEST_VOCABULARY, load

    FILE.write_text(
        json.dumps(measure(load("imdb", num_words=LARGEST_VOCABULARY)), separators=(",", ":")) + "\n", "utf-8"
    )
