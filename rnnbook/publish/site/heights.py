"""Room for each widget before it is alive, as high as it will be, so that nothing below it moves when it wakes.

`heights.json` holds how high each widget of a page is once it is alive, in pixels, at the widths of its place that it names.
`python bench/heights.py --record` measures them in the built book; book.css keeps the room.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

FILE = Path(__file__).with_name("heights.json")
WIDGET = re.compile(r'<div class="rnnbook-widget">(?=\s*<div data-widget="(\w+)")')


def recorded():
    """{"widths": [pixels, …], "pages": {page: [[widget, [its height at each width]], …]}}."""
    return json.loads(FILE.read_text(encoding="utf-8"))


class Room:
    """Of one page: hands each widget its heights, in the order of the page."""

    def __init__(self, page):
        record = recorded()
        self.widths, self.left = record["widths"], list(record["pages"].get(page, []))

    def keep(self, html):
        """The HTML with the room that its widgets will take, for book.css. A widget that was never measured gets none."""
        return WIDGET.sub(self._styled, html)

    def _styled(self, found):
        place = next((i for i, (name, _) in enumerate(self.left) if name == found[1]), None)
        if place is None:
            return found[0]
        _, heights = self.left.pop(place)
        room = ";".join(f"--w{width}:{height}px" for width, height in zip(self.widths, heights, strict=True))
        return f'<div class="rnnbook-widget" style="{room}">'


class KeepRoom(SphinxPostTransform):
    """Every widget of a page has its room from the first picture on."""

    default_priority = 968
    builders = ("html",)

    def run(self, **kwargs):
        room = Room(self.env.docname)
        for raw in self.document.findall(nodes.raw):
            if raw.get("format") == "html" and WIDGET.search(raw.astext()):
                raw.children = [nodes.Text(room.keep(raw.astext()))]


def setup(app):
    app.add_post_transform(KeepRoom)
