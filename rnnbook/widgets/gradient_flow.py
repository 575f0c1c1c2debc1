"""How far a gradient flows back through time: simple RNN against LSTM, with the bound by the spectral norm."""

import numpy as np
import traitlets as T

from ..networks import reference
from .live import Live
from .picture import Svg

UNITS, MOST = 8, 100


def random_system(seed):
    """Return the inputs X (100, 1) and weights of both networks as one float64 array, in the order that `split` undoes.

    W of the simple RNN is orthogonal with some noise, at spectral radius 1, so that its spectral norm is a little
    larger; the LSTM's weights are Gaussian with deviation 1/√units.
    """
    rng = np.random.default_rng(seed)
    W = reference.orthogonal(rng, UNITS) + 0.1 * rng.normal(size=(UNITS, UNITS))
    W /= np.abs(np.linalg.eigvals(W)).max()
    U = 0.3 * rng.normal(size=(UNITS, 1))
    gates = rng.normal(size=(4 * UNITS, UNITS + 1)) / np.sqrt(UNITS)
    return np.concatenate([rng.normal(size=MOST), W.ravel(), U.ravel(), gates.ravel()])


def split(flat):
    """Return X (100, 1), W (units, units), U (units, 1) and the LSTM's W (4 units, units), U (4 units, 1)."""
    X, W, U, gates = np.split(flat, np.cumsum([MOST, UNITS * UNITS, UNITS]))
    gates = gates.reshape(4 * UNITS, UNITS + 1)
    return X[:, None], W.reshape(UNITS, UNITS), U[:, None], gates[:, :UNITS], gates[:, UNITS:]


class GradientFlow(Live):
    """See the gradient of a loss at the last timestep shrink or grow on its way back.

    Settings: the spectral `radius` of the simple RNN's W; its `activation` "linear", "tanh" or "relu"; the number of
    `timesteps`; `forget_bias` of the LSTM; `clip` with its `threshold` on the norm of the parameters' gradient; `at`,
    the timestep that is read out. `system` holds inputs and weights as made by `random_system`.
    """

    radius = T.Float(0.9, min=0.1, max=1.6).tag(sync=True)
    activation = T.Enum(["linear", "tanh", "relu"], "tanh").tag(sync=True)
    timesteps = T.Int(50, min=10, max=MOST).tag(sync=True)
    forget_bias = T.Float(1.0, min=-2, max=6).tag(sync=True)
    clip = T.Bool(False).tag(sync=True)
    threshold = T.Float(1.0, min=0.01, max=100).tag(sync=True)
    at = T.Int(0, min=0, max=MOST).tag(sync=True)
    system = T.Bytes(random_system(1).astype("<f8").tobytes()).tag(sync=True)

    def gradients(self):
        """Return ‖∂L/∂Z_i‖ of the simple RNN for i = 0 … timesteps, where ∂L/∂Z at the last timestep has length 1."""
        X, W, U, _, _ = split(np.frombuffer(self.system, "<f8"))
        activation, slope = {
            "linear": (lambda x: x, np.ones_like),
            "tanh": (np.tanh, lambda z: 1 - z**2),
            "relu": (lambda x: np.maximum(x, 0), lambda z: (z > 0) * 1.0),
        }[self.activation]
        W = self.radius * W
        Z = reference.rollout(X[None, : self.timesteps], U, W, np.zeros(UNITS), activation=activation)[0]
        gradient = np.full(UNITS, UNITS**-0.5)
        norms = [1.0]
        for z in Z[:0:-1]:
            gradient = W.T @ (slope(z) * gradient)
            norms.append(float(np.linalg.norm(gradient)))
        return np.array(norms[::-1])

    def alt_text(self):
        first = self.gradients()[0]
        return f"The gradient's length at each of {self.timesteps} timesteps of a simple RNN with spectral radius {self.radius:g}, on a log scale: 1 at the last timestep, {first:.0e} at the first."

    def picture(self):
        norms = np.log10(np.maximum(self.gradients(), 1e-16))
        low, high = int(np.floor(norms.min())), max(1, int(np.ceil(norms.max())))
        svg = Svg(680, 270)
        at = svg.axes(
            70, 48, 585, 170, (0, self.timesteps), (low, high), "log₁₀ of the gradient's length, simple RNN", "timestep"
        )
        return svg.line([at(i, v) for i, v in enumerate(norms)], "z", 2.5).svg()
