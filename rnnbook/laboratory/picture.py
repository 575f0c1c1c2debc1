"""Every row of a study in one picture, a dot a row, with words that say the same."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from .. import files
from ..figures import plots
from ..networks import architectures
from . import store, study, training

WIDTH = 4.8  # inches: as wide as can be without small letters on a phone
LINES = 6  # kinds that curves can tell apart
MANY = 1500  # dots beyond which they are drawn as one image
LONGEST = 20  # letters of a kind's name on one line


def file(name, folder) -> Path | None:
    """The picture of a study in a folder, drawn anew only where the study or its records changed; None where it has none."""
    here = Path(__file__)
    sources = [store.path(name), study.STUDIES / f"{name}.py", here, here.parents[1] / "figures" / "plots.py"]
    mark = store.digest([path.read_text("utf-8") for path in sources if path.is_file()])
    target = folder / f"{name}-{mark}.html"
    if not target.is_file():
        for old in folder.glob(f"{name}-{'?' * len(mark)}.html"):
            old.unlink()
        drawn = draw(name)
        files.replace(target, lambda file: file.write(drawn.encode()))
    return target if target.stat().st_size else None


def draw(name, folder=None) -> str:
    """The picture of a study as HTML for a page, "" where it has none or nothing is recorded."""
    picture = study.get(name).picture
    frame = rows(name, folder) if picture else None
    if frame is None or frame.empty:
        return ""
    by, over = kinds(frame, picture), picture.over
    frame = frame.assign(_kind=by, _rank=-frame.groupby(by)[picture.value].transform("mean"))
    if over and (len(set(by)) > LINES or frame[over].dtype.kind not in "iuf"):
        frame = frame.assign(
            _kind=by + frame[over].map(lambda x: f" at {x:g}" if isinstance(x, (int, float)) else f", {x}")
        )
        frame, over = frame.sort_values(["_rank", over], kind="stable"), ""
    elif isinstance(picture.by, str) and picture.by in frame and frame[picture.by].dtype.kind in "iuf":
        frame = frame.sort_values(picture.by, kind="stable")  # numbers stand in their order, other kinds by their means
    else:
        frame = frame.sort_values("_rank", kind="stable")
    plots.use()
    made = _curves(frame, picture, over) if over else _strips(frame, picture)
    if picture.over and not over:
        made.axes[0].set_xlabel(f"{made.axes[0].get_xlabel()}, at each {picture.over.replace('_', ' ')}")
    plots.show(made, alt=words(frame, picture.value, over))
    return plots.to_html(made)


def rows(name, folder=None):
    """The rows that the picture shows, as a frame."""
    chosen = study.get(name)
    frame = training.with_curves(name, folder) if chosen.runs else study.frame(name, folder)
    picture = chosen.picture
    if picture.part and "part" in frame:
        frame = frame[frame["part"] == picture.part]
    if picture.value not in frame:
        return frame[:0]
    return frame[frame[picture.value].map(np.isfinite, na_action="ignore").fillna(False).astype(bool)]


def kinds(frame, picture):
    """What tells each row's kind, in words: a series of texts, "" where all are of one kind."""
    columns = [picture.by] if isinstance(picture.by, str) else [*picture.by]
    columns = [key for key in columns if key in frame]
    if len(columns) == 1:
        return frame[columns[0]].map(lambda value: told(columns[0], value))
    columns = [key for key in columns if frame[key].astype(str).nunique() > 1]

    def together(row):  # of several, what a kind has not goes without saying
        return ", ".join(told(key, row[key]) for key in columns if row[key] and row[key] == row[key]) or "plain"

    return frame.apply(together, axis=1) if columns else frame[picture.value].map(lambda _: "")


def told(key, value) -> str:
    """A value of a column in a few words: "LSTM", "learning rate 0.001", "no mask zero"."""
    key = key.replace("_", " ")
    if isinstance(value, (bool, np.bool_)):
        return key if value else f"no {key}"
    if isinstance(value, str):
        return architectures.label(value)
    return f"no {key}" if value is None or value != value else f"{key} {value:g}"


def number(value, column) -> str:
    """A value as words and axes tell it."""
    text = f"{100 * value:.1f} %" if "accuracy" in column else f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return text.replace("-", "\N{MINUS SIGN}")


def words(frame, value, over="") -> str:
    """What the picture shows, for readers who do not see it."""
    name = value.replace("_", " ")
    parts = [f"{len(frame)} dots, one a row: {name}" + (f" along {over.replace('_', ' ')}." if over else ".")]
    groups = frame.groupby("_kind", sort=False)
    order = groups[value].mean().sort_values(ascending=False).index
    shown = order if len(order) <= 12 else [*order[:4], *order[-4:]]
    for kind in shown:
        chosen = groups.get_group(kind)
        told_kind = f"{kind}: " if kind else ""
        if over:
            means = chosen.groupby(over)[value].mean()
            ends = [f"{number(means.loc[x], value)} at {x:g}" for x in (means.index[0], means.index[-1])]
            parts.append(f"{told_kind}mean {' and '.join(dict.fromkeys(ends))}.")
        else:
            low, mean, high = (number(chosen[value].agg(what), value) for what in ("min", "mean", "max"))
            parts.append(
                f"{told_kind}mean {mean}" + (f", {low} to {high} in {len(chosen)}." if len(chosen) > 1 else ".")
            )
    if len(shown) < len(order):
        parts.insert(5, f"{len(order) - len(shown)} kinds lie between.")
    return " ".join(parts)


def _strips(frame, picture):
    """A line of dots for each kind, with its mean."""
    value = picture.value
    groups = dict(list(frame.groupby("_kind", sort=False)))
    names = ["\n".join(textwrap.wrap(kind, LONGEST)) for kind in groups]
    heights = np.array([0.34 + 0.17 * name.count("\n") for name in names])  # inches
    places = heights / 2 - np.cumsum(heights)
    fig, ax = plots.plt.subplots(figsize=(WIDTH, 0.8 + heights.sum()))
    for row, group in zip(places, groups.values()):
        values = group[value].to_numpy(float)
        dots = {"color": plots.BLUE, "alpha": 0.65 if len(values) < 100 else 0.2, "linestyle": ""}
        ax.plot(values, np.full(len(values), row), "o", rasterized=len(frame) > MANY, **dots)
        ax.plot(values.mean(), row, "|", color=plots.INK, markersize=13, markeredgewidth=2)
    ax.set_yticks(places, names, va="center")
    ax.set_ylim(-heights.sum(), 0)
    ax.grid(True, axis="x")
    ax.grid(False, axis="y")
    ax.spines["left"].set_visible(False)
    _numbers(ax.xaxis, value, picture.log and not picture.over, 5)
    ax.set_xlabel(value.replace("_", " "))
    return fig


def _curves(frame, picture, over):
    """Dots along a number, and a line through the means of each kind."""
    groups = list(frame.groupby("_kind", sort=False))
    fig, ax = plots.plt.subplots(figsize=(WIDTH, 3 + 0.12 * len(groups)))
    cells = {architectures.label(cell): colour for cell, colour in plots.CELLS.items()}
    colours = [cells[kind] for kind, _ in groups] if {kind for kind, _ in groups} <= set(cells) else plots.CYCLE
    for (kind, group), colour, marker in zip(groups, colours, plots.MARKERS):
        means = group.groupby(over)[picture.value].mean()
        dots = {"alpha": 0.35, "markersize": 4, "rasterized": len(frame) > MANY}
        ax.plot(group[over], group[picture.value], marker, color=colour, linestyle="", **dots)
        ax.plot(means.index, means, color=colour, linestyle="-", label=kind)
    if picture.log and frame[over].min() > 0:
        ax.set_xscale("log")
    if len(set(frame[over])) <= 8:
        places = _apart(sorted(set(frame[over])), np.log if picture.log else np.asarray)
        ax.set_xticks(places, [f"{x:g}" for x in places])
        ax.xaxis.set_minor_locator(NullLocator())
    _numbers(ax.yaxis, picture.value, False, 6)
    ax.set_xlabel(over.replace("_", " "))
    ax.set_ylabel(picture.value.replace("_", " "))
    if len(groups) > 1:
        fig.legend(loc="outside upper left", ncols=2, borderaxespad=0.2)
    return fig


def _apart(places, scale):
    """The places along an axis whose numbers do not run into each other."""
    kept = places[:1]
    for x in places[1:]:
        if scale(x) - scale(kept[-1]) > 0.1 * (scale(places[-1]) - scale(places[0])):
            kept.append(x)
    return kept


def _numbers(axis, value, log, most):
    if log:
        axis.axes.set_xscale("log")
        axis.set_major_locator(LogLocator(subs=(1, 3), numticks=8))
        axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}" if x < 1000 else f"{x:,.0f}"))
        axis.set_minor_formatter(NullFormatter())
        return
    axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 5, 10]))
    if "accuracy" in value:
        axis.set_major_formatter(FuncFormatter(plots._percent))
    else:
        axis.set_major_formatter(
            FuncFormatter(lambda x, _: (f"{x:.6g}" if abs(x) < 1000 else f"{x:,.0f}").replace("-", "\N{MINUS SIGN}"))
        )
