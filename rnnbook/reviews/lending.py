"""The reviews for programs that ask Keras for them, where Keras cannot download: a lesson's complete program runs there, too."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np

from .. import files
from . import sample
from .corpus import INDEX_FROM


def lend() -> None:
    """Let `keras.datasets.imdb` read the file that RNNBOOK_IMDB names; without one, and without a network, the sample."""
    import keras  # noqa: F401

    module = sys.modules["keras.src.datasets.imdb"]
    download = module.get_file

    def get_file(fname, *args, **options):
        if named := os.environ.get("RNNBOOK_IMDB"):
            file = Path(named).expanduser()
            return str(file if fname.endswith(".npz") else file.with_name(fname))
        try:
            return download(fname, *args, **options)
        except Exception as error:
            print(f"Keras cannot download the reviews ({type(error).__name__}): these are generated ones.")
            return str(_sample_file(fname))

    if getattr(download, "__module__", "") != __name__:  # not yet lent
        module.get_file = get_file  # pyright: ignore[reportAttributeAccessIssue]


def _sample_file(name: str) -> Path:
    """The generated reviews in the layout of Keras's file `name`."""
    corpus, path = sample.corpus(10_000), files.cache_folder() / f"sample_{name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    if name.endswith(".json"):
        path.write_text(json.dumps(corpus.word_index), encoding="utf-8")
        return path
    arrays = {}
    for split, part in (("train", corpus.train), ("test", corpus.test)):
        reviews = np.empty(len(part.labels), object)
        reviews[:] = [[int(token) - INDEX_FROM for token in part[i][1:]] for i in range(len(part.labels))]
        arrays |= {f"x_{split}": reviews, f"y_{split}": part.labels}
    np.savez(path, **arrays)
    return path
