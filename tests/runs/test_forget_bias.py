"""The first symbol with the forget bias at ln k: a complete record, and a bias set in its place."""

import math

import numpy as np
import pytest

from rnnbook.runs import forget_bias, store


def test_the_record_has_every_lag_and_seed_once():
    rows = store.measurement("forget_bias")["rows"]
    asked = sorted((run.lag, run.seed) for run in forget_bias.runs())
    assert sorted((row["lag"], row["seed"]) for row in rows) == asked
    assert all(row["forget_bias"] == pytest.approx(math.log(row["lag"]), abs=1e-4) for row in rows)


def test_only_the_forget_bias_is_set():
    from rnnbook.networks import models

    model = models.build("lstm", num_words=11, embedding=8)
    before = model.layers[1].get_weights()
    forget_bias.open_gate(model, 4.0)
    *kernels, bias = model.layers[1].get_weights()
    assert all(np.array_equal(one, other) for one, other in zip(kernels, before, strict=False))
    assert np.flatnonzero(bias != before[2]).tolist() == list(range(32, 64)) and set(bias[32:64]) == {4.0}
