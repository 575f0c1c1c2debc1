"""Dropout on the state: a fresh mask at every step against one mask for all steps."""

from rnnbook.figures.vocabulary import Drawing

ALT = (
    "A fresh mask at every step, and one mask for the whole sequence. Two grids of six units by seven timesteps, a cell for each state of a unit; dropped cells are empty and crossed "
    "out. Left, a fresh mask at every step: the dropped units change from column to column, so every unit is hit "
    "sooner or later and what it remembered is lost. Right, one mask for the whole sequence: the same two units are "
    "dropped at every step, and the other four carry their memory from the first step to the last."
)

# Units dropped at each of the seven steps
FRESH = [(1, 4), (0, 3), (2, 5), (0, 4), (1, 3), (2, 4), (3, 5)]
FIXED = [(1, 4)] * 7


def draw():
    d = Drawing(640, 338)
    _panel(d, 62, "A fresh mask at every step", FRESH, "$N_i$ differs at every step")
    _panel(d, 398, "One mask for the sequence", FIXED, "$N$ stays the same")
    return d


def _panel(d, left, title, dropped, note):
    size, top = 30, 54
    width, height = 7 * size, 6 * size
    d.text(left + width / 2, 18, title, bold=True)
    for step, units in enumerate(dropped):
        for unit in range(6):
            x, y = left + step * size + size / 2, top + unit * size + size / 2
            if unit in units:
                d.box(x, y, size - 4, size - 4, corner=3, dashed=True, fill=0)
                d.line((x - 6, y - 6), (x + 6, y + 6))
                d.line((x - 6, y + 6), (x + 6, y - 6))
            else:
                d.box(x, y, size - 4, size - 4, tone="z", corner=3, fill=0.3)
    d.text(left - 22, top + height / 2, "units", upwards=True)
    d.arrow((left, top + height + 18), (left + width, top + height + 18), opacity=0.7)
    d.text(left + width / 2, top + height + 38, "timesteps")
    d.text(left + width / 2, top + height + 74, note)
