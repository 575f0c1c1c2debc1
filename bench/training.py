"""What an epoch costs: textbook Keras, the fast path on TensorFlow and on JAX, and NumPy, taking turns.

    RNNBOOK_IMDB=/path/to/imdb.npz python bench/training.py [--rounds 2] [--reviews 5000] [--only simple_rnn]
                                                            [--pytorch /usr/bin/python3]

--pytorch adds a column of PyTorch, run by that interpreter (see `bench/pytorch_worker.py`); dropout on the state and the
networks without recurrence are left out there.
Each path runs in a process of its own, as a user would start it, and the paths train an epoch each in turn, so that
other load on the machine meets all of them. Every round starts new processes, because a process can keep to a slow way
of sharing the cores for as long as it lives. Seconds are for the given number of reviews (four fifths to train on, one
to validate on), the smallest of all rounds; the first epoch of a process, which compiles, is told apart. Writes
rnnbook/runs/recorded/measurements/bench_training.json, which chapter 11 shows.
"""

import argparse
import atexit
import functools
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from rnnbook.networks import architectures
from rnnbook.networks.architectures import ARCHITECTURES

HERE = Path(__file__).resolve().parent
SHIPPED = HERE.parent / "rnnbook" / "runs" / "recorded" / "measurements" / "bench_training.json"
PATHS = ("textbook", "fast, TensorFlow", "fast, JAX", "NumPy", "PyTorch")
PYTORCH = {}  # the version of it that answered
RECURRENT = [a.name for a in ARCHITECTURES.values() if a.recurrent]
USUAL = {"architecture": "simple_rnn", "maxlen": 500, "units": 32, "batch_size": 128}
CASES = [{**USUAL, "architecture": name} for name in ARCHITECTURES]
CASES += [
    {**USUAL, key: value}
    for key, values in {"maxlen": (100, 250, 1000), "units": (16, 64, 128), "batch_size": (32, 512)}.items()
    for value in values
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--reviews", type=int, default=5000)
    parser.add_argument("--only", help="one architecture, in the usual size")
    parser.add_argument("--pytorch", help="an interpreter that has PyTorch and NumPy")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return worker(options.worker, options.reviews)
    cases = [case for case in CASES if options.only in (None, case["architecture"])]
    if options.only:
        cases = cases[:1]
    load_before, rows = os.getloadavg()[0], []
    for case in cases:
        paths = [path for path in PATHS if applies(path, case) and (path != "PyTorch" or options.pytorch)]
        first, later = {path: [] for path in paths}, {path: [] for path in paths}
        for _ in range(options.rounds):
            for path, (compiled, *rest) in a_round({path: (path, case) for path in paths}, options, epochs=3).items():
                first[path].append(compiled)
                later[path] += rest
        for path in paths:
            rows.append(
                {
                    **case,
                    "path": path,
                    "first_epoch_seconds": least(first[path], "seconds"),
                    "seconds": least(later[path], "seconds"),
                    "cpu_seconds": least(later[path], "cpu_seconds"),
                    "peak_mb": least(later[path], "peak_mb"),
                }
            )
        report(rows[-len(paths) :])
        if not options.only:
            write(options, load_before, rows)


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


def write(options, load_before, rows):
    """What is measured so far, with the machine and how busy it was (load averages before and now)."""
    from rnnbook import files

    result = {
        "machine": files.processor(),
        "system": platform.platform(),
        "versions": files.versions() | PYTORCH,
        "reviews": options.reviews,
        "rounds": options.rounds,
        "load": [load_before, os.getloadavg()[0]],
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "rows": rows,
    }
    SHIPPED.write_text(json.dumps(result, indent=1) + "\n")


def applies(path, case):
    """NumPy knows SimpleRNN; JAX joins for the architectures, not for the sweeps."""
    usual = {**case, "architecture": "simple_rnn"} == USUAL
    if case["architecture"] in ("dense", "conv"):
        return path not in ("NumPy", "PyTorch")
    return (
        path == "textbook"
        or path == "fast, TensorFlow"
        or (path == "fast, JAX" and usual)
        or (path == "PyTorch" and usual and case["architecture"] != "dropout")
        or (path == "NumPy" and case["architecture"] == "simple_rnn")
    )


def start(path, options):
    environment = dict(
        os.environ,
        TF_CPP_MIN_LOG_LEVEL="3",
        OPENBLAS_NUM_THREADS="1",  # as in the notebooks
        KERAS_BACKEND="jax" if path == "fast, JAX" else "tensorflow",
    )
    command = [sys.executable, __file__, "--worker", path, "--reviews", str(options.reviews)]
    if path == "PyTorch":
        command = [options.pytorch, HERE / "pytorch_worker.py", reviews_as_arrays(options.reviews)]
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
