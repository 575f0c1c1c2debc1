"""A character model that goes on learning while it reads ("dynamic" in Mikolov et al., 2010; Krause et al., 2018), in NumPy.

Each character is predicted first. Only after a window has been read, and its surprise counted, does the network make one
step of gradient descent on it. So no character helps to predict itself.
"""

from __future__ import annotations

import numpy as np

from ..text import ALPHABET
from .characters import Trained
from .reference import sigmoid


def window(weights, inputs, targets, Z, C, learning=True):
    """Read a window of ids (timesteps,) from the state Z, C (units,): the surprise of each target in bits, the gradients of
    the mean cross-entropy in nats, by the letters of the weights, and the state to go on from.

    Backpropagation through time, as far as the window reaches, where ``learning``, else no gradient is made. Gates in the
    order i, f, c, o.
    """
    U, W, b, V, c = (weights[name] for name in "UWbVc")
    units, steps = len(Z), len(inputs)
    gates = np.empty((steps, 4 * units), U.dtype)
    hidden, cell = np.empty((steps + 1, units), U.dtype), np.empty((steps + 1, units), U.dtype)
    hidden[0], cell[0] = Z, C
    A = U.T[inputs] + b
    for k in range(steps):
        a = A[k] + W @ hidden[k]
        i, f, new, o = gates[k].reshape(4, units)
        i[:], f[:], o[:] = sigmoid(a[:units]), sigmoid(a[units : 2 * units]), sigmoid(a[3 * units :])
        new[:] = np.tanh(a[2 * units : 3 * units])
        cell[k + 1] = f * cell[k] + i * new
        hidden[k + 1] = o * np.tanh(cell[k + 1])
    Y = hidden[1:] @ V.T + c
    p = np.exp(Y - Y.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    at = np.arange(steps), targets
    bits = -np.log2(np.maximum(p[at], 1e-30))
    if not learning:
        return bits, {}, (hidden[-1], cell[-1])
    p[at] -= 1
    dY = p / steps
    dA = _through_time(W, gates, hidden, cell, dY @ V)
    gradients = {"U": dA.T @ np.eye(len(ALPHABET), dtype=U.dtype)[inputs], "W": dA.T @ hidden[:-1], "b": dA.sum(axis=0)}
    return bits, gradients | {"V": dY.T @ hidden[1:], "c": dY.sum(axis=0)}, (hidden[-1], cell[-1])


def _through_time(W, gates, hidden, cell, dH):
    """The slope of the loss by what enters the gates, (timesteps, 4 units); dH (timesteps, units): by the hidden states alone."""
    steps, units = dH.shape
    dA = np.empty_like(gates)
    dZ, dC = np.zeros(units, dH.dtype), np.zeros(units, dH.dtype)
    for k in reversed(range(steps)):
        i, f, new, o = gates[k].reshape(4, units)
        bent = np.tanh(cell[k + 1])
        dZ = dZ + dH[k]
        dC = dC + dZ * o * (1 - bent**2)
        slopes = dC * new * i * (1 - i), dC * cell[k] * f * (1 - f), dC * i * (1 - new**2), dZ * bent * o * (1 - o)
        dA[k] = np.concatenate(slopes)
        dZ, dC = W.T @ dA[k], dC * f
    return dA


def surprise(network: Trained, ids, rate, timesteps=16, clip=1.0, warm_up=128):
    """−log2 of the probability given to each character of ids from place ``warm_up`` on, (characters - warm_up,).

    rate: of plain gradient descent after each window, with the gradient's joint length bounded by ``clip``; 0 leaves the
    network as it is. The network itself is not changed.
    """
    weights = {name: np.asarray(array, np.float32).copy() for name, array in network.weights.items()}
    Z = C = np.zeros(network.units, np.float32)
    bits = []
    for begin in range(0, len(ids) - 1, timesteps):
        piece = np.asarray(ids[begin : begin + timesteps + 1], np.int64)
        seen, gradients, (Z, C) = window(weights, piece[:-1], piece[1:], Z, C, learning=rate > 0)
        bits.append(seen)
        if rate:
            length = np.sqrt(sum(float((slope**2).sum()) for slope in gradients.values()))
            for name, slope in gradients.items():
                weights[name] -= rate * min(1.0, clip / max(length, 1e-12)) * slope
    return np.concatenate(bits)[warm_up - 1 :]
