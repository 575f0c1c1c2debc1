"""Models in three libraries: the same weights in, the same outputs and gradients out; and each learns."""

from functools import cache

import carry
import harness
import jax
import keras
import numpy as np
import optax
import torch

from rnnbook.publish.site import pieces

SAMPLES, TIMESTEPS, STEPS = 6, 12, 40


def inputs(model):
    """Something that the model reads: token ids, of texts of several lengths with 0 behind them, or normal numbers."""
    rng, tensor = np.random.default_rng(0), model.inputs[0]
    shape = (SAMPLES, *(size or TIMESTEPS for size in tensor.shape[1:]))
    if "int" not in tensor.dtype:
        return rng.normal(size=shape).astype("float32")
    words = next(layer.input_dim for layer in model.layers if isinstance(layer, keras.layers.Embedding))
    tokens = rng.integers(1, words, size=shape).astype("int32")
    for row, text in enumerate(tokens[1:]):
        text[3 + row :] = 0
    return tokens


@cache
def by_keras(name):
    """Keras's model with weights of which none is 0, an input, its output, a target and the gradients of the squared error."""
    import tensorflow as tf

    keras.utils.set_random_seed(0)
    model, rng = harness.Piece(name).keras()["model"], np.random.default_rng(1)
    for variable in model.trainable_variables:
        variable.assign_add(0.1 * rng.normal(size=variable.shape))
    x = inputs(model)
    target = rng.normal(size=np.shape(model(x))).astype("float32")
    with tf.GradientTape() as tape:
        output = model(x)
        error = tf.reduce_mean((output - target) ** 2)
    gradients = tape.gradient(error, [variable.value for variable in model.trainable_variables])
    return model, x, np.asarray(output), target, [np.asarray(tf.convert_to_tensor(g)) for g in gradients]


def assert_same(found, expected, what):
    apart = np.abs(found - expected).max() / np.abs(expected).max()
    assert apart < 1e-5, f"{what} are {apart:.1e} apart"


def learns(losses):
    return losses[-1] < 0.5 * losses[0]


def test_pytorch_agrees_and_learns(piece):
    assert "pytorch" in piece.files, f"write book/pieces/pytorch/{piece.name}.py"
    model, x, output, target, gradients = by_keras(piece.name)
    network, tokens = piece.pytorch()["model"], torch.from_numpy(x)
    weights = carry.to_pytorch(model, [v.numpy() for v in model.trainable_variables], network)
    network.load_state_dict({**network.state_dict(), **{name: torch.from_numpy(w) for name, w in weights.items()}})
    network.eval()
    goal = torch.from_numpy(target)
    error = lambda: ((network(tokens).reshape(goal.shape) - goal) ** 2).mean()
    assert_same(network(tokens).detach().numpy().reshape(output.shape), output, "outputs")
    error().backward()
    expected = carry.to_pytorch(model, gradients, network, gradients=True)
    for name, parameter in network.named_parameters():
        assert_same(parameter.grad.numpy(), expected[name], f"gradients of {name}")

    optimizer, losses = torch.optim.Adam(network.parameters(), 0.01), []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = error()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert learns(losses), losses


def test_jax_agrees_and_learns(piece):
    assert "jax" in piece.files, f"write book/pieces/jax/{piece.name}.py"
    model, x, output, target, gradients = by_keras(piece.name)
    made = piece.jax()
    start, apply = made["init"](jax.random.key(0)), made["model"]
    params = carry.to_jax([v.numpy() for v in model.trainable_variables], start)
    error = lambda params: ((apply(params, x).reshape(target.shape) - target) ** 2).mean()
    assert_same(np.asarray(apply(params, x)).reshape(output.shape), output, "outputs")
    step = jax.jit(jax.value_and_grad(error))
    found, expected = step(params)[1], carry.to_jax(gradients, start)
    jax.tree_util.tree_map_with_path(
        lambda path, a, b: assert_same(np.asarray(a), b, f"gradients of {jax.tree_util.keystr(path)}"), found, expected
    )

    optimizer, losses = optax.adam(0.01), []
    state = optimizer.init(params)
    for _ in range(STEPS):
        loss, slope = step(params)
        updates, state = optimizer.update(slope, state)
        params = optax.apply_updates(params, updates)
        losses.append(float(loss))
    assert learns(losses), losses


def test_every_file_is_a_version_of_a_piece():
    known = set(harness.cells())
    files = [file for library in pieces.LIBRARIES for file in (harness.ROOT / pieces.FOLDER / library).glob("*.py")]
    assert {file.stem for file in files} <= known, "no cell has the tag of one of these"
