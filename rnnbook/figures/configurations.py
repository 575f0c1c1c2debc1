"""What goes in and what comes out: the configurations of a recurrent network."""

from rnnbook.figures.vocabulary import Drawing

ALT = (
    "Five configurations, each with inputs below, a chain of hidden states in the middle, outputs above, and time "
    "from left to right. One to many: the same input at every step and an output at every step, as from a mood to a "
    "melody. Many to one: an input at every step, one output at the last, as from a review to its sentiment. Many to "
    "many, aligned: an output for every input, as from words to their parts of speech. Many to many, not aligned: a reader "
    "takes in all the inputs; its last state starts a writer, which reads a start sign and then, at each step, the output "
    "before, as in translation. Next-word prediction: the output at each step is the word that is the next input: "
    "'the film was' gives 'film was good'."
)

STEP = 54
NODE = 32


def draw():
    d = Drawing(640, 496)
    first, second = 76, 332
    _panel(d, 46, first, "One to many", "mood to melody", inputs="the same", outputs=[0, 1, 2], steps=3)
    _panel(d, 266, first, "Many to one", "review to sentiment", inputs=[0, 1, 2], outputs=[2], steps=3)
    _panel(
        d, 486, first, "Many to many, aligned", "words to parts of speech", inputs=[0, 1, 2], outputs=[0, 1, 2], steps=3
    )
    _panel(d, 46, second, "Many to many, not aligned", "sentence to translation",
           inputs=[0, 1, 2], outputs=[3, 4, 5], steps=6, step=58, writer=3)  # fmt: skip
    _panel(d, 444, second, "Next-word prediction", "", inputs=[0, 1, 2], outputs=[0, 1, 2], steps=3, step=70,
           words=["the", "film", "was", "good"])  # fmt: skip
    return d


def _panel(d, left, top, title, example, inputs, outputs, steps, step=STEP, words=None, writer=None):
    """One configuration; `top` is the height of its outputs. From the step `writer` on, another layer reads its own outputs.

    inputs: the steps that have one of their own, or "the same" for one that goes to every step.
    """
    gap = 56
    centre = left + (steps - 1) * step / 2
    d.text(centre, top - 58, title, bold=True)
    if example:
        d.text(centre, top - 34, example)
    before = pill = None
    if inputs == "the same":
        shared, inputs = d.input(centre, top + 2 * gap + 14, size=NODE - 2), []
    else:
        shared = None
    for place in range(steps):
        x = left + place * step
        state = d.state(x, top + gap, size=NODE)
        if before:
            d.arrow(before, state, tone="z", weight=2.4, gap=2)
        if place == writer:
            sign = d.input(x, top + 2 * gap, size=NODE - 2, dashed=True)
            d.text(x + NODE / 2 + 6, top + 2 * gap, "start sign", anchor="start")
            d.arrow(sign, state, tone="x", weight=1.6, dashed=True, gap=2)
        if writer and pill:
            d.arrow(pill, state, tone="y", weight=1.6, dashed=True, gap=2)
        if shared:
            d.arrow(shared, state, tone="x", weight=2.4, gap=2)
        before = state
        if place in inputs:
            box = d.input(x, top + 2 * gap, size=NODE - 2)
            d.arrow(box, state, tone="x", weight=2.4, gap=2)
            if words:
                d.text(x, top + 2 * gap + 30, words[place])
        if place in outputs:
            pill = d.output(x, top, width=38, height=26)
            d.arrow(state, pill, tone="y", weight=2.4, gap=2)
            if words:
                d.text(x, top - 28, words[place + 1])
    if writer:
        side, low = 22, top + 2 * gap + 22
        for name, one, other, high in (
            ("reader", 0, writer - 1, top + gap - 24),
            ("writer", writer, steps - 1, top - 20),
        ):
            d.frame(left + one * step - side, high, left + other * step + side, low)
            d.text(left + (one + other) / 2 * step, low + 15, name)
