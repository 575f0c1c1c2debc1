"""The gradient of the loss on its way back through time."""

from rnnbook.figures.vocabulary import MATH, Drawing

ALT = (
    "The gradient on its way back: at every step it is multiplied by W transposed and by the slopes of tanh, and shrinks. "
    "A chain of states Z_1 to Z_5 from left to right, each made from the one before through W, with the inputs X_0 "
    "to X_4 below and the loss at the right end. Above it the gradient of the loss runs back from right to left, past a "
    "diagonal matrix D of the slopes at every step. "
    "Bars show its size: tall at Z_5, lower at every step back, almost nothing at Z_1."
)

FACTOR = 0.56  # by how much the drawing lets the gradient shrink at each step


def draw():
    d = Drawing(640, 462)
    columns = [50, 166, 282, 398, 514]
    foot, back, states, inputs = 152, 180, 270, 364

    before = None
    for step, x in enumerate(columns, start=1):
        state = d.state(x, states, f"$Z_{step}$")
        d.weight(d.input(x, inputs, f"$X_{step - 1}$", size=42), state, letter="U", at=(x + 16, 322))
        if before:
            d.weight(before, state, letter="W", at=((before.x + x) / 2 - 2, states + 18))
        before = state
    loss = d.box(608, states, 56, 40, "loss $L$")
    d.arrow(before, loss)

    size = 96.0
    d.arrow((608, states - 23), (608, back), (columns[-1] + 4, back), tone="gate", weight=2.4)
    for step, x in reversed(list(enumerate(columns, start=1))):
        share = size / 96
        d.box(x, foot - size / 2, 30, size, tone="gate", corner=2, fill=0.35)
        d.text(x, foot - size - 18, f"$\\partial L/\\partial Z_{step}$", 17)
        if step > 1:
            d.arrow((x - 6, back), (columns[step - 2] + 4, back), tone="gate", weight=2.4, opacity=max(0.3, share))
            d.text(x - 58, back + 22, f"$W^\\top D_{step}$", 17)
        size *= FACTOR
    d.text(196, 434, "$\\partial L/\\partial Z_{i} = W^\\top D_{i+1}\\, \\partial L/\\partial Z_{i+1}$", MATH)
    d.text(488, 434, "$D_{i} = \\diag(1 - Z_{i}^2)$", MATH)
    return d
