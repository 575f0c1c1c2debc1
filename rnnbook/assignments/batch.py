"""Grade many submissions, several at once, so that nothing is lost if it is stopped, and no file costs more than itself."""

import functools
import hashlib
import json
import os
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from .. import workers
from ..errors import told
from . import grade as grading

LARGEST = 300 * 2**20  # a notebook with 100 MB of saved output is still read
OWN_MEMORY = 2**30  # bytes for the grader itself beside what a notebook may hold


def grade_file(bundle, limits, submission):
    """Grade one submission, `(name, data)`: `data` is its bytes, or the path of its file. Runs in a worker."""
    _, data = submission
    try:
        data = data if isinstance(data, bytes) else read(data)
        return grading.grade(bundle, data, **limits)
    except grading.GradeError as error:
        return grading.failed(bundle, "Not graded yet.", str(error)) | {"again": True}
    except OSError as error:
        return grading.failed(bundle, "The file cannot be read.", str(error))
    except MemoryError:
        return grading.failed(bundle, "The file is too large to be read.", "Look at it by hand.")


def run(bundle, submissions, journal, limits, jobs=None, scheduler=None, again=()):
    """Grade all submissions and yield `(name, result)` as they get done; first those that the journal has already.

    Parameters: `bundle`, the assignment; `submissions`, a dict from name to path; `journal`, the path of a file that takes each result
    as it comes; `limits`, keywords for `grade`; `jobs`, how many at once, by default one a core; `scheduler`, the address of a Dask
    scheduler to use instead of processes here; `again`, names to be graded even if the journal has them.
    """
    stamp = hashlib.sha256(json.dumps([bundle, limits], sort_keys=True).encode()).hexdigest()[:16]
    done = read_journal(journal, stamp)
    waiting, keys = [], {}
    for name, path in submissions.items():
        keys[name] = _key(path)
        if done.get(name, {}).get("key") == keys[name] and name not in again:
            yield name, done[name]["result"]
        else:
            waiting.append((name, path))
    if not waiting:
        return
    with open(journal, "a", encoding="utf-8") as file:
        for name, result in _work(bundle, waiting, limits, jobs, scheduler):
            if not result["again"]:  # what the machine is to blame for is tried again the next time
                entry = {"stamp": stamp, "name": name, "key": keys[name], "result": result}
                file.write(json.dumps(entry) + "\n")
                file.flush()
            yield name, result


def _key(path):
    """What tells whether a file is still the one that was graded, wherever it was copied or unpacked to."""
    try:
        return hashlib.sha256(read(path)).hexdigest()[:24]
    except OSError:
        return "unreadable"


def _work(bundle, waiting, limits, jobs, scheduler):
    """Yield `(name, result)`: all at once first, then alone what a busy machine, or another file, may have spoiled."""
    alone, paths = [], dict(waiting)
    for name, result in _graded(bundle, waiting, limits, jobs, scheduler):
        if result is None or result["again"]:
            alone.append(name)
        else:
            yield name, result
    for name in alone:
        ((_, result),) = _graded(bundle, [(name, paths[name])], limits, 1)
        if result is None:
            result = grading.failed(bundle, "The grader ended on this file.", "Look at it by hand.")
        elif result["graded"]:
            result["again"] = False
        yield name, result


def _graded(bundle, waiting, limits, jobs=None, scheduler=None):
    """Yield `(name, result)` as they get done; the result of a file whose process was killed, or whose worker died, is None."""
    work = functools.partial(grade_file, bundle, limits)
    if scheduler:  # on machines that have not these files
        waiting = [(name, read(path)) for name, path in waiting]
        start, ahead = functools.partial(workers.dask, scheduler), None
    else:
        count = min(jobs or os.cpu_count() or 1, len(waiting))
        start, ahead = functools.partial(workers.processes, count, _limit_memory, limits["memory"]), 2 * count
    for submission, future in workers.each(work, waiting, start, ahead):
        if submission is None:
            continue
        try:
            result = future.result()
        except (BrokenProcessPool, CancelledError):
            result = None
        except Exception as error:
            result = None if scheduler else grading.failed(bundle, "The grader failed on this file.", told(error))
        yield submission[0], result


def _limit_memory(memory):
    """A worker gets no more memory than reading a notebook takes."""
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = memory + OWN_MEMORY
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    except ImportError:
        pass  # Windows


def all_can_isolate(scheduler):
    """Whether every machine that will grade can lock student code away: this one, or all the workers of a Dask cluster."""
    if not scheduler:
        return grading.can_isolate()
    with workers.cluster(scheduler) as client:
        return all(client.run(grading.can_isolate).values())  # pyright: ignore[reportAttributeAccessIssue]


def read(path):
    """A submission's bytes; those of a file too large to be one are left away."""
    return Path(path).read_bytes() if Path(path).stat().st_size <= LARGEST else b"too large"


def read_journal(path, stamp):
    """Results of earlier runs with the same assignment and limits; a line that was cut off is dropped."""
    done = {}
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return done
    for line in lines:
        try:
            entry = json.loads(line)
            if entry["stamp"] == stamp:
                done[entry["name"]] = entry
        except (ValueError, KeyError, TypeError):
            continue
    return done
