"""Padding, truncation and the mask."""

from rnnbook.figures.vocabulary import MATH, Drawing

ALT = (
    "Reviews brought to a common length of six steps. A short review of four words is padded with two zeros: before "
    "it with pre-padding, after it with post-padding. A long review of eight words is cut to six: pre-truncation "
    "drops its first two words, post-truncation its last two. Below, what the mask does: at the four words it is 1 "
    "and the state is updated; at the two padded steps behind them it is 0 and the state is copied, so that the last "
    "state is the one after the last word."
)

SHORT = ["it", "was", "not", "bad"]
LONG = ["quiet", "slow", "but", "i", "liked", "it", "a", "lot"]


def draw():
    d = Drawing(640, 476)

    d.text(74, 18, "Too short: padded with zeros", bold=True, anchor="start")
    _row(d, 52, "pre", [0, 0, *SHORT])
    _row(d, 90, "post", [*SHORT, 0, 0])

    d.text(74, 140, "Too long: cut off", bold=True, anchor="start")
    _row(d, 174, "pre", LONG, dropped=(0, 1))
    _row(d, 212, "post", LONG, dropped=(6, 7))

    d.text(74, 266, "The mask: the state waits while there is padding", bold=True, anchor="start")
    states, inputs, mask = 320, 404, 450
    columns = [100 + 84 * step for step in range(7)]
    before = d.state(columns[0], states, "$Z_0$", size=44, dashed=True)
    for step, (x, word) in enumerate(zip(columns[1:], [*SHORT, 0, 0])):
        state = d.state(x, states, f"$Z_{step + 1}$", size=44, dashed=word == 0)
        if word == 0:
            d.arrow(before, state, dashed=True)
            d.text((before.x + x) / 2, states - 18, "copy")
            d.box(x, inputs, 56, 30, "0", corner=4, dashed=True)
        else:
            d.weight(before, state, letter="W", at=((before.x + x) / 2 - 2, states - 18))
            d.weight(d.box(x, inputs, 56, 30, str(word), "x", corner=4), state, letter="U", at=(x + 16, 366))
        d.text(x, mask, "0" if word == 0 else "1", MATH)
        before = state
    d.text(136, inputs, "input", anchor="end")
    d.text(136, mask, "mask", anchor="end")
    return d


def _row(d, y, label, cells, dropped=()):
    """A review, a cell a timestep; what truncation drops is struck out."""
    left, width = 74, 68
    d.text(left - 14, y, label, anchor="end")
    for place, cell in enumerate(cells):
        x = left + (place + 0.5) * width
        if cell == 0:
            d.box(x, y, width - 6, 30, "0", corner=4, dashed=True)
        elif place in dropped:
            d.text(x, y, cell, opacity=0.85)
            d.line((x - 24, y + 1), (x + 24, y + 1), opacity=0.75)
        else:
            d.box(x, y, width - 6, 30, cell, "x", corner=4)
