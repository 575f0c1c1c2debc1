"""Grade a folder of submissions, several at once, so that nothing is lost if it is stopped in the middle."""

import hashlib
import json
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from . import grade as grading
from . import report

CONNECT_SECONDS = 10
LARGEST = 300 * 2**20  # a notebook with 100 MB of saved output is still read


def collect(folder):
    """The submissions in a folder: a dict from name to path. Every file counts, also those that are no notebooks.

    Raises `GradeError` for a folder that is not there or empty.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise grading.GradeError(f"There is no folder {folder}.")
    paths = sorted(
        p
        for p in folder.rglob("*")
        if p.is_file() and ".ipynb_checkpoints" not in p.parts and not p.name.startswith(".")
    )
    if not paths:
        raise grading.GradeError(f"The folder {folder} has no submissions in it.")
    return {
        os.fsencode(path.relative_to(folder)).decode("utf-8", "replace").removesuffix(".ipynb"): path for path in paths
    }


def grade_file(bundle, name, data, limits):
    """Grade one submission's bytes. Returns `(name, result)`; runs in a worker, here or on another machine."""
    return name, grading.grade(bundle, data, **limits)


def run(bundle, submissions, journal, limits, jobs=None, scheduler=None):
    """Grade all submissions and yield `(name, result)` as they get done; first those that the journal has already.

    Parameters: `bundle`, the assignment; `submissions` from `collect`; `journal`, the path of a file that takes each result as it comes;
    `limits`, keywords for `grade`; `jobs`, how many at once, by default one a core; `scheduler`, the address of a Dask scheduler to
    use instead of processes here.
    """
    stamp = hashlib.sha256(json.dumps([bundle, limits], sort_keys=True).encode()).hexdigest()[:16]
    done = read_journal(journal, stamp)
    waiting = []
    for name, path in submissions.items():
        key = f"{path.stat().st_size}-{path.stat().st_mtime_ns}"
        if done.get(name, {}).get("key") == key:
            yield name, done[name]["result"]
        else:
            waiting.append((name, path, key))
    if not waiting:
        return
    keys = {name: key for name, _, key in waiting}
    with open(journal, "a", encoding="utf-8") as file:
        for name, result in _work(bundle, waiting, limits, jobs, scheduler):
            file.write(json.dumps({"stamp": stamp, "name": name, "key": keys[name], "result": result}) + "\n")
            file.flush()
            yield name, result


def _work(bundle, waiting, limits, jobs, scheduler):
    if scheduler:
        from distributed import as_completed as dask_as_completed

        with _client(scheduler) as client:
            shared = client.scatter(bundle, broadcast=True)
            futures = [
                client.submit(grade_file, shared, name, read(path), limits, pure=False) for name, path, _ in waiting
            ]
            for future in dask_as_completed(futures, loop=client.loop):
                yield future.result()
        return
    # A fresh process rather than a fork: what this process has read stays out of the workers, and so does its threads' state.
    with ProcessPoolExecutor(jobs or os.cpu_count(), multiprocessing.get_context("spawn"), _end_with_parent) as pool:
        queue = iter(waiting)
        running = set()
        while True:  # a few at a time: a class's notebooks need not all be in memory
            for name, path, _ in queue:
                running.add(pool.submit(grade_file, bundle, name, read(path), limits))
                if len(running) >= 4 * pool._max_workers:  # pyright: ignore[reportAttributeAccessIssue]
                    break
            if not running:
                return
            future = next(as_completed(running))
            running.remove(future)
            yield future.result()


def _end_with_parent():
    """A worker whose grader was killed would wait for work for ever."""

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
    return path.read_bytes() if path.stat().st_size <= LARGEST else b"too large"


def read_journal(path, stamp):
    """Results of an interrupted run with the same assignment and limits; the line that was being written is dropped."""
    done = {}
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return done
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if entry["stamp"] == stamp:
            done[entry["name"]] = entry
    return done


def grade_folder(
    archive,
    folder,
    out,
    jobs=None,
    seconds=120,
    memory=2 * 2**30,
    roster=None,
    scheduler=None,
    say=print,
    progress=True,
):
    """Grade a folder and write the table, the feedback pages and, with a roster, the file for Canvas.

    Returns the results, a dict from submission to what `grade` returned. Raises `GradeError` or `RosterError` before it starts
    if something is missing. `say` gets a few sentences for the instructor.
    """
    from tqdm import tqdm

    bundle = grading.load_bundle(archive)
    submissions = collect(folder)
    if roster:
        report.read_roster(roster)
    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    isolate = all_can_isolate(scheduler)
    if not isolate:
        say(
            "This system has no Linux namespaces for you, so student code is not locked away: it reaches the network and the files you "
            "can read. Limits on time and memory hold. Grade on Linux, or in a virtual machine that you can throw away."
        )
    journal = out.with_suffix(".journal")
    limits = {"seconds": seconds, "memory": memory, "isolate": isolate}
    results = {}
    feedback = out.with_name(out.stem + "_feedback")
    feedback.mkdir(exist_ok=True)
    for name, result in tqdm(
        run(bundle, submissions, journal, limits, jobs, scheduler),
        total=len(submissions),
        unit="submission",
        disable=not progress,
    ):
        results[name] = result
        report.write_feedback(feedback, bundle, name, result)
    report.write_table(out, bundle, results)
    say(f"{len(results)} submissions: {out}, feedback in {feedback}/")
    if roster:
        canvas = out.with_name(out.stem + "_canvas.csv")
        strangers = report.write_canvas(canvas, bundle, results, roster)
        say(f"For Canvas's gradebook import: {canvas}")
        if strangers:
            say("Not in the roster, or a second one of the same student: " + ", ".join(strangers))
    by_hand = [q["name"] for q in bundle["questions"] if q["manual"]]
    if by_hand:
        say(f"To be graded by hand, and not in the totals: {', '.join(by_hand)}.")
    journal.unlink(missing_ok=True)
    return results
