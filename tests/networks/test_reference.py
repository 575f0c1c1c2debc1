"""The NumPy recurrences against Keras layers with the same weights, and against automatic differentiation."""

import numpy as np
import pytest

from rnnbook.networks import reference as ref

BATCH, TIMESTEPS, FEATURES, UNITS = 3, 12, 5, 4
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def keras():
    import keras

    keras.utils.set_random_seed(0)
    return keras


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def X(rng):
    return rng.normal(size=(BATCH, TIMESTEPS, FEATURES)).astype("float32")


@pytest.fixture
def weights(rng):
    def draw(features=FEATURES, gates=1):
        scale = 0.5
        U = rng.normal(size=(gates * UNITS, features)) * scale
        W = rng.normal(size=(gates * UNITS, UNITS)) * scale
        b = rng.normal(size=(2, gates * UNITS) if gates == 3 else gates * UNITS) * scale
        return tuple(a.astype("float32") for a in (U, W, b))

    return draw


def give(layer, X, U, W, b):
    """Builds a Keras layer and copies weights into it."""
    layer.build(X.shape)
    layer.set_weights([U.T, W.T, b])
    return layer


def close(a, b):
    return np.abs(np.asarray(a) - np.asarray(b)).max() < TOLERANCE


def test_linear_step_by_hand():
    U, W = np.array([[1.0], [2.0]]), np.array([[0.0, 1.0], [0.5, 0.0]])
    Z = ref.linear_step(np.array([[3.0]]), np.array([[1.0, 4.0]]), U, W, np.array([10.0, 20.0]))
    assert Z.tolist() == [[4 + 3 + 10, 0.5 + 6 + 20]]


def test_rollout_starts_from_zero_and_is_the_step_repeated(X, weights):
    U, W, b = weights()
    Z = ref.rollout(X, U, W, b)
    assert Z.shape == (BATCH, TIMESTEPS + 1, UNITS) and not Z[:, 0].any()
    assert np.array_equal(Z[:, 5], ref.simple_rnn_step(X[:, 4], Z[:, 4], U, W, b))
    later = ref.rollout(X[:, 7:], U, W, b, Z0=Z[:, 7])
    assert close(later, Z[:, 7:])


def test_linear_rollout_sums_powers_of_W(X, weights):
    U, W, _ = weights()
    Z = ref.rollout(X, U, W, 0.0, activation=lambda x: x)
    by_powers = sum(X[:, i] @ U.T @ np.linalg.matrix_power(W.T, 3 - i) for i in range(4))
    assert close(Z[:, 4], by_powers)


def test_rollout_equals_keras(keras, X, weights):
    U, W, b = weights()
    layer = give(keras.layers.SimpleRNN(UNITS, return_sequences=True), X, U, W, b)
    assert close(ref.rollout(X, U, W, b)[:, 1:], layer(X))


def test_output_map_equals_keras(keras, X, rng):
    V, c = rng.normal(size=(2, FEATURES)).astype("float32"), rng.normal(size=2).astype("float32")
    layer = keras.layers.Dense(2)
    layer.build(X.shape)
    layer.set_weights([V.T, c])
    assert close(ref.output_map(X, V, c), layer(X))


def test_unfolded_equals_rollout(X, weights):
    U, W, b = weights()
    assert close(ref.unfolded(X, U, W, b), ref.rollout(X, U, W, b))


def test_lstm_equals_keras(keras, X, weights):
    U, W, b = weights(gates=4)
    layer = give(keras.layers.LSTM(UNITS, return_sequences=True, return_state=True), X, U, W, b)
    sequence, last, cell = layer(X)
    Z, C = ref.lstm_rollout(X, U, W, b)
    assert close(Z[:, 1:], sequence) and close(Z[:, -1], last) and close(C[:, -1], cell)


def test_gru_equals_keras(keras, X, weights):
    U, W, b = weights(gates=3)
    layer = give(keras.layers.GRU(UNITS, reset_after=True, return_sequences=True), X, U, W, b)
    assert close(ref.gru_rollout(X, U, W, b)[:, 1:], layer(X))


def test_stacked_equals_keras(keras, X, weights):
    layers = [weights()] + [weights(UNITS) for _ in range(3)]
    stack = keras.Sequential(
        [keras.Input(X.shape[1:])] + [keras.layers.SimpleRNN(UNITS, return_sequences=True) for _ in layers]
    )
    for layer, (U, W, b) in zip(stack.layers, layers):
        layer.set_weights([U.T, W.T, b])
    states = ref.stacked_rollout(X, layers)
    assert len(states) == 4 and close(states[-1][:, 1:], stack(X))


def test_bidirectional_equals_keras(keras, X, weights):
    forward, backward = weights(), weights()
    for sequences in (True, False):
        layer = keras.layers.Bidirectional(keras.layers.SimpleRNN(UNITS, return_sequences=sequences))
        layer.build(X.shape)
        layer.set_weights([w.T for U_W_b in (forward, backward) for w in U_W_b])
        both = ref.bidirectional_rollout(X, forward, backward)
        last = np.concatenate([both[:, -1, :UNITS], both[:, 0, UNITS:]], axis=1)
        assert close(both if sequences else last, layer(X))


def test_masked_equals_keras(keras, X, weights, rng):
    U, W, b = weights()
    mask = rng.random((BATCH, TIMESTEPS)) < 0.6
    layer = give(keras.layers.SimpleRNN(UNITS), X, U, W, b)
    assert close(ref.masked_rollout(X, mask, U, W, b)[:, -1], layer(X, mask=mask))


def test_dropout_in_inference_is_the_plain_network(keras, X, weights):
    U, W, b = weights()
    layer = give(keras.layers.SimpleRNN(UNITS, dropout=0.2, recurrent_dropout=0.2), X, U, W, b)
    ones = np.ones((BATCH, FEATURES), "float32"), np.ones((BATCH, UNITS), "float32")
    assert close(ref.dropout_rollout(X, U, W, b, *ones)[:, -1], layer(X, training=False))


def test_dropout_in_training_equals_keras_with_its_masks(keras, X, weights, monkeypatch):
    U, W, b = weights()
    layer = give(keras.layers.SimpleRNN(UNITS, dropout=0.4, recurrent_dropout=0.4, return_sequences=True), X, U, W, b)
    rng = np.random.default_rng(1)
    masks = ref.dropout_mask(rng, (BATCH, FEATURES), 0.4), ref.dropout_mask(rng, (BATCH, UNITS), 0.4)
    monkeypatch.setattr(layer.cell, "get_dropout_mask", lambda step_input: keras.ops.cast(masks[0], "float32"))
    monkeypatch.setattr(
        layer.cell, "get_recurrent_dropout_mask", lambda step_input: keras.ops.cast(masks[1], "float32")
    )
    Z = ref.dropout_rollout(X, U, W, b, *masks)
    assert close(Z[:, 1:], layer(X, training=True))
    assert not close(Z, ref.rollout(X, U, W, b))


def test_fresh_masks_that_repeat_are_the_fixed_mask(X, weights, rng):
    U, W, b = weights()
    fixed = ref.dropout_mask(rng, (BATCH, FEATURES), 0.5), ref.dropout_mask(rng, (BATCH, UNITS), 0.5)
    repeated = [np.repeat(mask[:, None], TIMESTEPS, axis=1) for mask in fixed]
    assert np.array_equal(ref.dropout_rollout(X, U, W, b, *fixed), ref.dropout_rollout(X, U, W, b, *repeated))
    repeated[0][:, 6:] = 0
    Z = ref.dropout_rollout(X, U, W, b, *repeated)
    assert np.array_equal(Z[:, :7], ref.dropout_rollout(X, U, W, b, *fixed)[:, :7])
    assert not np.array_equal(Z[:, 7], ref.dropout_rollout(X, U, W, b, *fixed)[:, 7])


def test_dropout_mask_keeps_the_mean(rng):
    mask = ref.dropout_mask(rng, (1000, 100), 0.2)
    assert set(np.unique(mask)) == {0, 1.25}
    assert abs(mask.mean() - 1) < 0.01


def test_backpropagation_equals_automatic_differentiation(X, weights, rng):
    import tensorflow as tf

    U, W, b = weights()
    dZ = rng.normal(size=(BATCH, TIMESTEPS + 1, UNITS)).astype("float32")  # a loss that looks at every state
    variables = {
        "U": tf.constant(U),
        "W": tf.constant(W),
        "b": tf.constant(b),
        "X": tf.constant(X),
        "Z0": tf.zeros((BATCH, UNITS)),
    }
    with tf.GradientTape() as tape:
        tape.watch(variables)
        Z = [variables["Z0"]]
        for i in range(TIMESTEPS):
            Z.append(
                tf.tanh(
                    Z[-1] @ tf.transpose(variables["W"])
                    + variables["X"][:, i] @ tf.transpose(variables["U"])
                    + variables["b"]
                )
            )
        loss = sum(tf.reduce_sum(z * dZ[:, i]) for i, z in enumerate(Z))
    expected = tape.gradient(loss, variables)
    G = ref.backpropagation_through_time(X, ref.rollout(X, U, W, b), dZ, U, W)
    for name in "UWbX":
        assert close(G[name], expected[name]), name
    assert close(G["Z"][:, 0], expected["Z0"])


def test_backpropagation_leaves_its_input_alone(X, weights):
    U, W, b = weights()
    dZ = np.ones((BATCH, TIMESTEPS + 1, UNITS), "float32")
    ref.backpropagation_through_time(X, ref.rollout(X, U, W, b), dZ, U, W)
    assert (dZ == 1).all()


def test_gradient_norms_shrink_with_small_weights_and_grow_with_large_ones(rng):
    X = np.zeros((1, 20, 1))  # states stay at zero, where tanh has slope 1
    dZ = np.zeros((1, 21, 2))
    dZ[:, -1, 0] = 1
    for scale in (0.5, 1.5):
        U, W = np.zeros((2, 1)), scale * np.eye(2)
        G = ref.backpropagation_through_time(X, ref.rollout(X, U, W, np.zeros(2)), dZ, U, W)
        assert np.allclose(ref.gradient_norms(G), scale ** np.arange(20, -1, -1))


def test_memory_follows_the_spectral_radius():
    turn = np.array([[np.cos(1), -np.sin(1)], [np.sin(1), np.cos(1)]])
    assert np.isclose(ref.spectral_radius(0.9 * turn), 0.9)
    assert ref.memory_length(0.5 * turn, threshold=0.01) == 7  # 0.5^7 < 0.01 < 0.5^6
    assert ref.memory_length(turn, longest=50) == 50
    # eigenvalues 0, yet the input is remembered for one step more: a shift register
    assert ref.memory_length(np.array([[0.0, 1.0], [0.0, 0.0]])) == 2


def test_sigmoid_does_not_overflow():
    with np.errstate(all="raise"):
        assert ref.sigmoid(np.array([-1e4, 0, 1e4])).tolist() == [0, 0.5, 1]


@pytest.mark.parametrize("units", [2, 8, 9])
def test_orthogonal_matrices_are_drawn_as_keras_draws_them(units, keras):
    """Orthonormal columns; half of them reflections, as from Keras; and no direction preferred, as a bare QR does."""
    rng = np.random.default_rng(0)
    drawn = np.array([ref.orthogonal(rng, units) for _ in range(400)])
    np.testing.assert_allclose(np.swapaxes(drawn, 1, 2) @ drawn, np.tile(np.eye(units), (400, 1, 1)), atol=1e-12)
    theirs = np.array([np.array(keras.initializers.Orthogonal(seed=seed)((units, units))) for seed in range(100)])
    for some in (drawn, theirs):
        assert 0.35 < np.mean(np.linalg.det(some) > 0) < 0.65
        assert abs(np.mean(some[:, 0, 0])) < 0.2 / np.sqrt(units) + 0.05


def test_an_orthogonal_matrix_for_all_gates_has_orthonormal_columns():
    W = ref.orthogonal(np.random.default_rng(1), 12, 3)
    assert W.shape == (12, 3)
    np.testing.assert_allclose(W.T @ W, np.eye(3), atol=1e-12)
