"""Tables that scroll by themselves and can be heard: headers say what they head, and none is empty."""

import re

from bs4 import BeautifulSoup
from docutils import nodes
from docutils.writers._html_base import HTMLTranslator
from sphinx.transforms.post_transforms import SphinxPostTransform

from rnnbook.publish.site import mathml

NUMBER = re.compile(r"[<>≈~±]?\s*[+\-−]?[\d.,]+(?:e[+\-−]?\d+)?\s*(?:%|s|ms|kB|MB|±.*)?|-?∞|–")


class Tables(SphinxPostTransform):
    """Wrap the tables of text, and mend those that pandas wrote."""

    default_priority = 940
    formats = ("html",)

    def run(self, **kwargs):
        for table in list(self.document.findall(nodes.table)):
            for head in table.findall(nodes.thead):
                for entry in head.findall(nodes.entry):
                    _speak(entry)
            for entry in table.findall(nodes.entry):
                if NUMBER.fullmatch(entry.astext().strip()):
                    entry["classes"].append("number")
            scroller = nodes.container("", classes=["table-scroll"])
            table.replace_self(scroller)
            scroller += table
        for raw in self.document.findall(nodes.raw):
            if raw.get("format") == "html" and "<table" in raw.astext() and 'class="dataframe"' in raw.astext():
                raw.children = [nodes.Text(frame(raw.astext()))]


def _speak(entry):
    """A header that holds nothing but a formula gets its letters as hidden words: axe, and some readers, hear no MathML there."""
    formulas = list(entry.findall(nodes.math))
    if not formulas or entry.astext().strip() != "".join(f.astext() for f in formulas).strip():
        return
    for formula in formulas:
        formula["spoken"] = True
        place = formula.parent.index(formula)
        formula.parent.insert(place, nodes.inline("", mathml.words(formula.astext()), classes=["hidden"]))


def frame(html):
    """A table that pandas wrote: headers with a scope, empty ones plain cells, no style of its own, and room to scroll."""
    soup = BeautifulSoup(html, "html.parser")
    for style in soup("style"):
        style.decompose()
    for table in soup("table"):
        del table["border"]
        for header in table("th"):
            if not header.get_text(strip=True):
                header.name = "td"
            else:
                header["scope"] = "col" if header.find_parent("thead") else "row"
        for cell in table("td"):
            if NUMBER.fullmatch(cell.get_text(strip=True)):
                cell["class"] = [*cell.get("class", []), "number"]
        table.wrap(soup.new_tag("div", attrs={"class": "table-scroll"}))
    return str(soup)


def visit_entry(self, node):
    """As docutils, but a header says what it heads, and an empty one is a plain cell."""
    HTMLTranslator.visit_entry(self, node)
    start = self.body.pop()
    if start.startswith("<th"):
        if not node.astext().strip():
            start, self.context[-1] = start.replace("<th", "<td", 1), "</td>\n"
        else:
            scope = "col" if isinstance(node.parent.parent, nodes.thead) else "row"
            start = start.replace("<th", f'<th scope="{scope}"', 1)
    self.body.append(start)


def setup(app):
    app.add_node(nodes.entry, override=True, html=(visit_entry, HTMLTranslator.depart_entry))
    app.add_post_transform(Tables)
