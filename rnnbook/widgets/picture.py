"""Small SVG drawings in plain Python: the widgets' pictures for readers without JavaScript.

An SVG inside ``<img>`` cannot see the page's theme, so every picture brings its own light card.
"""

from html import escape

from ..figures import palette

COLOURS = palette.LIGHT
INK, MUTED, LINE = (COLOURS[name] for name in ("ink", "muted", "line"))


def colour(value):
    """Return the heat map's colour for a value between -1 (blue) and 1 (orange)."""
    stops = [(24, 84, 173), (122, 170, 226), (244, 245, 247), (240, 170, 98), (184, 80, 0)]
    t = (max(-1.0, min(1.0, float(value))) + 1) * 2
    i = min(3, int(t))
    return "#" + "".join(f"{round(a + (t - i) * (b - a)):02x}" for a, b in zip(stops[i], stops[i + 1]))


class Svg:
    """A drawing of `width` by `height` pixels. Methods return the drawing, so calls can be chained."""

    def __init__(self, width, height):
        self.width, self.height = width, height
        self.parts = []

    def rect(self, x, y, width, height, fill, stroke="none"):
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'fill="{COLOURS.get(fill, fill)}" stroke="{COLOURS.get(stroke, stroke)}"/>'
        )
        return self

    def circle(self, x, y, r, fill="none", stroke="none"):
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}" fill="{COLOURS.get(fill, fill)}" stroke="{COLOURS.get(stroke, stroke)}"/>'
        )
        return self

    def line(self, points, stroke="ink", width: float = 2, dash=""):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(
            f'<polyline points="{path}" fill="none" stroke="{COLOURS.get(stroke, stroke)}" stroke-width="{width}" '
            f'stroke-dasharray="{dash}" stroke-linejoin="round"/>'
        )
        return self

    def text(self, x, y, text, fill="ink", anchor="start", size=13, bold=False):
        weight = ' font-weight="600"' if bold else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" fill="{COLOURS.get(fill, fill)}" text-anchor="{anchor}" '
            f'font-size="{size}"{weight}>{escape(text)}</text>'
        )
        return self

    def axes(self, left, top, width, height, x, y, label="", x_label=""):
        """Draw a frame for values x = (low, high), y = (low, high); return the map from values to pixels."""

        def at(a, b):
            return left + (a - x[0]) / (x[1] - x[0]) * width, top + height - (b - y[0]) / (y[1] - y[0]) * height

        self.rect(left, top, width, height, "none", "line")
        for value in x:
            self.text(at(value, y[0])[0], top + height + 16, f"{value:g}".replace("-", "\u2212"), "muted", "middle", 12)
        for value in y:
            self.text(left - 6, at(x[0], value)[1] + 4, f"{value:g}".replace("-", "\u2212"), "muted", "end", 12)
        self.text(left, top - 8, label, bold=True)
        self.text(left + width / 2, top + height + 18, x_label, "muted", "middle", 12)
        return at

    def svg(self):
        """Return the drawing as text."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" width="{self.width}" height="{self.height}" '
            f'font-family="system-ui, sans-serif"><rect x="0.5" y="0.5" width="{self.width - 1}" height="{self.height - 1}" rx="12" '
            f'fill="#fff" stroke="{LINE}"/>{"".join(self.parts)}</svg>'
        )
