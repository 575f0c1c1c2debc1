"""IMDB: from the file that RNNBOOK_IMDB names, else from the cache, else Keras's download."""

from __future__ import annotations

import functools
import hashlib
import io
import itertools
import json
import os
import pickle
import warnings
import zipfile
from pathlib import Path

import numpy as np

from .. import files
from .corpus import INDEX_FROM, LARGEST_VOCABULARY, OOV, START, Corpus, DataError, Reviews

KERAS_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
KERAS_SHA256 = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
# The same reviews, split into words again for machines without a network: 2 x 24,996 reviews.
OFFLINE_SHA256 = "d227539500b3bb3e490c7b9789e7ccb41fbeffea714c730e8dccc4ef29b337f0"
WORDS_MD5 = "bfafd718b763782e994055a2d397834f"
WORDS_FILE = "imdb_word_index.json"


def corpus(num_words: int) -> Corpus:
    """IMDB with a vocabulary of ``num_words`` tokens. Raises DataError where it cannot be had."""
    source = os.environ.get("RNNBOOK_IMDB")
    return _named_imdb(Path(source).expanduser(), num_words) if source else _known_imdb(num_words)


def _named_imdb(path: Path, num_words: int) -> Corpus:
    """IMDB from the file that RNNBOOK_IMDB names; its word index lies beside it, or is Keras's."""
    if not path.is_file():
        raise DataError(
            f"RNNBOOK_IMDB names {path}, but there is no such file: set it to an imdb.npz as Keras has it, or unset it."
        )
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
        _write_cache(_flat_path(digest), lambda file: np.savez(file, **arrays))  # pyright: ignore[reportArgumentType]
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
                    raise DataError(
                        f"{source} has {len(x)} reviews and {len(y)} labels in x_{split} and y_{split}: "
                        "it needs as many labels as reviews, and at least one."
                    )
                order = np.arange(len(x))
                rng.shuffle(order)
                arrays |= _flatten(split, [x[i] for i in order], np.asarray(y)[order], source)
    except DataError:
        raise
    except pickle.UnpicklingError as error:
        raise DataError(f"{source} is refused ({error}): use an untouched imdb.npz.") from None
    except KeyError as error:
        raise DataError(
            f"{source} is not in Keras's layout (x_train, y_train, x_test, y_test): {error.args[0]}"
        ) from None
    except Exception as error:  # a damaged or forged file can make the readers of zip, npy and pickle raise anything
        raise DataError(
            f"{source} is damaged or not an imdb.npz ({type(error).__name__}: {error}): fetch it again."
        ) from None
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
        raise DataError(
            f"{source} has something other than lists of word ranks in x_{split}: it is not in Keras's layout."
        ) from None
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
    return files.cache_folder() / f"imdb-{digest}.npz"


def _read_flat(path: Path) -> dict[str, np.ndarray] | None:
    """The flat arrays, or None where there are none or they are damaged."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {
                f"{split}_{part}": archive[f"{split}_{part}"]
                for split in ("train", "test")
                for part in ("tokens", "offsets", "labels")
            }
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    for split in ("train", "test"):
        tokens, offsets, labels = (arrays[f"{split}_{part}"] for part in ("tokens", "offsets", "labels"))
        if (
            tokens.dtype != np.uint16
            or len(offsets) != len(labels) + 1
            or offsets[0] != 0
            or offsets[-1] != len(tokens)
            or (np.diff(offsets) < 0).any()
        ):
            return None
    return arrays


def _write_cache(path: Path, write) -> None:
    """Put into the cache what was worked out or fetched; without room for it, warn and go on."""
    try:
        files.replace(path, write)
    except OSError as error:
        warnings.warn(
            f"Cannot write to the cache {path.parent} ({error.strerror}), so the next start has to do this work "
            "again: set RNNBOOK_CACHE to a folder with room that you may write to.",
            stacklevel=4,
        )


def _keras_file(name: str, algorithm: str, digest: str) -> bytes:
    """The content of a file that Keras publishes: Keras's own copy, or a download."""
    copy = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets" / name
    if copy.is_file() and hashlib.new(algorithm, content := copy.read_bytes()).hexdigest() == digest:
        return content
    try:
        return files.download(KERAS_URL + name, digest, algorithm, timeout=20)
    except OSError as error:
        raise DataError(
            f"Downloading {KERAS_URL + name} failed ({getattr(error, 'reason', error)}): connect to the "
            "internet, or set RNNBOOK_IMDB to a copy of imdb.npz."
        ) from None
    except ValueError:
        raise DataError(
            f"The download of {KERAS_URL + name} is not the file that Keras publishes: try again, "
            "or set RNNBOOK_IMDB to a copy of imdb.npz."
        ) from None


def _words(digest: str, neighbour: Path | None) -> dict[str, int]:
    """The word index from beside the reviews, else from the cache, else Keras's."""
    cached = files.cache_folder() / f"imdb-{digest}-words.json"
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
