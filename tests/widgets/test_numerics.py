"""What the widgets compute is what rnnbook.networks.reference computes: random systems through both, in double precision."""

import base64

import numpy as np
import pytest

from rnnbook import reviews
from rnnbook.networks import reference
from rnnbook.widgets import (
    DropoutMasks,
    Gates,
    GradientFlow,
    SequenceTensor,
    StateSpace,
    dropout_masks,
    gradient_flow,
)

TOLERANCE = 1e-6
ACTIVATIONS = {"linear": lambda x: x, "tanh": np.tanh, "relu": lambda x: np.maximum(x, 0)}


def compare(name, ours, theirs):
    """Assert agreement relative to the larger of 1 and the values, and print the largest difference."""
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    worst = float(np.max(np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))))
    print(f"{name}: {theirs.size} values, largest difference {worst:.1e}")
    assert worst < TOLERANCE


def systems(rng, gates=1, count=12):
    for _ in range(count):
        timesteps, features, units = rng.integers(1, (30, 6, 9))
        yield {
            "X": rng.normal(size=(timesteps, features)),
            "U": rng.normal(size=(gates * units, features)),
            "W": rng.normal(size=(gates * units, units)) / np.sqrt(units),
            "b": rng.normal(size=(2, 3 * units) if gates == 3 else gates * units),
        }


def plain(system):
    return {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in system.items()}


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_simple_rnn(node, activation):
    cases = [dict(s, activation=activation) for s in systems(np.random.default_rng(1))]
    ours = node("recurrences", "data.map((s) => m.rollout(s.X, s, s.activation))", [plain(s) for s in cases])
    for s, Z in zip(cases, ours):
        compare(
            f"SimpleRNN {activation}",
            Z,
            reference.rollout(s["X"][None], s["U"], s["W"], s["b"], activation=ACTIVATIONS[activation])[0],
        )


def test_gradients_of_the_states(node):
    cases = list(systems(np.random.default_rng(2)))
    ours = node(
        "recurrences",
        "data.map((s) => m.stateGradients(m.rollout(s.X, s), s.W.map(() => 1), s.W))",
        [plain(s) for s in cases],
    )
    for s, G in zip(cases, ours):
        X = s["X"][None]
        Z = reference.rollout(X, s["U"], s["W"], s["b"])
        dZ = np.zeros_like(Z)
        dZ[:, -1] = 1
        compare(
            "backpropagation through time", G, reference.backpropagation_through_time(X, Z, dZ, s["U"], s["W"])["Z"][0]
        )


def test_lstm(node):
    cases = list(systems(np.random.default_rng(3), gates=4))
    ours = node(
        "recurrences",
        """data.map((s) => {
        let state = { Z: s.W[0].map(() => 0), C: s.W[0].map(() => 0) };
        return s.X.map((x) => { state = m.lstmStep(x, state.Z, state.C, s); return [state.Z, state.C]; });
    })""",
        [plain(s) for s in cases],
    )
    for s, states in zip(cases, ours):
        Z = C = np.zeros((1, s["W"].shape[1]))
        theirs = []
        for x in s["X"]:
            Z, C = reference.lstm_step(x[None], Z, C, s["U"], s["W"], s["b"])
            theirs.append([Z[0], C[0]])
        compare("LSTM", states, theirs)


def test_gru(node):
    cases = list(systems(np.random.default_rng(4), gates=3))
    ours = node(
        "recurrences",
        """data.map((s) => {
        let Z = s.W[0].map(() => 0);
        return s.X.map((x) => (Z = m.gruStep(x, Z, s).Z));
    })""",
        [plain(s) for s in cases],
    )
    for s, states in zip(cases, ours):
        Z = np.zeros((1, s["W"].shape[1]))
        theirs = []
        for x in s["X"]:
            Z = reference.gru_step(x[None], Z, s["U"], s["W"], s["b"])
            theirs.append(Z[0])
        compare("GRU", states, theirs)


def settings(widget):
    """The widget's settings as Node sees them."""
    return {
        name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for name, value in ((name, getattr(widget, name)) for name in type(widget).settings())
    }


VIEW = "new DataView(Uint8Array.from(atob(data.system), (c) => c.charCodeAt(0)).buffer)"


def test_state_space(node):
    rng = np.random.default_rng(5)
    for kind in ("pair", "real"):
        for activation in ("linear", "tanh"):
            for source in ("impulse", "step", "sine", "noise"):
                a, b, c = rng.uniform(-1.2, 1.2, 3)
                widget = StateSpace(
                    eigenvalues=kind,
                    activation=activation,
                    input=source,
                    radius=abs(a),
                    angle=90 * (1 + b / 2),
                    first=b,
                    second=c,
                    coupling=abs(a),
                )
                X, Z = node("state_space", "[m.inputs(data.input), m.states((k) => data[k])]", settings(widget))
                compare(f"StateSpace {kind} {activation} {source}", Z, widget.states(np.array(X)[:, 0]))


def test_memory_of_a_linear_pair_is_the_logarithm_of_its_radius(node):
    for radius in (0.3, 0.5, 0.9, 0.94, 0.99):
        got = node("state_space", "m.memory(m.weights((k) => data[k]), 'linear')", settings(StateSpace(radius=radius)))
        assert got == 1 + int(np.floor(np.log(0.01) / np.log(radius)))
    assert node(
        "state_space", "m.memory(m.weights((k) => data[k]), 'linear') === Infinity", settings(StateSpace(radius=1.0))
    )
    # A coupled system first grows: its memory outlives that of its larger eigenvalue alone.
    coupled = node(
        "state_space",
        "m.memory(m.weights((k) => data[k]), 'linear')",
        settings(StateSpace(eigenvalues="real", first=0.9, second=0.85, coupling=2.0)),
    )
    assert coupled > 1 + np.log(0.01) / np.log(0.9)


def test_unfold(node):
    rng = np.random.default_rng(6)
    for n in range(1, 7):
        weights = dict(zip("UWV", rng.uniform(-2, 2, 3)), b=0.3, c=-0.2, target=0.5)
        X = rng.normal(size=6)
        got = node("unfold", "m.passes(data.net, data.n)", {"net": {**weights, "X": X.tolist()}, "n": n})
        U, W, b = np.array([[weights["U"]]]), np.array([[weights["W"]]]), np.array([weights["b"]])
        inputs = X[None, :n, None]
        Z = reference.rollout(inputs, U, W, b)
        Y = weights["V"] * Z[0, -1, 0] + weights["c"]
        dZ = np.zeros_like(Z)
        dZ[:, -1] = weights["V"] * (Y - weights["target"])
        gradients = reference.backpropagation_through_time(inputs, Z, dZ, U, W)
        compare("Unfold, states", got["Z"], Z[0, :, 0])
        compare("Unfold, loss", [got["Y"], got["loss"]], [Y, (Y - weights["target"]) ** 2 / 2])
        compare(
            "Unfold, gradients",
            [sum(got["dW"]), sum(got["dU"]), sum(got["db"])],
            [gradients["W"][0, 0], gradients["U"][0, 0], gradients["b"][0]],
        )
        compare("Unfold, state gradients", got["dZ"], gradients["Z"][0, :, 0])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_flow_of_the_simple_rnn(node, activation):
    widget = GradientFlow(activation=activation, radius=1.1, timesteps=60)
    got = node(
        "gradient_flow",
        f"""(() => {{
        const s = m.split({VIEW}), W = s.W.map((row) => row.map((w) => w * data.radius));
        return {{ ...m.rnnFlow(s.X.slice(0, data.timesteps), {{ W, U: s.U, b: W.map(() => 0) }}, data.activation), size: m.spectralNorm(W) }};
    }})()""",
        settings(widget),
    )
    compare(f"GradientFlow {activation}", got["norms"], widget.gradients())
    X, W, U, _, _ = gradient_flow.split(np.frombuffer(widget.system))
    W = 1.1 * W
    compare("spectral norm", got["size"], np.linalg.norm(W, 2))
    if activation == "tanh":
        Z = reference.rollout(X[None, :60], U, W, np.zeros(8))
        dZ = np.zeros_like(Z)
        dZ[:, -1] = 8**-0.5
        g = reference.backpropagation_through_time(X[None, :60], Z, dZ, U, W)
        compare("norm of the parameters' gradient", got["parameters"], np.sqrt(sum((g[k] ** 2).sum() for k in "UWb")))


def test_gradient_flow_of_the_lstm(node):
    """Against central differences of the reference: the gradient of sum(Z_T) / √units at each earlier (Z, C)."""
    widget = GradientFlow(timesteps=12, forget_bias=1.5)
    got = node(
        "gradient_flow",
        f"""(() => {{
        const s = m.split({VIEW}), b = new Array(32).fill(0).fill(data.forget_bias, 8, 16);
        return m.lstmFlow(s.X.slice(0, data.timesteps), {{ W: s.gatesW, U: s.gatesU, b }});
    }})()""",
        settings(widget),
    )
    X, _, _, W, U = gradient_flow.split(np.frombuffer(widget.system))
    b = np.zeros(32)
    b[8:16] = 1.5

    def end(state, start, U=U, W=W, b=b):
        Z, C = state[None, :8], state[None, 8:]
        for x in X[start:12]:
            Z, C = reference.lstm_step(x[None], Z, C, U, W, b)
        return Z.sum() / np.sqrt(8)

    state, norms, eps = np.zeros(16), [], 1e-5
    for start in range(13):
        norms.append(
            np.linalg.norm(
                [(end(state + eps * e, start) - end(state - eps * e, start)) / (2 * eps) for e in np.eye(16)]
            )
        )
        if start < 12:
            state = np.concatenate(
                reference.lstm_step(X[start][None], state[None, :8], state[None, 8:], U, W, b), axis=1
            )[0]
    compare("GradientFlow LSTM", got["norms"], norms)
    squares = 0
    for name, value in (("U", U), ("W", W), ("b", b)):
        for index in np.ndindex(value.shape):
            up, down = value.copy(), value.copy()
            up[index] += eps
            down[index] -= eps
            squares += ((end(np.zeros(16), 0, **{name: up}) - end(np.zeros(16), 0, **{name: down})) / (2 * eps)) ** 2
    compare("norm of the LSTM parameters' gradient", got["parameters"], np.sqrt(squares))


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_gates(node, cell):
    rng = np.random.default_rng(7)
    for _ in range(6):
        biases = {
            key: rng.uniform(-6, 6) for key in ("input_bias", "forget_bias", "output_bias", "update_bias", "reset_bias")
        }
        widget = Gates(cell=cell, X=rng.uniform(-1, 1, 16).tolist(), **biases)
        compare(
            f"Gates {cell}", node("gates", "m.run((k) => data[k]).map((s) => s.Z)", settings(widget)), widget.states()
        )


@pytest.mark.parametrize("masks", ["fresh", "fixed"])
def test_dropout(node, masks):
    widget = DropoutMasks(masks=masks, dropout=0.2, recurrent_dropout=0.4, seed=11)
    got = node(
        "dropout_masks",
        f"""(() => {{
        const drawn = m.draw(data.seed, {{ masks: data.masks, dropout: data.dropout, recurrent: data.recurrent_dropout }});
        return {{ input: [...drawn.input], recurrent: [...drawn.recurrent], Z: [...m.states(m.split({VIEW}), drawn)] }};
    }})()""",
        settings(widget),
    )
    inputs, recurrent = widget.draw()
    compare("input masks", got["input"], inputs.ravel())
    compare("recurrent masks", got["recurrent"], recurrent.ravel())
    compare("states under dropout", got["Z"], widget.states().ravel())


def test_noise_grows_with_fresh_masks_and_levels_off_with_one(node):
    fresh, fixed = (
        node(
            "dropout_masks",
            f"m.noise(m.split({VIEW}), {{ masks: '{masks}', dropout: 0, recurrent: 0.3 }})",
            settings(DropoutMasks()),
        )
        for masks in ("fresh", "fixed")
    )
    assert fresh[16] > 2 * fresh[4] and fixed[24] < 1.5 * fixed[4] and fresh[16] > 3 * fixed[16]


TEXTS = [
    "I expected to hate this film; but the ENDING was wonderful!",
    "It’s 10/10 -- don't miss",
    "naïve under_score \u00a0 tab\tfilm",
    "zzzz qqqq the",
    "'quoted' words",
]


def test_tokens_are_those_of_the_data_module(node):
    widget = SequenceTensor()
    ranks = {word: i for i, word in enumerate(widget.recorded["list"].split(), start=1)}
    for num_words in (50, 300, 2000):
        got = node(
            "sequence_tensor",
            "data.words.map((words) => m.encode(words, new Map(Object.entries(data.ranks)), data.num_words))",
            {"words": [reviews.tokenize(text) for text in TEXTS], "ranks": ranks, "num_words": num_words},
        )
        for text, tokens in zip(TEXTS, got):
            try:
                assert tokens == reviews.encode(text, ranks, num_words)
            except reviews.DataError:
                assert set(tokens[1:]) == {2}
        assert SequenceTensor(text="\n".join(TEXTS), num_words=num_words).rows() == got


@pytest.mark.parametrize("padding", ["pre", "post"])
@pytest.mark.parametrize("truncating", ["pre", "post"])
def test_rows_are_laid_out_as_by_keras(node, padding, truncating):
    rows = [list(range(1, n + 1)) for n in (1, 3, 7, 12)]
    for maxlen in (1, 3, 7, 9):
        got = node(
            "sequence_tensor",
            "data.lengths.map((n) => m.layOut(n, data.maxlen, data.padding, data.truncating))",
            {"lengths": [len(r) for r in rows], "maxlen": maxlen, "padding": padding, "truncating": truncating},
        )
        padded = reviews.Reviews.from_lists(rows, [0] * len(rows)).padded(maxlen, padding, truncating)
        assert [[k + 1 for k in row["kept"]] for row in got] == padded.tolist()
        assert all(
            sorted([k for k in row["kept"] if k >= 0] + row["lost"]) == list(range(len(r))) for row, r in zip(got, rows)
        )


@pytest.mark.real
def test_recorded_lengths_are_those_of_the_real_reviews(real_corpus):
    from rnnbook.reviews import lengths

    if real_corpus.sha256 != lengths.recorded()["sha256"]:
        pytest.skip("THE LENGTHS WERE RECORDED ON ANOTHER COPY OF THE REVIEWS")
    assert lengths.measure(reviews.load("imdb", num_words=reviews.LARGEST_VOCABULARY)) == lengths.recorded()


def test_the_page_and_python_draw_the_same_random_numbers(node):
    random = dropout_masks.uniforms(42)
    assert node("kit", "(() => { const random = m.uniforms(42); return Array.from({ length: 20 }, random); })()") == [
        next(random) for _ in range(20)
    ]
