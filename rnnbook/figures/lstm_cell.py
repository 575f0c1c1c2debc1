"""The LSTM cell: gates around an additive path."""

from rnnbook.figures.vocabulary import MATH, STRONG, Drawing

ALT = (
    "An LSTM cell. Along the top the cell state runs straight from C_i to C_{i+1}: it is multiplied by the forget "
    "gate f, then the product of the input gate i and the candidate C-tilde is added. Below, the state Z_i through W "
    "and the input X_i through U feed four small layers: three with a sigmoid give the gates f, i and o, one with "
    "tanh gives the candidate. On the right the tanh of the new cell state is multiplied by the output gate o and "
    "leaves as Z_{i+1}. On the way of the cell state lie only a product and a sum unit by unit, no matrix."
)


def draw():
    d = Drawing(640, 518)
    path, product, layers, state_bus, input_bus = 62, 142, 250, 326, 382
    forget, enter, candidate, show, read = 166, 254, 342, 430, 512

    d.frame(100, 22, 552, 412)

    # the cell state, straight through
    c0, c1 = (
        d.box(44, path, 58, 42, "$C_i$", "cell", corner=21),
        d.box(602, path, 64, 42, "$C_{i+1}$", "cell", corner=21),
    )
    keep, add = d.operation(forget, path, "×"), d.operation(candidate, path, "+")
    d.arrow(c0, keep, tone="cell", weight=STRONG)
    d.arrow(keep, add, tone="cell", weight=STRONG)
    d.arrow(add, c1, tone="cell", weight=STRONG)

    # the four layers, each with rows of U and W of its own
    f, i, c, o = feed(d, [(forget, "$\\sigma$"), (enter, "$\\sigma$"), (candidate, "$\\tanh$"), (show, "$\\sigma$")],
                      layers, state_bus, input_bus)  # fmt: skip
    d.arrow(f, keep)
    admit = d.operation(candidate, product, "×")
    d.arrow(i, (enter, product), admit)
    d.arrow(c, admit)
    d.arrow(admit, add)

    # what the cell shows
    d.joint(read, path, "cell")
    tanh = d.box(read, 116, 60, 36, "$\\tanh$", size=17)
    out = d.operation(read, 182, "×")
    d.arrow((read, path + 4), tanh)
    d.arrow(tanh, out)
    d.arrow(o, (show, 182), out)
    d.arrow(out, (read, state_bus), d.state(602, state_bus, "$Z_{i+1}$", size=58), tone="z", weight=STRONG)

    for x, y, letter in (
        (forget, 206, "\\rm f"),
        (enter, 206, "\\rm i"),
        (candidate, 206, "\\tilde C"),
        (show, 206, "\\rm o"),
    ):
        d.text(x + 9, y, f"${letter}_{{i+1}}$", MATH, "start")
    d.text(320, 446, "$C_{i+1} = \\rm f_{i+1} \\odot C_i + \\rm i_{i+1} \\odot \\tilde C_{i+1}$", MATH)
    d.text(320, 490, "$Z_{i+1} = \\rm o_{i+1} \\odot \\tanh(C_{i+1})$", MATH)
    return d


def feed(d, layers, y, state_bus, input_bus):
    """Small layers side by side, which all read Z_i through W and X_i through U."""
    last = layers[-1][0]
    z, x = d.state(44, state_bus, "$Z_i$"), d.input(44, input_bus, "$X_i$", size=44)
    boxes = []
    for place, label in layers:
        boxes.append(d.box(place, y, 58, 38, label))
        for offset, source, letter, tone in ((-13, z, "W", "z"), (13, x, "U", "x")):
            end = (place + offset, y + 22)
            if place == last:
                d.weight(source, (place + offset, source.y), end, letter=letter, label=False)
            else:
                d.weight(d.joint(place + offset, source.y, tone), end, letter=letter, label=False)
            d.text(place + 1.7 * offset, y + 46, f"${letter}$", 17, "start" if offset > 0 else "end")
    return boxes
