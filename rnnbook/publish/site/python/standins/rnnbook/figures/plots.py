"""What `rnnbook.figures.plots` offers to curves, in the page."""

from matplotlib import pyplot

BLUE, ORANGE, GREEN, PURPLE, OCHRE, GREY = CYCLE = ["C0", "C1", "C2", "C3", "C4", "C5"]
LINESTYLES = ["-", "--", ":", "-.", "--", ":"]
MARKERS = ["o", "s", "^", "D", "v", "P"]


def use():
    """The page has one style."""


def show(fig, alt):
    """Show a figure below the cell; `alt` says what it shows."""
    if not str(alt).strip():
        raise ValueError("A figure needs alt text: say in a sentence what it shows.")
    pyplot.show(fig, str(alt))
