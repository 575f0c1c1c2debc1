"""Run by test_training.py in a process for each backend: how far is the fast path from plain Keras? Prints JSON.

python fast_path_check.py            every case with every cell
python fast_path_check.py --brief    the cases that hold the others
"""

import json
import sys

import keras
import numpy as np

from rnnbook import reviews
from rnnbook.networks import models, training
from rnnbook.networks.fast import FastModel

CASES = {
    "plain": {},
    "masked": {"mask_zero": True},
    "both ways, deep and masked": {"mask_zero": True, "depth": 2, "bidirectional": True},
    "dropout": {"mask_zero": True, "dropout": 0.3, "recurrent_dropout": 0.4},
}
BRIEF = {
    "simple_rnn": ["dropout", "both ways, normalized and added"],
    "lstm": ["masked"],
    "gru": ["dropout"],
}
# With one cell, since it does not matter what made the states, and every network takes seconds to compile.
STATES = {
    "mean of the states": {"pooling": "mean"},
    "mean of the states, masked": {"mask_zero": True, "pooling": "mean", "bidirectional": True},
    "greatest of the states, masked": {"mask_zero": True, "pooling": "max", "bidirectional": True},
    "added to the layer below": {"mask_zero": True, "depth": 3, "residual": True},
    "both ways, normalized and added": {"depth": 2, "bidirectional": True, "residual": True, "normalize": True},
    "normalized, masked": {"mask_zero": True, "depth": 3, "normalize": True},
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
        return keras.ops.convert_to_tensor(
            np.broadcast_to(kept(batch, size, gate) / (1 - rate), shape).astype("float32")
        )


def kept(batch, size, gate=0, step=0):
    return (7 * batch + 3 * size + 11 * gate + 13 * step) % 5 > 1


def repeated(steps, gates):
    """The masks of `Masks` handed in for every timestep."""
    shape = np.ix_(range(gates), range(5), range(6)), np.ix_(range(gates), range(8), range(6))
    return [np.broadcast_to(kept(b, s, g), (steps, *kept(b, s, g).shape)).copy() for g, s, b in shape]


def step_by_step(buckets, clip=None):
    """Training on the very batches of ``model.fit``: the greatest difference of a weight, and how far weights moved."""
    rng = np.random.default_rng(1)
    some = reviews.Reviews.from_lists([list(rng.integers(1, 50, n)) for n in rng.integers(1, 30, 90)], [0, 1] * 45)
    corpus = reviews.Corpus("sample", some, some[:20], 50, "0" * 64, dict)
    keras.utils.set_random_seed(3)
    start = models.build("simple_rnn", units=8, num_words=50, embedding=5).get_weights()
    ends, curves = [], []
    for fast in (False, True):
        model = models.build("simple_rnn", units=8, num_words=50, embedding=5)
        model.set_weights(start)
        # RMSprop divides by the size of a gradient, and so makes whole steps of rounding errors: not for a comparison.
        model.compile(keras.optimizers.SGD(0.5, global_clipnorm=clip), loss="binary_crossentropy", metrics=["accuracy"])
        way = {"fast": True, "buckets": buckets} if fast else {}
        curves.append(training.fit(model, corpus, 3, maxlen=20, batch_size=16, seed=2, **way).history)
        ends.append(model.get_weights())
    return {
        "weights": max(float(abs(a - b).max()) for a, b in zip(*ends)),
        "curves": max(float(abs(np.subtract(curves[0][name], curves[1][name])).max()) for name in curves[0]),
        "moved": max(float(abs(a - b).max()) for a, b in zip(start, ends[0])),
    }


def dropout_step_by_step(x, y):
    """Five steps with fresh masks: the fast path against Keras's own gradient of a loop written out."""
    settings = dict(units=8, num_words=50, embedding=5, dropout=0.3, recurrent_dropout=0.4)
    model, plain = (models.recurrent_classifier("simple_rnn", **settings) for _ in range(2))
    plain.set_weights(model.get_weights())
    fast = training.fast_model(model)
    tokens, inputs, states = keras.Input((17,), dtype="int32"), keras.Input((17, 5)), keras.Input((17, 8))
    embedding, recurrent, output = plain.layers
    features, cell = embedding(tokens) * inputs, recurrent.cell
    cell.dropout = cell.recurrent_dropout = 0.0  # the masks are handed in
    h = states[:, 0] * 0.0
    for t in range(17):
        h, _ = cell(features[:, t], [h * states[:, t]])
    slow = keras.Model([tokens, inputs, states], output(h))
    slow.compile(optimizer=plain.optimizer, loss="binary_crossentropy")
    rng = np.random.default_rng(5)
    for _ in range(5):
        masks = fast.draw_masks(rng, 17, 6)
        fast.train_on_batch((x, masks), y)
        scaled = [np.moveaxis(m[:, 0], 2, 0) / (1 - rate) for m, rate in zip(masks, (0.3, 0.4))]
        slow.train_on_batch([x, *(m.astype("float32") for m in scaled)], y)
    return {"weights": max(float(abs(a - b).max()) for a, b in zip(model.get_weights(), plain.get_weights()))}


def main(brief):
    rng = np.random.default_rng(0)
    x = rng.integers(1, 50, (6, 17)).astype("int32")
    for row, pads in zip(x, (0, 3, 9, 16, 1, 5)):
        row[:pads] = 0
    y = rng.integers(0, 2, (6, 1)).astype("float32")
    results = {}
    for cell, gates in (("simple_rnn", 1), ("lstm", 4), ("gru", 3)):
        for case, settings in {**CASES, **(STATES if cell == "simple_rnn" else {})}.items():
            if brief and case not in BRIEF[cell]:
                continue
            model = models.recurrent_classifier(cell, units=8, num_words=50, embedding=5, **settings)
            for weight in model.trainable_variables:
                weight.assign(rng.normal(size=weight.shape) * 0.4)
            inputs, original = {"": x}, keras.src.backend.random.dropout
            if case == "dropout":
                inputs[" fresh"] = (x, repeated(x.shape[1], gates))
                keras.src.backend.random.dropout = Masks(gates)
            p, gradients = outputs_and_gradients(model, x, y)
            for extra, given in inputs.items():
                q, others = outputs_and_gradients(FastModel(model), given, y)
                results[f"{cell} {case}{extra}"] = {
                    "outputs": float(abs(p - q).max()),
                    "gradients": max(float(abs(a - b).max()) for a, b in zip(gradients, others)),
                    "size": max(float(abs(a).max()) for a in gradients),
                }
            keras.src.backend.random.dropout = original
    results["step by step"], results["in buckets"] = step_by_step(buckets=False), step_by_step(buckets=True)
    results["backend"] = keras.backend.backend()
    results["clipped"] = step_by_step(buckets=False, clip=0.05)
    results["dropout step by step"] = dropout_step_by_step(x, y)
    print(json.dumps(results))


if __name__ == "__main__":
    main("--brief" in sys.argv)
