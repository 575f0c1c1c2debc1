"""The fast path equals Keras; batches, progress, stopping, errors."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import keras
import numpy as np
import pytest

from rnnbook import reviews
from rnnbook.networks import models, training
from tests.nightly import often

CHECK = Path(__file__).with_name("fast_path_check.py")


CASES = ["plain", "masked", "both ways, deep and masked", "dropout", "dropout fresh"]
STATES = [
    "mean of the states",
    "mean of the states, masked",
    "greatest of the states, masked",
    "added to the layer below",
    "both ways, normalized and added",
    "normalized, masked",
]
EVERY = {f"{cell} {case}" for cell in ("simple_rnn", "lstm", "gru") for case in CASES}
EVERY |= {f"simple_rnn {case}" for case in STATES}


def check(backend, *brief):
    """What fast_path_check.py prints on a backend."""
    environment = os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, CHECK, *brief], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module", params=often(["tensorflow"], ["tensorflow", "jax"]))
def differences(request, once):
    return once(f"fast-path-{request.param}", lambda: check(request.param, "--brief"))


def assert_equal_to_keras(found, names):
    assert {name for name in found if name.split()[0] in ("simple_rnn", "lstm", "gru")} == names
    for name in sorted(names):
        difference = found[name]
        assert difference["size"] > 1e-2, name  # the gradients compared are not all nought
        assert difference["outputs"] < 1e-5 and difference["gradients"] < 1e-5, f"{name}: {difference}"


def test_fast_path_equals_keras(differences):
    """In the few cases that hold most of the others; at night in all."""
    held = {f"{cell} dropout{masks}" for cell in ("simple_rnn", "gru") for masks in ("", " fresh")}
    assert_equal_to_keras(differences, held | {"lstm masked", "simple_rnn both ways, normalized and added"})


@pytest.mark.nightly
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_fast_path_equals_keras_in_every_case(backend):
    assert_equal_to_keras(check(backend), EVERY)


def test_without_buckets_the_fast_path_takes_the_steps_of_model_fit(differences):
    found, other = differences["step by step"], differences["in buckets"]
    assert found["moved"] > 0.02
    assert found["weights"] < 1e-4 * found["moved"] and found["curves"] < 1e-5
    assert other["weights"] > 0.01 * found["moved"]  # other batches: the comparison can tell


def test_the_fast_path_clips_the_whole_gradient(differences):
    found, clipped = differences["step by step"], differences["clipped"]
    assert 0 < clipped["moved"] < 0.5 * found["moved"]  # the gradient was longer than the clip
    same = clipped["weights"] < 1e-4 * clipped["moved"] and clipped["curves"] < 1e-5
    # Keras on TensorFlow takes the gradients of a word that comes twice for two rows, and so another length.
    assert same == (differences["backend"] == "jax")


def test_masks_handed_in_are_the_ones_that_drop(differences):
    assert differences["dropout step by step"]["weights"] < 1e-5


def test_fresh_masks_differ_from_step_to_step_and_repeat_by_seed():
    runner = training.fast_model(models.build("dropout", dropout=0.3))

    def draw(seed):
        return runner.draw_masks(np.random.default_rng(seed), 40, 50)

    inputs, states = draw([1, 2, 3])
    assert inputs.shape == states.shape == (40, 1, 32, 50)
    assert all((a == b).all() for a, b in zip(draw([1, 2, 3]), [inputs, states]))
    assert (draw([1, 2, 4])[0] != inputs).any()
    for masks, rate in ((inputs, 0.3), (states, 0.2)):
        assert masks.mean() == pytest.approx(1 - rate, abs=0.01)
        assert (masks[1:] != masks[:-1]).mean() == pytest.approx(2 * rate * (1 - rate), abs=0.01)


def corpus(n=60, seed=0):
    """Short some in which word 3 is good news and word 4 bad."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    some = reviews.Reviews.from_lists(
        [[1, 4 - label, *rng.integers(5, 20, rng.integers(1, 25))] for label in labels], labels
    )
    return reviews.Corpus("sample", some, some[:20], 20, "0" * 64, dict)


def small(**settings):
    return models.build("simple_rnn", **{"units": 4, "embedding": 4, "num_words": 20, "mask_zero": True} | settings)


@pytest.mark.parametrize("fast", [False, True])
def test_both_paths_learn_and_tell_the_same_curves(fast):
    keras.utils.set_random_seed(0)  # some starts take twice as long
    history = training.fit(small(learning_rate=0.02), corpus(400), 8, fast=fast, maxlen=30, batch_size=16).history
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert all(len(curve) == 8 for curve in history.values())
    assert history["loss"][-1] < 0.8 * history["loss"][0] and history["val_accuracy"][-1] > 0.7


@pytest.mark.parametrize("name", ["dense", "lstm"])
def test_evaluating_fast_gives_the_same_numbers(name):
    model = models.build(name, units=4, embedding=4, num_words=20, mask_zero=True)
    model.set_weights([w + 0.3 * np.random.default_rng(1).normal(size=w.shape) for w in model.get_weights()])
    some = corpus(45).train
    assert training.evaluate(model, some, maxlen=20, fast=True, batch_size=16) == pytest.approx(
        training.evaluate(model, some, maxlen=20), abs=1e-5
    )


def test_evaluation_batches_hold_every_review_and_cut_none_off():
    lengths = np.random.default_rng(0).integers(1, 900, 1000)
    seen = []
    for index, length in training.batches(lengths, 500, 64):
        assert len(index) == 64 and min(lengths[index].max(), 500) <= length <= 500
        seen += index.tolist()
    assert set(seen) == set(range(1000))


def test_training_batches_differ_by_epoch_and_repeat_by_seed():
    lengths = np.random.default_rng(0).integers(1, 900, 1000)

    def epoch(seed):
        return [tuple(index) for index, _ in training.batches(lengths, 500, 64, np.random.default_rng(seed), jitter=20)]

    assert epoch(1) == epoch(1) != epoch(2)
    used = np.concatenate(epoch(1))
    assert len(used) == len(set(used)) == 1000 // 64 * 64  # none twice, and only what fills no batch is left out
    assert (
        len({length for _, length in training.batches(lengths, 500, 64, np.random.default_rng(0))}) <= training.SHAPES
    )


def test_fresh_masks_are_drawn_also_after_an_evaluation():
    """What a model was asked before must not decide how it trains: fixed masks would be used silently."""

    def trained(evaluate_first, fresh_masks):
        keras.utils.set_random_seed(0)
        model = small(dropout=0.3, recurrent_dropout=0.3)
        if evaluate_first:
            training.evaluate(model, corpus().train, maxlen=20, fast=True)
        history = training.fit(model, corpus(), 1, fast=True, fresh_masks=fresh_masks, maxlen=20, batch_size=16)
        return np.array(history.history["loss"])

    after_an_evaluation = trained(True, True)
    assert after_an_evaluation == pytest.approx(trained(False, True), abs=1e-6)
    assert abs(after_an_evaluation - trained(True, False)).max() > 1e-5


def test_stop_ends_training_after_the_batch():
    stop, epochs = threading.Event(), []
    progress = training.Progress(stop, lambda epoch, logs: (epochs.append(epoch), stop.set()), show=False)
    training.fit(small(), corpus(), 50, fast=True, maxlen=30, batch_size=16, callbacks=[progress])
    assert epochs[0] == 1 and len(epochs) <= 2


def test_training_in_the_background_tells_epochs_and_reasons():
    epochs, ends = [], []
    training.train_in_background(
        small(),
        corpus(),
        2,
        lambda epoch, logs: epochs.append((epoch, logs["val_loss"])),
        threading.Event(),
        ends.append,
        fast=True,
        maxlen=30,
        batch_size=16,
    ).join(60)
    assert [epoch for epoch, _ in epochs] == [1, 2] and ends == [None]
    ends.clear()
    training.train_in_background(
        small(learning_rate=1e30),
        corpus(),
        3,
        lambda *_: None,
        threading.Event(),
        ends.append,
        fast=True,
        maxlen=30,
        batch_size=16,
    ).join(60)
    assert isinstance(ends[0], training.DivergedError) and "Lower the learning rate" in str(ends[0])


def too_much_for_tensorflow():
    import tensorflow

    tensorflow.zeros([10**7, 10**6])


def too_much_for_jax():
    import jax.numpy

    jax.numpy.zeros((10**7, 10**6))


@pytest.mark.parametrize(
    "ask, fast",
    [(too_much_for_tensorflow, True), (too_much_for_jax, True), (lambda: np.zeros((10**7, 10**7)), False)],
    ids=["tensorflow", "jax", "numpy"],
)
def test_a_full_memory_is_told_with_what_to_do(ask, fast):
    greedy = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: ask())
    with pytest.raises(
        training.OutOfMemoryError, match="memory is full.*Restart.*smaller batch_size, maxlen or number of units"
    ) as caught:
        training.fit(small(), corpus(), 1, fast=fast, maxlen=30, callbacks=[greedy])
    assert caught.value.__cause__ is not None


def test_a_full_memory_is_told_from_the_background_too(monkeypatch):
    ends = []
    monkeypatch.setattr(reviews.Reviews, "padded", lambda *_: np.zeros((10**7, 10**7)))
    training.train_in_background(small(), corpus(), 1, lambda *_: None, threading.Event(), ends.append).join(60)
    assert isinstance(ends[0], training.OutOfMemoryError)


def test_other_errors_stay_what_they_are():
    def broken(epoch, logs):
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space left"):
        training.fit(small(), corpus(), 1, maxlen=30, callbacks=[keras.callbacks.LambdaCallback(on_epoch_begin=broken)])


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"epochs": 0}, "epochs is 0: it must be a whole number, at least 1."),
        ({"epochs": "3"}, "epochs is '3': it must be a whole number, at least 1."),
        ({"epochs": 2.5}, "epochs is 2.5: it must be a whole number, at least 1."),
        ({"batch_size": 0}, "batch_size is 0: it must be a whole number, at least 1."),
        ({"maxlen": None}, "maxlen is None: it must be a whole number, at least 1."),
        ({"validation_split": 1.5}, "validation_split is 1.5: it must be a number between 0 and 1."),
        ({"validation_split": "a fifth"}, "validation_split is 'a fifth': it must be a number between 0 and 1."),
        ({"fresh_masks": True}, "fresh_masks needs fast=True: Keras itself keeps one mask over all timesteps."),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(ValueError) as caught:
        training.fit(small(), corpus(), **{"epochs": 1} | settings)
    assert str(caught.value) == message


def test_one_review_can_be_judged_but_not_trained_on():
    with pytest.raises(ValueError, match="^1 review cannot be split for validation: use at least 10.$"):
        training.fit(small(), corpus(1), 1)
    for fast in (False, True):
        loss, accuracy = training.evaluate(small(), corpus(1).train, fast=fast)
        assert loss > 0 and accuracy in (0, 1)


def test_a_model_that_the_fast_path_does_not_know_is_refused():
    odd = small()
    odd.layers[1].cell.activation = odd.layers[1].cell.activation.__class__  # not tanh
    with pytest.raises(ValueError, match="Train it with fast=False"):
        training.fit(odd, corpus(), 1, fast=True)
