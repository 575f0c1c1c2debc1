"""The recurrences of the course in plain NumPy, in the letters of the text.

    Z_{i+1} = tanh(W Z_i + U X_i + b),    Y_{i+1} = V Z_{i+1} + c,    Z_0 = 0

Shapes: X (batch, timesteps, features); U (units, features), W (units, units), b (units,); V (outputs, units),
c (outputs,). Annotations name shapes (`rnnbook.shapes`). Rows are samples, so W Z reads `Z @ W.T`. States come with the first one, Z_0, in front:
Z (batch, timesteps + 1, units). Keras stores the transposes: kernel = U.T, recurrent_kernel = W.T.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .. import shapes as of


def sigmoid(x: of.Scalars) -> of.Scalars:
    """1 / (1 + exp(-x)), written so that it cannot overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def orthogonal(rng: np.random.Generator, rows: int, columns: int | None = None) -> of.GatesW:
    """A random matrix (rows, columns) with orthonormal columns, as Keras draws W; square unless ``columns`` says more (≤ rows).

    The signs of R make all such matrices equally likely (Mezzadri, 2007). Without them `numpy.linalg.qr` gives only
    reflections where the number of rows is even: an eigenvalue 1 and one −1 in every matrix.
    """
    Q, R = np.linalg.qr(rng.normal(size=(rows, columns or rows)))
    return Q * np.sign(np.diagonal(R))


# --- one step ------------------------------------------------------------------------------------


def linear_step(X: of.Inputs, Z: of.State, U: of.GatesU, W: of.GatesW, b: of.GatesB | float = 0.0) -> of.Projection:
    """Linear state space, Z' = W Z + U X + b. X (batch, features), Z (batch, units) → (batch, units)."""
    return Z @ W.T + X @ U.T + b


def simple_rnn_step(X: of.Inputs, Z: of.State, U: of.U, W: of.W, b: of.b, activation=np.tanh) -> of.State:
    """Simple recurrent network (Elman, 1990), Z' = tanh(W Z + U X + b) → (batch, units)."""
    return activation(linear_step(X, Z, U, W, b))


def lstm_step(
    X: of.Inputs, Z: of.State, C: of.State, U: of.FourU, W: of.FourW, b: of.FourB
) -> tuple[of.State, of.State]:
    """Long short-term memory (Hochreiter & Schmidhuber, 1997) with forget gate (Gers et al., 2000).

    U (4 units, features), W (4 units, units), b (4 units,), gates in the order i, f, c, o as in Keras.
    Hidden state Z and cell state C (batch, units) → the next (Z, C).
    """
    i, f, c, o = np.split(linear_step(X, Z, U, W, b), 4, axis=-1)
    C = sigmoid(f) * C + sigmoid(i) * np.tanh(c)
    return sigmoid(o) * np.tanh(C), C


def gru_step(
    X: of.Inputs,
    Z: of.State,
    U: of.ThreeU,
    W: of.ThreeW,
    b: of.ThreeB,
) -> of.State:
    """Gated recurrent unit (Cho et al., 2014), reset gate after the product as in Keras.

    U (3 units, features), W (3 units, units), b (2, 3 units): for the input and for the state; order z, r, h.
    Returns the next Z (batch, units); z near 1 keeps the old state.
    """
    Xz, Xr, Xh = np.split(X @ U.T + b[0], 3, axis=-1)
    Zz, Zr, Zh = np.split(Z @ W.T + b[1], 3, axis=-1)
    z, r = sigmoid(Xz + Zz), sigmoid(Xr + Zr)
    return z * Z + (1 - z) * np.tanh(Xh + r * Zh)


def output_map(Z: of.AnyStates, V: of.V, c: of.c) -> of.Outputs:
    """Y = V Z + c. Z (…, units) → (…, outputs)."""
    return Z @ V.T + c


# --- a sequence ----------------------------------------------------------------------------------


def zero_state(X: of.Sequences, W: of.GatesW) -> of.State:
    """Z_0 = 0 for every sample, (batch, units)."""
    return np.zeros((X.shape[0], W.shape[1]), np.result_type(X, W))


def rollout(X: of.Sequences, U: of.U, W: of.W, b: of.b, Z0: of.State | None = None, activation=np.tanh) -> of.States:
    """All states of a simple RNN, (batch, timesteps + 1, units); Z[:, 0] is Z0, zeros by default.

    With `activation=lambda x: x` this is the linear state space.
    """
    Z = [zero_state(X, W) if Z0 is None else Z0]
    for i in range(X.shape[1]):
        Z.append(simple_rnn_step(X[:, i], Z[i], U, W, b, activation))
    return np.stack(Z, axis=1)


def unfolded(X: of.Sequences, U: of.U, W: of.W, b: of.b) -> of.States:
    """The same network unfolded: one dense layer a step, each fed with the layer before it and its own input.

    All layers share the one weight matrix [W U]. Equals `rollout(X, U, W, b)`.
    """
    WU = np.concatenate([W, U], axis=1)
    layers = [lambda ZX: np.tanh(ZX @ WU.T + b) for _ in range(X.shape[1])]
    Z = [zero_state(X, W)]
    for i, layer in enumerate(layers):
        Z.append(layer(np.concatenate([Z[i], X[:, i]], axis=1)))
    return np.stack(Z, axis=1)


def lstm_rollout(
    X: of.Sequences,
    U: of.GatesU,
    W: of.GatesW,
    b: of.GatesB,
    Z0: of.State | None = None,
    C0: of.State | None = None,
) -> tuple[of.States, of.States]:
    """Hidden and cell states of an LSTM, each (batch, timesteps + 1, units); the first are Z0 and C0, zeros by default."""
    Z, C = [zero_state(X, W) if Z0 is None else Z0], [zero_state(X, W) if C0 is None else C0]
    for i in range(X.shape[1]):
        z, c = lstm_step(X[:, i], Z[i], C[i], U, W, b)
        Z.append(z)
        C.append(c)
    return np.stack(Z, axis=1), np.stack(C, axis=1)


def gru_rollout(X: of.Sequences, U: of.GatesU, W: of.GatesW, b: of.TwoGatesB, Z0: of.State | None = None) -> of.States:
    """All states of a GRU, (batch, timesteps + 1, units); Z[:, 0] is Z0, zeros by default."""
    Z = [zero_state(X, W) if Z0 is None else Z0]
    for i in range(X.shape[1]):
        Z.append(gru_step(X[:, i], Z[i], U, W, b))
    return np.stack(Z, axis=1)


def stacked_rollout(X: of.Sequences, layers: list[of.Layer]) -> list[of.StatesOfLayers]:
    """Stacked simple RNNs: each layer reads the states of the one below.

    layers: a list of (U, W, b). Returns a list with the states of each layer, (batch, timesteps + 1, units).
    """
    states = []
    for U, W, b in layers:
        states.append(rollout(X, U, W, b))
        X = states[-1][:, 1:]
    return states


def bidirectional_rollout(X: of.Sequences, forward: of.Layer, backward: of.Layer) -> of.BothStates:
    """Two simple RNNs, one reading from each end (Schuster & Paliwal, 1997).

    forward, backward: (U, W, b) each. Returns (batch, timesteps, 2 units) with both states at every input: on the
    left, having read X_0 … X_i; on the right, having read from the last input back to X_i.
    """
    there = rollout(X, *forward)[:, 1:]
    back = rollout(X[:, ::-1], *backward)[:, 1:]
    return np.concatenate([there, back[:, ::-1]], axis=2)


def masked_rollout(X: of.Sequences, mask: of.Mask, U: of.U, W: of.W, b: of.b) -> of.States:
    """As `rollout`, but where mask (batch, timesteps) is False, e.g. on padding, the state is carried over."""
    Z = [zero_state(X, W)]
    for i in range(X.shape[1]):
        Z.append(np.where(mask[:, i, None], simple_rnn_step(X[:, i], Z[i], U, W, b), Z[i]))
    return np.stack(Z, axis=1)


# --- dropout -------------------------------------------------------------------------------------


def dropout_mask(rng, shape, rate):
    """Zeros with probability rate, else 1 / (1 - rate), so that the mean stays 1. rng: a `numpy.random.Generator`."""
    return (rng.random(shape) >= rate) / (1 - rate)


def dropout_rollout(
    X: of.Sequences,
    U: of.U,
    W: of.W,
    b: of.b,
    input_mask: of.InputMask,
    recurrent_mask: of.StateMask,
    activation=np.tanh,
) -> of.States:
    """States of a simple RNN with dropout on inputs and states, (batch, timesteps + 1, units).

    input_mask (batch, features), recurrent_mask (batch, units): one mask for all steps (Gal & Ghahramani, 2016),
    as in Keras. With a timesteps axis in the middle, (batch, timesteps, …), a fresh mask for every step.
    """

    def at(i, mask):
        return mask[:, i] if mask.ndim == 3 else mask

    Z = [zero_state(X, W)]
    for i in range(X.shape[1]):
        Z.append(simple_rnn_step(X[:, i] * at(i, input_mask), Z[i] * at(i, recurrent_mask), U, W, b, activation))
    return np.stack(Z, axis=1)


# --- gradients -----------------------------------------------------------------------------------


def backpropagation_through_time(X: of.Sequences, Z: of.States, dZ: of.States, U: of.U, W: of.W) -> of.Gradients:
    """Gradients of a loss of the states Z = rollout(X, U, W, b) (Rumelhart et al., 1986; Werbos, 1990).

    dZ (batch, timesteps + 1, units): how the loss depends on each state directly. Returns a dict with the
    gradients U, W, b, X, and Z: (batch, timesteps + 1, units), through all later steps as well.
    """
    G = {"U": np.zeros_like(U), "W": np.zeros_like(W), "b": np.zeros(len(W), W.dtype), "X": np.zeros_like(X)}
    G["Z"] = dZ.copy()
    for i in reversed(range(X.shape[1])):
        dA = G["Z"][:, i + 1] * (1 - Z[:, i + 1] ** 2)  # through tanh: its slope is 1 - tanh²
        G["U"] += dA.T @ X[:, i]
        G["W"] += dA.T @ Z[:, i]
        G["b"] += dA.sum(axis=0)
        G["X"][:, i] = dA @ U
        G["Z"][:, i] += dA @ W  # one step back in time
    return G


def gradient_norms(G: of.Gradients) -> of.Norms:
    """Mean over the batch of the length of the loss gradient at each state, (timesteps + 1,). G as above."""
    return np.linalg.norm(G["Z"], axis=2).mean(axis=0)


# --- memory of a linear state space --------------------------------------------------------------


def spectral_radius(W: of.W) -> float:
    """Largest absolute eigenvalue of W: below 1 a linear state space forgets, above 1 it blows up."""
    return float(np.abs(np.linalg.eigvals(W)).max())


def memory_length(W: of.W, threshold: float = 0.01, longest: int = 10_000) -> int:
    """Steps until what an input left in the linear state, W^i, has shrunk below threshold (spectral norm).

    `longest` where that takes longer or never happens.
    """
    left = np.eye(len(W))
    for i in range(longest):
        if np.linalg.norm(left, 2) < threshold:
            return i
        left = left @ W
    return longest
