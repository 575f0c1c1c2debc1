"""One recurrent unit, from the folded network to its unfolding, forward through numbers and back through gradients."""

import math

import traitlets as T

from ..figures.palette import LETTERS
from .live import Live
from .picture import Svg

MOST = 6


class Unfold(Live):
    """Pull a recurrent network from folded to n timesteps; step forward, then backward.

    A network with one unit, Z_{i+1} = tanh(W Z_i + U X_i + b), Y = V Z + c, read at the last timestep with the loss
    L = (Y - target)² / 2. Settings: the weights `U`, `W`, `V`, `b`, `c`, the `target`, six inputs `X`, the
    timesteps `unfold` (0 is folded) and `step`: forward, the loss, then backward.
    """

    unfold = T.Float(3.0, min=0, max=MOST).tag(sync=True)
    step = T.Int(2, min=0, max=2 * MOST + 1).tag(sync=True)
    U = T.Float(0.8, min=-2, max=2).tag(sync=True)
    W = T.Float(0.9, min=-2, max=2).tag(sync=True)
    V = T.Float(1.0, min=-2, max=2).tag(sync=True)
    b = T.Float(0.0).tag(sync=True)
    c = T.Float(0.0).tag(sync=True)
    target = T.Float(1.0).tag(sync=True)
    X = T.List(T.Float(), [1.0, -0.4, 0.6, 0.3, -0.2, 0.5], minlen=MOST, maxlen=MOST).tag(sync=True)

    def alt_text(self):
        return (
            "Left, the folded network: an input X, a hidden state Z with an arrow W back to itself, an output Y. "
            "Right, the same network unfolded over three timesteps, with the same weights U and W at each."
        )

    def picture(self):
        svg = Svg(680, 250)

        def node(x, y, letter, colour):
            svg.circle(x, y, 20, "#fff", colour).text(x, y + 5, letter, colour, "middle", 14, bold=True)

        def arrow(x0, y0, x1, y1, letter, dx=0, dy=0):
            svg.line([(x0, y0), (x1, y1)], LETTERS[letter], 1.8)
            a, b = (5, 8) if x0 == x1 else (8, 5)
            tip = (
                [(x1 - a, y1 + b), (x1, y1), (x1 + a, y1 + b)]
                if x0 == x1
                else [(x1 - a, y1 - b), (x1, y1), (x1 - a, y1 + b)]
            )
            svg.line(tip, LETTERS[letter], 1.8).text(
                (x0 + x1) / 2 + dx, (y0 + y1) / 2 + dy, letter, LETTERS[letter], "middle", 14, bold=True
            )

        svg.text(95, 28, "Folded", "ink", "middle", bold=True).text(
            440, 28, "Unfolded: the same U and W at each timestep", "ink", "middle", bold=True
        )
        for x, names in (
            (95, ("X", "Z", "Y")),
            (350, ("X₀", "Z₁", "")),
            (465, ("X₁", "Z₂", "")),
            (580, ("X₂", "Z₃", "Y₃")),
        ):
            node(x, 215, names[0], "x")
            arrow(x, 195, x, 161, "U", 13, 5)
            if names[2]:
                arrow(x, 119, x, 85, "V", 13, 5)
                node(x, 65, names[2], "y")
        loop = [(130 + 32 * math.cos(a / 10), 140 - 32 * math.sin(a / 10)) for a in range(-22, 23)]
        svg.line(loop, LETTERS["W"], 1.8).line([(118, 175), (112, 166), (123, 162)], LETTERS["W"], 1.8).text(
            174, 145, "W", LETTERS["W"], "middle", 14, bold=True
        )
        node(95, 140, "Z", "z")
        node(235, 140, "Z₀", "z")
        for x, name in ((350, "Z₁"), (465, "Z₂"), (580, "Z₃")):
            arrow(x - 95, 140, x - 21, 140, "W", 0, -8)
            node(x, 140, name, "z")
        return svg.svg()
