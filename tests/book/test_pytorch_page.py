"""The page on PyTorch: its code gives what Keras gives. It runs in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from rnnbook.networks import models

PAGE = Path(__file__).resolve().parents[2] / "book" / "pytorch.md"
CODE = "\n\n".join(re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.S | re.M))
CELLS = {"rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM, "gru": keras.layers.GRU}

# Stands for Keras where PyTorch is: its layer as Keras made it, for the page's comparison of the two.
STAND_IN = """
from types import SimpleNamespace
import numpy as np
made = dict(np.load("cases.npz"))


class Layer:
    def __init__(self, units, return_sequences):
        assert units == 4 and return_sequences

    def __call__(self, x):
        np.testing.assert_array_equal(x, made["seen/x"])
        return made["seen/states"]

    def get_weights(self):
        return [made[f"seen/{i}"] for i in range(3)]


layers = SimpleNamespace(LSTM=Layer)
"""

RIVALS = {"average": "dense", "convolution": "conv"}  # on the page, and in the course

# What stands before the page's code, which runs in its order: the reviews that it takes from chapter 4.
BEFORE = """
import numpy as np
x_train, y_train = np.random.default_rng(0).integers(1, 10_000, size=(200, 12)), np.arange(200) % 2
"""

# What the other interpreter does with the page's code: reads cases, writes its outputs.
DRIVER = """
import sys
import warnings
data = dict(np.load(sys.argv[1]))
x, tokens, out = data["x"], data["tokens"], {}
torch.set_num_threads(1)  # more of them only wait for each other: the layers are small


def weights(name):
    return [data[key] for key in sorted(data) if key.startswith(name + "/")]


for cell in KINDS:
    out[cell] = all_states(layer_from_keras(cell, weights(cell)), x)
    both = bidirectional_from_keras(cell, weights(cell + " both"))
    out[cell + " both"], out[cell + " both, all"] = both_last_states(both, x), all_states(both, x)
    stack = stack_from_keras(cell, [weights(f"{cell} stack{level}") for level in range(3)])
    out[cell + " stack"] = all_states(stack, x)
    classifier = ReviewClassifier(cell, weights(cell + " reviews"))
    with torch.no_grad():
        out[cell + " reviews"] = classifier(*padded_behind(tokens)).numpy()

with torch.no_grad():
    for name, Rival in (("average", AverageOfEmbeddings), ("convolution", ConvolutionClassifier)):
        out[name] = Rival(weights(name))(torch.from_numpy(tokens)).numpy()
        behind, _ = padded_behind(tokens)
        out[name + ", padded behind"] = Rival(weights(name))(behind).numpy()


class Given(torch.nn.Module):  # in the place of a Dropout: the mask that Keras was given
    def __init__(self, mask):
        super().__init__()
        self.mask = torch.from_numpy(mask)

    def forward(self, ones):
        assert ones.shape == self.mask.shape and (ones == 1).all()
        return self.mask


dropping = SimpleRNNWithDropout(weights("dropout"), 0.2, 0.4).eval()
out["dropout, inference"] = all_states(dropping, x)
dropping.train()
drawn = [layer(torch.ones(1, 10000)) for layer in (dropping.on_inputs, dropping.on_state)]
for mask, rate in zip(drawn, (0.2, 0.4)):
    assert abs((mask == 0).float().mean() - rate) < 0.03 and abs(mask.max() - 1 / (1 - rate)) < 1e-6
dropping.on_inputs, dropping.on_state = Given(data["M"][:, None]), Given(data["N"][None])
out["dropout, training"] = all_states(dropping, x)

# What the page says of PyTorch's own dropout. W and biases are 0, so with a constant input a state changes with its mask only.
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    single, pair = (torch.nn.RNN(5, 32, number, batch_first=True, dropout=0.5) for number in (1, 2))
assert "dropout" in str(told[-1].message) and len(told) == 1
for layer in (single, pair):
    for name, value in layer.named_parameters():
        if "hh" in name or "bias" in name:
            torch.nn.init.zeros_(value)
constant = np.ones((4, 6, 5), "float32")
assert np.ptp(all_states(single, constant), axis=1).max() == 0
assert (np.ptp(all_states(pair, constant), axis=1) > 0).mean() > 0.9

torch.manual_seed(0)
layer, readout = torch.nn.LSTM(1, 16, batch_first=True), torch.nn.Linear(16, 1)
start_as_keras(layer)
assert (layer.bias_ih_l0[16:32] == 1).all() and layer.bias_hh_l0.abs().max() == 0
wave = torch.sin(0.3 * torch.arange(201.0)).reshape(1, -1, 1)
optimizer = torch.optim.Adam([*layer.parameters(), *readout.parameters()], 0.01)
losses = [np.mean(train_in_pieces(layer, readout, optimizer, wave[:, :-1], wave[:, 1:])) for _ in range(15)]
assert losses[-1] < 0.2 * losses[0], losses

fresh = FreshClassifier(words=50, features=8, units=8)
assert fresh.embedding.weight.abs().max() <= 0.05 and torch.nn.Embedding(50, 8).weight.std() > 0.8
labels = torch.arange(24) % 2
some = torch.randint(3, 50, (24, 12))
some[torch.arange(24), torch.randint(0, 12, (24,))] = 1 + labels  # the first word or the second says the label
lengths = torch.full((24,), 12)
optimizer = torch.optim.Adam(fresh.parameters(), 0.02)
losses = [train_one_epoch(fresh, optimizer, [(some, lengths, labels.float())])[0] for _ in range(60)]
assert abs(losses[0] - np.log(2)) < 0.05 and losses[-1] < 0.1, losses

# The same texts padded in front, in batches of the page: all of them, once, each with its label.
in_front = np.concatenate([np.zeros((24, 3), int), some.numpy()], axis=1)
batches = list(some_batches(in_front, labels.numpy(), size=10))
assert [len(batch[0]) for batch in batches] == [10, 10, 4]
seen = {(*text[:n].tolist(), int(label)) for batch in batches for text, n, label in zip(*batch)}
assert seen == {(*text, label) for text, label in zip(some.tolist(), labels.tolist())}
assert accuracy(fresh, batches) == 1 and accuracy(fresh, some_batches(in_front, 1 - labels.numpy())) == 0

# What the table says of defaults.
defaults = torch.optim.RMSprop(fresh.parameters()).defaults
assert (defaults["lr"], defaults["alpha"]) == (0.01, 0.99)
np.savez(sys.argv[2], **out)
"""


def cases():
    """Inputs, weights for the page's functions, and what Keras makes of them."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 12, 5)).astype("float32")
    tokens = rng.integers(1, 50, size=(6, 15))
    for row in range(6):
        tokens[row, : 2 * row] = 0
    data, expected = {"x": x, "tokens": tokens}, {}

    def shaken(name, model):
        model.set_weights([w + 0.1 * rng.normal(size=w.shape) for w in model.get_weights()])
        data.update({f"{name}/{i}": w.astype("float32") for i, w in enumerate(model.get_weights())})
        return model

    for cell, Layer in CELLS.items():
        layer = Layer(7, return_sequences=True)
        layer.build(x.shape)
        expected[cell] = shaken(cell, layer)(x)

        both = keras.layers.Bidirectional(Layer(7))
        both.build(x.shape)
        expected[f"{cell} both"] = shaken(f"{cell} both", both)(x)
        every = keras.layers.Bidirectional(Layer(7, return_sequences=True))
        every.build(x.shape)
        every.set_weights(both.get_weights())
        expected[f"{cell} both, all"] = every(x)

        flow = x
        for level in range(3):
            layer = Layer(7, return_sequences=True)
            layer.build(flow.shape)
            flow = shaken(f"{cell} stack{level}", layer)(flow)
        expected[f"{cell} stack"] = flow

        reviews = keras.Sequential(
            [
                keras.Input((None,), dtype="int32"),
                keras.layers.Embedding(50, 5, mask_zero=True),
                Layer(7),
                keras.layers.Dense(1, activation="sigmoid"),
            ]
        )
        expected[f"{cell} reviews"] = shaken(f"{cell} reviews", reviews)(tokens)
    padded = {"": tokens, ", padded behind": np.array([[*row[row > 0], *row[row == 0]] for row in tokens])}
    for name, architecture in RIVALS.items():
        rival = shaken(name, models.build(architecture, num_words=50, embedding=5, units=6))
        expected |= {name + how: rival(some) for how, some in padded.items()}

    seen = keras.layers.LSTM(4, return_sequences=True)
    data["seen/x"] = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    data["seen/states"] = np.asarray(seen(data["seen/x"]))
    data.update({f"seen/{i}": np.asarray(w) for i, w in enumerate(seen.get_weights())})

    layer = keras.layers.SimpleRNN(7, return_sequences=True, dropout=0.2, recurrent_dropout=0.4)
    layer.build(x.shape)
    expected["dropout, inference"] = shaken("dropout", layer)(x, training=False)
    for letter, size, rate in (("M", 5, 0.2), ("N", 7, 0.4)):
        data[letter] = ((rng.random((4, size)) >= rate) / (1 - rate)).astype("float32")
    layer.cell._dropout_mask, layer.cell._recurrent_dropout_mask = data["M"], data["N"]
    expected["dropout, training"] = layer(x, training=True)
    return data, {name: np.asarray(value) for name, value in expected.items()}


def test_the_code_of_the_page_compiles():
    compile(CODE, str(PAGE), "exec")


@pytest.mark.timeout(600)
def test_pytorch_gives_what_keras_gives(tmp_path):
    data, expected = cases()
    np.savez(tmp_path / "cases.npz", **data)
    (tmp_path / "page.py").write_text(BEFORE + CODE + DRIVER, encoding="utf-8")
    (tmp_path / "keras.py").write_text(STAND_IN, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, "page.py", "cases.npz", "out.npz"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr
    apart, right = map(float, done.stdout.split())  # what the page prints: the two libraries, and a first epoch
    assert 0 < apart < 1e-5 and 0.3 < right < 1
    found = dict(np.load(tmp_path / "out.npz"))
    assert set(found) == set(expected)
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], atol=1e-5, err_msg=name)


def test_the_optimizers_of_keras_have_the_defaults_that_the_table_names():
    rmsprop = keras.optimizers.RMSprop()
    assert float(rmsprop.learning_rate) == pytest.approx(0.001) and rmsprop.rho == 0.9
    told = re.search(r"\| `RMSprop` \| rate 0.001, `rho=0.9` \| rate 0.01, `alpha=0.99` \|", PAGE.read_text("utf-8"))
    assert told


def test_jax_gives_what_keras_gives():
    jax_only = CODE[CODE.index("def jax_simple_rnn") :]
    space = {}
    exec(jax_only, space)
    layer = keras.layers.SimpleRNN(7, return_sequences=True)
    x = np.random.default_rng(0).normal(size=(4, 12, 5)).astype("float32")
    expected = np.asarray(layer(x))
    kernel, recurrent_kernel, bias = layer.get_weights()
    found = space["jax_simple_rnn"](x, kernel.T, recurrent_kernel.T, bias)
    np.testing.assert_allclose(np.asarray(found), expected, atol=1e-5)
