"""Does the price of starting operations slow textbook Keras? An epoch of a SimpleRNN of 16 to 128 units, there and in NumPy.

    RNNBOOK_IMDB=/path/to/imdb.npz python bench/units.py [--rounds 5] [--reviews 2500]

The networks take turns, every round in new processes, as in `bench/training.py`. All repetitions are kept, because those
of the textbook code differ by more than some of the networks do. Each process trains one epoch that is not counted (it
compiles) and three that are. Writes rnnbook/runs/recorded/measurements/bench_units.json, which chapter 11 shows.
"""

import argparse
import os
import statistics
import time

import training

from rnnbook import files
from rnnbook.runs import store

UNITS = (16, 32, 64, 128)
COUNTED = 3


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--reviews", type=int, default=2500)
    options = parser.parse_args()
    load_before = os.getloadavg()[0]
    work = {(path, n): (path, {**training.USUAL, "units": n}) for n in UNITS for path in ("textbook", "NumPy")}
    seconds = {name: [] for name in work}
    for _ in range(options.rounds):
        for name, (_, *counted) in training.a_round(work, options, epochs=1 + COUNTED).items():
            seconds[name] += [round(epoch["seconds"], 4) for epoch in counted]
    for (path, units), taken in seconds.items():
        print(f"{path}, {units} units: {min(taken):.2f} to {max(taken):.2f} s, median {statistics.median(taken):.2f} s")
    store.write_measurement(
        "bench_units",
        {
            "rows": [{"path": path, "units": units, "seconds": taken} for (path, units), taken in seconds.items()],
            "reviews": options.reviews,
            "rounds": options.rounds,
            "processor": files.processor(),
            "versions": files.versions(),
            "load": [load_before, os.getloadavg()[0]],
            "date": time.strftime("%Y-%m-%d", time.gmtime()),
        },
    )


if __name__ == "__main__":
    main()
