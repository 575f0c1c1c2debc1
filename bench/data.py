"""How long 2 x 25,000 reviews take to load and pad: Keras against rnnbook, taking turns.

    RNNBOOK_IMDB=/path/to/imdb.npz python bench/data.py [--rounds 5]

Also checks that both give the same arrays. Keras is handed the same file, so nothing is downloaded.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from rnnbook import reviews


def with_keras():
    import keras

    path = os.environ["RNNBOOK_IMDB"]
    with mock.patch.object(sys.modules["keras.src.datasets.imdb"], "get_file", lambda **_: path):
        (x_train, y_train), (x_test, y_test) = keras.datasets.imdb.load_data(num_words=10_000)
    pad = keras.utils.pad_sequences
    return pad(x_train, 500), y_train, pad(x_test, 500), y_test


def with_rnnbook():
    corpus = reviews.load("imdb", num_words=10_000)
    return corpus.train.padded(500), corpus.train.labels, corpus.test.padded(500), corpus.test.labels


def timed(function):
    wall, cpu = time.perf_counter(), time.process_time()
    arrays = function()
    return arrays, time.perf_counter() - wall, time.process_time() - cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    if not os.environ.get("RNNBOOK_IMDB"):
        sys.exit("Set RNNBOOK_IMDB to an imdb.npz: both are timed on that file.")
    import keras.datasets  # not part of what is timed

    with tempfile.TemporaryDirectory() as folder:
        os.environ["RNNBOOK_CACHE"] = folder
        rows = {
            "rnnbook, first time (fills the cache)": [timed(with_rnnbook)[1:]],
            "Keras: load_data + pad_sequences": [],
            "rnnbook: load + padded": [],
        }
        for _ in range(rounds):
            expected, *seconds = timed(with_keras)
            rows["Keras: load_data + pad_sequences"].append(seconds)
            arrays, *seconds = timed(with_rnnbook)
            rows["rnnbook: load + padded"].append(seconds)
            assert all(np.array_equal(a, b) for a, b in zip(arrays, expected)), "the arrays differ"
    medians = {name: [statistics.median(column) for column in zip(*values)] for name, values in rows.items()}
    print(
        f"{len(expected[1]):,} + {len(expected[3]):,} reviews, median of {rounds} rounds, the same arrays, "
        f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, NumPy {np.__version__}, Keras {keras.__version__}\n"
    )
    print("| | seconds | CPU seconds |\n| --- | ---: | ---: |")
    for name, (wall, cpu) in medians.items():
        print(f"| {name} | {wall:.2f} | {cpu:.2f} |")
    slow, fast = medians["Keras: load_data + pad_sequences"], medians["rnnbook: load + padded"]
    print(f"| times faster | {slow[0] / fast[0]:.1f} | {slow[1] / fast[1]:.1f} |")


if __name__ == "__main__":
    main()
