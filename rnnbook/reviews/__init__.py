"""What the networks of the course read.

from rnnbook import reviews
corpus = reviews.load()               # IMDB; the generated sample where IMDB cannot be had
X = corpus.train.padded(maxlen=500)   # (samples, timesteps)
y = corpus.train.labels               # (samples,), 1 = positive
"""

from __future__ import annotations

import os

from .. import files
from . import imdb, sample
from .corpus import (
    INDEX_FROM,
    LARGEST_VOCABULARY,
    OOV,
    PADDING,
    START,
    Corpus,
    DataError,
    Reviews,
    decode,
    encode,
    tokenize,
    whole,
    word_of,
)

__all__ = [
    "INDEX_FROM",
    "LARGEST_VOCABULARY",
    "OOV",
    "PADDING",
    "START",
    "Corpus",
    "DataError",
    "Reviews",
    "decode",
    "encode",
    "load",
    "tokenize",
    "word_of",
]


def load(dataset: str = "auto", num_words: int = 10_000) -> Corpus:
    """The reviews, shuffled as `keras.datasets.imdb.load_data(num_words=num_words)` does.

    dataset: "imdb" (from the file that RNNBOOK_IMDB names, else the cache, else Keras's download),
    "sample" (generated reviews), or "auto" (IMDB, and the sample only where IMDB cannot be had; then
    `describe()` says so). Tokens from num_words on become 2. Raises DataError.
    """
    if not INDEX_FROM < whole("num_words", num_words) <= LARGEST_VOCABULARY:
        raise DataError(f"num_words is {num_words}: choose a vocabulary of 4 to {LARGEST_VOCABULARY:,} tokens.")
    if dataset not in ("auto", "imdb", "sample"):
        raise DataError(f'dataset is {dataset!r}: use "auto", "imdb" or "sample".')
    corpus = _load(dataset, num_words)
    files.note_use(f"{corpus.name} ({corpus.sha256[:8]}…)")
    return corpus


def _load(dataset: str, num_words: int) -> Corpus:
    if dataset == "sample":
        return sample.corpus(num_words)
    try:
        return imdb.corpus(num_words)
    except DataError as error:
        # A file that was named must be read: no silent stand-in.
        if dataset == "imdb" or os.environ.get("RNNBOOK_IMDB"):
            raise
        return sample.corpus(num_words, reason=str(error))
