"""Does the price of starting operations slow textbook Keras? An epoch of a SimpleRNN of 16 to 128 units, there and in NumPy.

    RNNBOOK_IMDB=/path/to/imdb.npz python bench/units.py [--rounds 5] [--reviews 2500] [--record]

The networks take turns, every round in new processes, as in `bench/training.py`. All repetitions are kept, because those
of the textbook code differ by more than some of the networks do. Each process trains one epoch that is not counted (it
compiles) and three that are. --record stores them as the study units_speed.
"""

import argparse
import statistics

import recording
import training

from rnnbook.laboratory.studies.units_speed import PATHS, STUDY, UNITS

COUNTED = 3


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options = recording.options(parser, STUDY)
    work = {(path, n): (path, {**training.USUAL, "units": n}) for n in UNITS for path in PATHS}
    rows = {name: [] for name in work}
    for k in range(options.rounds):
        for name, (_, *counted) in training.a_round(work, options, epochs=1 + COUNTED).items():
            rows[name] += [{"round": k, "seconds": round(epoch["seconds"], 4)} for epoch in counted]
    for (path, units), found in rows.items():
        taken = [row["seconds"] for row in found]
        print(f"{path}, {units} units: {min(taken):.2f} to {max(taken):.2f} s, median {statistics.median(taken):.2f} s")
    if options.record:
        recording.write("units_speed", [({"path": path, "units": n}, found) for (path, n), found in rows.items()])


if __name__ == "__main__":
    main()
