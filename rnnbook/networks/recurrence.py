"""The loop of the fast path: one step of each cell, its gradient, and the loop over the timesteps, with ``keras.ops``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
from keras import layers, ops, tree

if TYPE_CHECKING:
    from .. import shapes as of


class Dropped:
    """A dropout mask (1 or timesteps, 1 or gates, size, batch), True where a value is kept, and its rate."""

    def __init__(self, kept, rate):
        self.kept, self.rate = kept, rate

    def of_gate(self, gate):
        """The mask of one gate, as a function of what is dropped."""
        return Dropped(self.kept[:, gate % self.kept.shape[1]], self.rate)

    def __call__(self, x):
        return ops.where(self.kept, x * (1 / (1 - self.rate)), 0.0)


# One step of each cell, and its gradient. All arrays are (units, batch), one for each gate: XLA compiles separate
# arrays to better loops than slices of a joined one. A state is a tuple that begins with the hidden state; `a` is the
# projected input with its bias, `h` the projected state. `step` returns the new state and what the gradient needs
# again. `gradient` takes d, the loss gradient w.r.t. the new state, and returns those w.r.t. a, w.r.t. h, and w.r.t.
# the old state as far as it does not flow through h.


class _SimpleRNN:
    """Elman (1990)."""

    parts = 1

    @staticmethod
    def step(state, a, h):
        return (ops.tanh(a[0] + h[0]),), ()

    @staticmethod
    def gradient(d, state, old, kept):
        da = [d[0] * (1 - state[0] * state[0])]
        return da, da, (0.0,)


class _LSTM:
    """Hochreiter & Schmidhuber (1997), with the forget gate of Gers et al. (2000); gate order i, f, c, o."""

    parts = 2

    @staticmethod
    def step(state, a, h):
        i, f, g, o = (x + y for x, y in zip(a, h))
        i, f, g, o = _sigmoid(i), _sigmoid(f), ops.tanh(g), _sigmoid(o)
        c = f * state[1] + i * g
        return (o * ops.tanh(c), c), (i, f, g, o)

    @staticmethod
    def gradient(d, state, old, kept):
        i, f, g, o = kept
        t = ops.tanh(state[1])
        dc = d[1] + d[0] * o * (1 - t * t)
        da = [dc * g * i * (1 - i), dc * old[1] * f * (1 - f), dc * i * (1 - g * g), d[0] * t * o * (1 - o)]
        return da, da, (0.0, dc * f)


class _GRU:
    """Cho et al. (2014) in the form with the reset gate after the product; gate order z, r, h."""

    parts = 1

    @staticmethod
    def step(state, a, h):
        z, r = _sigmoid(a[0] + h[0]), _sigmoid(a[1] + h[1])
        candidate = ops.tanh(a[2] + r * h[2])
        return (candidate + z * (state[0] - candidate),), (z, r, candidate, h[2])

    @staticmethod
    def gradient(d, state, old, kept):
        z, r, candidate, h = kept
        dz = d[0] * (old[0] - candidate) * z * (1 - z)
        dcandidate = d[0] * (1 - z) * (1 - candidate * candidate)
        dr = dcandidate * h * r * (1 - r)
        return [dz, dr, dcandidate], [dz, dr, dcandidate * r], (d[0] * z,)


CELLS = {layers.SimpleRNN: _SimpleRNN, layers.LSTM: _LSTM, layers.GRU: _GRU}


def _sigmoid(x):
    return 0.5 * ops.tanh(0.5 * x) + 0.5  # the same function; tanh is the one that XLA vectorizes best


def recurrence(
    cell,
    projected: of.Projected,
    kernels: of.RecurrentKernels,
    biases: of.StateBiases,
    mask: of.FastMask,
    dropped: Dropped | None,
    return_sequences: bool,
) -> of.FastStates:
    """Run a cell over its projected inputs, with the gradient written out.

    projected: (timesteps, units, batch) for each gate. kernels: recurrent weights (units, units) for each gate.
    biases: (units,) for each gate where the projected state has its own, else empty. mask (timesteps, 1, batch)
    keeps the state where it is false. dropped: recurrent dropout, a `Dropped` or None.
    Returns all hidden states (timesteps, units, batch), or the last one.
    """
    gates = len(kernels)
    zeros = ops.zeros(ops.shape(projected[0])[1:])
    start = (zeros,) * cell.parts
    varying = None if dropped is None or dropped.kept.shape[0] == 1 else dropped.kept

    def drop(x, gate, varying_now):
        if dropped is None:
            return x
        kept = dropped.kept[0] if varying is None else varying_now
        return Dropped(kept[gate % kept.shape[0]], dropped.rate)(x)

    @keras.ops.custom_gradient
    def run(*arguments):
        projected, kernels, biases = arguments[:gates], arguments[gates : 2 * gates], arguments[2 * gates :]
        transposed = [ops.transpose(k) for k in kernels]

        def forward(state, inputs):
            a, m, v = inputs
            h = [ops.matmul(w, drop(state[0], k, v)) for k, w in enumerate(transposed)]
            if biases:
                h = [x + b[:, None] for x, b in zip(h, biases)]
            new, kept = cell.step(state, a, h)
            if m is not None:
                new = tuple(ops.where(m, n, s) for n, s in zip(new, state))
            return new, (state, kept)

        last, (older, kept) = scan(forward, start, (projected, mask, varying))

        def gradient(*arguments, upstream=None):
            upstream = arguments[0] if upstream is None else upstream

            def backward(carry, inputs):
                d, state, dkernels, dbiases = carry
                dz, old, kept, m, v = inputs
                if dz is not None:
                    d = (d[0] + dz, *d[1:])
                live = d if m is None else tuple(ops.where(m, x, 0.0) for x in d)
                da, dh, direct = cell.gradient(live, state, old, kept)
                back = sum(drop(ops.matmul(w, x), k, v) for k, (w, x) in enumerate(zip(kernels, dh)))
                passed = (direct[0] + back, *direct[1:])
                if m is not None:
                    passed = tuple(ops.where(m, p, x) for p, x in zip(passed, d))
                dkernels = [
                    dw + ops.matmul(drop(old[0], k, v), ops.transpose(x)) for k, (dw, x) in enumerate(zip(dkernels, dh))
                ]
                dbiases = [db + ops.sum(x, axis=1) for db, x in zip(dbiases, dh)]
                return (passed, old, dkernels, dbiases), da

            first = start if return_sequences else (upstream, *start[1:])
            (_, _, dkernels, dbiases), da = scan(
                backward,
                (first, last, [ops.zeros_like(k) for k in kernels], [ops.zeros_like(b) for b in biases]),
                (upstream if return_sequences else None, older, kept, mask, varying),
                reverse=True,
            )
            return (*da, *dkernels, *dbiases)

        return (ops.concatenate([older[0][1:], last[0][None]], axis=0) if return_sequences else last[0]), gradient

    return run(*projected, *kernels, *biases)


@keras.ops.custom_gradient
def project(features, kernel):
    """Inputs (timesteps, features, batch) times input weights (features, units): (timesteps, units, batch)."""

    def times(matrix, x):  # one product a step, with the matrix repeated: what XLA compiles well on a processor
        return ops.matmul(ops.broadcast_to(matrix, (ops.shape(x)[0], *matrix.shape)), x)

    def gradient(*arguments, upstream=None):
        d = arguments[0] if upstream is None else upstream
        return times(kernel, d), ops.sum(ops.matmul(features, ops.swapaxes(d, 1, 2)), axis=0)

    return times(ops.transpose(kernel), features), gradient


def scan(step, start, inputs, reverse=False):
    """``jax.lax.scan``, and the same for TensorFlow: inputs may hold None; outputs need not look like the state."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.lax.scan(step, start, inputs, reverse=reverse)

    import tensorflow as tf

    flat = [x for x in tree.flatten(inputs) if x is not None]
    steps = tf.shape(flat[0])[0]  # Keras traces once for all lengths; XLA then compiles for each

    def at(i):
        return tree.map_structure(lambda x: None if x is None else x[i], inputs)

    # The first step runs before the loop: it shows what the step returns.
    first = steps - 1 if reverse else 0
    state, out = step(start, at(first))
    arrays = tuple(tf.TensorArray(x.dtype, steps, element_shape=x.shape).write(first, x) for x in tree.flatten(out))

    def body(i, state, arrays):
        state, out = step(state, at(i))
        arrays = tuple(array.write(i, x) for array, x in zip(arrays, tree.flatten(out)))
        return (i - 1 if reverse else i + 1), state, arrays

    _, state, arrays = tf.while_loop(
        lambda i, *_: i >= 0 if reverse else i < steps, body, (first - 1 if reverse else 1, state, arrays)
    )
    stacked = [array.stack() for array in arrays]
    for array in stacked:
        array.set_shape((flat[0].shape[0], *array.shape[1:]))  # the loop forgets how many steps it has
    return state, tree.pack_sequence_as(out, stacked)
