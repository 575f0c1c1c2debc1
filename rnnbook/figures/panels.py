"""A figure of panels side by side, for narrow screens: one panel below the other.

Nothing is drawn twice. Each panel is a window on the one drawing, so a page grows by a few hundred bytes.
"""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

POINTS = 72  # an inch of the SVG

Windows = list[list[tuple[float, float]]]


def windows(fig: Figure, padding: float) -> Windows:
    """For each panel the stretches of the drawing that make it up, (left, right) in points of the tight SVG; [] where it stays whole.

    A panel that shares the vertical axis of the first one gets a stretch of that axis beside its own. padding: inches
    that the SVG keeps around the drawing. Call it when the layout is final.
    """
    places = {ax: ax.get_subplotspec() for ax in fig.axes}
    if len(places) < 2 or None in places.values() or fig.legends or fig.texts or fig.get_suptitle():
        return []
    if len({spec.rowspan.start for spec in places.values()}) > 1:
        return []
    panels = sorted(fig.axes, key=lambda ax: ax.get_position().x0)
    start = fig.get_tightbbox().x0 - padding

    def points(pixels):
        return (pixels / fig.dpi - start) * POINTS

    spans = [(points(box.x0), points(box.x1)) for ax in panels if (box := ax.get_tightbbox())]
    if len(spans) < len(panels) or any(left[1] > right[0] for left, right in zip(spans, spans[1:])):
        return []
    cuts = [0.0, *((left[1] + right[0]) / 2 for left, right in zip(spans, spans[1:])), spans[-1][1] + padding * POINTS]
    axis = (0.0, points(panels[0].get_window_extent().x0))
    return [
        [axis, (left, right)] if _shares(ax) and ax is not panels[0] else [(left, right)]
        for ax, left, right in zip(panels, cuts, cuts[1:])
    ]


def _shares(ax: Axes) -> bool:
    """Whether the numbers of its vertical axis stand at another panel."""
    return not ax.get_ylabel() and not ax.yaxis.get_tick_params().get("labelleft", True)


def stacked(panels: Windows, height: float) -> str:
    """HTML of the panels, one below the other, as `windows` found them in matplotlib's drawing; height in points."""
    if not panels:
        return ""
    made = []
    for stretches in panels:
        parts, at = [], 0.0
        for left, right in stretches:
            wide = right - left
            parts.append(
                f'<svg x="{at:.1f}" width="{wide:.1f}" height="{height:.1f}" viewBox="{left:.1f} 0 {wide:.1f} {height:.1f}">'
                f'<use href="#figure_1"/></svg>'
            )
            at += wide
        made.append(
            f'<svg viewBox="0 0 {at:.1f} {height:.1f}" style="display:block;width:100%;max-width:{at * 96 / POINTS:.0f}px;'
            f'margin:0 auto .6rem;stroke-linejoin:round">{"".join(parts)}</svg>'
        )
    return f'<div class="panels" aria-hidden="true">{"".join(made)}</div>'
