"""Unfolding over four timesteps."""

from rnnbook.figures.vocabulary import MATH, Drawing

ALT = (
    "A recurrent network, folded and unfolded over four inputs. Left, the folded network: X_i goes up through U into the state, the state comes back to itself through a delay "
    "and W, and goes up through V into Y_{i+1}. Right, the same network unfolded over the inputs X_0 to X_3: from "
    "Z_0 = 0 the states Z_1 to Z_4 follow one another from left to right, each made from the one before through the "
    "same W and from its own input through the same U; each gives its output Y_1 to Y_4 through the same V. Between "
    "X_0 and Y_4 lie four layers: the depth grows by one with each timestep."
)


def draw():
    d = Drawing(640, 350)
    top, middle, bottom = 62, 166, 266

    d.text(62, 18, "Folded", bold=True)
    x = d.input(76, bottom, "$X_i$")
    z = d.state(76, middle, size=50)
    d.text(77, middle, "$Z_{i+1}$", 17)
    y = d.output(76, top, "$Y_{i+1}$", width=62)
    d.weight(x, z, letter="U", at=(94, 217))
    d.weight(z, y, letter="V", at=(94, 112))
    delay = d.delay(16, middle)
    d.line((58, middle - 20), (44, middle - 40), (16, middle - 40), delay.top, tone="z", weight=2.4)
    d.arrow(delay.bottom, (16, middle + 40), (44, middle + 40), (57, middle + 22), tone="z", weight=2.4)
    d.text(30, middle + 60, "$W$", MATH)

    d.arrow((130, middle), (176, middle), weight=2.4)
    d.text(152, middle - 22, "unfold")

    d.text(420, 18, "Unfolded", bold=True)
    columns = [306, 404, 502, 600]
    before = d.state(214, middle, dashed=True)
    d.text(214, middle, "$Z_0$", MATH)
    d.text(214, middle + 42, "$= 0$", MATH)
    for step, column in enumerate(columns):
        x = d.input(column, bottom, f"$X_{step}$")
        z = d.state(column, middle, f"$Z_{step + 1}$")
        y = d.output(column, top, f"$Y_{step + 1}$")
        d.weight(before, z, letter="W", at=((before.x + z.x) / 2 - 2, middle - 17))
        d.weight(x, z, letter="U", at=(column + 17, 217))
        d.weight(z, y, letter="V", at=(column + 17, 112))
        d.text(column, 314, f"{step + 1}")
        before = z
    d.text(276, 314, "depth", anchor="end")
    d.arrow((200, 338), (632, 338), opacity=0.7)
    d.text(192, 338, "time", anchor="end")
    return d
