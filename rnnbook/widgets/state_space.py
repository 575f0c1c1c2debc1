"""A linear or tanh state space with two units, steered by the eigenvalues of W."""

import math

import numpy as np
import traitlets as T

from ..networks import reference
from .live import Live
from .picture import Svg

STEPS = 60


class StateSpace(Live):
    """Drag the eigenvalues of W and see how long the state remembers.

    Settings: `eigenvalues` "pair" (a complex pair with `radius` and `angle` in degrees) or "real" (`first`,
    `second`, and the `coupling` of the second unit into the first); `input` "impulse", "step", "sine" or "noise";
    `activation` "linear" or "tanh"; `step`, the highlighted one of 60.
    """

    eigenvalues = T.Enum(["pair", "real"], "pair").tag(sync=True)
    radius = T.Float(0.94, min=0, max=1.3).tag(sync=True)
    angle = T.Float(24.0, min=0, max=180).tag(sync=True)
    first = T.Float(0.95, min=-1.3, max=1.3).tag(sync=True)
    second = T.Float(0.8, min=-1.3, max=1.3).tag(sync=True)
    coupling = T.Float(0.0, min=0, max=2).tag(sync=True)
    input = T.Enum(["impulse", "step", "sine", "noise"], "impulse").tag(sync=True)
    activation = T.Enum(["linear", "tanh"], "linear").tag(sync=True)
    step = T.Int(12, min=0, max=STEPS).tag(sync=True)

    def weights(self):
        """Return U (2, 1), W (2, 2), b (2,) for `rnnbook.networks.reference`."""
        if self.eigenvalues == "real":
            W = np.array([[self.first, self.coupling], [0.0, self.second]])
        else:
            a = math.radians(self.angle)
            W = self.radius * np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
        return np.full((2, 1), math.sqrt(0.5)), W, np.zeros(2)

    def states(self, X):
        """Return the states Z (timesteps + 1, 2) for one input sequence X (timesteps,)."""
        activation = np.tanh if self.activation == "tanh" else lambda x: x
        return reference.rollout(np.reshape(X, (1, -1, 1)), *self.weights(), activation=activation)[0]

    def alt_text(self):
        where = (
            f"radius {self.radius:g} and angle {self.angle:g} degrees"
            if self.eigenvalues == "pair"
            else f"{self.first:g} and {self.second:g}"
        )
        return (
            f"Left, the path of a two-dimensional state after an impulse, for eigenvalues of W at {where}. "
            "Right, the two components of the state over 60 timesteps."
        )

    def picture(self):
        Z = self.states(np.eye(1, STEPS)[0])
        size = max(0.5, float(np.abs(Z).max()))
        size = float(f"{size * 1.1:.2g}")
        svg = Svg(680, 270)
        plane = svg.axes(52, 40, 190, 190, (-size, size), (-size, size), "State plane")
        svg.line([plane(*z) for z in Z], "z", 1.5)
        for z in Z[1:]:
            svg.circle(*plane(*z), 2.5, "z")
        time = svg.axes(310, 40, 345, 190, (0, STEPS), (-size, size), "State over time", "timestep")
        svg.line([time(i, z[0]) for i, z in enumerate(Z)], "z")
        svg.line([time(i, z[1]) for i, z in enumerate(Z)], "c", dash="5 4")
        return svg.svg()
