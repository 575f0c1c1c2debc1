"""Colours of code: an element only for what the style sheet colours.

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
    """The classes of Pygments that book.css gives a colour, such as ``k`` for keywords."""
    rules = re.findall(r"^\.highlight ([^{]+)\{", STYLES.read_text("utf-8"), re.MULTILINE)
    return {name for rule in rules for name in re.findall(r"\.(\w+)", rule)}


class Coloured(HtmlFormatter):
    """HTML of code in which tokens without a colour of their own are plain text."""

    def format(self, tokensource, outfile):
        shown = coloured()
        tokens = ((kind if STANDARD_TYPES.get(kind) in shown else Text, text) for kind, text in tokensource)
        return super().format(tokens, outfile)


def setup(app):
    PygmentsBridge.html_formatter = Coloured
