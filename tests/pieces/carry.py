"""Keras's weights, or their gradients, in the places where PyTorch and JAX keep them.

What is bridged: PyTorch has its matrices transposed and two biases that are added (Keras one, but for the GRU); its GRU has the
gates in the order r, z, n (Keras: z, r, h) and the reset always after the product (Keras's `reset_after=True`). An LSTM's gates
are i, f, c, o in both; PyTorch calls the third g. JAX has no layers of its own, so the course's pieces keep Keras's shapes.
"""

import keras
import numpy as np

RECURRENT = {"SimpleRNN": "RNN", "LSTM": "LSTM", "GRU": "GRU"}  # {in Keras: in PyTorch}
PLAIN = {"Embedding": "Embedding", "Dense": "Linear", "LayerNormalization": "LayerNorm", "Conv1D": "Conv1d"}


def layers(model):
    """The layers of a Keras model that have weights of their own, wrappers opened, in their order."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Bidirectional):
            yield from (layer.forward_layer, layer.backward_layer)
        elif isinstance(layer, keras.Model):
            yield from layers(layer)
        elif isinstance(layer, keras.layers.Wrapper):
            yield layer.layer
        elif layer.weights:
            yield layer


def to_pytorch(model, values, module, gradients=False):
    """{parameter of `module`: array} from `values`, arrays in the order of `model.trainable_variables`.

    Layers are matched in their order. `gradients`: `values` are gradients, of which both of PyTorch's biases have the same.
    """
    value = {id(variable): array for variable, array in zip(model.trainable_variables, values, strict=True)}
    arrays = [(type(layer).__name__, [value[id(v)] for v in layer.trainable_variables]) for layer in layers(model)]
    found = {}
    for name, part in module.named_modules():
        own = {key: f"{name}.{key}".lstrip(".") for key, _ in part.named_parameters(recurse=False)}
        ends = [
            key.removeprefix("weight_ih") for key in own if key.startswith("weight_ih")
        ]  # a level and direction each
        for end in ends or [""] * bool(own):
            assert arrays, f"PyTorch's {name} has no layer left in Keras"
            kind, weights = arrays.pop(0)
            pytorch = type(part).__name__.removesuffix("Cell")
            assert pytorch == {**RECURRENT, **PLAIN}.get(kind), f"{kind} of Keras meets {pytorch}, {name} of PyTorch"
            if kind in RECURRENT:
                keys = [f"{key}{end}" for key in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
                placed = _recurrent(kind, *weights, second_bias=gradients)
            else:
                keys, placed = list(own), [_plain(kind, w) for w in weights]
            found |= {own[key]: np.ascontiguousarray(array) for key, array in zip(keys, placed, strict=True)}
    assert not arrays, f"{[kind for kind, _ in arrays]} of Keras have no layer in PyTorch"
    return found


def _recurrent(kind, kernel, recurrent_kernel, bias, second_bias):
    if kind == "GRU":
        assert bias.ndim == 2, "a GRU of Keras with reset_after=False is none of PyTorch's"
        kernel, recurrent_kernel, bias = (_reset_first(array) for array in (kernel, recurrent_kernel, bias))
        return [kernel.T, recurrent_kernel.T, *bias]
    return [kernel.T, recurrent_kernel.T, bias, bias if second_bias else np.zeros_like(bias)]


def _reset_first(gates):
    """z, r, h along the last axis as r, z, h."""
    z, r, h = np.split(gates, 3, axis=-1)
    return np.concatenate([r, z, h], axis=-1)


def _plain(kind, array):
    return array if kind == "Embedding" else array.T  # a bias is its own transpose


def to_jax(values, params):
    """`params`, dictionaries and lists of arrays, with `values` in the place of its arrays, which come in the same order and shapes."""
    waiting = list(values)

    def filled(part):
        if isinstance(part, dict):
            return {key: filled(inner) for key, inner in part.items()}
        if isinstance(part, (list, tuple)):
            return type(part)(filled(inner) for inner in part)
        assert waiting, "JAX has more arrays than Keras"
        assert waiting[0].shape == part.shape, f"an array is {waiting[0].shape} in Keras and {part.shape} in JAX"
        return np.array(waiting.pop(0))  # Keras trains its own in place

    made = filled(params)
    assert not waiting, f"{len(waiting)} arrays of Keras have no place in JAX"
    return made
