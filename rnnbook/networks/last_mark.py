"""The number at the last mark: a task with two inputs, a number and a mark, and the networks that chapter 9 trains on it.

`Training` trains all seeds and learning rates of a network at once, in JAX; `shipped` gives the trained ones that the book shows.
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

TRAINED = Path(__file__).parent / "trained" / "last_mark.npz"
TIMESTEPS, BATCH, CLIP = 40, 32, 1.0
CLOSEST = 5  # steps from the last mark to the end, at least
MARKED = 0.06  # probability of a mark, beside the one that every sequence has
BLOCKS = {"simple_rnn": 1, "irnn": 1, "gru": 3, "lstm": 4}  # irnn: a SimpleRNN with ReLU


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


class Training:
    """All seeds and learning rates of a network, trained side by side; `go_on` any number of times.

    Adam with the gradient clipped to norm 1 (all weights together), the same sequences for every network of a seed.
    """

    def __init__(self, cell, start, units, seeds, rates, closest=CLOSEST):
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
        """Weights as they stand, and errors on validation and test sequences: {(rate, seed): (weights, validation, test)}."""
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


def stored(networks):
    """`networks`, {name: weights of each seed}, as named arrays for one file."""
    return {
        f"{name}/{seed}/{letter}": array.round(4)
        for name, of_seeds in networks.items()
        for seed, p in enumerate(of_seeds)
        for letter, array in p.items()
    }


@functools.cache
def shipped():
    """The trained networks that chapter 9 shows, by name: a list over seeds of weights U, W, b, V, c, float64."""
    found: dict[str, list[dict[str, np.ndarray]]] = {}
    with np.load(TRAINED) as file:
        for key in file.files:
            name, seed, letter = key.split("/")
            of_seeds = found.setdefault(name, [])
            if int(seed) == len(of_seeds):
                of_seeds.append({})
            of_seeds[int(seed)][letter] = file[key].astype(float)
    return found
