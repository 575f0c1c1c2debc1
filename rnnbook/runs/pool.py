"""Several pieces of work at once: in processes on this machine by default, or on a Dask cluster by its address."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
import time
from concurrent.futures import FIRST_COMPLETED, CancelledError, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from .. import files
from ..errors import CourseError, told

RESTARTS = 3
# One of several processes gets one thread. The allocator settings keep large arrays from going back to the system after
# every batch (measured: a third of a SimpleRNN step).
ONE_OF_SEVERAL = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "MALLOC_MMAP_THRESHOLD_": str(2**32),
    "MALLOC_TRIM_THRESHOLD_": str(2**34),
}


class PoolError(CourseError):
    """No workers can be had; the message says why and what to do."""


def prepare(backend=None, alone=False):
    """Set the environment of the processes that will train. Call before Keras is imported where it matters.

    alone=True leaves all cores to the one process that trains. Measured on two cores, the fast path then takes a tenth
    (SimpleRNN) to a third (LSTM in two directions) less time, at more processor time in all; so several processes do
    better with one thread each.
    """
    settings = {} if alone else dict(ONE_OF_SEVERAL)
    settings |= {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.3",
        "JAX_COMPILATION_CACHE_DIR": str(files.cache_folder() / "compiled"),
    }
    for name, value in settings.items():
        os.environ.setdefault(name, value)
    if backend:
        os.environ["KERAS_BACKEND"] = backend


def processes(workers=None, backend=None):
    """A pool of processes that train, each with one thread; by default one for each processor."""
    prepare(backend)
    return ProcessPoolExecutor(
        workers or os.cpu_count(),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=end_with,
        initargs=(os.getpid(),),
    )


def end_with(parent):
    """In a worker: end when the process that started it ends, however it ends."""

    def watch():
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)  # at once; the work goes on from what it stored

    threading.Thread(target=watch, daemon=True).start()


@contextlib.contextmanager
def dask(scheduler):
    """The workers of an existing Dask cluster as an executor, e.g. scheduler="tcp://host:8786". Raises PoolError."""
    try:
        from distributed import Client
    except ImportError:
        raise PoolError("--engine dask needs Dask: pip install 'rnnbook[cluster]'.") from None
    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise PoolError(f"No Dask scheduler answers at {scheduler} ({error}): check the address.") from None
    with client:
        yield client.get_executor(pure=False, retries=2)  # work whose worker died goes to another one


def work_off(work, items, executor, progress=None, restart=None):
    """Call ``work(item)`` for every item in any ``concurrent.futures`` executor; returns [(item, error)] for what failed.

    ``work`` returns None, or a sentence that says why it failed. A failure does not stop the others. progress(item, error)
    is called after each item and, with item None, every few seconds in between. restart() makes a new executor after a
    worker of a process pool was killed, which breaks the whole pool: what was not finished is then submitted once more.
    """
    failed, pending, restarts = [], {}, 0

    def submit(left):
        for item in left:
            pending[executor.submit(work, item)] = item

    submit(items)
    while pending:
        finished, _ = wait(pending, timeout=5, return_when=FIRST_COMPLETED)
        broken = []
        for future in finished:
            item = pending.pop(future)
            try:
                error = future.result()
            except BrokenProcessPool:
                broken.append(item)
                continue
            except (Exception, CancelledError) as caught:  # e.g. the cluster gave up on a worker
                error = told(caught)
            if error:
                failed.append((item, error))
            if progress:
                progress(item, error)
        if broken:
            broken += pending.values()
            pending.clear()
            restarts += 1
            if restart is None or restarts > RESTARTS:
                return failed + [(item, "its process was killed") for item in broken]
            executor = restart()
            submit(broken)
        elif not finished and progress:
            progress(None, None)
    return failed
