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
from typing import TYPE_CHECKING, Any

import keras
from keras import layers, ops

from ..errors import CourseError
from .models import MaxOverStates, Residual
from .recurrence import CELLS, Dropped, project, recurrence

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
        inner = (layer.layer if isinstance(layer, Residual) else layer for layer in model.layers)
        self.recurrent = [layer for layer in inner if isinstance(layer, (*RECURRENT, layers.Bidirectional))]
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
            recurrent = layer.layer if isinstance(layer, Residual) else layer
            if recurrent in self.recurrent:
                below: Any = features
                features = ops.concatenate(
                    [self._direction(one, below, mask, training, masks) for one in _directions(recurrent)], axis=-2
                )
                if recurrent is not layer:
                    features += below if layer.return_sequences else below[-1]
                if not layer.return_sequences:
                    features = ops.swapaxes(features, 0, 1)  # (units, batch) to (batch, units)
            elif isinstance(layer, layers.LayerNormalization):
                features = ops.swapaxes(layer(ops.swapaxes(features, 1, 2)), 1, 2)
            elif isinstance(layer, (layers.GlobalAveragePooling1D, MaxOverStates)):
                pooled = _max if isinstance(layer, MaxOverStates) else _mean
                features = ops.swapaxes(pooled(features, mask), 0, 1)
            else:
                features = layer(features, training=training)
        return features

    def _direction(self, layer, features, mask, training, masks):
        """One recurrent layer in one direction: its last hidden state (units, batch), or all of them."""
        if layer.go_backwards:
            features = features.reversed() if isinstance(features, _Tokens) else ops.flip(features, axis=0)
            mask = None if mask is None else ops.flip(mask, axis=0)
        cell = layer.cell
        batch = ops.shape(features.ids if isinstance(features, _Tokens) else features)[-1]
        gates = cell.kernel.shape[1] // cell.units
        dropped = [None, None]  # of the inputs, of the state
        if training:
            dropped = [
                None if not rate else Dropped(next(masks) if masks else _fixed(cell, rate, count, size, batch), rate)
                for rate, count, size in _masks_of(cell)
            ]

        kernels = ops.split(ops.convert_to_tensor(cell.kernel), gates, axis=1)
        recurrent_kernels = ops.split(ops.convert_to_tensor(cell.recurrent_kernel), gates, axis=1)
        bias = ops.zeros((gates * cell.units,)) if cell.bias is None else ops.convert_to_tensor(cell.bias)
        state_biases = []
        if isinstance(cell, layers.GRUCell):  # the only cell whose projected state has a bias of its own
            bias, state_bias = (bias, ops.zeros_like(bias)) if cell.bias is None else (bias[0], bias[1])
            state_biases = ops.split(state_bias, gates)
        biases = ops.split(bias, gates)
        if isinstance(features, _Tokens):
            if dropped[0] is None:
                projected = [features.look_up(features.table() @ k + b) for k, b in zip(kernels, biases)]
            else:
                features = features.look_up(features.table())
        if not isinstance(features, _Tokens):
            projected = [
                project(features if dropped[0] is None else dropped[0].of_gate(g)(features), k) + b[:, None]
                for g, (k, b) in enumerate(zip(kernels, biases))
            ]
        outputs = recurrence(
            CELLS[type(layer)],
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


def _max(states, mask):
    """The greatest of states (timesteps, units, batch) over the timesteps that a mask keeps."""
    return ops.max(states if mask is None else ops.where(mask, states, -1.0), axis=0)


def _directions(layer):
    return (layer.forward_layer, layer.backward_layer) if isinstance(layer, layers.Bidirectional) else (layer,)


def _check(layer):
    gate = getattr(layer, "recurrent_activation", keras.activations.sigmoid)
    if (
        type(layer) not in CELLS
        or layer.activation != keras.activations.tanh
        or gate != keras.activations.sigmoid
        or not getattr(layer, "reset_after", True)
    ):
        raise CourseError(
            f"The fast path cannot run the layer {layer.name!r}: it knows SimpleRNN, LSTM and GRU "
            "with their usual activations. Train it with fast=False."
        )
