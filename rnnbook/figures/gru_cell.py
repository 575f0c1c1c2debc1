"""The GRU cell, with the reset gate after the product as in Keras."""

from rnnbook.figures.vocabulary import MATH, STRONG, Drawing

ALT = (
    "A GRU cell. Along the top the state runs straight from Z_i to Z_{i+1}: it is multiplied by the update gate z, "
    "then the candidate Z-tilde, multiplied by one minus z, is added. Below, Z_i through W and X_i through U feed "
    "two small layers with a sigmoid, which give the reset gate r and the update gate z. For the candidate, W Z_i is "
    "multiplied by r, then U X_i is added, and tanh follows. There is no cell state beside Z."
)


def draw():
    d = Drawing(640, 478)
    path, blend, turn, layers, state_bus, input_bus = 62, 142, 196, 256, 332, 386
    reset, update, new = 190, 300, 480
    reach = 402  # where the reset gate acts

    d.frame(100, 22, 550, 414)

    # the state, straight through
    z0, z1 = d.state(44, path, "$Z_i$"), d.state(602, path, "$Z_{i+1}$", size=58)
    keep, add = d.operation(update, path, "×"), d.operation(new, path, "+")
    d.arrow(z0, keep, tone="z", weight=STRONG)
    d.arrow(keep, add, tone="z", weight=STRONG)
    d.arrow(add, z1, tone="z", weight=STRONG)

    # what the layers read
    x = d.input(44, input_bus, "$X_i$", size=44)
    down = d.joint(132, path, "z")
    hold, total = d.operation(reach, 276, "×"), d.operation(new, 276, "+")
    d.arrow(down, (132, state_bus), (reach, state_bus), hold, tone="z", weight=STRONG)
    d.arrow(x, (new, input_bus), total, tone="x", weight=STRONG)
    r, z = d.box(reset, layers, 58, 38, "$\\sigma$"), d.box(update, layers, 58, 38, "$\\sigma$")
    for place in (reset, update):
        d.weight(d.joint(place - 13, state_bus, "z"), (place - 13, layers + 22), letter="W", label=False)
        d.weight(d.joint(place + 13, input_bus, "x"), (place + 13, layers + 22), letter="U", label=False)
        d.text(place - 22, layers + 48, "$W$", 17, "end")
        d.text(place + 22, layers + 48, "$U$", 17, "start")
    d.text(reach + 9, 310, "$W$", 17, "start")
    d.text(new + 9, 332, "$U$", 17, "start")

    # the candidate, and how much of it
    d.arrow(r, (reset, turn), (reach, turn), hold)
    d.arrow(hold, total)
    tanh = d.box(new, 212, 60, 36, "$\\tanh$", size=17)
    d.arrow(total, tanh)
    admit = d.operation(new, blend, "×")
    d.arrow(tanh, admit)
    d.arrow(admit, add)
    d.arrow(z, keep)
    rest = d.box(392, blend, 60, 36, "$1 -$", size=17)
    d.arrow(d.joint(update, blend), rest)
    d.arrow(rest, admit)

    d.text(reset - 9, 212, "$\\rm r_{i+1}$", MATH, "end")
    d.text(update - 9, 108, "$\\rm z_{i+1}$", MATH, "end")
    d.text(new + 9, 178, "$\\tilde Z_{i+1}$", MATH, "start")
    d.text(320, 450, "$Z_{i+1} = \\rm z_{i+1} \\odot Z_i + (1 - \\rm z_{i+1}) \\odot \\tilde Z_{i+1}$", MATH)
    return d
