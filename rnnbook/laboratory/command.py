"""`python -m rnnbook study`: list all studies, record what is missing of one, or show its claims."""

from __future__ import annotations

import math

from ..errors import CourseError
from . import store, study


def add_study(parser):
    """The arguments of `study`; returns what runs it."""
    parser.description = (
        "Without a name, list all studies. With one, record the cases that are missing, several at once; "
        "what was interrupted goes on where it stopped."
    )
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.add_argument("--show", action="store_true", help="print what its claims say, and record nothing")
    parser.add_argument("--only", metavar="KEY=VALUE", help="only cases with this value, e.g. architecture=lstm")
    parser.add_argument("--limit", type=int, metavar="N", help="stop after N new cases")
    parser.add_argument("--jobs", type=int, help="processes; default: one for each processor")
    parser.add_argument("--scheduler", metavar="tcp://HOST:PORT", help="record on a Dask cluster, by its address")
    parser.add_argument("--backend", choices=["tensorflow", "jax"], help="Keras backend; default: the study's own")
    parser.add_argument("--folder", help="where to write the records; default: into the package")
    return run


def run(options):
    """The status: 1 where a case failed."""
    if options.name is None:
        return listing(options.folder)
    study.get(options.name)
    if options.show:
        return show(options.name, options.folder)
    only = dict([_pair(options.only)]) if options.only else None
    failed = study.run(
        options.name, options.folder, options.jobs, options.scheduler, only, options.limit, options.backend
    )
    left = len(study.missing(options.name, options.folder))
    print(f"{options.name}: {len(store.lines(options.name, options.folder))} cases recorded, {left} missing.")
    for case, reason in failed:
        print(f"FAILED {study.describe(case)}: {reason}")
    return 1 if failed else 0


def _pair(text):
    key, equals, value = text.partition("=")
    if not equals:
        raise CourseError(f"--only {text} is not KEY=VALUE: write e.g. --only architecture=lstm.")
    return key, value


def listing(folder=None):
    """All studies: chapter, cases recorded and missing, processor-hours, question."""
    print(f"{'study':<20} {'ch':>2} {'there':>5} {'missing':>7} {'hours':>6}  question")
    for name in study.names():
        hours = study.seconds(name, folder)[0] / 3600
        told = f"{hours:6.1f}" if math.isfinite(hours) else "     –"
        there, left = len(store.lines(name, folder)), len(study.missing(name, folder))
        print(f"{name:<20} {study.get(name).chapter:>2} {there:>5} {left:>7} {told}  {study.get(name).question}")
    return 0


def show(name, folder=None):
    """The claims of a study with their numbers."""
    from .claims import decide

    print(study.get(name).question)
    decisions = [d for d in decide(folder=folder).values() if d.claim.study == name]
    for decision in decisions:
        print(f"- {decision.error or decision.sentence}")
    if not decisions:
        print("No claim rests on it.")
    return 0
