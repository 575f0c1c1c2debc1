"""Code on a page: every colour of the style sheet, and no element without one."""

import io
import re
from html import unescape

import pytest
from pygments import lex
from pygments.formatters import HtmlFormatter
from pygments.lexers import BashLexer, PythonLexer
from pygments.token import STANDARD_TYPES

from rnnbook.publish.site.highlight import Coloured, coloured

SHOWN = '''import numpy as np


def step(Z, x, *, rate=0.5e-3):  # one step
    """A new state."""
    if not Z.any() and len(x) is None:
        raise ValueError(f"{x!r} < {rate:.2f} & so on")
    return [np.tanh(z @ 3) for z in Z] + [True]
'''


def html(formatter, lexer=PythonLexer, code=SHOWN):
    out = io.StringIO()
    formatter.format(lex(code, lexer()), out)
    return out.getvalue()


@pytest.mark.parametrize("lexer, code", [(PythonLexer, SHOWN), (BashLexer, 'make book && echo "$HOME" # all\n')])
def test_the_text_is_the_same(lexer, code):
    shown = html(Coloured(), lexer, code)
    assert unescape(re.sub(r"<[^>]+>", "", shown)).strip() == code.strip()


def test_every_coloured_token_keeps_its_element_and_no_other_has_one():
    pieces = r'<span class="(\w+)">([^<]+)</span>'
    everything = re.findall(pieces, html(HtmlFormatter()))
    assert {"k", "kn", "c1", "sd", "mi", "mf", "nf", "nb", "o", "ow", "si"} <= {kind for kind, _ in everything}
    shown = re.findall(pieces, html(Coloured()))
    letters = lambda found: [(kind, letter) for kind, text in found for letter in text]
    colour = {name: STANDARD_TYPES[kind] for name, kind in coloured().items()}
    assert letters(shown) == letters((colour[kind], text) for kind, text in everything if kind in colour)
