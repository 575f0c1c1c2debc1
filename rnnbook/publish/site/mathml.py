"""TeX becomes MathML while the book is built: pages need no script for mathematics, and a wrong macro is a build warning."""

import re
from functools import cache
from html import escape, unescape
from xml.etree import ElementTree

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

log = logging.getLogger(__name__)
# Sphinx numbers the labelled equations, so the environments that would number by themselves must not.
NUMBERING = re.compile(r"\\(begin|end)\{(align|alignat|gather|equation)\}")
NAMED = re.compile(r"&(?!lt|gt|amp|quot)\w+;")  # XML knows no other names
RELATIONS = set("=≠<>≤≥≈≪≫∈→∝")  # set with room around them
CONVERTER = LatexToMathML(fancy_error=False)


@cache
def render(tex, display):
    """MathML for one formula. Raises `ValueError` with the converter's own words where the TeX is wrong."""
    try:
        mathml = CONVERTER.convert_with_local_state(tex, displaystyle=display)
    except LatexError as error:
        raise ValueError(str(error)) from None
    # Firefox's dictionary takes the product of two gates for a sum over many and sets it twice as large.
    mathml = mathml.replace(">⊙<", ' largeop="false">⊙<')
    return _styled(mathml) if "displaystyle" in mathml else mathml


def _styled(mathml):
    """How large it is set, said as MathML 3 does, which the checker of HTML knows: of a fraction by an `mstyle` around it.

    A table starts at the size around it, so it need not say so.
    """
    root = ElementTree.fromstring(NAMED.sub(lambda found: unescape(found[0]), mathml))
    for parent in list(root.iter()):
        for place, child in enumerate(parent):
            if child.tag == "mtable":
                child.attrib.pop("scriptlevel", None)
            if child.tag == "mfrac" and "displaystyle" in child.attrib:
                style = ElementTree.Element("mstyle", displaystyle=child.attrib.pop("displaystyle"))
                style.tail, child.tail = child.tail, None
                parent[place] = style
                style.append(child)
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)


def words(tex):
    """The letters of a formula, for screen readers that hear no MathML in a table's header."""
    return " ".join(re.sub(r"<[^>]+>", " ", render(tex, False)).split())


def line(tex):
    """A formula as one line of plain text, Z_(i+1)^2, as a search shows it. TeX that is wrong stays as it is."""
    try:
        root = ElementTree.fromstring(NAMED.sub(lambda found: unescape(found[0]), render(tex, False)))
    except ValueError:
        return tex
    return re.sub(r"\s+", " ", _line(root)).strip()


def _line(element):
    parts = [_line(child) for child in element]
    # What stands below, above or under a line is held together where it has more than one letter.
    held = [part if len(part) < 2 or part[0] == "(" else f"({part})" for part in parts]
    match element.tag:
        case "msub" | "msubsup" | "munder" | "munderover":
            end = " " if element.tag.startswith("munder") else ""
            return "".join([parts[0], "_", held[1], *(f"^{above}" for above in held[2:]), end])
        case "msup":
            return f"{parts[0]}^{held[1]}"
        case "mfrac":
            return f"{held[0]}/{held[1]}"
        case "msqrt":
            return f"√({''.join(parts)})"
        case "mtr":
            return " ".join(parts)
        case "mtable":
            return "; ".join(parts)
        case "mo" if element.text in RELATIONS:
            return f" {element.text} "
        case "mo":
            return {"\u2061": "", ",": ", "}.get(element.text, element.text or "")  # the first one applies a function
        case "mspace":
            return " " if element.get("width") else ""
    return (element.text or "") + "".join(parts)


def _html(node, tex, display):
    try:
        return render(tex, display)
    except ValueError as error:
        log.warning("TeX: %s in %r", error, tex, location=node, type="mathml")
        return f"<code>{escape(tex)}</code>"


def visit_inline(self, node):
    html = _html(node, node.astext(), display=False)
    if node.get("spoken"):  # by the hidden words beside it
        html = html.replace("<math", '<math aria-hidden="true"', 1)
    self.body.append(html)
    raise nodes.SkipNode


def display(tex):
    """TeX of a displayed formula as the converter takes it: no numbers of its own, lines aligned at &."""
    tex = NUMBERING.sub(r"\\\1{\2*}", tex)
    return rf"\begin{{aligned}}{tex}\end{{aligned}}" if r"\\" in tex and r"\begin" not in tex else tex


def visit_block(self, node):
    tex = node.astext() if node["nowrap"] else display(node.astext())
    self.body.append(self.starttag(node, "div", CLASS="math"))
    self.body.append(f'<div class="scroll">{_html(node, tex, display=True)}</div>')
    if node.get("tag"):
        link = f'<a class="headerlink" href="#{node["ids"][0]}" aria-label="Link to equation {node["tag"]}">#</a>'
        self.body.append(f'<span class="eqno">({node["tag"]}){link if self.config.html_permalinks else ""}</span>')
    elif node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
