"""The LSTM cell: gates around an additive path. Of its three moves each has a picture of its own, by the same code."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass

from rnnbook.figures.vocabulary import MATH, STRONG, Drawing

ALT = (
    "An LSTM cell. Along the top the cell state runs straight from C_i to C_{i+1}: it is multiplied by the forget "
    "gate f, then the product of the input gate i and the candidate C-tilde is added. Below, the state Z_i through W "
    "and the input X_i through U feed four small layers: three with a sigmoid give the gates f, i and o, one with "
    "tanh gives the candidate. On the right the tanh of the new cell state is multiplied by the output gate o and "
    "leaves as Z_{i+1}. On the way of the cell state lie only a product and a sum unit by unit, no matrix."
)

MOVES = ("forget", "write", "show")


@dataclass(frozen=True)
class Plan:
    """Where the parts of a cell stand, and how large they are."""

    left: float = 44
    forget: float = 166  # the columns of the four layers
    enter: float = 254
    candidate: float = 342
    show: float = 430
    read: float = 512
    right: float = 602
    path: float = 62  # the rows
    squash: float = 116
    product: float = 142
    out: float = 182
    names: float = 206
    layers: float = 250
    state_bus: float = 326
    input_bus: float = 382
    cell: tuple[float, float] = (58, 42)
    right_cell: float = 64
    layer: tuple[float, float] = (58, 38)
    tanh: tuple[float, float] = (60, 36)
    circle: float = 28
    states: tuple[float, float] = (50, 58)
    input: float = 44
    letters: float = MATH
    matrices: float = 17  # the letters of W and U; 0: none


CLOSE = Plan(
    left=28, forget=102, enter=164, candidate=226, show=288, read=346, right=408, path=26, squash=70, product=86,
    out=122, names=136, layers=168, state_bus=224, input_bus=274, cell=(48, 36), right_cell=56, layer=(50, 32),
    tanh=(50, 30), circle=24, states=(44, 52), input=38, letters=17, matrices=0,
)  # fmt: skip


def draw():
    d = Drawing(640, 518)
    d.frame(100, 22, 552, 412)
    cell(d, Plan())
    d.text(320, 446, "$C_{i+1} = \\rm f_{i+1} \\odot C_i + \\rm i_{i+1} \\odot \\tilde C_{i+1}$", MATH)
    d.text(320, 490, "$Z_{i+1} = \\rm o_{i+1} \\odot \\tanh(C_{i+1})$", MATH)
    return d


def move(name):
    """The cell closer together, in which only what takes part in one move stands out."""
    d = Drawing(440, 302)
    cell(d, CLOSE, [name])
    return d


def cell(d: Drawing, p: Plan, moves=MOVES):
    """What takes part in none of the moves is pale."""

    def part(*of):
        return nullcontext() if set(of) & set(moves) else d.pale()

    # the cell state, straight through
    with part("forget"):
        c0 = d.box(p.left, p.path, *p.cell, "$C_i$", "cell", corner=p.cell[1] / 2, size=p.letters)
    with part("write", "show"):
        c1 = d.box(p.right, p.path, p.right_cell, p.cell[1], "$C_{i+1}$", "cell", corner=p.cell[1] / 2, size=p.letters)
    with part("forget"):
        keep = d.operation(p.forget, p.path, "×", p.circle)
    with part("write"):
        add = d.operation(p.candidate, p.path, "+", p.circle)
    with part("forget"):
        d.arrow(c0, keep, tone="cell", weight=STRONG)
    with part("forget", "write"):
        d.arrow(keep, add, tone="cell", weight=STRONG)
    with part("write", "show"):
        d.arrow(add, c1, tone="cell", weight=STRONG)

    # the four layers, each with rows of U and W of its own
    places = (p.forget, "forget"), (p.enter, "write"), (p.candidate, "write"), (p.show, "show")
    f, i, c, o = feed(d, p, places, part)
    with part("forget"):
        d.arrow(f, keep)
    with part("write"):
        admit = d.operation(p.candidate, p.product, "×", p.circle)
        d.arrow(i, (p.enter, p.product), admit)
        d.arrow(c, admit)
        d.arrow(admit, add)

    # what the cell shows
    with part("show"):
        d.joint(p.read, p.path, "cell")
        tanh = d.box(p.read, p.squash, *p.tanh, "$\\tanh$", size=min(17, p.letters - 1))
        out = d.operation(p.read, p.out, "×", p.circle)
        d.arrow((p.read, p.path + 4), tanh)
        d.arrow(tanh, out)
        d.arrow(o, (p.show, p.out), out)
        shown = d.state(p.right, p.state_bus, "$Z_{i+1}$", size=p.states[1])
        d.arrow(out, (p.read, p.state_bus), shown, tone="z", weight=STRONG)

    for (x, of), letter in zip(places, ("\\rm f", "\\rm i", "\\tilde C", "\\rm o")):
        with part(of):
            d.text(x + 9, p.names, f"${letter}_{{i+1}}$", p.letters, "start")


def feed(d, p, places, part):
    """Small layers side by side, which all read Z_i through W and X_i through U."""
    z, x = d.state(p.left, p.state_bus, "$Z_i$", size=p.states[0]), d.input(p.left, p.input_bus, "$X_i$", size=p.input)
    boxes = {}
    pale = [place for place in places if not isinstance(part(place[1]), nullcontext)]
    bright = [place for place in places if place not in pale]
    for group in (pale, bright):  # the bright lines lie on the pale ones
        for place, of in group:
            with part(of):
                label = "$\\tanh$" if place == p.candidate else "$\\sigma$"
                boxes[place] = d.box(place, p.layers, *p.layer, label, size=p.letters)
                for aside, source, letter, tone in ((-13, z, "W", "z"), (13, x, "U", "x")):
                    end = (place + aside, p.layers + p.layer[1] / 2 + 3)
                    if place == group[-1][0]:
                        d.weight(source, (place + aside, source.y), end, letter=letter, label=False)
                    else:
                        d.weight(d.joint(place + aside, source.y, tone), end, letter=letter, label=False)
                    if p.matrices:
                        d.text(place + 1.7 * aside, p.layers + 46, f"${letter}$", p.matrices,
                               "start" if aside > 0 else "end")  # fmt: skip
    return [boxes[place] for place, _ in places]
