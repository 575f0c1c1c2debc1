"""Chapter 4's live training, ten times: which epoch is kept, that summed gradients are those that JAX squares, and a complete record."""

import keras
import numpy as np
import pytest

from rnnbook.runs import live, store


@pytest.mark.parametrize(
    "losses, patience, epoch",
    [([3, 2, 2.5, 1], None, 4), ([3, 2, 2.5, 1], 2, 4), ([3, 2, 2.5, 2.1, 1], 2, 2), ([1], 2, 1)],
)
def test_the_kept_epoch_is_that_of_early_stopping(losses, patience, epoch):
    assert live.kept_epoch(losses, patience) == epoch
    if patience is None:
        return
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    stopper = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    stopper.set_model(model)
    stopper.on_train_begin()
    for k, loss in enumerate(losses):
        stopper.on_epoch_end(k, {"val_loss": loss})
        if model.stop_training:
            break
    assert stopper.best_epoch + 1 == epoch


def test_summed_gradients_move_a_word_that_occurs_twice_as_one_gradient_does():
    """RMSprop's first step is lr · g / √(0.1 g²): of a sum, √10 lr; of two alike kept apart, √2 as much."""
    steps = {}
    for name, optimizer in {"apart": keras.optimizers.RMSprop(0.001), "summed": live._Summed()}.items():
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


def test_the_record_has_every_way_and_seed_once():
    made = store.measurement("live")
    ways = [way for of_backend in live.WAYS.values() for way in of_backend]
    assert sorted((row["way"], row["seed"]) for row in made["rows"]) == sorted(
        (way, seed) for way in ways for seed in live.SEEDS
    )
    assert all(len(row["val_loss"]) == len(row["test_accuracy"]) == live.EPOCHS for row in made["rows"])
