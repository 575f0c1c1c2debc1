"""Trained character models read the reader's text and go on with it, in the page."""

import functools

import numpy as np
import traitlets as T

from .. import text
from ..networks import characters
from ..text import sampling
from .live import Live
from .picture import Svg

SHOWN = 34  # characters in the still picture
LARGER = "characters-larger"  # the asset


@functools.cache
def packed(name="small"):
    """A shipped network in few bytes: (int8 arrays, then float32 biases; units and the scale of each array)."""
    arrays = characters.rounded(characters.Trained().weights) if name == "small" else characters.larger_arrays()
    content = b"".join(arrays[part].tobytes() for part in (*characters.ROUNDED, "b", "c"))
    scales = {part: float(arrays[f"scale_{part}"]) for part in characters.ROUNDED}
    units = network(name).units
    return content, {"units": units, "scales": scales, "alphabet": text.ALPHABET, "label": f"LSTM of {units} units"}


@functools.cache
def network(name="small"):
    """The network as the page runs it, with what rounding did to its weights."""
    if name == "larger":
        return characters.larger()
    return characters.Trained(characters.restored(characters.rounded(characters.Trained().weights)))


class Writer(Live):
    """Give the first words, set temperature and top-p, and step through what the network reads and writes.

    `network` is "small", the LSTM of the race, or "larger", which has read all other works and is loaded when it is chosen.
    `first` is the reader's text, `step` how many characters have been read, `seed` chooses the draws.
    """

    network = T.Enum(("small", "larger"), "small").tag(sync=True)
    first = T.Unicode("shall i compare thee to a summer's d").tag(sync=True)
    temperature = T.Float(0.7, min=0.1, max=2).tag(sync=True)
    top_p = T.Float(1.0, min=0.05, max=1).tag(sync=True)
    step = T.Int(0, min=0).tag(sync=True)
    seed = T.Int(0, min=0).tag(sync=True)
    weights = T.Bytes().tag(sync=True)
    layouts = T.Dict().tag(sync=True)

    def __init__(self, **settings):
        content, small = packed()
        heavy, larger = packed("larger")
        megabytes = len(heavy) * 4 / 3 / 1e6  # as base64
        larger = larger | {"asset": LARGER, "label": f"{larger['label']}, more text (loads {megabytes:.1f} MB)"}
        super().__init__(**{"weights": content, "layouts": {"small": small, "larger": larger}, **settings})

    @classmethod
    def assets(cls):
        return (LARGER,)

    @classmethod
    def asset(cls, name):
        if name != LARGER:
            raise KeyError(name)
        return packed("larger")[0]

    def surprise(self):
        """−log2 P of each character of the text but the first, and the distribution after the last one."""
        written = text.plain(self.first)
        p = sampling.probabilities(network(self.network).read(written)[0])
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
