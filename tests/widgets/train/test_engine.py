"""The engine trains as Keras does: same gradients, same losses over fifty updates, in JavaScript and in WebAssembly."""

import functools

import keras
import numpy as np
import pytest

from rnnbook.networks import reference
from tests.nightly import often

CELLS = ["simple_rnn", "lstm", "gru", "diagonal"]
SMALL = {"features": 3, "units": 5, "batch": 4, "timesteps": 6, "outputs": 2}
# What a network can be: every cell and every option at least once.
NETWORKS = {
    "simple_rnn": {"cell": "simple_rnn"},
    "lstm": {"cell": "lstm"},
    "gru": {"cell": "gru"},
    "diagonal": {"cell": "diagonal"},
    "every output": {"cell": "gru", "every": True},
    "stacked": {"cell": "lstm", "layers": 3},
    "stacked diagonal": {"cell": "diagonal", "layers": 2, "every": True},
    "bidirectional": {"cell": "simple_rnn", "bidirectional": True},
    "stacked bidirectional": {"cell": "gru", "layers": 2, "bidirectional": True, "every": True},
    "tokens": {"cell": "lstm", "tokens": 9, "features": 7, "loss": "ce", "outputs": 9, "every": True},
    "tokens, two classes": {"cell": "simple_rnn", "tokens": 9, "features": 8, "loss": "bce", "outputs": 1},
    "rmsprop": {"cell": "simple_rnn", "optimizer": "rmsprop"},
    "sgd": {"cell": "gru", "optimizer": "sgd", "rate": 0.1},
    "not clipped": {"cell": "lstm", "clip": 0},
    "clipped": {"cell": "lstm", "clip": 0.05},
    "radius and scale": {"cell": "simple_rnn", "radius": 1.3, "scale": 0.5},
    "wide": {"cell": "lstm", "units": 128, "batch": 7, "loss": "ce", "outputs": 11},
    "carried state": {"cell": "lstm", "carry": True, "every": True},
}
# Fifty updates of Keras take a second each: of what differs in its gradients alone, which are compared for all, at night.
UPDATED = ["gru", "rmsprop", "sgd", "clipped", "carried state"]
TRAIN = """
const { batches } = data, config = { ...settings.BASE, seed: 1, ...data.config };
const net = new network.Network(config, rooms[data.by]);
const losses = [], gradients = [];
const start = net.weights.map((w) => [w.name, w.shape, w.gates, [...net.getWeight(w)]]);
for (const [x, y] of batches) {
    config.tokens ? net.setTokens(x) : net.setInputs(x);
    net.setTargets(y);
    losses.push(net.train());
    if (losses.length === 1) gradients.push(...net.weights.map((w) => [...net.getWeight(w, net.size)]));
}
return { start, losses, gradients, end: net.weights.map((w) => [...net.getWeight(w)]) };
"""


@keras.saving.register_keras_serializable("rnnbook-tests")
class Diagonal(keras.layers.Layer):
    """c' = decay ⊙ c + X U + b, z = tanh(c)."""

    def __init__(self, units, return_sequences):
        super().__init__()
        self.units, self.return_sequences = units, return_sequences

    def build(self, shape):
        self.U = self.add_weight(shape=(shape[-1], self.units))
        self.nu = self.add_weight(shape=(1, self.units))
        self.b = self.add_weight(shape=(1, self.units))

    def call(self, X):
        decay, states = keras.ops.exp(-keras.ops.exp(self.nu)), [0.0]
        for t in range(X.shape[1]):
            states.append(decay * states[-1] + X[:, t] @ self.U + self.b)
        Z = keras.ops.tanh(keras.ops.stack(states[1:], axis=1))
        return Z if self.return_sequences else Z[:, -1]


def keras_model(config):
    """The same network in Keras, compiled."""
    c = {
        "tokens": 0, "layers": 1, "bidirectional": False, "every": False, "loss": "mse", "optimizer": "adam",
        "rate": 0.01, "clip": 1, "carry": False, "dropout": 0.0, "recurrentDropout": 0.0,
    } | config  # fmt: skip
    kinds = {"simple_rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM, "gru": keras.layers.GRU}
    shape = (c["batch"], c["timesteps"])
    layers = [keras.Input(batch_shape=shape if c["tokens"] else (*shape, c["features"]))]
    if c["tokens"]:
        # An embedding whose gradient is dense: Embedding's sparse one takes other steps on TensorFlow where tokens repeat.
        layers.append(keras.layers.Lambda(lambda X: keras.ops.one_hot(X, c["tokens"])))
        layers.append(keras.layers.Dense(c["features"], use_bias=False))
    for level in range(c["layers"]):
        more = c["every"] or level < c["layers"] - 1
        if c["cell"] == "diagonal":
            layers.append(Diagonal(c["units"], more))
            continue
        rates = {"dropout": c["dropout"], "recurrent_dropout": c["recurrentDropout"]}
        layer = kinds[c["cell"]](c["units"], return_sequences=more, stateful=c["carry"], **rates)
        layers.append(keras.layers.Bidirectional(layer) if c["bidirectional"] else layer)
    model = keras.Sequential([*layers, keras.layers.Dense(c["outputs"])])
    losses = {
        "mse": "mse",
        "bce": keras.losses.BinaryCrossentropy(from_logits=True),
        "ce": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    }
    optimizer = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop, "sgd": keras.optimizers.SGD}
    model.compile(optimizer[c["optimizer"]](c["rate"], global_clipnorm=c["clip"] or None), losses[c["loss"]])
    return model


def batches(config, count, seed=0):
    """Batches as Keras reads them, (batch, timesteps, …), and as the engine does, time first and flat."""
    rng = np.random.default_rng(seed)
    c = {"tokens": 0, "every": False, "loss": "mse"} | config
    B, T = c["batch"], c["timesteps"]
    for _ in range(count):
        X = rng.integers(0, c["tokens"], (B, T)) if c["tokens"] else rng.normal(size=(B, T, c["features"]))
        shape = (B, T) if c["every"] else (B,)
        Y = {
            "mse": lambda s: rng.normal(size=(*s, c["outputs"])),
            "bce": lambda s: rng.integers(0, 2, (*s, c["outputs"])),
            "ce": lambda s: rng.integers(0, c["outputs"], s),
        }[c["loss"]](shape)
        flat = [X.swapaxes(0, 1).ravel().tolist(), (Y.swapaxes(0, 1) if c["every"] else Y).ravel().tolist()]
        yield (X if c["tokens"] else X.astype("float32"), Y), flat


def as_keras(named):
    """The engine's weights, [name, shape, gates, values], in the order and shapes of `model.weights`."""
    w = {name: np.reshape(values, (shape[0], gates * shape[1])) for name, shape, gates, values in named}
    out = [w["E"]] if "E" in w else []
    for level in sorted({name.split("/")[0] for name in w if "/" in name}):
        given = [w[name] for name in (f"{level}/U", f"{level}/U1") if name in w]
        out.append(np.concatenate(given))
        if f"{level}/nu" in w:
            out += [w[f"{level}/nu"], w[f"{level}/b"]]
        else:
            b = w[f"{level}/b"]
            out += [w[f"{level}/W"], np.concatenate([b, w[f"{level}/bW"]]) if f"{level}/bW" in w else b[0]]
    out.append(np.concatenate([w[name] for name in ("V", "V1") if name in w]))
    return [*out, w["c"][0]]


@pytest.mark.parametrize("name", often(UPDATED, list(NETWORKS)))
def test_fifty_updates_are_those_of_keras(engine, name):
    config = SMALL | NETWORKS[name]
    both = list(batches(config, 50))
    ours = engine(TRAIN, {"config": config, "batches": [flat for _, flat in both], "by": "WebAssembly"})
    model = keras_model(config)
    model.set_weights(as_keras(ours["start"]))
    theirs = [float(model.train_on_batch(X, Y)) for (X, Y), _ in both]
    worst = np.max(np.abs(np.array(ours["losses"]) - theirs))
    print(f"{name}: losses {theirs[0]:.4f} to {theirs[-1]:.4f}, largest difference {worst:.1e}")
    assert worst < 1e-3


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_are_those_of_keras(engine, name):
    import tensorflow as tf

    config = SMALL | NETWORKS[name]
    ((X, Y), flat) = next(batches(config, 1))
    ours = engine(TRAIN, {"config": config, "batches": [flat], "by": "WebAssembly"})
    model = keras_model(config)
    model.set_weights(as_keras(ours["start"]))
    with tf.GradientTape() as tape:
        loss = model.compute_loss(y=tf.convert_to_tensor(Y), y_pred=model(tf.convert_to_tensor(X), training=False))
    theirs = [np.asarray(tf.convert_to_tensor(g)) for g in tape.gradient(loss, model.trainable_weights)]
    named = [[*w[:3], g] for w, g in zip(ours["start"], ours["gradients"])]
    worst = max(np.abs(a - b).max() for a, b in zip(as_keras(named), theirs, strict=True))
    print(f"{name}: largest difference of a gradient {worst:.1e}")
    assert worst < 1e-5


@pytest.mark.parametrize("name", NETWORKS)
def test_webassembly_and_javascript_agree(engine, name):
    config = SMALL | NETWORKS[name]
    data = {"config": config, "batches": [flat for _, flat in batches(config, 20)]}
    all_three = f"const trained = () => {{ {TRAIN} }}; return Object.keys(rooms).map((by) => {{ data.by = by; return trained(); }});"
    plain, *others = engine(all_three, data)
    for other in others:
        np.testing.assert_allclose(other["losses"], plain["losses"], atol=1e-4)
        for a, b in zip(other["gradients"], plain["gradients"]):
            np.testing.assert_allclose(a, b, atol=1e-5)


def test_gradients_and_their_lengths_are_those_of_the_reference(engine):
    config = SMALL | {"cell": "simple_rnn", "rate": 0}
    ((X, Y), flat) = next(batches(config, 1))
    body = TRAIN.replace("net.train()", "net.train(true)").replace(
        "return {", "return { norms: [...net.top[0].gradientNorms],"
    )
    ours = engine(body, {"config": config, "batches": [flat], "by": "WebAssembly"})
    U, W, b, V, c = (np.float64(w) for w in as_keras(ours["start"]))
    Z = reference.rollout(X, U.T, W.T, b)
    dY = 2 * (reference.output_map(Z[:, -1], V.T, c) - Y) / Y.size
    dZ = np.zeros_like(Z)
    dZ[:, -1] = dY @ V.T
    G = reference.backpropagation_through_time(X, Z, dZ, U.T, W.T)
    for found, wanted in zip(ours["gradients"], [G["U"].T, G["W"].T, G["b"], Z[:, -1].T @ dY, dY.sum(0)]):
        np.testing.assert_allclose(found, np.ravel(wanted), atol=1e-5)
    np.testing.assert_allclose(ours["norms"], reference.gradient_norms(G)[1:], atol=1e-5)


MASKED = """
const net = new network.Network({ ...settings.BASE, seed: 1, ...data.config }, rooms[data.by]);
net.setInputs(data.flat[0]); net.setTargets(data.flat[1]);
const start = net.weights.map((w) => [w.name, w.shape, w.gates, [...net.getWeight(w)]]);
net.forward(true);
const loss = net.loss();
net.backward();
const { batch: B, timesteps: T } = net.config;
// Without padding: (timesteps, batch, columns).
const block = (at, width, real) => Array.from({ length: T * B }, (_, r) => [...net.F.subarray(at + r * width, at + r * width + real)]);
const masks = net.layers.flat().map((layer) => ({
    inputs: layer.masks.map((at, i) => block(at, layer.sources[i].width, layer.sources[i].real)),
    states: block(layer.stateMask, layer.H, net.config.units),
}));
return { start, loss, masks, gradients: net.weights.map((w) => [...net.getWeight(w, net.size)]) };
"""


def handed(cell, mask, _):
    """A mask as a cell of Keras asks for it: a gated one has one for each gate."""
    gates = getattr(cell, "dropout_mask_count", 0)
    return [mask] * gates if gates else mask


def masked(layer, X, masks, backward):
    """A layer's states over a sequence, Keras's own cell step by step, with the masks of the engine handed in."""
    B, T = X.shape[:2]
    inputs = np.concatenate(masks["inputs"], axis=1).reshape(T, B, -1).astype("float32")
    if isinstance(layer, Diagonal):
        return layer(X * inputs.swapaxes(0, 1))
    states, cell = np.reshape(masks["states"], (T, B, -1)).astype("float32"), layer.cell
    now, found = layer.get_initial_state(B), {}
    for t in reversed(range(T)) if backward else range(T):
        cell.get_dropout_mask = functools.partial(handed, cell, inputs[t])
        cell.get_recurrent_dropout_mask = functools.partial(handed, cell, states[t])
        found[t], now = cell(X[:, t], now, training=True)
    return keras.ops.stack([found[t] for t in range(T)], axis=1)


@pytest.mark.parametrize("by", often(["WebAssembly"], ["WebAssembly", "JavaScript"]))
@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("cell, bidirectional", [(cell, False) for cell in CELLS] + [("gru", True)])
def test_gradients_under_dropout_are_those_of_keras(engine, cell, bidirectional, fresh, by):
    import tensorflow as tf

    options = {"dropout": 0.3, "recurrentDropout": 0.0 if cell == "diagonal" else 0.4, "fresh": fresh, "every": True}
    config = SMALL | options | {"cell": cell, "layers": 2, "bidirectional": bidirectional}
    ((X, Y), flat) = next(batches(config, 1))
    ours = engine(MASKED, {"config": config, "flat": flat, "by": by})
    of_steps = np.reshape(ours["masks"][-1]["inputs"][0], (config["timesteps"], -1))
    np.testing.assert_allclose(np.unique(of_steps), [0, 1 / 0.7], rtol=1e-6)
    assert bool((of_steps == of_steps[0]).all()) is not fresh
    model = keras_model(config)
    model.set_weights(as_keras(ours["start"]))
    *layers, output = model.layers
    masks = iter(ours["masks"])
    with tf.GradientTape() as tape:
        Z = tf.convert_to_tensor(X)
        for layer in layers:
            both = [layer.forward_layer, layer.backward_layer] if bidirectional else [layer]
            Z = tf.concat([masked(one, Z, next(masks), k == 1) for k, one in enumerate(both)], axis=-1)
        loss = tf.reduce_mean((output(Z) - Y) ** 2)
    theirs = [np.asarray(g) for g in tape.gradient(loss, model.trainable_weights)]
    named = [[*w[:3], g] for w, g in zip(ours["start"], ours["gradients"])]
    worst = max(np.abs(a - b).max() for a, b in zip(as_keras(named), theirs, strict=True))
    print(f"{cell}, {'fresh' if fresh else 'one'} mask, {by}: largest difference of a gradient {worst:.1e}")
    assert ours["loss"] == pytest.approx(float(loss), abs=1e-5) and worst < 1e-5


def test_carried_states_begin_where_the_batch_before_ended(engine):
    config = SMALL | {"cell": "gru", "carry": True, "every": True, "rate": 0}
    (_, one), (_, two) = batches(config, 2)
    losses = engine(TRAIN, {"config": config, "batches": [one, two], "by": "WebAssembly"})["losses"]
    long = config | {"timesteps": 12, "carry": False}
    joined = [one[0] + two[0], one[1] + two[1]]
    (loss,) = engine(TRAIN, {"config": long, "batches": [joined], "by": "WebAssembly"})["losses"]
    assert np.mean(losses) == pytest.approx(loss, abs=1e-5)


def test_no_state_is_carried_to_where_a_stream_begins(engine):
    """The text's batches say so where every row is back at the beginning of its part; a batch that says so starts from zeros."""
    body = """
    const config = { ...settings.BASE, ...data.config, seed: 1 };
    const index = Int32Array.from({ length: 200 }, (_, i) => (i * i) % 5);
    const begins = Array.from({ length: 9 }, (_, k) => tasks.makeBatch("text", config, { index }, k).begins);
    const losses = [[false, false], [false, true], [true, true]].map((flags) => {
        const net = new network.Network(config, rooms.WebAssembly);
        return flags.map((flag) => { net.setTokens(data.x); net.setTargets(data.y); return net.train(false, flag); });
    });
    return { begins, losses };
    """
    config = SMALL | {
        "cell": "lstm",
        "tokens": 5,
        "outputs": 5,
        "loss": "ce",
        "every": True,
        "carry": True,
        "rate": 0,
        "timesteps": 11,
    }
    (_, (x, y)) = next(batches(config, 1))
    found = engine(body, {"config": config, "x": x, "y": y})
    # 180 characters are trained on: four parts of 44, which are four windows of 11.
    assert found["begins"] == [True, False, False, False, True, False, False, False, True]
    (first, carried), (_, forgot), both = found["losses"]
    assert carried != first and forgot == first and both == [first, first]


WORKER = """
let clock = 0;
const looks = [], turns = [], node = performance;
Object.defineProperty(globalThis, "performance", { value: { now: () => (looks.push((clock += 3)), clock) } });
Object.assign(globalThis, { self: globalThis, inJavaScript: kernels.inJavaScript, postMessage: () => {} });
globalThis.setTimeout = (turn, wait) => { turns.push({ turn, wait, worked: looks.at(-1) - looks[0] }); };
await import("./worker.js");
onmessage({ data: { type: "set", task: "sine", settings: settings.complete("sine", { units: 2, timesteps: 10 }), seed: 1, simd: false } });
looks.length = 0;
onmessage({ data: { type: "run", ...data } });
for (let k = 0; k < 3; k++) { looks.length = 0; turns.at(-1).turn(); }
Object.defineProperty(globalThis, "performance", { value: node });
return turns.map(({ wait, worked }) => [wait, worked]);
"""


@pytest.mark.parametrize("rest, longest", [(0, 40), (2, 20)])
def test_a_worker_rests_in_proportion_to_its_work(engine, rest, longest):
    """By a clock that moves 3 ms with each look: the page gets its turn after about 40 ms, after 20 where workers rest."""
    turns = engine(WORKER, {"rest": rest})
    assert [wait for wait, _ in turns] == [rest * worked for _, worked in turns]
    # The first turn ends with its first update, which is shown at once; a report after a turn takes a few looks.
    assert all(longest <= worked <= longest + 15 for _, worked in turns[1:])
    (paused,) = {wait for wait, _ in engine(WORKER, {"rest": rest, "pause": 500})}
    assert paused == 500


def test_divergence_ends_in_a_sentence(engine):
    config = SMALL | {"cell": "simple_rnn", "optimizer": "sgd", "rate": 1e30, "clip": 0}
    data = {"config": config, "batches": [flat for _, flat in batches(config, 30)], "by": "WebAssembly"}
    said = engine(f"try {{ {TRAIN} }} catch (error) {{ return error.message; }}", data)
    assert said.startswith("The training diverged at update") and "learning rate" in said


def test_the_start_is_orthogonal_with_the_radius_that_was_asked_for(engine):
    config = SMALL | {"cell": "simple_rnn", "units": 12, "radius": 0.7}
    start = as_keras(engine(TRAIN, {"config": config, "batches": [], "by": "JavaScript"})["start"])
    np.testing.assert_allclose(start[1] @ start[1].T, 0.49 * np.eye(12), atol=1e-6)
    assert reference.spectral_radius(start[1]) == pytest.approx(0.7, abs=1e-6)
