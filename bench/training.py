"""What an epoch costs: textbook Keras, the fast path on TensorFlow and on JAX, and NumPy, taking turns.

    RNNBOOK_IMDB=/path/to/imdb.npz python bench/training.py [--rounds 2] [--reviews 2500] [--only simple_rnn]
                                                            [--record] [--pytorch]

--pytorch adds a column of PyTorch (see `bench/pytorch_worker.py`); dropout on the state and the
networks without recurrence are left out there.
Each path runs in a process of its own, as a user would start it, and the paths train an epoch each in turn, so that
other load on the machine meets all of them. Every round starts new processes, because a process can keep to a slow way
of sharing the cores for as long as it lives. Seconds are for the given number of reviews (four fifths to train on, one
to validate on), the smallest of all rounds; the first epoch of a process, which compiles, is told apart. --record
stores them as the study training_speed.
"""

import argparse
import atexit
import functools
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import recording

from rnnbook.laboratory.studies.training_speed import NETWORKS, PATHS, STUDY, USUAL, applies
from rnnbook.networks import architectures
from rnnbook.networks.architectures import ARCHITECTURES

HERE = Path(__file__).resolve().parent
PYTORCH = {}  # the version of it that answered
RECURRENT = [a.name for a in ARCHITECTURES.values() if a.recurrent]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="one architecture, in the usual size")
    parser.add_argument("--pytorch", action="store_true", help="a column of PyTorch")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = recording.options(parser, STUDY)
    if options.worker:
        return worker(options.worker, options.reviews)
    cases = [case for case in NETWORKS if options.only in (None, case["architecture"])]
    if options.only:
        cases = cases[:1]
    measured = []
    for case in cases:
        paths = [path for path in PATHS if applies(path, case) and (path != "PyTorch" or options.pytorch)]
        first, later = {path: [] for path in paths}, {path: [] for path in paths}
        for _ in range(options.rounds):
            for path, (compiled, *rest) in a_round({path: (path, case) for path in paths}, options, epochs=3).items():
                first[path].append(compiled)
                later[path] += rest
        for path in paths:
            row = {"first_epoch_seconds": least(first[path], "seconds")}
            row |= {quantity: least(later[path], quantity) for quantity in ("seconds", "cpu_seconds", "peak_mb")}
            measured.append((case | {"path": path}, [row]))
        report([of | row for of, (row,) in measured[-len(paths) :]])
        if options.record:
            recording.write("training_speed", measured, **PYTORCH)


def a_round(work, options, epochs):
    """{name: what each epoch cost}: the (path, case) of each name trains an epoch in turn, in a new process."""
    processes = {name: start(path, options) for name, (path, _) in work.items()}
    cost = {name: [] for name in work}
    for _ in range(epochs):
        for name, (_, case) in work.items():
            cost[name].append(ask(processes[name], case))
    for process in processes.values():
        process.stdin.close()
        process.wait()
    return cost


def least(measured, quantity):
    return min(epoch[quantity] for epoch in measured)


def start(path, options):
    environment = dict(
        os.environ,
        TF_CPP_MIN_LOG_LEVEL="3",
        OPENBLAS_NUM_THREADS="1",  # as in the notebooks
        KERAS_BACKEND="jax" if path == "fast, JAX" else "tensorflow",
    )
    command = [sys.executable, __file__, "--worker", path, "--reviews", str(options.reviews)]
    if path == "PyTorch":
        command = [sys.executable, HERE / "pytorch_worker.py", reviews_as_arrays(options.reviews)]
        del environment["OPENBLAS_NUM_THREADS"]
        environment.pop("PYTHONPATH", None)
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )


@functools.cache
def reviews_as_arrays(taken):
    """The file that hands the reviews to an interpreter without the course's package."""
    from rnnbook import reviews

    arrays = {}
    for name, part in zip(("train", "held_out"), reviews.load("imdb").first(taken).train.split()):
        arrays |= {f"{name}_tokens": part.tokens, f"{name}_lengths": part.lengths}
        arrays[f"{name}_labels"] = part.labels.astype("float32")
    path = Path(tempfile.mkdtemp()) / "reviews.npz"
    atexit.register(shutil.rmtree, path.parent)
    np.savez(path, **arrays)
    return path


def ask(process, case):
    case = case | {"depth": architectures.usual(case["architecture"]).get("depth", 1)}
    print(json.dumps(case), file=process.stdin, flush=True)
    answer = process.stdout.readline()
    if not answer:
        raise SystemExit(f"The process for {case} ended with exit status {process.wait()}.")
    answer = json.loads(answer)
    PYTORCH.update({"torch": answer.pop("torch")} if "torch" in answer else {})
    return answer


def worker(path, taken):
    """Train one epoch for every case that comes in, and answer with what it cost."""
    from rnnbook import reviews

    corpus = reviews.load("imdb")
    corpus = corpus.first(taken)
    epoch = None
    for line in sys.stdin:
        epoch = epoch or trainer(path, corpus, json.loads(line))
        wall, cpu = time.perf_counter(), time.process_time()
        seconds = epoch() or time.perf_counter() - wall
        print(
            json.dumps(
                {
                    "seconds": seconds,
                    "cpu_seconds": time.process_time() - cpu,
                    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                }
            ),
            flush=True,
        )


def trainer(path, corpus, case):
    """A function that trains one epoch with validation; it may return its own count of the seconds."""
    architecture, maxlen, units, batch_size = (case[key] for key in USUAL)
    if path == "NumPy":
        from rnnbook.networks import numpy_training

        return lambda: numpy_training.train(corpus, 1, units, maxlen=maxlen, batch_size=batch_size)[1]["seconds"][0]
    from rnnbook.networks import models, training

    masked = {"mask_zero": True} if path != "textbook" and architecture in RECURRENT else {}
    model = models.build(architecture, units=units, **masked)
    if path != "textbook":
        return lambda: training.fit(model, corpus, 1, fast=True, maxlen=maxlen, batch_size=batch_size) and None
    train, validation = corpus.train.split()
    x, held_out = train.padded(maxlen), (validation.padded(maxlen), validation.labels)
    return lambda: model.fit(x, train.labels, batch_size=batch_size, validation_data=held_out, verbose=0) and None


def report(rows):
    case, base = rows[0], rows[0]["seconds"]
    print(f"\n{case['architecture']}, {case['maxlen']} words, {case['units']} units, batch {case['batch_size']}")
    for row in rows:
        print(
            f"  {row['path']:<18} {row['seconds']:7.2f} s  {base / row['seconds']:5.1f} x   cpu {row['cpu_seconds']:7.2f} s   "
            f"first {row['first_epoch_seconds']:6.1f} s   {row['peak_mb']:6.0f} MB",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
