"""`python -m rnnbook …`: the command line over the package."""

from __future__ import annotations

import argparse
import errno
import functools
import importlib
import json
import sys
import time

# Modules that bring commands of their own: each has `add_commands(subparsers)`.
COMMANDS = ["rnnbook.export", "rnnbook.diagnosis", "rnnbook.build", "rnnbook.pdf", "rnnbook.execute", "rnnbook.figures", "rnnbook.assignments", "rnnbook.links", "rnnbook.configure"]


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m rnnbook", description="Train, record and inspect the runs of the course.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    add_commands(subparsers)
    for module in COMMANDS:
        importlib.import_module(module).add_commands(subparsers)
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        print("\nStopped. What was finished is kept; the same command goes on from there.", file=sys.stderr)
        return 130
    except (ValueError, MemoryError) as error:  # RecordError, DataError and the like: their message says what to do
        print(f"rnnbook: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print("rnnbook: The disk is full. Make room, then give the same command again: it goes on from what was finished.", file=sys.stderr)
        return 1


def add_commands(subparsers):
    record = subparsers.add_parser("record", help="train one model and write its record",
                                   description="Train one model on the reviews and write its record. An interrupted run goes on where it stopped.")
    record.add_argument("architecture", help="simple_rnn, stacked, bidirectional, dropout, dense, conv, lstm, gru or bidirectional_lstm")
    record.add_argument("--epochs", type=int, default=20, help="default: %(default)s")
    record.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    record.add_argument("--study", default="own", help="folder of the record; default: %(default)s")
    record.add_argument("--dataset", choices=["auto", "imdb", "sample"], default="imdb", help="default: %(default)s")
    record.add_argument("--reviews", type=int, help="use only the first so many training and test reviews")
    record.add_argument("--maxlen", type=int, default=500, help="words kept of a review, from its end; default: %(default)s")
    record.add_argument("--batch-size", type=int, default=128, help="default: %(default)s")
    record.add_argument("--textbook", action="store_true", help="plain model.fit instead of the fast path")
    record.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a hyperparameter, e.g. --set units=64 --set mask_zero=true; may be repeated")
    _place(record)
    record.set_defaults(run=_record)

    study = subparsers.add_parser("study", help="record what is missing of a study",
                                  description="Record the runs of a study that are missing, several at once. Interrupted runs go on where they stopped.")
    study.add_argument("names", nargs="+", metavar="NAME", help="comparison, hyperparameters, maxlen, memory, masks or textbook; several are done in that order")
    study.add_argument("--workers", type=int, help="processes; default: one for each processor")
    study.add_argument("--engine", choices=["processes", "dask"], default="processes", help="default: %(default)s")
    study.add_argument("--scheduler", metavar="tcp://HOST:PORT", help="address of the Dask scheduler, with --engine dask")
    study.add_argument("--only", metavar="ARCHITECTURE", help="only the runs of this architecture")
    _place(study)
    study.set_defaults(run=_study)

    listing = subparsers.add_parser("runs", help="list the recorded runs", description="List the recorded runs.")
    listing.add_argument("--study")
    listing.add_argument("--architecture")
    listing.add_argument("--json", action="store_true", help="one JSON object a line")
    listing.add_argument("--folder", help="where the records are; default: those of the course")
    listing.set_defaults(run=_runs)


def _place(parser):
    parser.add_argument("--backend", choices=["tensorflow", "jax"], help="Keras backend; default: Keras's own choice")
    parser.add_argument("--folder", help="where to write the records; default: into the package")


def _record(options):
    from . import engine

    engine.prepare(options.backend, alone=True)  # before Keras is imported
    from . import runs, training

    config = runs.configuration(
        options.study, options.architecture, epochs=options.epochs, seed=options.seed, dataset=options.dataset,
        reviews=options.reviews, maxlen=options.maxlen, batch_size=options.batch_size, fast=not options.textbook,
        settings=dict(_setting(text) for text in options.set))
    print(runs.record(config, options.folder, callbacks=[training.Progress(total=options.epochs)]))


def _setting(text):
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--set {text} is not NAME=VALUE: write e.g. --set units=64.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _study(options):
    from . import engine, runs, studies

    for name in options.names:
        if name not in studies.STUDIES:
            raise ValueError(f"Unknown study {name!r}: use one of {', '.join(studies.STUDIES)}.")
    configs = [config for name in options.names for config in studies.STUDIES[name]()
               if options.only in (None, config["architecture"])]
    missing = [config for config in configs if not runs.is_recorded(config, options.folder)]
    print(f"{len(configs)} runs, {len(configs) - len(missing)} recorded already.", flush=True)
    if not missing:
        return 0
    engine.prepare(options.backend)
    report = _Report(sum(runs.epochs_done(config, options.folder) for config in missing))
    if options.engine == "dask":
        if not options.scheduler:
            raise ValueError("--engine dask needs the address of the scheduler: --scheduler tcp://HOST:PORT.")
        with engine.dask(options.scheduler) as executor:
            failed = engine.record_all(missing, executor, options.folder, report)
    else:
        start = functools.partial(engine.pool, options.workers, options.backend)
        failed = engine.record_all(missing, start(), options.folder, report, restart=start)
    for config, error in failed:
        print(f"FAILED {config['study']}/{runs.run_name(config)}: {error}", file=sys.stderr)
    print(f"{len(missing) - len(failed)} runs recorded, {len(failed)} failed.")
    return 1 if failed else 0


class _Report:
    """A line for each finished run, and the time left from the epochs done so far."""

    def __init__(self, before):
        self.before, self.started = before, time.time()

    def __call__(self, done, total, config, error):
        from . import runs

        speed = (done - self.before) / (time.time() - self.started)
        left = f"{(total - done) / speed / 60:.0f} min left" if speed > 0 else "time left unknown yet"
        status = f"{done} of {total} epochs, {left}"
        if config is None:
            print(f"\r{status:<60}", end="", flush=True, file=sys.stderr)
        else:
            print(f"\r{'FAILED ' if error else ''}{config['study']}/{runs.run_name(config)}  ({status}){'':<20}", flush=True)


def _runs(options):
    from . import runs

    if options.json:
        for made in runs.records(options.study, options.architecture, options.folder):
            print(json.dumps({key: value for key, value in made.items() if key != "history"}))
        return 0
    frame = runs.load(options.study, options.architecture, folder=options.folder)
    if frame.empty:
        print("No records. Make one: python -m rnnbook record simple_rnn --epochs 2")
        return 0
    columns = ["study", "architecture", "seed", "dataset", "maxlen", "epochs", "best_epoch", "best_val_accuracy",
               "test_accuracy", "last_test_accuracy", "parameters", "seconds_per_epoch", "path"]
    print(frame[columns].to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
