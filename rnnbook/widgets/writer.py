"""A trained character model reads the reader's text and goes on with it, in the page."""

import functools

import numpy as np
import traitlets as T

from .. import text
from ..networks import characters
from ..text import sampling
from .live import Live
from .picture import Svg

SHOWN = 34  # characters in the still picture
ROUNDED = "UWV"  # as int8; the biases stay float32


@functools.cache
def packed():
    """The shipped network in few bytes: (int8 arrays, then float32 biases; units and the scale of each array)."""
    weights = characters.Trained().weights
    scales = {name: float(np.abs(weights[name]).max()) for name in ROUNDED}
    rounded = [np.round(127 * weights[name] / scales[name]).astype(np.int8) for name in ROUNDED]
    content = b"".join(array.tobytes() for array in (*rounded, weights["b"].astype("<f4"), weights["c"].astype("<f4")))
    return content, {"units": weights["W"].shape[1], "scales": scales, "alphabet": text.ALPHABET}


def network():
    """The network as the page runs it, with what rounding did to its weights."""
    trained = characters.Trained()
    scales = packed()[1]["scales"]
    for name in ROUNDED:
        trained.weights[name] = np.round(127 * trained.weights[name] / scales[name]) * scales[name] / 127
    return trained


class Writer(Live):
    """Give the first words, set temperature and top-p, and step through what the network reads and writes.

    `first` is the reader's text, `step` how many characters have been read, `seed` chooses the draws.
    """

    first = T.Unicode("shall i compare thee to a summer's d").tag(sync=True)
    temperature = T.Float(0.7, min=0.1, max=2).tag(sync=True)
    top_p = T.Float(1.0, min=0.05, max=1).tag(sync=True)
    step = T.Int(0, min=0).tag(sync=True)
    seed = T.Int(0, min=0).tag(sync=True)
    weights = T.Bytes().tag(sync=True)
    layout_of_weights = T.Dict().tag(sync=True)

    def __init__(self, **settings):
        content, layout = packed()
        super().__init__(**{"weights": content, "layout_of_weights": layout, **settings})

    def surprise(self):
        """−log2 P of each character of the text but the first, and the distribution after the last one."""
        written = text.plain(self.first)
        p = sampling.probabilities(network().read(written)[0])
        return -np.log2(p[np.arange(len(written) - 1), text.encode(written)[1:]]), p[-1]

    def alt_text(self):
        if len(self.first) < 2:
            return "A trained network waits for first words, to go on with them."
        bits, p = self.surprise()
        best = text.ALPHABET[int(p.argmax())]
        return (
            f"A trained network reads a text of {len(self.first)} characters with {bits.mean():.2f} bits of surprise a character. "
            f"It expects {best!r} next, with probability {p.max():.2f}."
        )

    def picture(self):
        svg = Svg(680, 250)
        if len(self.first) < 2:
            return svg.text(340, 120, "Give the first words, and the network goes on.", anchor="middle").svg()
        bits, _ = self.surprise()
        bits, letters = bits[-SHOWN:], text.plain(self.first)[1:][-SHOWN:]
        at = svg.axes(48, 40, 610, 160, (0, len(bits)), (0, 10), "Surprise of each character, in bits")
        for i, (value, letter) in enumerate(zip(bits, letters, strict=True)):
            svg.line([at(i + 0.5, 0), at(i + 0.5, min(10, value))], "y", 9)
            svg.text(at(i + 0.5, 0)[0], 236, letter.strip(), anchor="middle")
        return svg.svg()
