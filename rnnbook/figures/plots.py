"""The house style for curves: one output that suits light pages, dark pages, print and colour-blind readers.

    from rnnbook.figures import plots
    plots.use()
    fig, ax = plt.subplots()
    ...
    plots.show(fig, alt="What the figure shows, in a sentence or two.")

In the book a figure is an SVG whose ink is the colour of the text around it, on no background; everywhere else it is a
PNG on white with its alt text. See `rnnbook.figures.inline`.
"""

from __future__ import annotations

import io
import re
import warnings
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from cycler import cycler
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from rnnbook.figures import palette
from rnnbook.figures.inline import SCALE, inline, outputs, small
from rnnbook.figures.panels import stacked, windows
from rnnbook.networks import architectures

from ..errors import CourseError

# Curves take the colours of the diagrams; each has a contrast of at least 3.6 : 1 on white and on the dark theme's #121212.
BLUE, ORANGE, GREEN, PURPLE, OCHRE, GREY = CYCLE = [
    *(palette.MID[name] for name in "xzy"),
    "#b04fb0",
    "#8a7400",
    palette.MID["grey"],
]
CELLS = {cell: palette.MID[name] for cell, name in palette.CELLS.items()}  # of curves that tell networks apart
LINESTYLES = ["-", (0, (5, 1.6)), (0, (1.2, 1.4)), (0, (6, 1.5, 1.2, 1.5)), (0, (9, 2)), (0, (3, 1.3, 1, 1.3, 1, 1.3))]
MARKERS = ["o", "s", "^", "D", "v", "P"]

WIDEST = 6.4  # inches, or 614 CSS pixels: shrunk to a phone's 350, letters of the usual size can still be read

INK = "#010203"  # stands for the colour of the text around the figure; nothing else is drawn in it

_STYLE: dict[Any, Any] = {
    "font.family": ["Course Sans", "DejaVu Sans"],
    "font.size": 11,
    "axes.titlesize": 11.5,
    "axes.titleweight": "normal",
    "axes.titlelocation": "left",
    "legend.fontsize": 11,
    "mathtext.fontset": "stix",
    "figure.figsize": (5.8, 3.4),
    "figure.dpi": 96,
    "figure.constrained_layout.use": True,
    "savefig.bbox": "tight",
    "savefig.pad_inches": 0.04,
    "svg.fonttype": "path",  # letters as outlines: the same everywhere, whatever fonts the reader has
    "svg.hashsalt": "rnnbook",
    "axes.prop_cycle": cycler(color=CYCLE) + cycler(linestyle=LINESTYLES),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": INK,
    "grid.alpha": 0.16,
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.9,
    "lines.markersize": 5.5,
    "lines.markeredgewidth": 0,
    "xtick.major.size": 3.5,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.handlelength": 2.2,
    "image.cmap": "cividis",
    **dict.fromkeys(["figure.facecolor", "axes.facecolor", "savefig.facecolor"], "none"),
    **dict.fromkeys(
        ["text.color", "axes.labelcolor", "axes.edgecolor", "axes.titlecolor", "xtick.color", "ytick.color"], INK
    ),
}


def use() -> None:
    """Set the house style, and ask for alt text with every matplotlib figure that a notebook shows."""
    for font in sorted((Path(__file__).parent / "fonts").glob("*.ttf")):
        font_manager.fontManager.addfont(font)
    mpl.rcParams.update(_STYLE)
    shell = _shell()
    if shell is not None:
        shell.run_line_magic("matplotlib", "inline")
        mpl.rcParams.update(_STYLE)  # the inline backend brings settings of its own
        shell.display_formatter.mimebundle_formatter.for_type(Figure, lambda fig, **_: to_outputs(fig))
        for formatter in shell.display_formatter.formatters.values():
            formatter.pop(Figure, None)  # the inline backend would add a PNG without words


def show(fig: Figure, alt: str) -> None:
    """Show a figure below the cell and close it. `alt` says what it shows, for readers who cannot see it.

    Raises CourseError where `alt` is missing or too short to say anything.
    """
    plt.close(fig)  # or the notebook would show it once more
    _demand(alt)
    fig.set_label(alt)
    if _shell() is not None:
        from IPython.display import display

        display(to_outputs(fig), raw=True)


def learning_curves(epochs, by="architecture") -> Figure:
    """Training and validation curves of loss and accuracy: mean over the seeds, with one standard deviation either way.

    epochs: one row for each epoch of each run, with the columns `epoch` (from 1), `seed`, `loss`, `accuracy`,
    `val_loss` and `val_accuracy`, as `rnnbook.laboratory.load(per="epoch")` gives it; or the `History` of `model.fit`, or its
    dictionary, or a list of those (one a seed). by: column whose values are told apart by colour and marker.
    The epoch of the lowest mean validation loss is marked by a ring.
    """
    frame = _epoch_frame(epochs)
    measures = ("loss", "accuracy")
    missing = [c for m in measures for c in (m, f"val_{m}") if c not in frame]
    if missing:
        raise CourseError(
            f"No column {missing[0]!r} among the epochs; there are: {', '.join(map(str, frame.columns))}."
        )
    groups = list(frame.groupby(by, sort=False)) if by in frame else [("", frame)]
    if "seed" in frame and any(group.duplicated(["seed", "epoch"]).any() for _, group in groups):
        raise CourseError(
            f"Several runs of one {by} share a seed, so their mean would mix different settings: "
            "choose one setting, or name the column that tells them apart, by=…."
        )
    if len(groups) > len(CYCLE):
        raise CourseError(f"{len(groups)} curves are too many to tell apart; choose at most {len(CYCLE)}.")

    fig, axes = plt.subplots(2, 1, figsize=(5.8, 5.6), sharex=True, layout="constrained")
    for ax, measure in zip(axes, measures):
        for (_, group), colour, marker in zip(groups, CYCLE, MARKERS):
            _curves(ax, group, measure, colour, marker)
        ax.set_ylabel(measure)
        ax.yaxis.set_major_locator(MaxNLocator(5))
        if "accuracy" in measure:
            ax.yaxis.set_major_formatter(_percent)
    last = int(frame["epoch"].to_numpy().max())
    axes[-1].set_xlabel("epoch")
    axes[-1].set_xlim(0.7 if last < 12 else 0, last + 0.3)
    axes[-1].xaxis.set_major_locator(MaxNLocator(10, integer=True, min_n_ticks=1))

    ink = CYCLE[0] if len(groups) == 1 else INK
    counts = [len(set(group["seed"])) for _, group in groups] if "seed" in frame else [1]
    fewest, seeds = min(counts), max(counts)
    handles: list[Artist] = [
        Line2D([], [], color=ink, linestyle=(0, (4, 2)), linewidth=1.5, label="training"),
        Line2D([], [], color=ink, linestyle="-", label="validation"),
    ]
    handles.append(
        Line2D([], [], linestyle="", marker="o", markersize=9, markerfacecolor="none", markeredgecolor=ink,
               markeredgewidth=1.4, label="lowest mean validation loss" if seeds > 1 else "lowest validation loss")
    )  # fmt: skip
    if seeds > 1:
        label = f"± standard deviation, {seeds if fewest == seeds else f'{fewest} to {seeds}'} seeds"
        handles.append(Patch(facecolor=ink, alpha=0.17, label=label))
    fig.legend(handles=handles, loc="outside upper left", ncols=2, borderaxespad=0.2, columnspacing=1.6)
    if len(groups) > 1:
        names = [
            Line2D([], [], color=c, linestyle="-", marker=m, label=_name(n))
            for (n, _), c, m in zip(groups, CYCLE, MARKERS)
        ]
        fig.legend(handles=names, loc="outside lower left", ncols=3, borderaxespad=0.2, columnspacing=1.6)
    return fig


def _curves(ax, group, measure, colour, marker):
    several = "seed" in group and group["seed"].nunique() > 1
    for column, style, width in ((measure, (0, (4, 2)), 1.5), (f"val_{measure}", "-", 1.9)):
        over_seeds = group.groupby("epoch")[column]
        mean = over_seeds.mean()
        ax.plot(mean.index, mean, color=colour, linestyle=style, linewidth=width, marker=marker if style == "-" else "",
                markersize=4.5, markevery=max(1, len(mean) // 10))  # fmt: skip
        if several:
            spread = over_seeds.std()
            ax.fill_between(mean.index, mean - spread, mean + spread, color=colour, alpha=0.17, linewidth=0)
    best = group.groupby("epoch")["val_loss"].mean().idxmin()
    at_best = group.loc[group["epoch"] == best, f"val_{measure}"].mean()
    ax.plot(best, at_best, "o", markersize=10, markerfacecolor="none", markeredgecolor=colour, markeredgewidth=1.5)


def _epoch_frame(epochs) -> pd.DataFrame:
    if isinstance(epochs, pd.DataFrame):
        if "epoch" not in epochs:
            raise CourseError("learning_curves needs one row an epoch: load the records with runs.load(per='epoch').")
        return epochs
    histories = epochs if isinstance(epochs, (list, tuple)) else [epochs]
    frames = []
    for seed, history in enumerate(histories):
        frame = pd.DataFrame(getattr(history, "history", history))
        frames.append(frame.assign(epoch=np.arange(1, len(frame) + 1), seed=seed))
    if not frames or frames[0].empty:
        raise CourseError("There is no epoch to draw: train for at least one.")
    return pd.concat(frames, ignore_index=True)


def comparison(summary, runs=None, value="test_accuracy", by="architecture", view=None) -> Figure:
    """A dot a row with its interval, best at the top: which differences are larger than the noise?

    summary: one row for each value of `by` (a column or the index) with the columns `mean`, `low` and `high`, the
    ends of the interval. runs: single runs with the columns `by` and `value`, drawn as small ticks behind.
    view: (lowest, highest), the part of the axis to show; a mean outside it becomes an arrow at that edge.
    """
    table = summary.set_index(by) if by in getattr(summary, "columns", ()) else summary
    missing = [c for c in ("mean", "low", "high") if c not in table]
    if missing:
        raise CourseError(f"comparison needs the columns mean, low and high; {missing[0]!r} is missing.")
    table = table.sort_values("mean", kind="stable")
    rows = np.arange(len(table))

    fig, ax = plt.subplots(figsize=(5.8, 0.8 + 0.36 * len(table)), layout="constrained")
    percent = "accuracy" in value
    if runs is not None:
        place = dict(zip(table.index, rows))
        shown = runs[runs[by].isin(place)]
        ax.plot(shown[value], shown[by].map(place), "|", color=INK, alpha=0.55, markersize=8, markeredgewidth=1)
    ax.hlines(rows, table["low"], table["high"], color=BLUE, linewidth=2.4)
    ax.plot(table["mean"], rows, "o", color=BLUE, markersize=6)
    if view:
        ax.set_xlim(view)
        ax.tick_params("y", pad=9)  # room for an arrow
        for edge, arrow, beyond in zip(view, "<>", (table["mean"] < view[0], table["mean"] > view[1])):
            outside = rows[beyond]
            ax.plot(np.full(len(outside), edge), outside, arrow, color=BLUE, markersize=9, clip_on=False)
    ax.set_yticks(rows, [_name(name) for name in table.index], va="center")
    ax.set_ylim(-0.6, len(table) - 0.4)
    ax.grid(True, axis="x")
    ax.grid(False, axis="y")
    ax.spines["left"].set_visible(False)
    for row, mean in zip(rows, table["mean"]):
        text = f"{100 * mean:.1f} %" if percent else f"{mean:.3g}"
        ax.annotate(text, (1.02, row), xycoords=("axes fraction", "data"), va="center", annotation_clip=False)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    if percent:
        ax.xaxis.set_major_formatter(_percent)
    ax.set_xlabel(value.replace("_", " "))
    return fig


def _percent(share, _):
    return f"{round(100 * share, 2):g} %"


def _name(architecture) -> str:
    return architectures.label(architecture)


def to_html(fig: Figure) -> str:
    """The figure as inline SVG, its ink `currentColor`; its alt text is the figure's label."""
    _demand(fig.get_label())
    buffer = io.StringIO()
    with mpl.rc_context(_STYLE):
        _laid_out(fig)
        fig.set_layout_engine("none")  # each drawing moves the axes a little: keep them where they are now
        fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        panels = windows(fig, _STYLE["savefig.pad_inches"])
    svg = buffer.getvalue()
    width, height = (float(re.search(rf'<svg[^>]*? {side}="([\d.]+)pt"', svg).group(1)) for side in ("width", "height"))
    width *= 96 / 72
    texts = [t for t in fig.findobj(Text) if isinstance(t, Text) and t.get_visible()]
    sizes = [t.get_fontsize() for t in texts if t.get_text().strip()]
    smallest = min(sizes, default=11) * 96 / 72  # pyright: ignore[reportOperatorIssue]
    return inline(_lighten(svg), str(fig.get_label()), width, smallest, stacked(panels, height))


def _laid_out(fig: Figure) -> None:
    """Let the layout settle. Raises CourseError where legend and labels leave the axes less than 2/5 of the width."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "constrained_layout not applied")  # said below, with what to do
        for _ in range(2):
            fig.draw_without_rendering()
    spans = sorted((ax.get_position().x0, ax.get_position().x1) for ax in fig.axes if ax.get_visible())
    covered, end = 0.0, 0.0
    for left, right in spans:
        covered, end = covered + max(0.0, right - max(left, end)), max(end, right)
    if spans and covered < 0.4:
        raise CourseError(
            f"The figure's axes have {covered:.0%} of its width: give the legend fewer columns, the labels fewer words, "
            "or the figure more width."
        )


def to_png(fig: Figure) -> bytes:
    """The figure on white, twice as many pixels as CSS pixels."""
    buffer = io.BytesIO()
    with mpl.rc_context(_STYLE):
        fig.savefig(buffer, format="png", dpi=96 * SCALE, facecolor="white", metadata={"Software": None})
    return small(buffer.getvalue())


def to_outputs(fig: Figure) -> dict[str, str]:
    """What a notebook shows of the figure, by MIME type. One wider than a page's column becomes as wide as that."""
    if fig.get_figwidth() > WIDEST:
        fig.set_figwidth(WIDEST)
    drawing, png = to_html(fig), to_png(fig)  # in this order: the first fixes the layout
    width = int.from_bytes(png[16:20], "big") / SCALE  # as the PNG's own header says it
    return outputs(drawing, png, str(fig.get_label()), width)


def _lighten(svg: str) -> str:
    svg = svg[svg.index("<svg") :]
    # matplotlib's style element would apply to the whole page
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->|<style.*?</style>", "", svg, flags=re.S)
    svg = re.sub(r"<defs\s*/>|<defs>\s*</defs>", "", svg)
    svg = re.sub(r'<g id="[^"]*"\s*/>', "", svg)
    # An id stays where the drawing or panels.py refers to it. An image that is shown twice would bring the same one twice.
    used = {"figure_1", *re.findall(r'(?:href="#|url\(#)([^")]+)', svg)}
    svg = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", svg)
    svg = svg.replace(INK, "currentColor").replace("; ", ";").replace(": ", ":")
    number = re.compile(r"-?\d+\.\d+")

    def shorter(found):
        return number.sub(lambda n: f"{float(n[0]):.1f}".rstrip("0").rstrip("."), found[0])

    svg = re.sub(r' d="[^"]*"| (?:x|y|x1|x2|y1|y2|width|height|points)="[^"]*"|translate\([^)]*\)', shorter, svg)
    return re.sub(r"\s*\n\s*", " ", svg).replace("> <", "><").strip()


def _demand(alt) -> None:
    if not isinstance(alt, str) or len(alt.split()) < 3:
        raise CourseError(
            "A figure needs alt text: plots.show(fig, alt='…'), a sentence that says what it shows "
            "for readers who cannot see it."
        )


def _shell():
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()
