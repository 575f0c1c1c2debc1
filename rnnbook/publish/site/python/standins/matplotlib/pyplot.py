"""Curves in the page: what the chapters use of pyplot, with Matplotlib's names and meanings.

What is drawn is kept as data; the runner takes it after each cell, and the page draws it with the book's own plot (`curves.js`).
"""

import re

import numpy as np

MOST_POINTS = 4_000  # of one line; more would not be seen
GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "lambda": "λ", "rho": "ρ", "sigma": "σ", "theta": "θ", "partial": "∂"}
FORMAT = re.compile(r"(?P<style>--|-\.|-|:)|(?P<marker>[osv^D+x.*|X])|(?P<color>C\d|[kbgrcmy])")
SHORT = {"lw": "linewidth", "ls": "linestyle", "c": "color", "ms": "markersize", "mfc": "markerfacecolor"}

_open, _shown = [], []


def _numbers(values):
    """A list for JSON: floats, None where a value is not finite."""
    values = np.asarray(values, float).ravel()
    return [float(value) if np.isfinite(value) else None for value in values]


def _words(text):
    """A text as the page's plot reads it: Greek letters as such, what is set lower or higher in braces."""
    text = re.sub(r"\\(\w+) ?", lambda command: GREEK.get(command[1], command[1]), str(text))
    return re.sub(r"([_^])(\w)", r"\1{\2}", text) if "$" in text else text


class Line:
    """One curve: its data and its look."""

    def __init__(self, x, y, look):
        step = -(-len(y) // MOST_POINTS) or 1
        style = look.get("linestyle", "-")
        marker = look.get("marker")
        self.data = {
            "x": _numbers(x[::step]),
            "y": _numbers(y[::step]),
            "color": str(look["color"]),
            "style": style if isinstance(style, str) else "--",
            "marker": "" if marker in (None, "none", "None", "") else str(marker),
            "hollow": look.get("markerfacecolor") == "none",
            "every": int(look.get("markevery") or 1),
            "width": float(look.get("linewidth", 2)),
            "alpha": float(1 if look.get("alpha") is None else look["alpha"]),
            "label": "" if look.get("label") is None else _words(look["label"]),
        }

    def get_color(self):
        return self.data["color"]


class Axes:
    """One plot."""

    def __init__(self):
        self.data = {"lines": [], "rules": [], "title": "", "xlabel": "", "ylabel": "", "legend": False}
        self.data |= {"xscale": "linear", "yscale": "linear", "xlim": None, "ylim": None, "aspect": "auto"}
        self._count = 0

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        raise AttributeError(f"the page draws curves alone, without {name}(): use the notebook for it")

    def _add(self, x, y, look):
        look = {SHORT.get(key, key): value for key, value in look.items()}
        if look.get("color") is None:
            look["color"] = f"C{self._count % 6}"
            self._count += 1
        line = Line(x, y, look)
        self.data["lines"].append(line.data)
        return line

    def plot(self, *values, **look):
        lines, values = [], list(values)
        while values:
            x, y = None, np.asarray(values.pop(0), float)
            if values and not isinstance(values[0], str):
                x, y = y, np.asarray(values.pop(0), float)
            said = {}
            if values and isinstance(values[0], str):
                said = {match.lastgroup: match[0] for match in FORMAT.finditer(values.pop(0))}
                said["linestyle"] = said.pop("style", "" if "marker" in said else "-")
            columns = np.atleast_2d(y).T if y.ndim < 2 else y
            x = np.arange(len(columns), dtype=float) if x is None else x
            across = np.broadcast_to(np.atleast_2d(x).T if np.ndim(x) < 2 else x, columns.shape)
            lines += [self._add(across[:, k], columns[:, k], said | look) for k in range(columns.shape[1])]
        return lines

    def _scaled(self, axes, values, look):
        for axis in axes:
            self.data[f"{axis}scale"] = "log"
        return self.plot(*values, **look)

    def semilogy(self, *values, **look):
        return self._scaled("y", values, look)

    def semilogx(self, *values, **look):
        return self._scaled("x", values, look)

    def loglog(self, *values, **look):
        return self._scaled("xy", values, look)

    def scatter(self, x, y, **look):
        look.pop("s", None)
        return self.plot(x, y, "o", **look)

    def step(self, x, y, *values, where="pre", **look):
        x, y = np.repeat(np.asarray(x, float), 2), np.repeat(np.asarray(y, float), 2)
        x, y = (x[1:], y[:-1]) if where == "post" else (x[:-1], y[1:])
        return self.plot(x, y, *values, **look)

    def _rule(self, axis, at, look):
        look = {SHORT.get(key, key): value for key, value in look.items()}
        label = _words(look.get("label") or "")
        self.data["rules"].append(
            {
                axis: float(at),
                "color": str(look.get("color", "C0")),
                "style": look.get("linestyle", "-"),
                "label": label,
            }
        )

    def axhline(self, y=0, **look):
        self._rule("y", y, look)

    def axvline(self, x=0, **look):
        self._rule("x", x, look)

    def set(self, **settings):
        for name, value in settings.items():
            getattr(self, f"set_{name}")(value)

    def set_title(self, text, **look):
        self.data["title"] = _words(text)

    def set_xlabel(self, text, **look):
        self.data["xlabel"] = _words(text)

    def set_ylabel(self, text, **look):
        self.data["ylabel"] = _words(text).replace("\n", " ")

    def set_xlim(self, low, high=None):
        self.data["xlim"] = _numbers(low if high is None else (low, high))

    def set_ylim(self, low, high=None):
        self.data["ylim"] = _numbers(low if high is None else (low, high))

    def set_xscale(self, scale):
        self.data["xscale"] = scale

    def set_yscale(self, scale):
        self.data["yscale"] = scale

    def set_aspect(self, aspect):
        self.data["aspect"] = aspect

    def legend(self, *values, **look):
        self.data["legend"] = True

    def grid(self, *values, **look):
        """The page's plots always have one."""


class Figure:
    """One or several plots, in rows and columns."""

    def __init__(self, rows=1, columns=1):
        self.axes = [Axes() for _ in range(rows * columns)]
        self.columns = columns
        self.alt = ""

    def align_ylabels(self):
        """The page puts them above the plots."""

    tight_layout = align_ylabels

    def to_data(self):
        named = [axes.data["title"] or axes.data["ylabel"] for axes in self.axes]
        alt = self.alt or f"A plot you drew: {', '.join(filter(None, named)) or 'curves'}"
        return {"alt": alt, "columns": self.columns, "axes": [axes.data for axes in self.axes]}


def figure(**look):
    _open.append(Figure())
    return _open[-1]


def subplots(nrows=1, ncols=1, squeeze=True, **look):
    made = Figure(nrows, ncols)
    _open.append(made)
    grid = np.empty((nrows, ncols), object)
    grid.ravel()[:] = made.axes
    if not squeeze:
        return made, grid
    return made, grid[0, 0] if grid.size == 1 else grid.ravel() if 1 in grid.shape else grid


def gca():
    return (_open[-1] if _open else figure()).axes[-1]


def __getattr__(name):
    """plot, semilogy, legend … of the last plot; xlabel, ylabel, title, xlim, ylim set what they name."""
    if name.startswith("_"):
        raise AttributeError(name)
    on_axes = f"set_{name}" if hasattr(Axes, f"set_{name}") else name
    if not hasattr(Axes, on_axes):
        raise AttributeError(f"the page draws curves alone, without plt.{name}(): use the notebook for it")
    return lambda *values, **look: getattr(gca(), on_axes)(*values, **look)


def close(figure=None):
    _open[:] = [] if figure is None or figure == "all" else [other for other in _open if other is not figure]


def show(figure=None, alt=""):
    """Show all that is open, as pyplot does, or one figure with words for those who cannot see it, as `plots.show` does."""
    for one in [figure] if figure is not None else list(_open):
        one.alt = alt
        _shown.append(one)
        close(one)


def take():
    """What was shown or is still open, as data, once: the runner asks after each cell, as a notebook does."""
    show()
    data = [figure.to_data() for figure in _shown]
    _shown.clear()
    return data
