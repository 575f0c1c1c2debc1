"""The NumPy training loop against Keras: same gradients, same step, same evaluation; and that it learns."""

import dataclasses

import numpy as np
import pytest

from rnnbook import reviews
from rnnbook.networks import numpy_training as training

NUM_WORDS, EMBEDDING, UNITS, BATCH, TIMESTEPS = 50, 6, 5, 8, 14


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def weights(rng):
    weights = training.initial_weights(NUM_WORDS, EMBEDDING, UNITS, rng)
    return {name: value + rng.normal(scale=0.1, size=value.shape).astype("float32") for name, value in weights.items()}


@pytest.fixture
def tokens(rng):
    """Pre-padded reviews of different lengths, (batch, timesteps)."""
    X = rng.integers(1, NUM_WORDS, (BATCH, TIMESTEPS)).astype(np.uint16)
    for row, length in zip(X, rng.integers(1, TIMESTEPS + 1, BATCH)):
        row[:-length] = 0
    return X


@pytest.fixture
def labels(rng):
    return rng.integers(0, 2, BATCH).astype(np.float32)


def keras_model(weights, mask_zero):
    import keras

    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(NUM_WORDS, EMBEDDING, mask_zero=mask_zero),
            keras.layers.SimpleRNN(UNITS),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    copy(weights, model)
    return model


def copy(weights, model):
    model.set_weights([weights["E"], weights["U"].T, weights["W"].T, weights["b"], weights["V"].T, weights["c"]])


def memory(tokens):
    timesteps, batch = tokens.shape
    return np.empty((timesteps + 1, batch, UNITS), "float32"), np.empty((timesteps, batch, UNITS), "float32")


def keras_gradients(model, tokens, labels):
    """Loss and dense gradients in the shapes of our weights."""
    import keras
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = keras.ops.mean(keras.losses.binary_crossentropy(labels[:, None], model(tokens.astype("int32"))))
    return float(loss), [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]


def in_our_shapes(arrays):
    E, U, W, b, V, c = map(np.asarray, arrays)
    return {"E": E, "U": U.T, "W": W.T, "b": b, "V": V.T, "c": c}


@pytest.mark.parametrize("mask_zero", [True, False])
def test_gradients_equal_automatic_differentiation(weights, tokens, labels, mask_zero):
    loss, expected = keras_gradients(keras_model(weights, mask_zero), tokens, labels)
    G, logits = training.gradients(weights, tokens.T, labels, *memory(tokens.T), mask_zero)
    for name, gradient in in_our_shapes(expected).items():
        assert np.abs(G[name] - gradient).max() < 1e-5, name
        assert np.abs(gradient).max() > 1e-4, name  # the comparison says something
    assert np.isclose(training.loss_and_accuracy(logits, labels)[0], loss, atol=1e-6)


def test_steps_equal_keras(weights, tokens, labels):
    # With dense gradients: given TensorFlow's sparse ones, Keras squares each occurrence of a word by itself.
    model = keras_model(weights, True)
    velocity = {name: np.zeros_like(value) for name, value in weights.items()}
    for _ in range(3):
        model.optimizer.apply(keras_gradients(model, tokens, labels)[1], model.trainable_variables)
        G, _ = training.gradients(weights, tokens.T, labels, *memory(tokens.T))
        training.rmsprop(weights, G, velocity, 0.001)
    for name, expected in in_our_shapes(model.get_weights()).items():
        # RMSprop's first steps are as long for tiny gradients as for large ones, so rounding shows a little
        assert np.abs(weights[name] - expected).max() < 1e-4, name


def test_evaluation_equals_keras(weights, tokens, labels):
    model = keras_model(weights, True)
    loss, accuracy = model.evaluate(tokens.astype("int32"), labels, verbose=0)
    lengths = (tokens != 0).sum(axis=1)
    working = np.empty((2, TIMESTEPS + 1, 3, UNITS), "float32")  # batches of 3: the last one is smaller
    assert training.evaluate(weights, tokens, lengths, labels, working) == pytest.approx((loss, accuracy), abs=1e-6)


def test_masked_padding_changes_nothing(weights, tokens, labels):
    longer = np.pad(tokens, ((0, 0), (9, 0)))
    a, _ = training.gradients(weights, tokens.T, labels, *memory(tokens.T))
    b, _ = training.gradients(weights, longer.T, labels, *memory(longer.T))
    assert all(np.allclose(a[name], b[name], atol=1e-7) for name in a)


def test_batches_hold_every_review_once_and_whole(rng):
    lengths = rng.integers(1, 300, 1000)
    X = (np.arange(300) >= 300 - lengths[:, None]).astype(np.uint16)
    for draw in (None, rng):
        seen = []
        for rows, tokens in training.batches(X, lengths, 64, draw):
            assert len(rows) <= 64 and tokens.shape == (lengths[rows].max(), len(rows))
            assert np.array_equal(tokens.sum(axis=0), lengths[rows])
            seen.extend(rows)
        assert sorted(seen) == list(range(1000))


def test_training_learns_and_repeats(sample_corpus):
    runs = [
        training.train(sample_corpus, epochs=3, units=16, embedding=16, maxlen=150, seed=seed) for seed in (0, 0, 1)
    ]
    (first, history), (again, _), (other, _) = runs
    assert history["loss"][2] < history["loss"][0] and history["accuracy"][2] > history["accuracy"][0]
    assert all(len(values) == 3 for values in history.values())
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["W"], other["W"])


@pytest.mark.parametrize(
    "wrong",
    [
        dict(epochs=0),
        dict(maxlen=0),
        dict(units=2.5),
        dict(batch_size=-1),
        dict(validation_split=0),
        dict(validation_split=1),
    ],
)
def test_wrong_parameters_are_named(sample_corpus, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        training.train(sample_corpus, **wrong)


@pytest.mark.parametrize("n", [1001, 1002, 1003, 1004, 1005])
def test_the_held_out_reviews_are_those_of_keras(sample_corpus, monkeypatch, n):
    """Also where the number of reviews is not divisible by five: rounding to the nearest would be off by one."""
    import keras

    held_out, evaluate = [], training.evaluate
    monkeypatch.setattr(
        training, "evaluate", lambda w, X, lengths, y, *more: (held_out.append(y), evaluate(w, X, lengths, y, *more))[1]
    )
    some = dataclasses.replace(sample_corpus, train=sample_corpus.train.take(n))
    training.train(some, epochs=1, units=2, embedding=2, maxlen=5)

    seen = []
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(
        loss=lambda truth, guess: 0.0 * guess,
        run_eagerly=True,
        metrics=[lambda truth, guess: seen.append(len(truth)) or 0.0],
    )
    labels = some.train.labels.astype("float32")
    model.fit(np.zeros((n, 1)), labels, validation_split=0.2, batch_size=n, verbose=0)
    assert np.array_equal(held_out[0], labels[seen[0] :]) and seen[0] + len(held_out[0]) == n


def test_one_review_is_too_few_to_validate(sample_corpus):
    one = reviews.Corpus("sample", sample_corpus.train.take(1), sample_corpus.test, 10_000, "", dict)
    with pytest.raises(ValueError, match="1 review cannot be split"):
        training.train(one)


@pytest.mark.real
def test_real_reviews_are_learned(real_corpus):
    _, history = training.train(real_corpus, epochs=4)
    assert max(history["val_accuracy"]) > 0.82
