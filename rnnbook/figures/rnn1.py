"""The folded network, neuron by neuron and as blocks."""

from rnnbook.figures.vocabulary import FINE, MATH, STRONG, Drawing

ALT = (
    "A recurrent network in two forms. Left, node form: three input neurons X_i and the four neurons of the earlier "
    "state Z_i each connect to all four neurons of the state Z_{i+1}, the inputs through U, the earlier state "
    "through W; Z_{i+1} connects to two output neurons through V, and comes back as Z_i through a delay of one "
    "timestep. Right, block form: X_i goes through U into Z_{i+1}, which comes back to itself through the delay and "
    "W, and goes through V into Y_{i+1}."
)


def draw():
    d = Drawing(640, 364)

    d.text(160, 18, "Node form", bold=True)
    inputs = [(66, y) for y in (66, 102, 138)]
    earlier = [(66, y) for y in (204, 240, 276, 312)]
    states = [(188, y) for y in (126, 164, 202, 240)]
    outputs = [(290, y) for y in (164, 202)]
    for tone, sources, targets in (("x", inputs, states), ("z", earlier, states), ("y", states, outputs)):
        for x0, y0 in sources:
            for x1, y1 in targets:
                d.line((x0 + 15, y0), (x1 - 15, y1), tone=tone, weight=FINE, opacity=0.75)
    for tone, places in (("x", inputs), ("z", earlier), ("z", states), ("y", outputs)):
        for x, y in places:
            d.neuron(x, y, tone)
    d.text(42, 102, "$X_i$", MATH, "end")
    d.text(42, 258, "$Z_i$", MATH, "end")
    d.text(188, 96, "$Z_{i+1}$", MATH)
    d.text(290, 134, "$Y_{i+1}$", MATH)
    d.text(126, 72, "$U$", MATH)
    d.text(146, 296, "$W$", MATH)
    d.text(243, 240, "$V$", MATH)
    delay = d.delay(130, 346)
    d.line((188, 257), (188, 346), delay.right, tone="z", weight=STRONG)
    d.arrow(delay.left, (66, 346), (66, 328), tone="z", weight=STRONG)
    d.text(130, 328, "delay")

    d.line((334, 12), (334, 352), opacity=0.3)

    d.text(490, 18, "Block form", bold=True)
    x = d.input(388, 184, "$X_i$", size=50)
    z = d.state(490, 184, "$Z_{i+1}$", size=60)
    y = d.output(599, 184, "$Y_{i+1}$", width=66, height=42)
    d.weight(x, z, letter="U", at=(435, 166))
    d.weight(z, y, letter="V", at=(540, 166))
    loop(d, 490, 184, 30, 84)
    d.text(432, 114, "$W$", MATH)
    d.text(490, 74, "delay")
    d.text(490, 290, "$Z_{i+1} = \\tanh(W Z_i + U X_i + b)$", MATH)
    d.text(490, 328, "$Y_{i+1} = V Z_{i+1} + c$", MATH)
    return d


def loop(d, x, y, r, height):
    """The state comes back to itself through the delay and W."""
    delay = d.delay(x, y - height)
    near, far = r * 0.68, r + 22
    d.curve((x + near, y - near), (x + far, y - r - 22), (x + far, y - height), delay.right, tone="z",
            weight=STRONG, head=False)  # fmt: skip
    d.curve(delay.left, (x - far, y - height), (x - far, y - r - 22), (x - near - 2, y - near - 2),
            tone="z", weight=STRONG)  # fmt: skip
