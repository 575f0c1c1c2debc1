"""The fast path: the same Keras model and the same weights, computed in an order that suits a processor.

Keras runs a recurrent layer step by step and lets automatic differentiation retrace every step. Here

* the input projection leaves the loop: one product for the whole vocabulary (``E @ U``), then a look-up;
* states are stored features first, (timesteps, units, batch), so that a step is one small product ``W.T @ z``
  with the batch along the contiguous axis;
* the gradient is written out (backpropagation through time): its loop holds only what must be sequential, and the
  weight gradient is one large product after it.

It is written with ``keras.ops`` for the TensorFlow and the JAX backend, and compiled with XLA on both.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import keras
from keras import layers, ops, tree

from ..errors import CourseError

if TYPE_CHECKING:
    from .. import shapes as of

PADDING = 0
RECURRENT = (layers.SimpleRNN, layers.LSTM, layers.GRU)


class FastModel(keras.Model):
    """A ``keras.Sequential`` computed by the fast path. It shares the layers, so weights need no copying.

    Takes token ids (batch, timesteps), or features (batch, timesteps, features) where the model has no embedding.
    Recurrent layers must use tanh and sigmoid, as they do by default; ValueError otherwise.
    While training, one dropout mask is drawn for all steps, as Keras does it. Other masks can be handed in: the input is
    then (token ids, masks), with masks as `draw_masks` returns them.
    """

    def __init__(self, model):
        super().__init__(name=f"fast_{model.name}")
        self.model = model
        self.recurrent = [layer for layer in model.layers if isinstance(layer, (*RECURRENT, layers.Bidirectional))]
        for layer in self.recurrent:
            for one in _directions(layer):
                _check(one)
        self.built = True  # the layers already hold their weights

    def call(self, inputs, training=False):
        inputs, masks = inputs if isinstance(inputs, (list, tuple)) else (inputs, None)
        masks = None if masks is None else iter(masks)
        if not self.recurrent:
            return self.model(inputs, training=training)
        stack = list(self.model.layers)
        embedding = stack.pop(0) if isinstance(stack[0], layers.Embedding) else None
        steps_first = ops.swapaxes(inputs, 0, 1)
        if embedding is None:
            features, mask = ops.swapaxes(steps_first, 1, 2), None
        else:
            features = _Tokens(steps_first, embedding)
            mask = ops.not_equal(steps_first, PADDING)[:, None, :] if embedding.mask_zero else None
        for layer in stack:
            if layer in self.recurrent:
                features = ops.concatenate(
                    [self._direction(one, features, mask, training, masks) for one in _directions(layer)], axis=-2
                )
                if not layer.return_sequences:
                    features = ops.swapaxes(features, 0, 1)  # (units, batch) to (batch, units)
            elif isinstance(layer, layers.GlobalAveragePooling1D):
                features = ops.swapaxes(_mean(features, mask), 0, 1)
            else:
                features = layer(features, training=training)
        return features

    def _direction(self, layer, features, mask, training, masks):
        """One recurrent layer in one direction: its last hidden state (units, batch), or all of them."""
        if layer.go_backwards:
            features = features.reversed() if isinstance(features, _Tokens) else ops.flip(features, axis=0)
            mask = None if mask is None else ops.flip(mask, axis=0)
        cell = layer.cell
        batch = ops.shape(features.ids if isinstance(features, _Tokens) else features)[-1]  # pyright: ignore[reportGeneralTypeIssues]
        gates = cell.kernel.shape[1] // cell.units
        dropped = [None, None]  # of the inputs, of the state
        if training:
            dropped = [
                None if not rate else _Dropped(next(masks) if masks else _fixed(cell, rate, count, size, batch), rate)
                for rate, count, size in _masks_of(cell)
            ]

        kernels = ops.split(ops.convert_to_tensor(cell.kernel), gates, axis=1)
        recurrent_kernels = ops.split(ops.convert_to_tensor(cell.recurrent_kernel), gates, axis=1)
        bias = ops.zeros((gates * cell.units,)) if cell.bias is None else ops.convert_to_tensor(cell.bias)
        state_biases = []
        if isinstance(cell, layers.GRUCell):  # the only cell whose projected state has a bias of its own
            bias, state_bias = (bias, ops.zeros_like(bias)) if cell.bias is None else (bias[0], bias[1])  # pyright: ignore[reportIndexIssue]
            state_biases = ops.split(state_bias, gates)
        biases = ops.split(bias, gates)
        if isinstance(features, _Tokens):
            if dropped[0] is None:
                projected = [features.look_up(features.table() @ k + b) for k, b in zip(kernels, biases)]
            else:
                features = features.look_up(features.table())
        if not isinstance(features, _Tokens):
            projected = [
                _project(features if dropped[0] is None else dropped[0].of_gate(g)(features), k) + b[:, None]
                for g, (k, b) in enumerate(zip(kernels, biases))
            ]
        outputs = _recurrence(
            _CELLS[type(layer)],
            projected,
            recurrent_kernels,
            state_biases,
            mask,
            dropped[1],
            layer.return_sequences,
        )
        return ops.flip(outputs, axis=0) if layer.go_backwards and layer.return_sequences else outputs

    def draw_masks(self, rng, timesteps, batch) -> list[of.DrawnMask]:
        """Dropout masks for one step of training, drawn anew at every timestep, in the order in which they are used.

        rng: a ``numpy.random.Generator``. Each is (timesteps, gates that have one of their own, size, batch), bool, False
        where a value is dropped. NumPy draws them: random numbers inside the compiled step cost many times the step.
        """
        cells = [one.cell for layer in self.recurrent for one in _directions(layer)]
        shapes = [(rate, (timesteps, count, size, batch)) for cell in cells for rate, count, size in _masks_of(cell)]
        return [_kept(rng, rate, shape) for rate, shape in shapes if rate]


def _masks_of(cell):
    """(rate, masks, size) of the dropout of a cell's inputs and of its state; Keras draws the latter for each gate."""
    count = getattr(cell, "dropout_mask_count", 1)
    return (cell.dropout, count, cell.kernel.shape[0]), (cell.recurrent_dropout, count, cell.units)


def _fixed(cell, rate, count, size, batch):
    """One mask for all timesteps (1, count, size, batch), from the cell's own generator."""
    return keras.random.dropout(ops.ones((1, count, size, batch)), rate, seed=cell.seed_generator) > 0


def _kept(rng, rate, shape):
    """True with probability 1 - rate, to 1/65536: 16 random bits are enough for a mask, and quickly drawn."""
    size = math.prod(shape)
    bits = rng.bit_generator.random_raw(-(-size // 4)).view("uint16")[:size]
    return (bits >= round(rate * 2**16)).reshape(shape)


class _Dropped:
    """A dropout mask (1 or timesteps, 1 or gates, size, batch), True where a value is kept, and its rate."""

    def __init__(self, kept, rate):
        self.kept, self.rate = kept, rate

    def of_gate(self, gate):
        """The mask of one gate, as a function of what is dropped."""
        return _Dropped(self.kept[:, gate % self.kept.shape[1]], self.rate)

    def __call__(self, x):
        return ops.where(self.kept, x * (1 / (1 - self.rate)), 0.0)


class _Tokens:
    """Token ids (timesteps, batch) with their embedding: looked up late, so that tables can be projected first."""

    def __init__(self, ids, embedding):
        self.ids, self.embedding = ids, embedding

    def reversed(self):
        return _Tokens(ops.flip(self.ids, axis=0), self.embedding)

    def table(self):
        return ops.convert_to_tensor(self.embedding.embeddings)

    def look_up(self, table):
        """Rows of a table (words, size) as (timesteps, size, batch)."""
        return ops.swapaxes(ops.take(table, self.ids, axis=0), 1, 2)


def _mean(states, mask):
    """The mean of states (timesteps, units, batch) over the timesteps, where there is a mask only over those it keeps."""
    if mask is None:
        return ops.mean(states, axis=0)
    kept = ops.cast(mask, states.dtype)
    return ops.sum(states * kept, axis=0) / ops.sum(kept, axis=0)


def _directions(layer):
    return (layer.forward_layer, layer.backward_layer) if isinstance(layer, layers.Bidirectional) else (layer,)


def _check(layer):
    gate = getattr(layer, "recurrent_activation", keras.activations.sigmoid)
    if (
        type(layer) not in _CELLS
        or layer.activation != keras.activations.tanh
        or gate != keras.activations.sigmoid
        or not getattr(layer, "reset_after", True)
    ):
        raise CourseError(
            f"The fast path cannot run the layer {layer.name!r}: it knows SimpleRNN, LSTM and GRU "
            "with their usual activations. Train it with fast=False."
        )


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


_CELLS = {layers.SimpleRNN: _SimpleRNN, layers.LSTM: _LSTM, layers.GRU: _GRU}


def _sigmoid(x):
    return 0.5 * ops.tanh(0.5 * x) + 0.5  # the same function; tanh is the one that XLA vectorizes best


def _recurrence(
    cell,
    projected: of.Projected,
    kernels: of.RecurrentKernels,
    biases: of.StateBiases,
    mask: of.FastMask,
    dropped: _Dropped | None,
    return_sequences: bool,
) -> of.FastStates:
    """Run a cell over its projected inputs, with the gradient written out.

    projected: (timesteps, units, batch) for each gate. kernels: recurrent weights (units, units) for each gate.
    biases: (units,) for each gate where the projected state has its own, else empty. mask (timesteps, 1, batch)
    keeps the state where it is false. dropped: recurrent dropout, a `_Dropped` or None.
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
        return _Dropped(kept[gate % kept.shape[0]], dropped.rate)(x)

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

        last, (older, kept) = _scan(forward, start, (projected, mask, varying))

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
            (_, _, dkernels, dbiases), da = _scan(
                backward,
                (first, last, [ops.zeros_like(k) for k in kernels], [ops.zeros_like(b) for b in biases]),
                (upstream if return_sequences else None, older, kept, mask, varying),
                reverse=True,
            )
            return (*da, *dkernels, *dbiases)

        return (ops.concatenate([older[0][1:], last[0][None]], axis=0) if return_sequences else last[0]), gradient

    return run(*projected, *kernels, *biases)


@keras.ops.custom_gradient
def _project(features, kernel):
    """Inputs (timesteps, features, batch) times input weights (features, units): (timesteps, units, batch)."""

    def times(matrix, x):  # one product a step, with the matrix repeated: what XLA compiles well on a processor
        return ops.matmul(ops.broadcast_to(matrix, (ops.shape(x)[0], *matrix.shape)), x)

    def gradient(*arguments, upstream=None):
        d = arguments[0] if upstream is None else upstream
        return times(kernel, d), ops.sum(ops.matmul(features, ops.swapaxes(d, 1, 2)), axis=0)

    return times(ops.transpose(kernel), features), gradient


def _scan(step, start, inputs, reverse=False):
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
