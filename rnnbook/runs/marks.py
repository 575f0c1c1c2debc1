"""The task with marks of chapter 9: give the number that stood at the last mark. Recorded for gated and plain networks.

``python -m rnnbook marks`` adds what is missing to recorded/measurements/marks.json, network by network. Needs JAX, which
trains all seeds and learning rates of a network at once. The networks at the chosen rate then train on, from where they were.
"""

from __future__ import annotations

import numpy as np

from .. import files
from . import store
from .record import rounded

NAME = "marks"
SEEDS = range(5)
RATES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)  # of Adam; the mean validation error over the seeds chooses
TIMESTEPS, BATCH, UPDATES, CLIP = 40, 32, 1000, 1.0
LONGER = 4000  # updates in all, at the chosen rate
CLOSEST, FAR = 5, 20  # steps from the last mark to the end, at least; and where there are no short cases
MARKED = 0.06  # probability of a mark, beside the one that every sequence has
BLOCKS = {"simple_rnn": 1, "irnn": 1, "gru": 3, "lstm": 4}  # irnn: a SimpleRNN with ReLU
# (cell, start, units): about 1,200 parameters each. Starts of the SimpleRNN are those that keep something.
NETWORKS = (
    ("lstm", "forget bias 1", 16),
    ("gru", "update bias 0", 18),
    ("simple_rnn", "W = Q", 32),
    ("simple_rnn", "W = Q, small U", 32),
    ("simple_rnn", "W = 1.5 I", 32),
    ("simple_rnn", "W = I", 32),
    ("irnn", "W = I", 32),
)
SHOWN = {("lstm", "forget bias 1"), ("simple_rnn", "W = Q")}  # whose weights are kept, of every seed at the chosen rate


def sequences(rng, samples, timesteps=TIMESTEPS, closest=CLOSEST):
    """Numbers and marks X (samples, timesteps, 2), and targets y (samples,): the number at the last mark."""
    X = np.zeros((samples, timesteps, 2))
    X[:, :, 0] = rng.uniform(-1, 1, (samples, timesteps))
    marks = rng.random((samples, timesteps)) < MARKED
    marks[np.arange(samples), rng.integers(0, timesteps // 2, samples)] = True  # at least one
    marks[:, -closest:] = False  # none right before the end
    X[:, :, 1] = marks
    last = timesteps - 1 - marks[:, ::-1].argmax(axis=1)
    return X, X[np.arange(samples), last, 0]


def untrained(cell, start, units, seed):
    """Weights as chapter 9 draws them, a dictionary U, W, b, V, c: W orthogonal over its blocks, but where `start` says more."""
    rng, rows = np.random.default_rng(seed), BLOCKS[cell] * units
    p = {
        "U": 0.5 * rng.normal(size=(rows, 2)),
        "W": np.linalg.qr(rng.normal(size=(rows, units)))[0],
        "b": np.zeros((2, rows) if cell == "gru" else rows),
        "V": rng.normal(size=(1, units)) / np.sqrt(units),
        "c": np.zeros(1),
    }
    if start == "forget bias 1":
        p["b"][units : 2 * units] = 1.0
    elif start == "W = Q, small U":
        p["U"] *= 0.1
    elif start == "W = 1.5 I":
        p["W"] = 1.5 * np.eye(units)
    elif start == "W = I":
        p["W"] = np.eye(units)
    return p


def answers(cell, p, X):
    """What a network gives at the end of each sequence, in JAX: X (samples, timesteps, 2) → (samples,)."""
    import jax
    import jax.numpy as jnp

    sigmoid, W = jax.nn.sigmoid, p["W"].T
    Z = C = jnp.zeros((len(X), W.shape[0]))

    def simple_rnn(state, A):
        activation = jax.nn.relu if cell == "irnn" else jnp.tanh
        return (activation(A + state[0] @ W), C), None

    def gru(state, A):
        z, r, h = jnp.split(A, 3, axis=1)
        Zz, Zr, Zh = jnp.split(state[0] @ W + p["b"][1], 3, axis=1)
        z = sigmoid(z + Zz)
        return (z * state[0] + (1 - z) * jnp.tanh(h + sigmoid(r + Zr) * Zh), C), None

    def lstm(state, A):
        i, f, c, o = jnp.split(A + state[0] @ W, 4, axis=1)
        cell_state = sigmoid(f) * state[1] + sigmoid(i) * jnp.tanh(c)
        return (sigmoid(o) * jnp.tanh(cell_state), cell_state), None

    step = {"simple_rnn": simple_rnn, "irnn": simple_rnn, "gru": gru, "lstm": lstm}[cell]
    A = X @ p["U"].T + (p["b"][0] if cell == "gru" else p["b"])
    (last, _), _ = jax.lax.scan(step, (Z, C), A.swapaxes(0, 1))
    return last @ p["V"][0] + p["c"][0]


def error(cell, p, X, y):
    """Mean squared error of the answers."""
    return ((answers(cell, p, X) - y) ** 2).mean()


def trained(cell, start, units, updates=UPDATES, seeds=SEEDS, rates=RATES, chunk=100, closest=CLOSEST):
    """Weights after training and errors on validation and test sequences: {(rate, seed): (weights, validation, test)}.

    Adam with the gradient clipped to norm 1 (all weights together), the same sequences for every network of a seed.
    """
    training = Training(cell, start, units, seeds, rates, closest)
    training.go_on(updates, chunk)
    return training.measured()


class Training:
    """All seeds and learning rates of a network, trained side by side; `go_on` any number of times."""

    def __init__(self, cell, start, units, seeds=SEEDS, rates=RATES, closest=CLOSEST):
        import jax.numpy as jnp

        self.cell, self.seeds, self.done, self.closest = cell, list(seeds), 0, closest
        self.runs = [(rate, seed) for rate in rates for seed in seeds]
        drawn = [untrained(cell, start, units, seed) for _, seed in self.runs]
        p = {name: jnp.asarray(np.stack([one[name] for one in drawn]), jnp.float32) for name in drawn[0]}
        zeros = {name: jnp.zeros_like(p[name]) for name in p}
        self.state = (p, zeros, zeros)  # weights, and Adam's two means
        self.streams = [np.random.default_rng((seed, 1)) for seed in seeds]

    def keep(self, rate):
        """Go on with the networks of one learning rate only."""
        kept = np.array([run[0] == rate for run in self.runs])
        self.runs = [run for run in self.runs if run[0] == rate]
        self.state = tuple({name: array[kept] for name, array in part.items()} for part in self.state)

    def go_on(self, updates, chunk=100):
        """Train until so many updates are done in all."""
        import jax
        import jax.numpy as jnp

        of_seed = np.array([self.seeds.index(seed) for _, seed in self.runs])
        rate_of = jnp.asarray([rate for rate, _ in self.runs], jnp.float32)

        def update(p, mean, square, rate, X, y, t):
            g = jax.grad(lambda p: error(self.cell, p, X, y))(p)
            norm = jnp.sqrt(sum((array**2).sum() for array in g.values()))
            g = {name: g[name] * jnp.minimum(1, CLIP / (norm + 1e-12)) for name in g}
            mean = {name: 0.9 * mean[name] + 0.1 * g[name] for name in g}
            square = {name: 0.999 * square[name] + 0.001 * g[name] ** 2 for name in g}
            steps = {name: mean[name] / (1 - 0.9**t) / (jnp.sqrt(square[name] / (1 - 0.999**t)) + 1e-8) for name in g}
            return {name: p[name] - rate * steps[name] for name in g}, mean, square

        @jax.jit
        def several(state, X, y, t):
            def one(state, batch):
                X, y, t = batch
                each = jax.vmap(update, (0, 0, 0, 0, 0, 0, None))
                return each(*state, rate_of, X[of_seed], y[of_seed], t), None  # pyright: ignore[reportCallIssue]

            return jax.lax.scan(one, state, (X, y, t))[0]

        while self.done < updates:
            batches = [
                [sequences(rng, BATCH, closest=self.closest) for rng in self.streams]
                for _ in range(min(chunk, updates - self.done))
            ]
            X, y = (np.array([[pair[k] for pair in row] for row in batches], np.float32) for k in (0, 1))
            t = np.arange(self.done + 1, self.done + len(batches) + 1, dtype=np.float32)
            self.state = several(self.state, X, y, t)
            self.done += len(batches)

    def measured(self):
        """What `trained` returns, as it stands now."""
        import jax

        of_seed = np.array([self.seeds.index(seed) for _, seed in self.runs])
        measure = jax.jit(jax.vmap(lambda p, X, y: error(self.cell, p, X, y)))
        errors = []
        for part, samples in ((2, 500), (3, 2000)):
            sets = [
                sequences(np.random.default_rng((seed, part)), samples, closest=self.closest) for seed in self.seeds
            ]
            X, y = (np.stack([pair[k] for pair in sets]).astype(np.float32)[of_seed] for k in (0, 1))
            errors.append(np.asarray(measure(self.state[0], X, y)))
        weights = [{name: np.asarray(array[k]) for name, array in self.state[0].items()} for k in range(len(self.runs))]
        return {run: (weights[k], errors[0][k], errors[1][k]) for k, run in enumerate(self.runs)}


def trained_on(cell, start, units, rate):
    """Test errors of the seeds at one rate, after the usual updates and after LONGER: {seed: (earlier, later)}.

    All rates begin, as in the record, so that even the rounding is the same; then those of one go on.
    """
    training, found = Training(cell, start, units), []
    for updates in (UPDATES, LONGER):
        training.go_on(updates)
        training.keep(rate)
        found.append(training.measured())
    return {seed: tuple(rounded(float(at[rate, seed][2])) for at in found) for seed in SEEDS}


def load():
    """The measurement: ``rows``, a network, rate and seed each; ``longer``, those of the chosen rates after LONGER updates;
    ``far``, a GRU whose sequences have no mark in their last FAR steps; and ``weights`` of what chapter 9 shows, a list over seeds.
    """
    return store.measurement(NAME)


def add_marks(parser):
    """The arguments of `marks`, none; returns what runs it."""
    return _run


def _run(options):
    settings = {"timesteps": TIMESTEPS, "batch": BATCH, "updates": UPDATES, "clip": CLIP, "marked": MARKED}
    where = {"processor": files.processor(), "versions": files.versions()}
    made = store.begin(NAME, {"rows": [], "weights": {}}, settings=settings, **where)
    for network in NETWORKS:
        rows = [row for row in made["rows"] if _network(row) == network]
        if missing := [rate for rate in RATES if rate not in {row["learning_rate"] for row in rows}]:
            runs = trained(*network, rates=missing)
            _add(made, network, rows, runs)
            store.write_measurement(NAME, made)
    made.setdefault("longer", [])
    for network in NETWORKS:
        chosen = [row for row in made["rows"] if _network(row) == network and row["chosen"]]
        rate = chosen[0]["learning_rate"]
        if rate not in {row["learning_rate"] for row in made["longer"] if _network(row) == network}:
            made["longer"] = [row for row in made["longer"] if _network(row) != network]  # none of an older choice
            _add_longer(made, chosen, trained_on(*network, rate=rate))
            store.write_measurement(NAME, made)
    far = made.setdefault("far", [])
    if missing := [rate for rate in RATES if rate not in {row["learning_rate"] for row in far}]:
        (gru,) = [network for network in NETWORKS if network[0] == "gru"]
        for (rate, seed), (_, _, test) in trained(*gru, rates=missing, closest=FAR).items():
            far.append({"learning_rate": rate, "seed": seed, "test": rounded(float(test))})
        store.write_measurement(NAME, made)


def _network(row):
    return tuple(row[name] for name in ("cell", "start", "units"))


def _add(made, network, rows, runs):
    """Add the runs of a network to what is recorded, and choose its learning rate among all."""
    for (rate, seed), (weights, validation, test) in runs.items():
        row = dict(zip(("cell", "start", "units"), network, strict=True)) | {"updates": UPDATES}
        row |= {"learning_rate": rate, "seed": seed, "parameters": sum(array.size for array in weights.values())}
        rows.append(row | {"validation": rounded(float(validation)), "test": rounded(float(test))})
        made["rows"].append(rows[-1])
    mean = {rate: np.mean([row["validation"] for row in rows if row["learning_rate"] == rate]) for rate in RATES}
    best = min(mean, key=lambda rate: np.nan_to_num(mean[rate], nan=np.inf))
    for row in rows:
        row["chosen"] = row["learning_rate"] == best
        if row["chosen"]:
            print(row, flush=True)
    cell, start, _ = network
    if (cell, start) in SHOWN and (best, SEEDS[0]) in runs:
        made["weights"][f"{cell}, {start}"] = [
            {name: array.round(4).tolist() for name, array in runs[best, seed][0].items()} for seed in SEEDS
        ]


def _add_longer(made, chosen, errors):
    """Add what the chosen runs of a network came to when they trained on."""
    for row in chosen:
        earlier, later = errors[row["seed"]]
        if earlier != row["test"]:
            raise store.RecordError(
                f"{row['cell']}, {row['start']}, seed {row['seed']}: the error after {UPDATES} updates is {earlier}, recorded is "
                f"{row['test']}. Another rounding is another run: remove the file and record all of it again."
            )
        same = {name: row[name] for name in ("cell", "start", "units", "learning_rate", "seed")}
        made["longer"].append(same | {"updates": LONGER, "test": later})
