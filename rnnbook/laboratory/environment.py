"""What the environment of a process that trains has to say, alone or as one of several."""

from __future__ import annotations

import os

from .. import files

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
