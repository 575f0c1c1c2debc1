"""The W (units, units) with which the shipped SimpleRNN began to learn, as `reference` has it.

Keras draws it from the seed of the recorded run, so it has to run on the backend of that record.
"""

from __future__ import annotations

from ...networks import weights
from ..record import rounded
from ..study import Study
from . import comparison


def measure(case):
    """One row: W, and the seed that draws it."""
    import keras

    from ...networks import models

    seed = weights.load(case["architecture"])["about"]["seed"]
    run = next(run for run in comparison.runs() if (run.architecture, run.seed) == (case["architecture"], seed))
    keras.utils.set_random_seed(seed)
    W = models.build(run.architecture, **run.settings).layers[1].get_weights()[1].T
    return {"seed": seed, "backend": keras.backend.backend(), "W": [[rounded(w) for w in row] for row in W]}


STUDY = Study(
    question="From which recurrent weights did the shipped SimpleRNN set out?",
    chapter=4,
    cases=lambda rows: [{"architecture": "simple_rnn"}],
    measure=measure,
    limits="One network.",
    backend="jax",
)
