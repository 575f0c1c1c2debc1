"""A sample is a matrix, a batch a tensor: samples × timesteps × features."""

from rnnbook.figures.vocabulary import Drawing

ALT = (
    "A sample is a matrix, and a batch is a box of matrices. Left, one sample as a matrix: each of the five words of 'the film was not bad' is a row, a timestep, and the "
    "columns are the features of its embedding; time runs down the rows. Right, a batch as a box of such matrices "
    "one behind the other: samples in depth, timesteps downwards, features to the right."
)

# Shades of the cells, row by row: an example, not a trained embedding
SHADES = [
    [0.10, 0.34, 0.22, 0.55, 0.16, 0.42],
    [0.60, 0.20, 0.44, 0.12, 0.30, 0.18],
    [0.14, 0.28, 0.12, 0.40, 0.52, 0.24],
    [0.48, 0.62, 0.30, 0.20, 0.12, 0.56],
    [0.26, 0.50, 0.64, 0.34, 0.46, 0.10],
]


def draw():
    d = Drawing(640, 316)
    size, top = 33, 62

    d.text(153, 18, "One sample: a matrix", bold=True)
    left = 54
    sample = d.cells(left, top, 6, 5, size, strengths=SHADES)
    for row, word in enumerate(["the", "film", "was", "not", "bad"]):
        d.text(left - 10, top + (row + 0.5) * size, word, anchor="end")
    d.span(left, left + 6 * size, 254, "features")
    d.arrow((left + 6 * size + 22, top), (left + 6 * size + 22, top + 5 * size), opacity=0.7)
    d.text(left + 6 * size + 40, top + 2.5 * size, "timesteps", upwards=True)
    d.text(sample.x, 300, "(timesteps, features)")

    d.text(486, 18, "A batch: a tensor", bold=True)
    left, top, size, dx, dy = 386, 102, 25, 17, -13
    width, height = 6 * size, 5 * size
    for depth in (4, 3, 2, 1):  # what shows of the sheets behind: an edge above and one to the right
        x0, y0 = left + depth * dx, top + depth * dy
        x1, y1 = x0 + width, y0 + height
        d.shape([(x0, y0 - dy), (x0, y0), (x1, y0), (x1, y1), (x1 - dx, y1), (x1 - dx, y0 - dy)], "x", fill=0.28)
    d.cells(left, top, 6, 5, size, strengths=SHADES)
    d.span(left, left + width, 254, "features")
    d.arrow((left - 16, top), (left - 16, top + height), opacity=0.7)
    d.text(left - 34, top + height / 2, "timesteps", upwards=True)
    d.arrow((left + width + 14, top + height + 4), (left + width + 14 + 4 * dx, top + height + 4 + 4 * dy), opacity=0.7)
    d.text(left + width + 46, top + height + 12, "samples", anchor="start")
    d.text(left + width / 2 + 8, 300, "(samples, timesteps, features)")
    return d
