"""The diagrams of the course, drawn by code: a module a diagram, one vocabulary for all.

    from rnnbook import figures
    figures.show("rnn1c")

Each module has `ALT`, what its picture shows in words, and `draw()`, which returns a `Drawing`. They are drawn where
they are shown, so they work wherever the package is installed; `python -m rnnbook figures` writes them to DL_images/.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

NAMES = (
    "rnn36",
    "rnn1",
    "rnn1c",
    "rnn39",
    "rnn40",
    "rnn48",
    "rnn38",
    "configurations",
    "dropout_masks",
    "gradient_path",
    "lstm_cell",
    "gru_cell",
    "padding_masking",
    "notation",
)


class Shown:
    """A diagram as the last expression of a cell."""

    def __init__(self, name: str):
        module = _module(name)
        self.name, self.alt, self.drawing = name, module.ALT, module.draw()

    def __repr__(self):
        return f"[Figure {self.name}: {self.alt}]"

    def _repr_html_(self):
        return self.drawing.html(self.alt)


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


def write(folder="DL_images", names=NAMES) -> list[Path]:
    """Draw the diagrams into `folder` as NAME.svg: the same bytes each time."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in names:
        path = folder / f"{name}.svg"
        path.write_text(svg(name), encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def add_figures(parser):
    """The arguments of `figures`; returns what runs it."""
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(NAMES)} (default: all)")
    parser.add_argument("--folder", default="DL_images", help="where to write them (default: %(default)s)")
    return _command


def _command(arguments) -> int:
    for path in write(arguments.folder, arguments.names or NAMES):
        print(path)
    return 0


def _module(name):
    if name not in NAMES:
        raise ValueError(f"There is no figure {name!r}; the figures are: {', '.join(NAMES)}.")
    return import_module(f"rnnbook.figures.{name}")
