"""Where batch work runs: a pool of processes on this machine by default, a Dask cluster by address."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
import time
from concurrent.futures import FIRST_COMPLETED, CancelledError, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from . import data, runs

# One of several processes gets one thread. The allocator settings keep large arrays from going back to the system after
# every batch (measured: a third of a SimpleRNN step).
ONE_OF_SEVERAL = {
    "OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "MALLOC_MMAP_THRESHOLD_": str(2**32), "MALLOC_TRIM_THRESHOLD_": str(2**34),
}


def prepare(backend=None, alone=False):
    """Set the environment of the processes that will train. Call before Keras is imported where it matters.

    alone=True leaves all cores to the one process that trains. Measured on two cores, the fast path then takes a tenth
    (SimpleRNN) to a third (LSTM in two directions) less time, at more processor time in all; so several processes do
    better with one thread each.
    """
    settings = {} if alone else dict(ONE_OF_SEVERAL)
    settings |= {"TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.3",
                 "JAX_COMPILATION_CACHE_DIR": str(data.cache_folder() / "compiled")}
    for name, value in settings.items():
        os.environ.setdefault(name, value)
    if backend:
        os.environ["KERAS_BACKEND"] = backend


def pool(workers=None, backend=None):
    """A pool of training processes; by default one for each processor."""
    prepare(backend)
    return ProcessPoolExecutor(workers or os.cpu_count(), mp_context=multiprocessing.get_context("spawn"),
                               initializer=_end_with, initargs=(os.getpid(),))


def _end_with(parent):
    """In the worker: end when the process that started the study ends, however it ends."""

    def watch():
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)  # at once; the run resumes from its last epoch

    threading.Thread(target=watch, daemon=True).start()


@contextlib.contextmanager
def dask(scheduler):
    """The workers of an existing Dask cluster as an executor, e.g. scheduler="tcp://host:8786"."""
    try:
        from distributed import Client
    except ImportError:
        raise runs.RecordError("--engine dask needs Dask: pip install 'rnnbook[cluster]'.") from None
    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise runs.RecordError(f"No Dask scheduler answers at {scheduler} ({error}): check the address.") from None
    with client:
        yield client.get_executor(pure=False, retries=2)  # a run whose worker died goes to another one


def record_all(configs, executor, folder=None, progress=None, restart=None):
    """Record every run in any ``concurrent.futures`` executor; returns [(config, error)] for those that failed.

    A failed run does not stop the others. progress(done, total, config, error) is called after each run and every few
    seconds in between (then config is None); it counts epochs. restart() makes a new executor after a worker of a
    process pool was killed, which breaks the whole pool: what was not finished is then submitted once more.
    """
    configs = list(configs)
    total = sum(config["epochs"] for config in configs)
    failed, pending, restarts = [], {}, 0

    def submit(left):
        for config in left:
            pending[executor.submit(_record, config, folder)] = config

    submit(configs)
    while pending:
        finished, _ = wait(pending, timeout=5, return_when=FIRST_COMPLETED)
        broken = []
        for future in finished:
            config = pending.pop(future)
            try:
                error = future.result()
            except BrokenProcessPool:
                broken.append(config)
                continue
            except (Exception, CancelledError) as caught:  # e.g. the cluster gave up on a worker
                error = f"{type(caught).__name__}: {caught}"
            if error:
                failed.append((config, error))
            if progress:
                progress(_epochs(configs, folder), total, config, error)
        if broken:
            broken += pending.values()
            pending.clear()
            restarts += 1
            if restart is None or restarts > 3:
                failed += [(config, "its process was killed") for config in broken]
                break
            executor = restart()
            submit(broken)
        elif not finished and progress:
            progress(_epochs(configs, folder), total, None, None)
    return failed


def _epochs(configs, folder):
    return sum(runs.epochs_done(config, folder) for config in configs)


def _record(config, folder):
    """In the worker: record one run; the reason where it failed (a string: any exception travels as one)."""
    prepare()
    try:
        import keras

        keras.backend.clear_session()
        runs.record(config, folder, say=lambda text: None)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None
