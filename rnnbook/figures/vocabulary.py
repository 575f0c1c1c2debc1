"""The drawing vocabulary that all diagrams share.

Inputs X are blue squares, hidden states Z orange circles, outputs Y green pills. The weights between them take the
colour of where they come from: U blue, W orange, V green; the same letter in the same colour is the same matrix.
A small filled square is the delay by one timestep. Time runs from left to right. All else is ink, the colour of the
text around the picture, in two line weights.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape

from rnnbook.figures import palette
from rnnbook.figures.inline import inline, prefixed
from rnnbook.figures.lettering import bounds, font, outline, typeset

# at least 3.6 : 1 on white and on #121212
COLOURS = {
    "ink": "currentColor",
    **palette.MID,
}
WEIGHT_OF = palette.MATRICES
FINE, STRONG = 1.5, 2.4  # the two line weights
FILL = 0.16  # opacity of the soft fills
TEXT, MATH = 16, 19  # sizes in CSS pixels at full width
GAP = 3  # between an arrow and what it points at


@dataclass(frozen=True)
class Node:
    """Something that arrows start from and end at: a circle or a box around (x, y)."""

    x: float
    y: float
    w: float
    h: float
    round: bool = False

    @property
    def left(self):
        return self.x - self.w / 2, self.y

    @property
    def right(self):
        return self.x + self.w / 2, self.y

    @property
    def top(self):
        return self.x, self.y - self.h / 2

    @property
    def bottom(self):
        return self.x, self.y + self.h / 2

    def edge(self, x, y):
        """Where the line from the centre towards (x, y) leaves the shape."""
        dx, dy = x - self.x, y - self.y
        if self.round:
            scale = self.w / 2 / math.hypot(dx, dy)
        else:
            scale = min(self.w / 2 / abs(dx) if dx else math.inf, self.h / 2 / abs(dy) if dy else math.inf)
        return self.x + dx * scale, self.y + dy * scale


class Drawing:
    """An SVG under construction, `width` by `height` CSS pixels, y downwards."""

    def __init__(self, width: float, height: float):
        self.width, self.height = width, height
        self.parts: list[str] = []
        self.labels: list[tuple[str, float, float, float, float]] = []  # text and its box: left, top, right, bottom
        self.smallest = math.inf
        self._glyphs: dict[tuple[str, str], str] = {}

    @contextmanager
    def pale(self, opacity: float = 0.27):
        """What is drawn within stands back."""
        self.parts.append(f'<g opacity="{opacity}">')
        yield
        self.parts.append("</g>")

    # ---- lettering

    def text(self, x, y, text, size: float = TEXT, anchor="middle", bold=False, opacity=1.0, upwards=False):
        """A line of words and $mathematics$ at (x, y), y being the middle of the capitals.

        upwards: turned by a quarter, to be read from below, around (x, y).
        """
        glyphs, width = typeset(text, size, bold)
        centre_x, centre_y = x, y
        x -= {"start": 0, "middle": width / 2, "end": width}[anchor]
        baseline = y + 0.33 * size
        uses, inks = [], []
        for glyph in glyphs:
            box = bounds(glyph.font, glyph.name)
            if box is None:
                continue
            em = font(glyph.font)["head"].unitsPerEm
            scale = glyph.size / em
            key = self._glyphs.setdefault((glyph.font, glyph.name), f"g{len(self._glyphs)}")
            left, base = x + glyph.x, baseline - glyph.y
            uses.append(
                f'<use href="#{key}" transform="translate({_n(left)} {_n(base)}) scale({scale:.4f} -{scale:.4f})"/>'
            )
            inks.append((left + box[0] * glyph.size, base - box[3] * glyph.size,
                         left + box[2] * glyph.size, base - box[1] * glyph.size))  # fmt: skip
        fade = f' opacity="{opacity}"' if opacity < 1 else ""
        turn = f' transform="rotate(-90 {_n(centre_x)} {_n(centre_y)})"' if upwards else ""
        self.parts.append(f'<g fill="currentColor"{fade}{turn}>{"".join(uses)}</g>')
        lefts, tops, rights, bottoms = zip(*inks)
        box = min(lefts), min(tops), max(rights), max(bottoms)
        if upwards:
            box = (centre_x + box[1] - centre_y, centre_y - box[2] + centre_x,
                   centre_x + box[3] - centre_y, centre_y - box[0] + centre_x)  # fmt: skip
        self.labels.append((text, *box))
        self.smallest = min(self.smallest, size)

    # ---- things

    def input(self, x, y, label="", size: float = 46, **more):
        return self.box(x, y, size, size, label, "x", corner=5, **more)

    def state(self, x, y, label="", size: float = 50, opacity=1.0, dashed=False):
        colour = COLOURS["z"]
        self._add("circle", cx=x, cy=y, r=size / 2, **_paint(colour, opacity, dashed))
        if label:
            self.text(x, y, label, min(MATH, size * 0.38), opacity=opacity)
        return Node(x, y, size, size, round=True)

    def output(self, x, y, label="", width=58, height=38, **more):
        return self.box(x, y, width, height, label, "y", corner=height / 2, **more)

    def box(self, x, y, w, h, label="", tone="ink", corner: float = 7, size=None, opacity=1.0, dashed=False, fill=None):
        """A box around (x, y): an operation in ink, or a thing in its colour."""
        paint = _paint(COLOURS[tone], opacity, dashed)
        if tone == "ink":
            paint["fill_opacity"] = 0.06
        if fill is not None:
            paint["fill_opacity"] = fill
        self._add("rect", x=x - w / 2, y=y - h / 2, width=w, height=h, rx=corner, **paint)
        if label:
            self.text(x, y, label, size or (MATH if label.startswith("$") else TEXT), opacity=opacity)
        return Node(x, y, w, h)

    def neuron(self, x, y, tone, r=11):
        """A single unit of X, Z or Y, in node form."""
        if tone == "z":
            self._add("circle", cx=x, cy=y, r=r, **_paint(COLOURS[tone]))
            return Node(x, y, 2 * r, 2 * r, round=True)
        return self.box(x, y, 2 * r, 2 * r, tone=tone, corner=3 if tone == "x" else r)

    def delay(self, x, y, size=16):
        """The delay by one timestep."""
        self._add("rect", x=x - size / 2, y=y - size / 2, width=size, height=size, rx=2, fill="currentColor")
        return Node(x, y, size, size)

    def operation(self, x, y, sign, size: float = 28):
        """A sum "+" or a product "×", unit by unit."""
        self._add("circle", cx=x, cy=y, r=size / 2, fill="currentColor", fill_opacity=0.06, stroke="currentColor",
                  stroke_width=FINE)  # fmt: skip
        r = size * (0.22 if sign == "+" else 0.18)
        strokes = [((x - r, y), (x + r, y)), ((x, y - r), (x, y + r))]
        if sign == "×":
            strokes = [((x - r, y - r), (x + r, y + r)), ((x - r, y + r), (x + r, y - r))]
        for stroke in strokes:
            self.line(*stroke, weight=1.8)
        return Node(x, y, size, size, round=True)

    def joint(self, x, y, tone="ink"):
        """Where a line branches."""
        self._add("circle", cx=x, cy=y, r=4, fill=COLOURS[tone])
        return x, y

    def cells(self, x, y, columns, rows, width, tone="x", strengths=None, height=None):
        """A matrix of squares, or of cells `height` high, from the upper left corner (x, y).

        strengths (rows × columns) shade them from 0 to 1.
        """
        height = height or width
        colour = COLOURS[tone]
        for row in range(rows):
            for column in range(columns):
                shade = FILL if strengths is None else strengths[row][column]
                self._add("rect", x=x + column * width, y=y + row * height, width=width, height=height, fill=colour,
                          fill_opacity=shade, stroke=colour, stroke_width=1)  # fmt: skip
        return Node(x + columns * width / 2, y + rows * height / 2, columns * width, rows * height)

    # ---- connections

    def line(self, *points, tone="ink", weight=FINE, dashed=False, opacity=1.0, radius=12):
        self.parts.append(_stroke(_rounded(points, radius), COLOURS[tone], weight, dashed, opacity))

    def arrow(self, *stops, tone="ink", weight=FINE, dashed=False, opacity=1.0, radius=12, gap=GAP):
        """An arrow through the stops, its corners rounded; a node as first or last stop gives its edge."""
        points = _ends(stops, gap)
        (x0, y0), (x1, y1) = points[-2:]
        length = math.hypot(x1 - x0, y1 - y0)
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        head = 8 + 1.2 * weight
        neck = (x1 - ux * head * 0.72, y1 - uy * head * 0.72)
        self.parts.append(_stroke(_rounded([*points[:-1], neck], radius), COLOURS[tone], weight, dashed, opacity))
        self._head(x1, y1, ux, uy, head, tone, opacity)

    def curve(
        self,
        start,
        control1,
        control2,
        end: tuple[float, float],
        tone="ink",
        weight=FINE,
        opacity=1.0,
        dashed=False,
        head=True,
    ):
        """An arrow, or with head=False a line, along a cubic Bézier curve between two points."""
        dx, dy = end[0] - control2[0], end[1] - control2[1]
        length = math.hypot(dx, dy)
        ux, uy = dx / length, dy / length
        size = 8 + 1.2 * weight
        neck = (end[0] - ux * size * 0.72, end[1] - uy * size * 0.72) if head else end
        d = "M{} {}C{} {} {} {} {} {}".format(*(_n(v) for p in (start, control1, control2, neck) for v in p))
        self.parts.append(_stroke(d, COLOURS[tone], weight, dashed, opacity))
        if head:
            self._head(*end, ux, uy, size, tone, opacity)

    def weight(
        self, *stops, letter, at: tuple[float, float] | None = None, anchor="middle", label=True, opacity=1.0, **more
    ):
        """An arrow that multiplies by U, W or V; `at` is where its letter stands."""
        self.arrow(*stops, tone=WEIGHT_OF[letter], weight=STRONG, opacity=opacity, **more)
        if label:
            if at is None:
                (x0, y0), (x1, y1) = _ends(stops, 0)[:2]
                at = ((x0 + x1) / 2 + (14 if abs(x1 - x0) < 1 else 0), (y0 + y1) / 2 - (0 if abs(x1 - x0) < 1 else 14))
            self.text(*at, f"${letter}$", MATH, anchor, opacity=opacity)

    def span(self, x0, x1, y, label, below=True, size=TEXT):
        """A bracket over the range from x0 to x1 with a label."""
        tick = -6 if below else 6
        self.line((x0, y + tick), (x0, y), (x1, y), (x1, y + tick), radius=4, opacity=0.7)
        self.text((x0 + x1) / 2, y + (17 if below else -15), label, size)

    def frame(self, x0, y0, x1, y1, dashed=True, tone="ink", opacity=0.55, corner=12):
        self._add("rect", x=x0, y=y0, width=x1 - x0, height=y1 - y0, rx=corner, fill="none", stroke=COLOURS[tone],
                  stroke_width=FINE, stroke_opacity=opacity, **({"stroke_dasharray": "5 4"} if dashed else {}))  # fmt: skip

    def shape(self, points, tone="ink", fill=FILL, weight=FINE, opacity=1.0):
        """A filled polygon."""
        d = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points) + "Z"
        self._add("path", d=d, fill=COLOURS[tone], fill_opacity=fill, stroke=COLOURS[tone], stroke_width=weight,
                  **({"opacity": opacity} if opacity < 1 else {}))  # fmt: skip

    # ---- the result

    def svg(self, alt: str) -> str:
        """A file that stands alone, readable on light and on dark, and can also be pasted into a page."""
        size = f"0 0 {_n(self.width)} {_n(self.height)}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" width="{_n(self.width)}" '
            f'height="{_n(self.height)}" style="max-width:100%;height:auto" role="img" '
            f'aria-label="{escape(alt, quote=True)}" stroke-linejoin="round">\n'
            # svg:root: the file on its own; within a page the ink is the page's
            "<style>svg:root{color-scheme:light dark;color:#1c2430}@media (prefers-color-scheme:dark)"
            "{svg:root{color:#e4e7eb}}@media print{svg:root{color:#000}}</style>\n"
            f"{prefixed(self._body(chr(10)))}\n</svg>\n"
        )

    def html(self, alt: str) -> str:
        """The same within a page, in the ink of the text around it."""
        box = f'<svg viewBox="0 0 {_n(self.width)} {_n(self.height)}">'
        return inline(f"{box}{self._body('')}</svg>", alt, self.width, self.smallest)

    def _body(self, between):
        glyphs = "".join(f'<path id="{key}" d="{outline(*glyph)}"/>' for glyph, key in self._glyphs.items())
        return between.join([f"<defs>{glyphs}</defs>", *self.parts])

    def _head(self, x, y, ux, uy, head, tone, opacity):
        half = head * 0.42
        notch = head * 0.78
        points = [
            (x, y),
            (x - ux * head - uy * half, y - uy * head + ux * half),
            (x - ux * notch, y - uy * notch),
            (x - ux * head + uy * half, y - uy * head - ux * half),
        ]
        d = "M" + "L".join(f"{_n(px)} {_n(py)}" for px, py in points) + "Z"
        self._add("path", d=d, fill=COLOURS[tone], **({"opacity": opacity} if opacity < 1 else {}))

    def _add(self, element, **attributes):
        written = " ".join(
            f'{name.replace("_", "-")}="{_n(value) if isinstance(value, (int, float)) else value}"'
            for name, value in attributes.items()
        )
        self.parts.append(f"<{element} {written}/>")


def _n(value) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _paint(colour, opacity=1.0, dashed=False):
    paint = {"fill": colour, "fill_opacity": FILL, "stroke": colour, "stroke_width": FINE}
    if dashed:
        paint["stroke_dasharray"] = "5 4"
    if opacity < 1:
        paint["opacity"] = opacity
    return paint


def _stroke(d, colour, weight, dashed, opacity):
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    fade = f' opacity="{opacity}"' if opacity < 1 else ""
    return f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{_n(weight)}"{dash}{fade}/>'


def _ends(stops, gap):
    """Points of a way whose first and last stop may be nodes."""
    stops = list(stops)
    centre = [(s.x, s.y) if isinstance(s, Node) else s for s in stops]
    for place, neighbour in ((0, 1), (-1, -2)):
        if isinstance(stops[place], Node):
            x, y = stops[place].edge(*centre[neighbour])
            nx, ny = centre[neighbour]
            length = math.hypot(nx - x, ny - y) or 1
            stops[place] = (x + (nx - x) / length * gap, y + (ny - y) / length * gap)
    return stops


def _rounded(points, radius):
    d = f"M{_n(points[0][0])} {_n(points[0][1])}"
    for (x0, y0), (x1, y1), (x2, y2) in zip(points, points[1:], points[2:]):
        before, after = math.hypot(x1 - x0, y1 - y0), math.hypot(x2 - x1, y2 - y1)
        r = min(radius, before / 2, after / 2)
        ax, ay = x1 + (x0 - x1) / before * r, y1 + (y0 - y1) / before * r
        bx, by = x1 + (x2 - x1) / after * r, y1 + (y2 - y1) / after * r
        d += f"L{_n(ax)} {_n(ay)}Q{_n(x1)} {_n(y1)} {_n(bx)} {_n(by)}"
    return d + f"L{_n(points[-1][0])} {_n(points[-1][1])}"
