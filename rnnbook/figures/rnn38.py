"""Two directions and the concatenation of their last states."""

from rnnbook.figures.vocabulary import MATH, STRONG, Drawing

ALT = (
    "A bidirectional network over four timesteps. Each input X_0 to X_3 enters two chains of states: the forward "
    "chain runs from left to right, the backward chain from right to left, each with weights U and W of its own. The "
    "last state of the forward chain, at the right end, and the last state of the backward chain, at the left end, "
    "32 numbers each, are concatenated to 64 numbers, from which V makes the output Y."
)


def draw():
    d = Drawing(640, 486)
    columns = [164, 280, 396, 512]
    bottom, forward, backward, joined, top = 452, 344, 244, 112, 32
    offset = 25
    ahead = [d.state(x - offset, forward, f"$Z_{step + 1}^→$") for step, x in enumerate(columns)]
    back = [d.state(x + offset, backward, f"$Z_{4 - step}^←$") for step, x in enumerate(columns)]
    for step, x in enumerate(columns):
        box = d.input(x, bottom, f"$X_{step}$")
        d.weight(box, ahead[step], letter="U", label=False)
        d.weight(box, back[step], letter="U", label=False)
    for before, state in zip(ahead, ahead[1:]):
        d.weight(before, state, letter="W", label=False)
    for before, state in zip(back[::-1], back[-2::-1]):
        d.weight(before, state, letter="W", label=False)
    d.text(140, 400, "$U^→$", MATH, "end")
    d.text(190, 400, "$U^←$", MATH, "start")
    d.text(columns[2] - 48 - offset, forward + 20, "$W^→$", MATH)
    d.text(columns[2] - 58 + offset, backward - 20, "$W^←$", MATH)

    left, right = d.box(289, joined, 110, 34, "32", "z", corner=0), d.box(399, joined, 110, 34, "32", "z", corner=0)
    d.arrow(
        (ahead[-1].right[0] + 3, forward), (600, forward), (600, 164), (289, 164), left.bottom, tone="z", weight=STRONG
    )
    d.arrow((back[0].x, backward - 28), (back[0].x, 190), (399, 190), right.bottom, tone="z", weight=STRONG)
    d.weight((344, joined - 20), d.output(344, top, "$Y$"), letter="V", at=(361, 72))
    d.text(470, joined, "concatenated: 64", anchor="start")
    for y, name in ((forward, "forward"), (backward, "backward"), (bottom, "input")):
        d.text(94, y, name, anchor="end")
    return d
