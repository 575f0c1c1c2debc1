"""The legend: what the shapes, colours and letters of the diagrams stand for."""

from rnnbook.figures.vocabulary import STRONG, Drawing

ALT = (
    "Legend of the drawings. Shapes: a blue square is an input X, an orange circle a hidden state Z, a green pill an "
    "output Y, a purple pill the cell state C of an LSTM, a dashed outline something zero or left out, a box a "
    "function such as tanh. Connections: a blue arrow is U, from input to state; an orange arrow W, from state to "
    "state; a green arrow V, from state to output; a magenta arrow the gradient; a small filled square the delay by "
    "one timestep; circles with a cross or a plus are products and sums unit by unit."
)


def draw():
    d = Drawing(640, 344)
    rows = [30 + 57 * row for row in range(6)]
    left, right = 50, 358

    d.input(left, rows[0], "$X$", size=40)
    d.state(left, rows[1], "$Z$", size=44)
    d.output(left, rows[2], "$Y$")
    d.box(left, rows[3], 58, 38, "$C$", "cell", corner=19)
    d.state(left, rows[4], "$Z_0$", size=44, dashed=True)
    d.box(left, rows[5], 58, 38, "$\\tanh$", size=17)
    for y, words in zip(
        rows, ["input", "hidden state", "output", "cell state of an LSTM", "zero, or left out", "function"]
    ):
        d.text(left + 48, y, words, anchor="start")

    for y, letter in zip(rows, "UWV"):
        d.weight((right - 34, y + 6), (right + 34, y + 6), letter=letter, at=(right - 4, y - 9))
    d.arrow((right + 34, rows[3]), (right - 34, rows[3]), tone="gate", weight=STRONG)
    d.line((right - 34, rows[4]), (right - 8, rows[4]), tone="z", weight=STRONG)
    d.delay(right, rows[4])
    d.arrow((right + 8, rows[4]), (right + 36, rows[4]), tone="z", weight=STRONG)
    d.operation(right - 18, rows[5], "×")
    d.operation(right + 18, rows[5], "+")
    words = ["weights, input to state", "weights, state to state", "weights, state to output", "gradient, back in time",
             "delay by one timestep", "product, sum, unit by unit"]  # fmt: skip
    for y, text in zip(rows, words):
        d.text(right + 48, y, text, anchor="start")
    return d
