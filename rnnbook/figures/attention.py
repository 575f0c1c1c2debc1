"""Attention: a writer that looks up what it needs among all states of the reader."""

from rnnbook.figures.vocabulary import Drawing

ALT = (
    "A writer looks back at all states of a reader. Below, a reader takes in the digits 4, 7 and 2 and makes the states "
    "Z_1, Z_2 and Z_3. To its right a writer, started from Z_3, has read the start sign and the digit 2, and is to write 7. "
    "Its state is the query. It is compared with each state of the reader, which gives three weights, drawn as bars: "
    "0.09, 0.67 and 0.24. "
    "The mean of the three states with these weights goes, together with the writer's state, to the output, 7."
)

WEIGHTS = (0.09, 0.67, 0.24)  # of the chapter's example by hand


def draw():
    d = Drawing(530, 468)
    reader, writer = [54, 148, 242], [372, 480]
    found, foot, states, inputs = 64, 220, 318, 404

    before = None
    for x, digit, step in zip(reader, "472", (1, 2, 3)):
        state = d.state(x, states, f"$Z_{step}$")
        d.arrow(d.input(x, inputs, digit, size=40), state, tone="x", weight=2.4)
        if before:
            d.arrow(before, state, tone="z", weight=2.4)
        before = state
    for x, sign in zip(writer, ("start", "2")):
        state = d.state(x, states)
        d.arrow(d.input(x, inputs, sign, size=46 if sign == "start" else 40), state, tone="x", weight=2.4)
        d.arrow(before, state, tone="z", weight=2.4)
        before = state
    d.text(148, inputs + 44, "reader: keeps all its states")
    d.text(426, inputs + 44, "writer")

    # the query goes along all states of the reader
    query = before
    ask = foot + 36
    d.line(
        (query.x - 18, states - 19),
        (query.x - 18, ask),
        (reader[0], ask),
        tone="gate",
        weight=2.4,
        dashed=True,
        radius=8,
    )
    d.text(query.x - 26, ask - 17, "query: which fits?", anchor="end")
    mean = d.operation(148, found, "+")
    for x, weight in zip(reader, WEIGHTS):
        d.joint(x, ask, tone="gate")
        d.line((x, states - 27), (x, ask), tone="gate", weight=1.5)
        height = 92 * weight
        tall = weight > 0.5  # its number stands beside it, out of the arrow's way
        d.box(x, foot - height / 2, 34, height, tone="gate", corner=2, fill=0.35)
        d.text(x + (42 if tall else 0), foot - height - (-14 if tall else 15), f"{weight:.2f}")
        d.arrow((x, foot - height - (0 if tall else 26)), mean, tone="z", weight=1.2 + 3 * weight)
    d.text(148, found - 30, "mean of the states, by weight")
    answer = d.output(query.x, found, "7", width=54, height=38)
    d.arrow(mean, answer, tone="y", weight=2.4)
    d.arrow((query.x, states - 26), answer, tone="y", weight=2.4)
    return d
