"""An SVG as it stands in a page: part of the text, in the ink of the theme around it."""

from __future__ import annotations

import hashlib
import html
import re

SMALLEST_TEXT = 8.8  # CSS pixels that the smallest lettering keeps on the narrowest screen


def inline(svg: str, alt: str, width: float, smallest: float) -> str:
    """Wrap an SVG, drawn in `currentColor` on nothing, for the output of a notebook cell.

    width: natural width in CSS pixels; the picture shrinks with the page and never grows beyond it.
    smallest: size in CSS pixels of its smallest lettering at that width. Where the page is too narrow to keep
    that readable, the picture scrolls sideways, also by keyboard.

    Ids are prefixed by a hash of the content; see `prefixed`.
    """
    brief = html.escape(alt.split(". ")[0].rstrip("."), quote=True)
    alt = html.escape(alt, quote=True)
    svg = prefixed(svg)
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
