"""Reviews of different lengths with their labels, their vocabulary, and words as tokens.

Encoding as in `keras.datasets.imdb`: 0 is padding, 1 starts a review, 2 stands for a word outside the
vocabulary, and the word of rank r (1 = most frequent in the training reviews) is token r + 3.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

import numpy as np

from ..errors import CourseError

if TYPE_CHECKING:
    from .. import shapes as of

PADDING, START, OOV, INDEX_FROM = 0, 1, 2, 3
LARGEST_VOCABULARY = 2**16  # tokens are uint16


class DataError(CourseError):
    """Reviews that cannot be had or used; the message says why and what to do."""


def whole(name: str, value) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise DataError(f"{name} is {value!r}: it must be a whole number, at least 1.")
    return int(value)


@dataclass(frozen=True, eq=False)
class Reviews:
    """Labelled reviews of different lengths, laid end to end.

    tokens (tokens,) uint16; offsets (samples + 1,) int64; labels (samples,) uint8, 1 = positive.
    Review i is tokens[offsets[i]:offsets[i + 1]].
    """

    tokens: of.ReviewTokens
    offsets: of.Offsets
    labels: of.ReviewLabels

    @classmethod
    def from_lists(cls, reviews, labels) -> Reviews:
        """Reviews from a list of token lists and their labels."""
        offsets = np.concatenate([[0], np.cumsum([len(review) for review in reviews], dtype=np.int64)])
        tokens = np.fromiter(itertools.chain.from_iterable(reviews), np.uint16, count=int(offsets[-1]))
        return cls(tokens, offsets.astype(np.int64), np.asarray(labels, np.uint8))

    def __len__(self) -> int:
        return len(self.labels)

    @overload
    def __getitem__(self, i: slice) -> Reviews: ...
    @overload
    def __getitem__(self, i: int | np.integer) -> of.OneReview: ...
    def __getitem__(self, i) -> Reviews | of.OneReview:
        """The tokens of one review for an integer, `Reviews` for a slice."""
        if isinstance(i, slice):
            start, stop, step = i.indices(len(self))
            if step != 1:
                raise DataError("Reviews are sliced without a step, e.g. reviews[100:200].")
            offsets = self.offsets[start : max(start, stop) + 1]
            tokens = self.tokens[offsets[0] : offsets[-1]]
            return Reviews(tokens, offsets - offsets[0], self.labels[start:stop])
        i = range(len(self))[i]  # negative indices and IndexError as for a list
        return self.tokens[self.offsets[i] : self.offsets[i + 1]]

    def __repr__(self) -> str:
        return f"<{len(self):,} reviews, {len(self.tokens):,} tokens>"

    @property
    def lengths(self) -> of.ReviewLengths:
        """Tokens per review, the start token included; (samples,) int64."""
        return np.diff(self.offsets)

    def take(self, n: int) -> Reviews:
        """The first n reviews, or all where there are fewer."""
        return self[: whole("The number of reviews", n)]

    def split(self, share: float = 0.2) -> tuple[Reviews, Reviews]:
        """Reviews to train on and reviews to validate on: as in ``model.fit``, the last share is held out. Raises DataError."""
        at = int(len(self) * (1 - share))
        if at < 1 or at >= len(self):
            raise DataError(
                f"{len(self)} review{'' if len(self) == 1 else 's'} cannot be split for validation: use at least 10."
            )
        return self[:at], self[at:]

    def shuffled(self, rng: np.random.Generator, maxlen: int = 500) -> Reviews:
        """The last maxlen tokens of every review in random order; a start token among them stays in front."""
        made = [self[i][-whole("maxlen", maxlen) :].copy() for i in range(len(self))]
        for review in made:
            rng.shuffle(review[int(review[0] == START) :])
        return Reviews.from_lists(made, self.labels)

    def padded(self, maxlen: int = 500, padding: str = "pre", truncating: str = "pre") -> of.PaddedReviews:
        """All reviews at one length, int32 (samples, maxlen), as `keras.utils.pad_sequences` gives them.

        padding "pre" puts zeros before a short review, "post" after it; truncating "pre" drops the
        beginning of a long review, "post" its end.
        """
        maxlen = whole("maxlen", maxlen)
        for name, value in (("padding", padding), ("truncating", truncating)):
            if value not in ("pre", "post"):
                raise DataError(f'{name} is {value!r}: use "pre" or "post".')
        kept = np.minimum(self.lengths, maxlen)
        begin = self.offsets[1:] - kept if truncating == "pre" else self.offsets[:-1]
        column = maxlen - kept if padding == "pre" else np.zeros_like(kept)
        X = np.zeros((len(self), maxlen), np.int32)
        for row, a, n, j in zip(X, begin.tolist(), kept.tolist(), column.tolist()):
            row[j : j + n] = self.tokens[a : a + n]
        return X


@dataclass(frozen=True, eq=False)
class Corpus:
    """Training and test reviews with their vocabulary; `name` is "imdb" or "sample"."""

    name: str
    train: Reviews
    test: Reviews
    num_words: int
    sha256: str
    _words: Callable[[], dict] = field(repr=False)
    reason: str = ""  # why the sample stands in for IMDB

    @functools.cached_property
    def word_index(self) -> dict[str, int]:
        """Word → rank, 1 = most frequent (the token is rank + 3). Read when first asked for."""
        return self._words()

    def first(self, n: int) -> Corpus:
        """The same corpus with the first n training and the first n test reviews."""
        return dataclasses.replace(self, train=self.train.take(n), test=self.test.take(n))

    def describe(self) -> str:
        """One sentence that says which reviews these are."""
        sizes = f"{len(self.train):,} training and {len(self.test):,} test reviews"
        digest = f"sha256 {self.sha256[:8]}"
        if self.name == "imdb":
            return f"IMDB: {sizes}, a vocabulary of {self.num_words:,} tokens ({digest})."
        stand_in = f"{sizes} generated by a program to stand in for IMDB ({digest}), not real ones"
        if self.reason:
            return f"IMDB could not be had, so these are {stand_in}. {self.reason}"
        return f"Sample: {stand_in}."

    __repr__ = describe


# How a text falls into words. Widgets get the rule from here (`widgets/facts.py`), the second pattern being JavaScript's for the first.
APOSTROPHE = "\u2019"
BETWEEN_WORDS = r"[^\w']|_"
BETWEEN_WORDS_IN_JAVASCRIPT = r"[^\p{L}\p{N}']"


def tokenize(text: str) -> list[str]:
    """The words of a text: lower case, punctuation but the apostrophe turned into blanks."""
    return re.sub(BETWEEN_WORDS, " ", text.lower().replace(APOSTROPHE, "'")).split()


def encode(text: str, word_index: dict[str, int], num_words: int = 10_000, start: bool = True) -> list[int]:
    """The tokens of a text; a word outside the vocabulary becomes 2. Raises DataError for a text without a known word."""
    words = tokenize(text)
    if not words:
        raise DataError("The text holds no words: type a sentence or two.")
    tokens = [word_index.get(word, num_words) + INDEX_FROM for word in words]
    tokens = [token if token < num_words else OOV for token in tokens]
    if set(tokens) == {OOV}:
        raise DataError(
            f"None of the {len(words)} words is in the vocabulary: the reviews are in English, so write in English."
        )
    return [START] * start + tokens


def decode(tokens, word_index: dict[str, int]) -> str:
    """The text of a token sequence; padding is left out, 1 reads [START] and 2 [OOV]."""
    names = word_of(word_index) | {START: "[START]", OOV: "[OOV]"}
    return " ".join(names.get(int(token), "[OOV]") for token in tokens if token != PADDING)


def word_of(word_index: dict[str, int]) -> dict[int, str]:
    """The word of each token that stands for one."""
    return {rank + INDEX_FROM: word for word, rank in word_index.items()}
