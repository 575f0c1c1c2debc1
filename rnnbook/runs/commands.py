"""`record`, `study` and `runs` on the command line."""

from __future__ import annotations

import functools
import json
import sys
import time
from pathlib import Path

import numpy as np

from .. import files
from ..errors import CourseError, told


def add_record(parser):
    """One run."""
    from ..networks.architectures import ARCHITECTURES

    parser.description = (
        "Train one model on the reviews and write its record. An interrupted run goes on where it stopped."
    )
    parser.add_argument("architecture", metavar="ARCHITECTURE", help=", ".join(ARCHITECTURES))
    parser.add_argument("--epochs", type=int, default=20, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--study", default="own", help="folder of the record; default: %(default)s")
    parser.add_argument("--dataset", choices=["auto", "imdb", "sample"], default="imdb", help="default: %(default)s")
    parser.add_argument("--reviews", type=int, help="use only the first so many training and test reviews")
    parser.add_argument(
        "--maxlen", type=int, default=500, help="words kept of a review, from its end; default: %(default)s"
    )
    parser.add_argument("--batch-size", type=int, default=128, help="default: %(default)s")
    parser.add_argument("--textbook", action="store_true", help="plain model.fit instead of the fast path")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a hyperparameter, e.g. --set units=64 --set mask_zero=true; may be repeated",
    )
    _place(parser)
    return record


def add_study(parser):
    """Several runs."""
    from .studies import STUDIES

    parser.description = (
        "Record the runs of a study that are missing, several at once. Interrupted runs go on where they stopped."
    )
    parser.add_argument(
        "names", nargs="+", metavar="NAME", help=f"{', '.join(STUDIES)}; several are done in that order"
    )
    parser.add_argument("--workers", type=int, help="processes; default: one for each processor")
    parser.add_argument("--engine", choices=["processes", "dask"], default="processes", help="default: %(default)s")
    parser.add_argument(
        "--scheduler", metavar="tcp://HOST:PORT", help="address of the Dask scheduler, with --engine dask"
    )
    parser.add_argument("--only", metavar="ARCHITECTURE", help="only the runs of this architecture")
    parser.add_argument(
        "--dry-run", action="store_true", help="say how many runs are missing and about how long they take, and stop"
    )
    _place(parser)
    return study


def add_runs(parser):
    """What is recorded."""
    parser.description = "List the recorded runs."
    parser.add_argument("--study")
    parser.add_argument("--architecture")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--folder", help="where the records are; default: those of the course")
    return listing


def _place(parser):
    parser.add_argument("--backend", choices=["tensorflow", "jax"], help="Keras backend; default: Keras's own choice")
    parser.add_argument("--folder", help="where to write the records; default: into the package")


def record(options):
    from . import environment

    environment.prepare(options.backend, alone=True)  # before Keras is imported
    from .run import Run

    run = Run(  # what is wrong with it is said before the seconds that Keras takes
        options.study,
        options.architecture,
        epochs=options.epochs,
        seed=options.seed,
        dataset=options.dataset,
        reviews=options.reviews,
        maxlen=options.maxlen,
        batch_size=options.batch_size,
        fast=not options.textbook,
        settings=dict(_setting(text) for text in options.set),
    )
    with files.quiet():
        from ..networks import training
    print(run.record(options.folder, callbacks=[training.Progress(total=options.epochs)]))


def _setting(text):
    name, equals, value = text.partition("=")
    if not equals:
        raise CourseError(f"--set {text} is not NAME=VALUE: write e.g. --set units=64.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def study(options):
    from .. import workers
    from . import environment, store, studies

    for name in options.names:
        if name not in studies.STUDIES:
            raise CourseError(f"Unknown study {name!r}: use one of {', '.join(studies.STUDIES)}.")
    if options.folder and Path(options.folder).is_file():
        raise CourseError(f"{options.folder} is a file: name a folder to write the records into.")
    runs = [
        run for name in options.names for run in studies.STUDIES[name]() if options.only in (None, run.architecture)
    ]
    missing = [run for run in runs if not store.is_recorded(run, options.folder)]
    print(f"{len(runs)} runs, {len(runs) - len(missing)} recorded already.", flush=True)
    if options.dry_run and missing:
        print(_estimate(missing, options.folder))
    if not missing or options.dry_run:
        return 0
    environment.prepare(options.backend)
    report = _Report(missing, options.folder)
    work = functools.partial(_record, options.folder)
    if options.engine == "dask":
        if not options.scheduler:
            raise CourseError("--engine dask needs the address of the scheduler: --scheduler tcp://HOST:PORT.")
        start = functools.partial(workers.dask, options.scheduler)
    else:
        start = functools.partial(workers.processes, options.workers)
    failed = workers.work_off(work, missing, start, report)
    for run, error in failed:
        print(f"FAILED {run}: {error}", file=sys.stderr)
    print(f"{len(missing) - len(failed)} runs recorded, {len(failed)} failed.")
    return 1 if failed else 0


def _record(folder, run):
    """In the worker: record one run; the reason where it failed (a string: any exception travels as one)."""
    from . import environment

    environment.prepare()
    try:
        with files.quiet():
            import keras

        keras.backend.clear_session()
        run.record(folder, say=lambda text: None)
    except Exception as error:
        return told(error)
    return None


def _estimate(missing, folder):
    """How long the missing runs take, from the processor time of recorded runs of the same architecture and length."""
    from . import store

    # A folder to write into need not be there yet.
    recorded = store.records(folder=folder) if folder is None or Path(folder).is_dir() else []
    seconds, unknown = 0.0, 0
    for run in missing:
        like = run.architecture, "fast" if run.fast else "textbook"
        a_word = [r.cpu_seconds_per_epoch / r.config["maxlen"] for r in recorded if (r.architecture, r.path) == like]
        if a_word:
            seconds += np.median(a_word) * run.maxlen * (run.epochs - store.epochs_done(run, folder))
        else:
            unknown += 1
    if unknown == len(missing):
        return f"{unknown} runs are missing. How long they take cannot be estimated: nothing like them is recorded."
    more = f" ({unknown} of them unlike any recorded run, left out of the estimate)" if unknown else ""
    return f"{len(missing)} runs are missing{more}: about {seconds / 3600:.1f} processor-hours."


class _Report:
    """A line for each finished run, and the time left from the epochs done so far."""

    def __init__(self, runs, folder):
        self.runs, self.folder = runs, folder
        self.total, self.before, self.started = sum(run.epochs for run in runs), self._done(), time.time()

    def _done(self):
        from . import store

        return sum(store.epochs_done(run, self.folder) for run in self.runs)

    def __call__(self, run, error):
        done = self._done()
        speed = (done - self.before) / (time.time() - self.started)
        left = f"{(self.total - done) / speed / 60:.0f} min left" if speed > 0 else "time left unknown yet"
        status = f"{done} of {self.total} epochs, {left}"
        if run is None:
            print(f"\r{status:<60}", end="", flush=True, file=sys.stderr)
        else:
            print(f"\r{'FAILED ' if error else ''}{run}  ({status}){'':<20}", flush=True)


def listing(options):
    from . import store

    if options.json:
        for made in store.records(options.study, options.architecture, options.folder):
            print(
                json.dumps(
                    {key: value for key, value in made.as_dict().items() if key not in ("history", "predictions")}
                )
            )
        return 0
    frame = store.load(options.study, options.architecture, folder=options.folder)
    if frame.empty:
        print("No records. Make one: python -m rnnbook record simple_rnn --epochs 2")
        return 0
    columns = [
        "study",
        "architecture",
        "seed",
        "dataset",
        "maxlen",
        "epochs",
        "best_epoch",
        "best_val_accuracy",
        "test_accuracy",
        "last_test_accuracy",
        "parameters",
        "seconds_per_epoch",
        "path",
        "commit",
    ]
    print(frame[columns].to_string(index=False))
    return 0
