"""Run by test_training.py in a process for each backend: how far is the fast path from plain Keras? Prints JSON."""

import json
import sys

import keras
import numpy as np

from rnnbook.networks import models
from rnnbook.networks.fast import FastModel

CASES = {
    "plain": {},
    "masked": {"mask_zero": True},
    "deep and masked": {"mask_zero": True, "depth": 3},
    "both ways, deep and masked": {"mask_zero": True, "depth": 2, "bidirectional": True},
    "dropout": {"mask_zero": True, "dropout": 0.3, "recurrent_dropout": 0.4},
}


def outputs_and_gradients(model, x, y):
    """Outputs and the loss gradient of every weight, compiled as in training."""
    if keras.backend.backend() == "jax":
        import jax

        trainable = [v.value for v in model.trainable_variables]
        rest = [v.value for v in model.non_trainable_variables]

        def loss(trainable):
            p, _ = model.stateless_call(trainable, rest, x, training=True)
            return keras.ops.mean(keras.losses.binary_crossentropy(y, p)), p

        (_, p), gradients = jax.jit(jax.value_and_grad(loss, has_aux=True))(trainable)
    else:
        import tensorflow as tf

        @tf.function(jit_compile=isinstance(model, FastModel))
        def run(x):
            with tf.GradientTape() as tape:
                p = model(x, training=True)
                loss = tf.reduce_mean(keras.losses.binary_crossentropy(y, p))
            gradients = tape.gradient(loss, [v.value for v in model.trainable_variables])
            return p, [tf.convert_to_tensor(g) for g in gradients]

        p, gradients = run(x)
    return np.array(p), [np.array(g) for g in gradients]


class Masks:
    """Stands in for Keras's random dropout: known masks, the same in Keras's layout and in that of the fast path."""

    def __init__(self, gates):
        self.gates, self.calls = gates, 0

    def __call__(self, inputs, rate, noise_shape=None, seed=None):
        shape = inputs.shape
        if len(shape) == 2:  # Keras: (batch, size), a call for each gate
            gate, size, batch = self.calls % self.gates, np.arange(shape[1])[None], np.arange(shape[0])[:, None]
            self.calls += 1
        else:  # fast path: (timesteps, gates, size, batch)
            gate, size, batch = np.arange(shape[1])[:, None, None], np.arange(shape[2])[:, None], np.arange(shape[3])
        kept = (7 * batch + 3 * size + 11 * gate) % 5 > 1
        return keras.ops.convert_to_tensor(np.broadcast_to(kept / 0.6, shape).astype("float32"))


def main():
    rng = np.random.default_rng(0)
    x = rng.integers(1, 50, (6, 17)).astype("int32")
    for row, pads in zip(x, (0, 3, 9, 16, 1, 5)):
        row[:pads] = 0
    y = rng.integers(0, 2, (6, 1)).astype("float32")
    results = {}
    for cell, gates in (("simple_rnn", 1), ("lstm", 4), ("gru", 3)):
        for case, settings in CASES.items():
            model = models.recurrent_classifier(cell, units=8, num_words=50, embedding=5, **settings)
            for weight in model.trainable_variables:
                weight.assign(rng.normal(size=weight.shape) * 0.4)
            runners = {"": FastModel(model)}
            if case == "dropout":
                runners[" fresh"] = FastModel(model, fresh_masks=True)  # with masks that happen to be equal
                keras.src.backend.random.dropout = Masks(gates)
            p, gradients = outputs_and_gradients(model, x, y)
            for extra, runner in runners.items():
                q, others = outputs_and_gradients(runner, x, y)
                results[f"{cell} {case}{extra}"] = {
                    "outputs": float(abs(p - q).max()),
                    "gradients": max(float(abs(a - b).max()) for a, b in zip(gradients, others)),
                    "size": max(float(abs(a).max()) for a in gradients),
                }
    print(json.dumps(results))


if __name__ == "__main__":
    sys.exit(main())
