"""What a study is, and the one runner that records all of them.

    STUDY = Study(question="…?", chapter=4, cases=cases, measure=measure)

stands in ``studies/NAME.py``, its claims beside it in ``studies/NAME.toml``, what it measured in ``recorded/NAME.jsonl``.
``python -m rnnbook study NAME`` records the cases that are missing.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import pkgutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import files, workers
from ..errors import told
from . import store
from .store import RecordError

STUDIES = Path(__file__).parent / "studies"
KINDS = {"processor": "processor", "settings": "choice of settings", "data_sha256": "collection of data"}


@dataclass(frozen=True)
class Picture:
    """How all rows are drawn: `value` over `by` (a column, or several), a dot a row; `over`: along a number instead, a line a kind.

    part: only rows whose column ``part`` is this one.
    """

    value: str
    by: str | tuple[str, ...] = "architecture"
    over: str = ""
    log: bool = False
    part: str = ""


@dataclass(frozen=True)
class Study:
    """A question that records answer.

    cases(rows) gives all cases that are wanted, dictionaries of JSON values, in the order in which they are recorded; it may
    look at the rows recorded so far, as where a learning rate is chosen first. measure(case) gives what came out: a dictionary,
    or a list of them. A case is never measured twice. settings: what holds for all cases. data(): a digest of the data.
    derived(frame) adds columns that follow from the rows. finish(case): called once its line is stored. limits: what the study
    does not show, one line. picture: how its page draws it. backend: that of Keras.
    """

    question: str
    chapter: int
    cases: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
    measure: Callable[[dict[str, Any]], dict[str, Any] | list[dict[str, Any]]] | None = None
    picture: Picture | None = None
    limits: str = ""
    settings: dict[str, Any] | None = None
    data: Callable[[], str] | None = None
    derived: Callable[[Any], Any] | None = None
    finish: Callable[[dict[str, Any]], None] | None = None
    backend: str | None = None
    seconds: Callable[[dict[str, Any]], float] | None = None
    runs: bool = False  # are its cases training runs (`training.study`)?
    command: str = ""  # what records it, where that is a program of its own (a timing in bench/)


@functools.cache
def names() -> tuple[str, ...]:
    """The names of all studies."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules([str(STUDIES)])))


def get(name) -> Study:
    """The study of a name. Raises RecordError for an unknown one."""
    if name not in names():
        raise RecordError(f"There is no study {name!r}: there are {', '.join(names())}.")
    return importlib.import_module(f".studies.{name}", __package__).STUDY


def missing(name, folder=None) -> list[dict[str, Any]]:
    """The cases that are not recorded yet, as far as they are known."""
    there = [line["case"] for line in store.lines(name, folder)]
    wanted = get(name).cases(store.rows(name, folder))
    return [case for case in store.plain(wanted) if not any(_answers(line, case) for line in there)]


def _answers(there, case):
    """Is a recorded case the wanted one? A training run with more epochs holds a shorter one."""
    if "epochs" in case and "epochs" in there:
        return there["epochs"] >= case["epochs"] and there | {"epochs": 0} == case | {"epochs": 0}
    return there == case


def frame(name, folder=None):
    """Every row of a study as a pandas frame, with the columns that follow from them; read with `training.load`, runs have more."""
    import pandas as pd

    study, found = get(name), store.lines(name, folder)
    made = pd.DataFrame([line["case"] | row for line in found for row in line["rows"]])
    return study.derived(made) if study.derived and len(made) else made


def conditions(name) -> dict[str, Any]:
    """What must be the same for all cases of a study, now: data, settings and processor."""
    study = get(name)
    same: dict[str, Any] = {"processor": files.processor()}
    if study.settings:
        same["settings"] = store.plain(study.settings)
    return same | ({"data_sha256": study.data()} if study.data else {})


def check(name, folder=None) -> dict[str, Any]:
    """The conditions; raises RecordError where recorded cases had others."""
    same = conditions(name)
    for key, value in same.items():
        before = [line["made"][key] for line in store.lines(name, folder) if key in line["made"]]
        if before and value not in before:
            raise RecordError(
                f"{name} was recorded with another {KINDS[key]} ({json.dumps(before[0])[:80]}): go on where it was made, or record "
                f"all of it anew in a folder of your own (--folder)."
            )
    return same


def record(name, case, folder=None) -> None:
    """Measure one case and store it, unless another process has."""
    study, made = get(name), conditions(name) | {"versions": files.versions(), "commit": files.commit()}
    mark = store.digest({"study": name, "case": case})
    with files.lock(files.cache_folder() / "cases" / f"{mark}.lock"):
        if any(_answers(line["case"], case) for line in store.lines(name, folder)):
            return
        began = time.process_time()
        rows = study.measure(case)  # pyright: ignore[reportOptionalCall]
        made["seconds"] = round(time.process_time() - began, 2)
        rows = rows if isinstance(rows, list) else [rows]
        store.add(name, {"case": case, "rows": rows, "made": made}, folder)
    if study.finish:
        study.finish(case)


def _work(name, folder, backend, alone, case):
    """In a worker: record one case; the reason where it failed (a string: any exception travels as one)."""
    from . import environment

    study = get(name)
    environment.prepare(backend or study.backend, alone)
    try:
        if "keras" in sys.modules:
            sys.modules["keras"].backend.clear_session()
        record(name, case, folder)
    except Exception as error:
        return told(error)
    return None


def run(
    name, folder=None, jobs=None, scheduler=None, only=None, limit=None, backend=None
) -> list[tuple[dict[str, Any], str]]:
    """Record what is missing of a study; returns what failed, as (case, reason).

    jobs: processes, by default one for each processor. scheduler: the address of a Dask cluster instead. only: {key: value}
    that cases must have. limit: stop after so many. backend: of Keras, in place of the study's own. Cases that follow from others are asked for once those are recorded.
    """
    if command := get(name).command:
        raise RecordError(f"{name} is recorded by a program of its own: {command}")
    check(name, folder)
    failed, given_up = [], []
    while True:
        wanted = [
            case
            for case in missing(name, folder)
            if case not in given_up and all(str(case.get(key)) == value for key, value in (only or {}).items())
        ]
        wanted = wanted if limit is None else wanted[:limit]
        if not wanted:
            return failed
        report = _Report(name, wanted, folder)
        jobs = min(jobs or os.cpu_count() or 1, len(wanted))
        start = functools.partial(workers.dask, scheduler) if scheduler else functools.partial(workers.processes, jobs)
        work = functools.partial(_work, name, folder, backend, jobs == 1 and not scheduler)
        lost = workers.work_off(work, wanted, start, report)
        failed += lost
        given_up += [case for case, _ in lost]
        limit = None if limit is None else limit - len(wanted)


class _Report:
    """A line for each finished case, and the time left from those done so far."""

    def __init__(self, name, cases, folder):
        self.name, self.total, self.done, self.started = name, len(cases), 0, time.time()

    def __call__(self, case, error):
        if case is not None:
            self.done += 1
        passed = time.time() - self.started
        left = (
            f"{passed / self.done * (self.total - self.done) / 60:.0f} min left" if self.done else "time left unknown"
        )
        status = f"{self.done} of {self.total} cases, {left}"
        if case is None:
            print(f"\r{status:<60}", end="", flush=True, file=sys.stderr)
        else:
            print(f"\r{'FAILED ' if error else ''}{self.name}: {describe(case)}  ({status})", flush=True)


def describe(case) -> str:
    """A case in a few words."""
    return ", ".join(f"{key} {value}" for key, value in case.items() if value not in (None, {}))


def seconds(name, folder=None) -> tuple[float, float]:
    """Processor seconds that the recorded cases took, and what the missing ones will take at their median; NaN where unknown."""
    import numpy as np

    study, there = get(name), store.lines(name, folder)
    took = [line["made"].get("seconds", study.seconds(line) if study.seconds else np.nan) for line in there]
    known = [value for value in took if np.isfinite(value)]
    left = len(missing(name, folder))
    each = float(np.median(known)) if known else float("nan")
    return each * len(there), each * left if left else 0.0
