"""How the next value reaches a forecast through the backward half."""

from rnnbook.figures.vocabulary import MATH, Drawing

ALT = (
    "How the answer leaks into a forecast. At step i, a forward half and a backward half are read for a forecast of "
    "the next value, X_{i+1}. In strong colors, the way of the answer: from the input X_{i+1} up into the backward half "
    "at step i+1, from there one step back into the backward half at step i, and on into the forecast. All else is pale."
)


def draw():
    d = Drawing(446, 318)
    here, later, offset = 206, 368, 26
    top, backward, forward, bottom = 28, 118, 198, 284
    under = top + 22  # where arrows into the forecast end
    with d.pale(0.4):
        read = d.input(here, bottom)
        ahead = d.state(here - offset, forward)
        d.weight((110, forward), ahead, letter="W", label=False)
        d.weight(read, ahead, letter="U", label=False)
        d.weight(read, (here + offset, backward + 28), letter="U", label=False)
        d.weight((ahead.x, forward - 28), (ahead.x, under), letter="V", label=False)
        d.weight((438, backward), (later + 28, backward), letter="W", label=False)
    d.text(here, bottom, "$X_i$", MATH)
    after, back = d.state(later, backward), d.state(here + offset, backward)
    d.weight(d.input(later, bottom, "$X_{i+1}$"), after, letter="U", label=False)
    d.weight(after, back, letter="W", label=False)
    d.output(here, top, "forecast of $X_{i+1}$", width=176)
    d.weight((back.x, backward - 28), (back.x, under), letter="V", label=False)
    d.text((back.x + later) / 2, backward - 22, "the answer", bold=True)
    for y, name in ((forward, "forward half"), (backward, "backward half"), (bottom, "input")):
        d.text(102, y, name, anchor="end")
    return d
