"""A figure as the output of a cell: an SVG in the ink of the page for the book, a PNG with its words for all others.

Viewers that do not trust a notebook (GitHub, JupyterLab before a cell is run) take SVG out of HTML and show nothing in its
place. So the SVG has a MIME type of its own, which the book prefers, and HTML holds a picture that all of them let through.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re

DRAWING = "application/vnd.rnnbook.figure+html"
SCALE = 2  # pixels of the PNG per CSS pixel: sharp on the screens of today
SMALLEST_TEXT = 8.3  # CSS pixels that the smallest lettering keeps on the narrowest screen


def inline(svg: str, alt: str, width: float, smallest: float, narrow: str = "") -> str:
    """Wrap an SVG, drawn in `currentColor` on nothing, for the output of a notebook cell.

    width: natural width in CSS pixels; the picture shrinks with the page and never grows beyond it.
    smallest: size in CSS pixels of its smallest lettering at that width. Where the page is too narrow to keep
    that readable, the picture scrolls sideways, also by keyboard.
    narrow: HTML of the same drawing for a narrow screen, where the book shows it instead; see `panels.stacked`.

    Ids are prefixed by a hash of the content; see `prefixed`.
    """
    brief = html.escape(alt.split(". ")[0].rstrip("."), quote=True)
    alt = html.escape(alt, quote=True)
    svg = prefixed(svg + narrow)
    box = re.search(r'viewBox="([^"]*)"', svg).group(1)
    narrowest = round(width * min(1.0, SMALLEST_TEXT / smallest))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{box}" '
        f'role="img" aria-label="{alt}" style="display:block;width:100%;min-width:{narrowest}px;'
        f'max-width:{round(width)}px;height:auto;margin:0 auto;stroke-linejoin:round">'
    )
    svg = re.sub(r"<svg\b[^>]*>", lambda _: head, svg, count=1)
    # 320 px is the narrowest page in use (WCAG 1.4.10): what may scroll there can be reached by the keyboard
    scrolls = f' tabindex="0" role="group" aria-label="Figure: {brief}"' if narrowest > 320 - 2 * 16 else ""
    return f'<div class="rnnbook-figure"{scrolls} style="overflow-x:auto;background:none">{svg}</div>'


def prefixed(svg: str) -> str:
    """Ids with a hash of the content in front: pictures on one page do not collide, and each keeps its bytes."""
    prefix = "f" + hashlib.sha256(svg.encode()).hexdigest()[:8] + "-"
    svg = re.sub(r'\bid="', f'id="{prefix}', svg)
    return re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}", svg)


def outputs(drawing: str, png: bytes, alt: str, width: float) -> dict[str, str]:
    """What a cell shows, by MIME type: `drawing`, as `inline` makes it; `png`, `width` CSS pixels wide; and the words."""
    picture = base64.b64encode(png).decode()
    return {
        "text/plain": f"[Figure: {alt}]",
        "text/html": f'<img alt="{html.escape(alt, quote=True)}" width="{round(width)}" '
        f'style="max-width:100%;height:auto" src="data:image/png;base64,{picture}">',
        DRAWING: drawing,
    }


def small(png: bytes, **written) -> bytes:
    """The same picture in at most 128 colours, a third of the bytes; `written` goes into the file as text."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    notes, buffer = PngInfo(), io.BytesIO()
    for key, text in written.items():
        notes.add_text(key, text)
    picture.save(buffer, "PNG", optimize=True, pnginfo=notes)
    return buffer.getvalue()
