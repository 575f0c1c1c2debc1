"""A static map beside a dynamical system whose state is fed back."""

from rnnbook.figures.vocabulary import MATH, Drawing

ALT = (
    "A static map and a dynamical system, whose state comes back to it. Left, a static map: the input X enters the function f, the output Y leaves it, "
    "Y = f(X). Right, a dynamical system: the input X_i enters the function w, which gives the state Z_{i+1}; the "
    "function v reads the output Y_{i+1} from it; and through a delay of one timestep the state comes back into w "
    "as Z_i."
)


def draw():
    d = Drawing(636, 252)
    row = 150

    d.text(104, 20, "Static map", bold=True)
    x, f, y = d.input(30, row, "$X$"), d.box(104, row, 50, 50, "$f$"), d.output(182, row, "$Y$", width=52)
    d.arrow(x, f)
    d.arrow(f, y)
    d.text(104, 230, "$Y = f(X)$", MATH)

    d.line((222, 12), (222, 240), opacity=0.3)

    d.text(430, 20, "Dynamical system", bold=True)
    x = d.input(274, row, "$X_i$")
    w = d.box(354, row, 50, 50, "$w$")
    z = d.state(440, row, "$Z_{i+1}$", size=58)
    v = d.box(525, row, 50, 50, "$v$")
    y = d.output(603, row, "$Y_{i+1}$", width=62)
    d.arrow(x, w)
    d.arrow(w, z)
    d.arrow(z, v)
    d.arrow(v, y)
    delay = d.delay(397, 76)
    d.line((440, row - 29), (440, 76), delay.right, tone="z", weight=2.4)
    d.arrow(delay.left, (354, 76), (354, row - 28), tone="z", weight=2.4)
    d.text(397, 53, "delay")
    d.text(340, 98, "$Z_i$", MATH, "end")
    d.text(354, 230, "$Z_{i+1} = w(Z_i, X_i)$", MATH)
    d.text(530, 230, "$Y_{i+1} = v(Z_{i+1})$", MATH)
    return d
