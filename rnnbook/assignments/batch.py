"""Grade many submissions, several at once, so that nothing is lost if it is stopped, and no file costs more than itself."""

import hashlib
import json
import multiprocessing
import os
import threading
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from . import grade as grading

CONNECT_SECONDS = 10
LARGEST = 300 * 2**20  # a notebook with 100 MB of saved output is still read
OWN_MEMORY = 2**30  # bytes for the grader itself beside what a notebook may hold


def grade_file(bundle, name, data, limits):
    """Grade one submission: `data` is its bytes, or the path of its file. Returns `(name, result)`; runs in a worker."""
    try:
        data = data if isinstance(data, bytes) else read(data)
        return name, grading.grade(bundle, data, **limits)
    except grading.GradeError as error:
        return name, grading.failed(bundle, "Not graded yet.", str(error)) | {"again": True}
    except OSError as error:
        return name, grading.failed(bundle, "The file cannot be read.", str(error))
    except MemoryError:
        return name, grading.failed(bundle, "The file is too large to be read.", "Look at it by hand.")


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
    alone = []
    run_all = _on_dask(bundle, waiting, limits, scheduler) if scheduler else _here(bundle, waiting, limits, jobs)
    for name, path, result in run_all:
        if result is None or result["again"]:
            alone.append((name, path))
        else:
            yield name, result
    for name, path in alone:
        ((_, _, result),) = list(_here(bundle, [(name, path)], limits, 1))
        if result is None:
            result = grading.failed(bundle, "The grader ended on this file.", "Look at it by hand.")
        elif result["graded"]:
            result["again"] = False
        yield name, result


def _here(bundle, waiting, limits, jobs):
    """Yield `(name, path, result)` from processes of this machine; the result of a file whose process was killed is None."""
    # A fresh process rather than a fork: what this process has read stays out of the workers, and so does its threads' state.
    workers = min(jobs or os.cpu_count() or 1, len(waiting))
    left = list(waiting)
    while left:
        running = {}
        with ProcessPoolExecutor(
            workers, multiprocessing.get_context("spawn"), _start_worker, (limits["memory"],)
        ) as pool:
            broken = False
            while (left or running) and not broken:
                while left and len(running) < 2 * workers:
                    name, path = left.pop(0)
                    running[pool.submit(grade_file, bundle, name, path, limits)] = name, path
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    name, path = running.pop(future)
                    try:
                        yield name, path, future.result()[1]
                    except BrokenProcessPool:
                        broken = True
                        yield name, path, None
                    except Exception as error:
                        text = f"{type(error).__name__}: {error}"
                        yield name, path, grading.failed(bundle, "The grader failed on this file.", text)
        for name, path in running.values():  # one of them broke the pool; nobody knows which
            yield name, path, None


def _on_dask(bundle, waiting, limits, scheduler):
    from distributed import as_completed

    with _client(scheduler) as client:
        shared = client.scatter(bundle, broadcast=True)
        futures = {
            client.submit(grade_file, shared, name, read(path), limits, pure=False): (name, path)
            for name, path in waiting
        }
        for future in as_completed(futures, loop=client.loop):
            name, path = futures[future]
            try:
                yield name, path, future.result()[1]
            except Exception:  # its worker died
                yield name, path, None


def _start_worker(memory):
    """A worker ends with the grader, and gets no more memory than reading a notebook takes."""
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = memory + OWN_MEMORY
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    except ImportError:
        pass  # Windows

    def watch():
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _client(scheduler):
    from distributed import Client

    try:
        return Client(scheduler, set_as_default=False, timeout=CONNECT_SECONDS)
    except (OSError, ValueError):
        raise grading.GradeError(
            f"No Dask scheduler answers at {scheduler}. Start one with `dask scheduler`, or leave --engine out."
        ) from None


def all_can_isolate(scheduler):
    """Whether every machine that will grade can lock student code away: this one, or all the workers of a Dask cluster."""
    if not scheduler:
        return grading.can_isolate()
    with _client(scheduler) as client:
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
