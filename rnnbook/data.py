"""The reviews: load, cache, encode, pad.

Encoding as in `keras.datasets.imdb`: 0 is padding, 1 starts a review, 2 stands for a word outside the
vocabulary, and the word of rank r (1 = most frequent in the training reviews) is token r + 3.

    corpus = load()                       # IMDB; the generated sample where IMDB cannot be had
    X = corpus.train.padded(maxlen=500)   # (samples, timesteps)
    y = corpus.train.labels               # (samples,), 1 = positive
"""

from __future__ import annotations

import functools
import hashlib
import http.client
import io
import itertools
import json
import os
import pickle
import re
import tempfile
import urllib.request
import warnings
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import numpy as np

from . import sample

PADDING, START, OOV, INDEX_FROM = 0, 1, 2, 3
LARGEST_VOCABULARY = 2**16  # tokens are uint16

KERAS_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
KERAS_SHA256 = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
# The same reviews, split into words again for machines without a network: 2 x 24,996 reviews.
OFFLINE_SHA256 = "d227539500b3bb3e490c7b9789e7ccb41fbeffea714c730e8dccc4ef29b337f0"
WORDS_MD5 = "bfafd718b763782e994055a2d397834f"
WORDS_FILE = "imdb_word_index.json"


class DataError(ValueError):
    """Reviews that cannot be had or used; the message says why and what to do."""


def _whole(name: str, value) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise DataError(f"{name} is {value!r}: it must be a whole number, at least 1.")
    return int(value)


@dataclass(frozen=True, eq=False)
class Reviews:
    """Labelled reviews of different lengths, laid end to end.

    tokens (tokens,) uint16; offsets (samples + 1,) int64; labels (samples,) uint8, 1 = positive.
    Review i is tokens[offsets[i]:offsets[i + 1]].
    """

    tokens: np.ndarray
    offsets: np.ndarray
    labels: np.ndarray

    @classmethod
    def from_lists(cls, reviews, labels) -> Reviews:
        """Reviews from a list of token lists and their labels."""
        offsets = np.concatenate([[0], np.cumsum([len(review) for review in reviews], dtype=np.int64)])
        tokens = np.fromiter(itertools.chain.from_iterable(reviews), np.uint16, count=int(offsets[-1]))
        return cls(tokens, offsets.astype(np.int64), np.asarray(labels, np.uint8))

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i):
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
    def lengths(self) -> np.ndarray:
        """Tokens per review, the start token included; (samples,) int64."""
        return np.diff(self.offsets)

    def take(self, n: int) -> Reviews:
        """The first n reviews, or all where there are fewer."""
        return self[: _whole("The number of reviews", n)]

    def padded(self, maxlen: int = 500, padding: str = "pre", truncating: str = "pre") -> np.ndarray:
        """All reviews at one length, int32 (samples, maxlen), as `keras.utils.pad_sequences` gives them.

        padding "pre" puts zeros before a short review, "post" after it; truncating "pre" drops the
        beginning of a long review, "post" its end.
        """
        maxlen = _whole("maxlen", maxlen)
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


def load(dataset: str = "auto", num_words: int = 10_000) -> Corpus:
    """The reviews, shuffled as `keras.datasets.imdb.load_data(num_words=num_words)` does.

    dataset: "imdb" (from the file that RNNBOOK_IMDB names, else the cache, else Keras's download),
    "sample" (generated reviews), or "auto" (IMDB, and the sample only where IMDB cannot be had; then
    `describe()` says so). Tokens from num_words on become 2. Raises DataError.
    """
    if not INDEX_FROM < _whole("num_words", num_words) <= LARGEST_VOCABULARY:
        raise DataError(f"num_words is {num_words}: choose a vocabulary of 4 to {LARGEST_VOCABULARY:,} tokens.")
    if dataset not in ("auto", "imdb", "sample"):
        raise DataError(f'dataset is {dataset!r}: use "auto", "imdb" or "sample".')
    if dataset == "sample":
        return _sample(num_words)
    source = os.environ.get("RNNBOOK_IMDB")
    if source:  # a file that was named must be read: no silent stand-in
        return _named_imdb(Path(source).expanduser(), num_words)
    try:
        return _known_imdb(num_words)
    except DataError as error:
        if dataset == "imdb":
            raise
        return _sample(num_words, reason=str(error))


# --- words ---------------------------------------------------------------------------------------


def tokenize(text: str) -> list[str]:
    """The words of a text: lower case, punctuation but the apostrophe turned into blanks."""
    return re.sub(r"[^\w']|_", " ", text.lower().replace("\u2019", "'")).split()


def encode(text: str, word_index: dict[str, int], num_words: int = 10_000, start: bool = True) -> list[int]:
    """The tokens of a text; a word outside the vocabulary becomes 2. Raises DataError for a text without a known word."""
    words = tokenize(text)
    if not words:
        raise DataError("The text holds no words: type a sentence or two.")
    tokens = [word_index.get(word, num_words) + INDEX_FROM for word in words]
    tokens = [token if token < num_words else OOV for token in tokens]
    if set(tokens) == {OOV}:
        raise DataError(f"None of the {len(words)} words is in the vocabulary: the reviews are in English, so write in English.")
    return [START] * start + tokens


def decode(tokens, word_index: dict[str, int]) -> str:
    """The text of a token sequence; padding is left out, 1 reads [START] and 2 [OOV]."""
    word_of = {rank + INDEX_FROM: word for word, rank in word_index.items()}
    word_of |= {START: "[START]", OOV: "[OOV]"}
    return " ".join(word_of.get(int(token), "[OOV]") for token in tokens if token != PADDING)


# --- IMDB: file, cache, download -----------------------------------------------------------------


def cache_folder() -> Path:
    """RNNBOOK_CACHE, else ~/.cache/rnnbook."""
    return Path(os.environ.get("RNNBOOK_CACHE") or Path.home() / ".cache" / "rnnbook").expanduser()


def _named_imdb(path: Path, num_words: int) -> Corpus:
    """IMDB from the file that RNNBOOK_IMDB names; its word index lies beside it, or is Keras's."""
    if not path.is_file():
        raise DataError(f"RNNBOOK_IMDB names {path}, but there is no such file: set it to an imdb.npz as Keras has it, or unset it.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"Cannot read {path} ({error.strerror}): check its permissions.") from None
    digest = hashlib.sha256(content).hexdigest()
    return _corpus(_flat(content, digest, path), num_words, digest, path.with_name(WORDS_FILE))


def _known_imdb(num_words: int) -> Corpus:
    """IMDB without a file at hand: the flat copy of a known one, else Keras's file."""
    for digest in (KERAS_SHA256, OFFLINE_SHA256):
        arrays = _read_flat(_flat_path(digest))
        if arrays is not None:
            return _corpus(arrays, num_words, digest)
    content = _keras_file("imdb.npz", "sha256", KERAS_SHA256)
    return _corpus(_flat(content, KERAS_SHA256, "Keras's imdb.npz"), num_words, KERAS_SHA256)


def _flat(content: bytes, digest: str, source) -> dict[str, np.ndarray]:
    """The flat arrays of an imdb.npz: from the cache, where it is put the first time."""
    arrays = _read_flat(_flat_path(digest))
    if arrays is None:
        arrays = _convert(content, source)
        _write_cache(_flat_path(digest), lambda file: np.savez(file, **arrays))
    return arrays


def _corpus(arrays: dict, num_words: int, digest: str, words: Path | None = None) -> Corpus:
    def split(name):
        tokens = arrays[f"{name}_tokens"]
        np.copyto(tokens, OOV, where=tokens >= num_words)
        return Reviews(tokens, arrays[f"{name}_offsets"], arrays[f"{name}_labels"])

    return Corpus("imdb", split("train"), split("test"), num_words, digest, functools.partial(_words, digest, words))


def _convert(content: bytes, source) -> dict[str, np.ndarray]:
    """Flat arrays, in the order of `keras.datasets.imdb.load_data(seed=113)`, from the bytes of an imdb.npz."""
    arrays = {}
    rng = np.random.RandomState(113)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for split in ("train", "test"):
                x, y = (_read_array(archive.read(f"{name}_{split}.npy")) for name in "xy")
                if len(x) != len(y) or not len(y):
                    raise DataError(f"{source} has {len(x)} reviews and {len(y)} labels in x_{split} and y_{split}: "
                                    "it needs as many labels as reviews, and at least one.")
                order = np.arange(len(x))
                rng.shuffle(order)
                arrays |= _flatten(split, [x[i] for i in order], np.asarray(y)[order], source)
    except DataError:
        raise
    except pickle.UnpicklingError as error:
        raise DataError(f"{source} is refused ({error}): use an untouched imdb.npz.") from None
    except KeyError as error:
        raise DataError(f"{source} is not in Keras's layout (x_train, y_train, x_test, y_test): {error.args[0]}") from None
    except Exception as error:  # a damaged or forged file can make the readers of zip, npy and pickle raise anything
        raise DataError(f"{source} is damaged or not an imdb.npz ({type(error).__name__}: {error}): fetch it again.") from None
    return arrays


def _flatten(split: str, reviews: list, labels: np.ndarray, source) -> dict[str, np.ndarray]:
    """Reviews of ranks as tokens, start token first. Tokens that uint16 cannot hold become 2: no vocabulary reaches them."""
    if labels.ndim != 1 or not np.isin(labels, (0, 1)).all():
        raise DataError(f"{source} has labels other than 0 and 1 in y_{split}: it is not a file of labelled reviews.")
    try:
        offsets = np.concatenate([[0], np.cumsum([len(review) + 1 for review in reviews])]).astype(np.int64)
        marked = itertools.chain.from_iterable(itertools.chain((START - INDEX_FROM,), review) for review in reviews)
        tokens = np.fromiter(marked, np.int64, count=offsets[-1]) + INDEX_FROM
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"{source} has something other than lists of word ranks in x_{split}: it is not in Keras's layout.") from None
    if np.delete(tokens, offsets[:-1]).min(initial=INDEX_FROM) < INDEX_FROM:
        raise DataError(f"{source} has negative word ranks in x_{split}: it is not in Keras's layout.")
    tokens = np.where(tokens < LARGEST_VOCABULARY, tokens, OOV).astype(np.uint16)
    return {f"{split}_tokens": tokens, f"{split}_offsets": offsets, f"{split}_labels": labels.astype(np.uint8)}


class _ArraysOnly(pickle.Unpickler):
    """Admits NumPy arrays of lists and numbers, nothing that could run code."""

    ADMITTED = {("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")} | {
        (module, name)
        for module in ("numpy.core.multiarray", "numpy._core.multiarray")
        for name in ("_reconstruct", "scalar")
    }

    def find_class(self, module, name):
        if (module, name) not in self.ADMITTED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which reviews do not need")
        return super().find_class(module, name)


def _read_array(content: bytes) -> np.ndarray:
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    _, _, dtype = read_header(file)
    if dtype.hasobject:
        return _ArraysOnly(file).load()
    file.seek(0)
    return np.lib.format.read_array(file, allow_pickle=False)


def _flat_path(digest: str) -> Path:
    return cache_folder() / f"imdb-{digest}.npz"


def _read_flat(path: Path) -> dict[str, np.ndarray] | None:
    """The flat arrays, or None where there are none or they are damaged."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {f"{split}_{part}": archive[f"{split}_{part}"]
                      for split in ("train", "test") for part in ("tokens", "offsets", "labels")}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    for split in ("train", "test"):
        tokens, offsets, labels = (arrays[f"{split}_{part}"] for part in ("tokens", "offsets", "labels"))
        if (tokens.dtype != np.uint16 or len(offsets) != len(labels) + 1 or offsets[0] != 0
                or offsets[-1] != len(tokens) or (np.diff(offsets) < 0).any()):
            return None
    return arrays


def _write_cache(path: Path, write: Callable) -> None:
    """Writes beside the target and renames, so that readers see all of a file or none of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.stem, suffix=".part", delete=False) as file:
            temporary = Path(file.name)
            try:
                write(file)
                file.close()
                temporary.chmod(0o644)  # a cache may be shared, e.g. on a JupyterHub
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
    except OSError as error:
        warnings.warn(f"Cannot write to the cache {path.parent} ({error.strerror}), so the next start has to do this work "
                      "again: set RNNBOOK_CACHE to a folder with room that you may write to.", stacklevel=4)


def _keras_file(name: str, algorithm: str, digest: str) -> bytes:
    """The content of a file that Keras publishes: Keras's own copy, or a download."""
    copy = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets" / name
    if copy.is_file() and hashlib.new(algorithm, content := copy.read_bytes()).hexdigest() == digest:
        return content
    try:
        with urllib.request.urlopen(KERAS_URL + name, timeout=20) as response:
            content = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise DataError(f"Downloading {KERAS_URL + name} failed ({getattr(error, 'reason', error)}): connect to the "
                        "internet, or set RNNBOOK_IMDB to a copy of imdb.npz.") from None
    if hashlib.new(algorithm, content).hexdigest() != digest:
        raise DataError(f"The download of {KERAS_URL + name} is not the file that Keras publishes: try again, "
                        "or set RNNBOOK_IMDB to a copy of imdb.npz.")
    return content


def _words(digest: str, neighbour: Path | None) -> dict[str, int]:
    """The word index from beside the reviews, else from the cache, else Keras's."""
    cached = cache_folder() / f"imdb-{digest}-words.json"
    for source in filter(None, (neighbour, cached)):
        if source.is_file():
            content = source.read_bytes()
            break
    else:
        source, content = KERAS_URL + WORDS_FILE, _keras_file(WORDS_FILE, "md5", WORDS_MD5)
    try:
        words = json.loads(content)
    except ValueError as error:
        raise DataError(f"The word index {source} is damaged ({error}): delete it, or fetch it again.") from None
    if not isinstance(words, dict) or not all(type(rank) is int for rank in words.values()):
        raise DataError(f"{source} does not map words to ranks: put Keras's {WORDS_FILE} there.")
    if not cached.is_file():
        _write_cache(cached, lambda file: file.write(content))
    return words


# --- the sample ----------------------------------------------------------------------------------


def _sample(num_words: int, reason: str = "") -> Corpus:
    train, test, word_index, digest = _encoded_sample()

    def cut(reviews):
        tokens = np.where(reviews.tokens < num_words, reviews.tokens, np.uint16(OOV))
        return Reviews(tokens, reviews.offsets, reviews.labels)

    return Corpus("sample", cut(train), cut(test), num_words, digest, functools.partial(dict, word_index), reason)


@functools.cache
def _encoded_sample():
    (train, train_labels), (test, test_labels) = sample.write(4000, seed=0), sample.write(1000, seed=1)
    train, test = ([tokenize(text) for text in texts] for texts in (train, test))
    counts = Counter(itertools.chain.from_iterable(train))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    word_index = {word: rank for rank, word in enumerate(ranked, start=1)}
    splits = [Reviews.from_lists([[START] + [word_index[word] + INDEX_FROM for word in words] for words in texts], labels)
              for texts, labels in ((train, train_labels), (test, test_labels))]
    digest = hashlib.sha256(b"".join(part.tobytes() for split in splits for part in (split.tokens, split.labels)))
    return *splits, word_index, digest.hexdigest()
