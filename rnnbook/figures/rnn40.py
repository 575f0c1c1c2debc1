"""The IMDB model: from word indices to a probability."""

from rnnbook.figures.vocabulary import MATH, Drawing

ALT = (
    "The IMDB model as a flow from top to bottom. The words of a review, one a timestep from left to right, become "
    "word indices; each index is a one-hot row of 10,000 entries; times the embedding matrix it picks out one row of "
    "32 numbers, the input X of that step. The inputs enter a chain of hidden states through the same U, and the "
    "states follow one another through the same W. Only the last state goes on: through V to a single number, the "
    "logit, and through the logistic function to the probability that the review is positive."
)

# The words and their ranks in Keras's IMDB word index; the index of a word is its rank + 3
WORDS = [("what", 48), ("a", 3), ("great", 85), ("film", 19)]
SHADES = [
    [0.16, 0.40, 0.12, 0.55, 0.28],
    [0.30, 0.10, 0.22, 0.14, 0.46],
    [0.60, 0.34, 0.52, 0.20, 0.12],
    [0.12, 0.50, 0.26, 0.38, 0.62],
]


COLUMNS = [168, 256, 344, 432]


def draw():
    d = Drawing(640, 536)
    words, index, hot, look, states, logit, probability = 22, 76, 142, 222, 326, 422, 506

    before = None
    for step, ((word, rank), x, shades) in enumerate(zip(WORDS, COLUMNS, SHADES)):
        d.text(x, words, word)
        d.arrow((x, words + 15), (x, index - 18))
        d.box(x, index, 50, 30, f"{rank + 3}", corner=5)
        d.arrow((x, index + 18), (x, hot - 14))
        one = min(5, 1 + rank // 18)
        d.cells(
            x - 35, hot - 10, 7, 1, 10, "ink", strengths=[[0.85 if cell == one else 0 for cell in range(7)]], height=20
        )
        d.arrow((x, hot + 14), (x, look - 15))
        embedded = d.cells(x - 35, look - 11, 5, 1, 14, "x", strengths=[shades], height=22)
        state = d.state(x, states, f"$Z_{step + 1}$")
        d.weight(embedded, state, letter="U", at=(x + 16, 263))
        if before:
            d.weight(before, state, letter="W", at=((before.x + x) / 2 - 2, states - 17))
        before = state
    last = COLUMNS[-1]
    number = d.output(last, logit, "logit", width=76)
    d.weight(before, number, letter="V", at=(last + 16, 374))
    share = d.output(last, probability, "0 … 1", width=76)
    d.arrow(number, share)
    d.text(last + 16, 463, "$\\sigma$", MATH)

    for y, name in ((words, "word"), (index, "index"), (hot, "one-hot"), (look, "embedding"), (states, "state")):
        d.text(112, y, name, anchor="end")
    d.text(last - 52, logit, "score", anchor="end")
    d.text(last - 52, probability, "probability of “positive”", anchor="end")

    right = 490
    d.text(right, words, "Shape", bold=True, anchor="start")
    for y, shape in ((index, "(timesteps)"), (hot, "(timesteps, 10,000)"), (look, "(timesteps, 32)"), (states, "(32), the last one"),
                     (logit, "(1)"), (probability, "(1)")):  # fmt: skip
        d.text(right, y, shape, anchor="start")
    d.text(right, (hot + look) / 2, "picks a matrix row", anchor="start", opacity=0.8)
    return d
