"""Recurrent dropout with one mask for all timesteps against a fresh mask at each: what it does to a memory."""

import numpy as np
import traitlets as T

from ..networks import reference
from .live import Live
from .picture import Svg, colour

UNITS, FEATURES, STEPS = 8, 4, 24


def uniforms(seed):
    """Yield the random numbers in [0, 1) of kit.js (mulberry32), so that picture and page draw the same masks."""
    a = seed
    while True:
        a = (a + 0x6D2B79F5) % 2**32
        t = (a ^ a >> 15) * (a | 1) % 2**32
        t ^= (t + (t ^ t >> 7) * (t | 61)) % 2**32
        yield ((t ^ t >> 14) % 2**32) / 2**32


def random_system(seed):
    """Return W (units, units), a slow memory, U (units, features) and X (24, features) as one float64 array.

    The input is a pulse at timestep 0, then weak noise.
    """
    rng = np.random.default_rng(seed)
    W = 0.95 * np.eye(UNITS) + 0.05 * rng.normal(size=(UNITS, UNITS))
    U = rng.normal(size=(UNITS, FEATURES)) / np.sqrt(FEATURES)
    X = 0.02 * rng.normal(size=(STEPS, FEATURES))
    X[0] = 1
    return np.concatenate([W.ravel(), U.ravel(), X.ravel()])


class DropoutMasks(Live):
    """See dropout masks, the states under them, and how their noise adds up over the timesteps.

    Settings: `masks` "fixed" (one mask a sequence: Gal and Ghahramani, 2016; what Keras does) or "fresh" (a new
    one at each timestep); the rates `dropout` of the inputs and `recurrent_dropout` of the state, scaled by
    1/(1 - rate) as in Keras; `seed` of the draw; `step`. `system` holds W, U and X as made by `random_system`.
    """

    masks = T.Enum(["fixed", "fresh"], "fresh").tag(sync=True)
    dropout = T.Float(0.0, min=0, max=0.8).tag(sync=True)
    recurrent_dropout = T.Float(0.3, min=0, max=0.8).tag(sync=True)
    seed = T.Int(1, min=1, max=10_000).tag(sync=True)
    step = T.Int(12, min=0, max=STEPS).tag(sync=True)
    system = T.Bytes(random_system(3).astype("<f8").tobytes()).tag(sync=True)

    def weights(self):
        """Return W (units, units), U (units, features), X (24, features)."""
        W, U, X = np.split(np.frombuffer(self.system, "<f8"), np.cumsum([UNITS * UNITS, UNITS * FEATURES]))
        return W.reshape(UNITS, UNITS), U.reshape(UNITS, FEATURES), X.reshape(STEPS, FEATURES)

    def draw(self):
        """Return the input masks (24, features) and recurrent masks (24, units) of this seed, 0 or 1/(1 - rate)."""
        random = uniforms(self.seed)
        drawn = []
        for size, rate in ((FEATURES, self.dropout), (UNITS, self.recurrent_dropout)):
            kept = [[(next(random) >= rate) / (1 - rate) for _ in range(size)] for _ in range(STEPS)]
            drawn.append(np.array([kept[0]] * STEPS if self.masks == "fixed" else kept))
        return drawn

    def states(self):
        """Return the states (25, units) under this draw."""
        W, U, X = self.weights()
        inputs, recurrent = self.draw()
        return reference.dropout_rollout(X[None], U, W, 0.0, inputs[None], recurrent[None])[0]

    def alt_text(self):
        return (
            f"Top, the recurrent dropout masks of {UNITS} units over {STEPS} timesteps, {self.masks} masks at rate {self.recurrent_dropout:g}. "
            "Bottom, the states under them: with fresh masks the pulse at the start is soon lost in noise."
        )

    def picture(self):
        svg = Svg(680, 330).text(30, 30, f"Recurrent masks, {self.masks}", bold=True).text(30, 180, "States", bold=True)
        recurrent, Z = self.draw()[1], self.states()[1:]
        for i in range(STEPS):
            for k in range(UNITS):
                svg.rect(30 + 26 * i, 42 + 14 * k, 24, 12, "w" if recurrent[i, k] else "#ffffff", "line")
                svg.rect(30 + 26 * i, 192 + 14 * k, 24, 12, colour(Z[i, k]))
        return svg.svg()
