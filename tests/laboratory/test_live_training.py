"""Chapter 4's live training, ten times: which epoch is kept, and that summed gradients are those that JAX squares."""

import keras
import numpy as np
import pandas as pd
import pytest

from rnnbook.laboratory.studies import live


def test_the_epoch_of_the_lowest_validation_loss_is_kept():
    found = pd.DataFrame({"val_loss": [[3, 1, 2], [1, 2, 1]], "test_accuracy": [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]})
    assert live.kept(found).kept.tolist() == [0.2, 0.4]


def test_summed_gradients_move_a_word_that_occurs_twice_as_one_gradient_does():
    """RMSprop's first step is lr · g / √(0.1 g²): of a sum, √10 lr; of two alike kept apart, √2 as much."""
    steps = {}
    for name, optimizer in {"apart": keras.optimizers.RMSprop(0.001), "summed": live.summed()}.items():
        layer = keras.layers.Embedding(3, 1, embeddings_initializer="zeros")
        model = keras.Sequential(
            [
                keras.Input((2,), dtype="int32"),
                layer,
                keras.layers.Flatten(),
                keras.layers.Dense(1, kernel_initializer="ones"),
            ]
        )
        model.compile(optimizer, "mse")
        model.train_on_batch(np.array([[1, 1]]), np.array([[1.0]]))
        steps[name] = float(keras.ops.convert_to_numpy(layer.embeddings)[1, 0])
    assert steps["summed"] == pytest.approx(0.001 * np.sqrt(10), rel=1e-3)
    assert steps["apart"] == pytest.approx(np.sqrt(2) * steps["summed"], rel=1e-3)
