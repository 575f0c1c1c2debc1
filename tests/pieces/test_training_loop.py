"""The training loop in three libraries: from the same weights it stops after the same epoch, with the same network.

The network has dense layers alone. With an embedding and Adam the libraries part: where a word comes several times in a batch,
Keras's optimizer adds the squares of its gradients, not the gradients; and of PyTorch's two biases each takes the whole step.
"""

import carry
import jax.numpy as jnp
import keras
import numpy as np
import torch


def data(seed):
    """48 samples, one batch, so that its order changes nothing; and their labels."""
    x = np.random.default_rng(seed).normal(size=(48, 6)).astype("float32")
    return x, (x[:, 0] > 0).astype("float32")


def dense(params, x):
    hidden = jnp.tanh(x @ params["hidden"]["kernel"] + params["hidden"]["bias"])
    return hidden @ params["dense"]["kernel"] + params["dense"]["bias"]


def test_it_trains_stops_and_goes_back_to_the_best_epoch(piece, capsys):
    keras.utils.set_random_seed(0)
    (x_train, y_train), (x_val, y_val) = data(0), data(1)
    given = dict(x_train=x_train, y_train=y_train, x_val=x_val, y_val=1 - y_val)  # what it learns is wrong there

    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1)])
    module = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
    start = [np.copy(v.numpy()) for v in model.trainable_variables]
    module.load_state_dict({n: torch.from_numpy(w) for n, w in carry.to_pytorch(model, start, module).items()})
    shapes = {"hidden": dict(kernel=start[0], bias=start[1]), "dense": dict(kernel=start[2], bias=start[3])}
    params = carry.to_jax(start, shapes)

    history = piece.keras(model=model, **given)["history"].history
    capsys.readouterr()
    piece.pytorch(model=module, **given)
    by_pytorch = capsys.readouterr().out.splitlines()
    params = piece.jax(model=dense, params=params, **given)["params"]
    by_jax = capsys.readouterr().out.splitlines()

    assert len(history["loss"]) == 4 and history["loss"][-1] < history["loss"][0]  # the best, and three more: patience
    told = [
        f"epoch {n + 1}: loss {loss:.3f}, accuracy {accuracy:.3f} on validation"
        for n, (loss, accuracy) in enumerate(zip(history["val_loss"], history["val_binary_accuracy"]))
    ]
    assert told == by_pytorch == by_jax
    logits = np.asarray(model(x_train))
    with torch.no_grad():
        np.testing.assert_allclose(module(torch.from_numpy(x_train)).numpy(), logits, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(dense(params, x_train), logits, rtol=1e-3, atol=1e-4)
