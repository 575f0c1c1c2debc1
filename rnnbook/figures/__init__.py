"""The diagrams of the course, drawn by code: a module a diagram, one vocabulary for all.

    from rnnbook import figures
    figures.show("rnn1c")

Each module has `ALT`, what its picture shows in words, and `draw()`, which returns a `Drawing`. They are drawn where
they are shown, so they work wherever the package is installed; `python -m rnnbook figures` writes them to DL_images/,
and their PNGs, for viewers that show no SVG, into the package.
"""

from __future__ import annotations

import hashlib
import re
from importlib import import_module
from pathlib import Path

from rnnbook.figures.inline import SCALE, outputs, small

from ..errors import CourseError

PNGS = Path(__file__).parent / "drawn"
SVGS = Path(__file__).parents[2] / "DL_images"  # in a clone

NAMES = (
    "rnn36",
    "rnn1",
    "rnn1c",
    "rnn39",
    "rnn40",
    "rnn48",
    "rnn38",
    "leak",
    "configurations",
    "dropout_masks",
    "gradient_path",
    "lstm_cell",
    "lstm_forget",
    "lstm_write",
    "lstm_show",
    "gru_cell",
    "padding_masking",
    "attention",
    "notation",
)


class Shown:
    """A diagram as the last expression of a cell."""

    def __init__(self, name: str):
        module = _module(name)
        self.name, self.alt, self.drawing = name, module.ALT, module.draw()

    def __repr__(self):
        return f"[Figure {self.name}: {self.alt}]"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return outputs(self.drawing.html(self.alt), png(self.name), self.alt, self.drawing.width)


def show(name: str) -> Shown:
    """The diagram `name` inline, in the colours of the page around it, with its alt text."""
    return Shown(name)


def alt(name: str) -> str:
    """What the diagram shows, in words."""
    return _module(name).ALT


def svg(name: str) -> str:
    """The diagram as a file that stands alone."""
    module = _module(name)
    return module.draw().svg(module.ALT)


def png(name: str) -> bytes:
    """The diagram in pixels, as it was drawn last. Raises FileNotFoundError where it has not been drawn yet."""
    path = PNGS / f"{name}.png"
    if not path.is_file():
        raise FileNotFoundError(f"The figure {name} has no PNG yet: run `python -m rnnbook figures {name}`.")
    return path.read_bytes()


def source(name: str) -> str:
    """A digest of the diagram's SVG: its PNG bears that of the SVG it was made from."""
    return hashlib.sha256(svg(name).encode()).hexdigest()


def rasterize(name: str) -> bytes:
    """Make the PNG of a diagram, dark ink on white, from its SVG."""
    import resvg_py

    alone = re.sub(r"<style>.*?</style>", "", svg(name), flags=re.S).replace("<svg ", '<svg color="#1c2430" ', 1)
    pixels = resvg_py.svg_to_bytes(svg_string=alone, zoom=SCALE, background="#ffffff", skip_system_fonts=True)
    return small(bytes(pixels), Source=source(name))


def write(folder="DL_images", names=NAMES, pngs=None) -> list[Path]:
    """Draw the diagrams into `folder` as NAME.svg and, where `pngs` is a folder, into it as NAME.png: the same bytes each time."""
    paths = []
    for name in names:
        made = {Path(folder) / f"{name}.svg": svg(name).encode()}
        if pngs is not None:
            made[Path(pngs) / f"{name}.png"] = rasterize(name)
        for path, content in made.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            paths.append(path)
    return paths


def add_figures(parser):
    """The arguments of `figures`; returns what runs it."""
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(NAMES)} (default: all)")
    parser.add_argument("--folder", default="DL_images", help="where to write the SVGs (default: %(default)s)")
    parser.add_argument(
        "--pngs", help="where to write the PNGs (default: into the package, with the SVGs of its clone)"
    )
    return _command


def _command(arguments) -> int:
    # Drawn elsewhere, they leave the package as it is: an SVG and its PNG are of one age.
    own = PNGS if Path(arguments.folder).resolve() == SVGS else None
    for path in write(arguments.folder, arguments.names or NAMES, arguments.pngs or own):
        print(path)
    return 0


def _module(name):
    if name not in NAMES:
        raise CourseError(f"There is no figure {name!r}; the figures are: {', '.join(NAMES)}.")
    return import_module(f"rnnbook.figures.{name}")
