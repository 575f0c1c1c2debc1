"""Colours of code: an element only for what the style sheet colours, and one for neighbours of the same colour.

Half of a chapter's elements were names, brackets and spaces of code, each wrapped for a colour that it does not get; on a
phone they cost more time than all the pictures.
"""

import re
from functools import cache
from pathlib import Path

from pygments.formatters import HtmlFormatter
from pygments.token import STANDARD_TYPES, Text
from sphinx.highlighting import PygmentsBridge

STYLES = Path(__file__).parent / "theme" / "static" / "book.css"


@cache
def coloured():
    """{class of Pygments that book.css gives a colour, such as ``kn``: the kind of token that stands for all of its colour}."""
    kinds = {name: kind for kind, name in STANDARD_TYPES.items()}
    found = {}
    for rule in re.findall(r"^\.highlight ([^{]+)\{", STYLES.read_text("utf-8"), re.MULTILINE):
        names = re.findall(r"\.(\w+)", rule)
        found |= dict.fromkeys(names, kinds[names[0]])
    return found


class Coloured(HtmlFormatter):
    """HTML of code in which tokens without a colour are plain text, and those of one colour one class: an f-string is one element."""

    def format(self, tokensource, outfile):
        shown = coloured()
        tokens = ((shown.get(STANDARD_TYPES.get(kind), Text), text) for kind, text in tokensource)
        return super().format(tokens, outfile)


def setup(app):
    PygmentsBridge.html_formatter = Coloured
