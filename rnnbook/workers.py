"""Several pieces of work at once: in processes on this machine, or on a Dask cluster by its address. Runs and grading use it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from concurrent.futures import FIRST_COMPLETED, CancelledError, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from .errors import CourseError, told

RESTARTS = 3
CONNECT_SECONDS = 10


class WorkersError(CourseError):
    """No workers can be had; the message says why and what to do."""


def processes(workers=None, begin=None, *given):
    """A pool of processes, by default one for each processor. Each calls ``begin(*given)`` first, and ends when this process ends."""
    return ProcessPoolExecutor(
        workers or os.cpu_count(),
        # A fresh process rather than a fork: what this one has read stays out of the workers, and so does its threads' state.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(begin, given),
    )


def _begin(begin, given):
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if begin:
        begin(*given)


def _end_with_parent():
    multiprocessing.parent_process().join()
    os._exit(1)  # at once, however that process ended; the work goes on from what it stored


@contextlib.contextmanager
def cluster(scheduler):
    """A client of an existing Dask cluster, e.g. scheduler="tcp://host:8786". Raises WorkersError."""
    try:
        from distributed import Client
    except ImportError:
        raise WorkersError("--engine dask needs Dask: pip install 'rnnbook[cluster]'.") from None
    try:
        client = Client(scheduler, set_as_default=False, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise WorkersError(
            f"No Dask scheduler answers at {scheduler} ({error}): start one with `dask scheduler`, check the address, or leave --engine out."
        ) from None
    with client:
        yield client


@contextlib.contextmanager
def dask(scheduler):
    """The workers of a Dask cluster as an executor. Raises WorkersError."""
    with cluster(scheduler) as client:
        yield client.get_executor(pure=False, retries=2)  # work whose worker died goes to another one


def each(work, items, start, ahead=None):
    """Call ``work(item)`` for every item; yields (item, future) as they get done, and (None, None) every few seconds in between.

    start() makes an executor of any kind to be used in ``with``. A process that is killed breaks its pool: the futures of all
    that was handed to it hold BrokenProcessPool, for nobody knows which item is to blame, and a new pool takes the rest.
    ahead: how many items are handed over and not done, at most; by default all.
    """
    left = list(items)
    while left:
        running, broken = {}, False
        with start() as executor:
            try:
                while running or (left and not broken):
                    while left and not broken and len(running) < (ahead or len(items)):
                        try:
                            running[executor.submit(work, left[0])] = left[0]
                            left.pop(0)
                        except BrokenProcessPool:  # while the last one was looked at
                            broken = True
                    finished, _ = wait(running, timeout=5, return_when=FIRST_COMPLETED)
                    for future in finished:
                        broken |= not future.cancelled() and isinstance(future.exception(), BrokenProcessPool)
                        yield running.pop(future), future
                    if running and not finished:
                        yield None, None
            except (
                BaseException
            ):  # Ctrl-C, or nobody wants more: the executor waits for what runs, so the rest is not begun
                for future in running:
                    future.cancel()
                raise


def work_off(work, items, start, progress=None):
    """Call ``work(item)`` for every item in executors as `each` does; returns [(item, error)] for what failed.

    ``work`` returns None, or a sentence that says why it failed. A failure does not stop the others. progress(item, error)
    is called after each item and, with item None, every few seconds in between. What a killed process leaves unfinished is
    begun again, up to RESTARTS times; the last time one after the other, so that only what kills is given up.
    """
    failed, broken = [], list(items)
    for restart in range(1 + RESTARTS):
        again, broken = broken, []
        for item, future in each(work, again, start, ahead=1 if restart == RESTARTS else None):
            error = None
            try:
                error = future and future.result()
            except BrokenProcessPool:
                broken.append(item)
                continue
            except (Exception, CancelledError) as caught:  # e.g. the cluster gave up on a worker
                error = told(caught)
            if error:
                failed.append((item, error))
            if progress:
                progress(item, error)
    return failed + [(item, "its process was killed") for item in broken]
