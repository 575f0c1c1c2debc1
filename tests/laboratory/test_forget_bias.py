"""The first symbol with the forget bias at ln k: only that bias is set."""

import numpy as np

from rnnbook.laboratory.studies import forget_bias


def test_only_the_forget_bias_is_set():
    from rnnbook.networks import models

    model = models.build("lstm", num_words=11, embedding=8)
    before = model.layers[1].get_weights()
    forget_bias.open_gate(model, 4.0)
    *kernels, bias = model.layers[1].get_weights()
    assert all(np.array_equal(one, other) for one, other in zip(kernels, before, strict=False))
    assert np.flatnonzero(bias != before[2]).tolist() == list(range(32, 64)) and set(bias[32:64]) == {4.0}
