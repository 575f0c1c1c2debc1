"""Tables that scroll by themselves and can be heard: headers say what they head, none is empty, each of a chapter has a number.

A paragraph "Table: what it shows" right above a table, or above the cell that makes it, is its caption; above a cell with several
tables stands one for each, in their order.
"""

import itertools
import re
from html import escape

from bs4 import BeautifulSoup
from docutils import nodes
from docutils.writers._html_base import HTMLTranslator
from sphinx.transforms.post_transforms import SphinxPostTransform

from rnnbook.publish.site import mathml

CAPTION = "Table: "
NUMBER = re.compile(
    r"[<>≈~±]?\s*[+\-−]?[\d.,]+(?:e[+\-−]?\d+)?\s*(?:%|s|ms|kB|MB|±.*)?(?:\s*\([+\-−\d][^()]*\))?(?:\s*[*†])?|-?∞|–"
)
AMONG = re.compile(r"\s*(?:\b(?:to|or|and)\b|,(?!\d))\s*")  # several numbers
NONE = "–"
LONG = 80  # letters of TeX; no phone has room for such a formula, which does not break


class Tables(SphinxPostTransform):
    """Wrap the tables of text, and mend those that pandas wrote."""

    default_priority = 940
    formats = ("html",)

    def run(self, **kwargs):
        if chapter := re.match(r"notebooks/0*(\d+)_", self.env.docname):
            for number, table in enumerate(list(self.document.findall(_is_table)), start=1):
                _number(table, f"{chapter[1]}.{number}")
        for table in list(self.document.findall(nodes.table)):
            _head_rows(table)
            for head in table.findall(nodes.thead):
                for entry in list(head.findall(nodes.entry)):
                    if not entry.astext().strip():
                        entry.clear()  # an empty paragraph in it counts as a cell without a header
                    _speak(entry)
            # In a column that its author aligned like words, a number is one of the words: such a table fits a phone.
            for entry, class_ in _numbers(list(table.findall(nodes.row)), list, lambda entry: entry.astext().strip()):
                if "text-left" not in entry["classes"]:
                    entry["classes"].append(class_)
                    for words in list(entry.findall(nodes.Text)):
                        words.parent.replace(words, nodes.Text(_held(words, class_)))
            # What is sure to be wider than a phone is laid out so from the start: later, what was read would move.
            wide = any(len(formula.astext()) > LONG for formula in table.findall(nodes.math))
            scroller = nodes.container("", classes=["table-scroll", *(["wide", "formulas"] if wide else [])])
            table.replace_self(scroller)
            scroller["ids"].clear()  # they are the table's
            scroller += table
        for raw in self.document.findall(nodes.raw):
            if _is_frame(raw):
                raw.children = [nodes.Text(frame(raw.astext(), raw.get("caption")))]


def _several(words):
    parts = AMONG.split(words)
    return (len(parts) > 1 and all(map(NUMBER.fullmatch, parts))) or bool(re.fullmatch(r"\d+ min \d+ s", words))


def _numbers(rows, cells, text, heads=1):
    """(cell, class) of those that stand flush right: a number, which never breaks, and several ("2 or 3", "0.1 to 0.3"), which may.

    Several, and a dash, stand as the words of their column where it has any. The first rows, `heads`, say nothing of that.
    Columns are counted from the right: an index whose names span rows leaves cells out on the left.
    """
    for column in itertools.zip_longest(*(reversed(cells(row)) for row in rows)):
        told = [(cell, text(cell)) for cell in column if cell is not None]
        kinds = ["number" if NUMBER.fullmatch(words) else "text-right" if _several(words) else "" for _, words in told]
        worded = any(words and not kind for (_, words), kind in zip(told[heads:], kinds[heads:]))
        for (cell, words), kind in zip(told, kinds):
            if kind and not (worded and (words == NONE or kind == "text-right")):
                yield cell, kind


def _held(words, class_):
    """The words of a cell: a number breaks, where a phone has no room, before its bracket alone: "+0.4 (+0.1 to +0.7)"."""
    if class_ != "number":
        return words
    return re.sub(r"\s(\()?", lambda found: " (" if found[1] else "\N{NO-BREAK SPACE}", words)


def _head_rows(table):
    """Below an empty corner stand the names of the rows."""
    first = next(iter(table.findall(nodes.entry)), None)
    if first is not None and isinstance(first.parent.parent, nodes.thead) and not first.astext().strip():
        next(iter(table.findall(nodes.colspec)))["stub"] = 1


def _is_frame(node):
    """Whether it is what pandas shows of a table."""
    html = isinstance(node, nodes.raw) and node.get("format") == "html" and node.astext()
    return bool(html) and "<table" in html and 'class="dataframe"' in html


def _is_table(node):
    return isinstance(node, nodes.table) or _is_frame(node)


def _number(table, number):
    """Give a table its number, a link to itself, and for its caption the paragraph above that begins with "Table: "."""
    anchor = f"table-{number.replace('.', '-')}"
    words = _words_above(table)
    if isinstance(table, nodes.raw):
        shown = " ".join(f"<span>{escape(word.astext())}</span>" for word in words)
        link = f'<a class="headerlink" href="#{anchor}" title="Link to this table">#</a>'
        table["caption"] = f'<caption id="{anchor}"><b>Table {number}</b> {shown}{link}</caption>'
    else:
        table["ids"].append(anchor)
        table.insert(0, nodes.title("", "", nodes.strong("", f"Table {number}"), nodes.Text(" "), *words))


def _words_above(table):
    """The words of the caption that an author wrote, taken out of the text; none without one.

    The first of those that still stand there: the tables before it in its cell have taken theirs.
    """
    while isinstance(table.parent, nodes.container):
        table = table.parent
    before = table.parent[: table.parent.index(table)]
    captions = list(itertools.takewhile(_is_caption, reversed(before)))
    if not captions:
        return []
    table.parent.remove(captions[-1])
    captions[-1][0] = nodes.Text(captions[-1][0].removeprefix(CAPTION))
    return list(captions[-1].children)


def _is_caption(node):
    return isinstance(node, nodes.paragraph) and node.astext().startswith(CAPTION)


def _speak(entry):
    """A header that holds nothing but a formula gets its letters as hidden words: axe, and some readers, hear no MathML there."""
    formulas = list(entry.findall(nodes.math))
    if not formulas or entry.astext().strip() != "".join(f.astext() for f in formulas).strip():
        return
    for formula in formulas:
        formula["spoken"] = True
        place = formula.parent.index(formula)
        formula.parent.insert(place, nodes.inline("", mathml.words(formula.astext()), classes=["hidden"]))


def frame(html, caption=None):
    """A table that pandas wrote: headers with a scope, empty ones plain cells, no style of its own, its caption, and room to scroll."""
    soup = BeautifulSoup(html, "html.parser")
    for style in soup("style"):
        style.decompose()
    for table in soup("table"):
        del table["border"]
        if table.thead:
            _one_head(table.thead)
        for header in table("th"):
            if not header.get_text(strip=True):
                header.name = "td"
            else:
                header["scope"] = "col" if header.find_parent("thead") else "row"
        for cell, class_ in _numbers(
            table("tr"),
            lambda row: row(["th", "td"]),
            lambda cell: cell.get_text(strip=True),
            len(table.select("thead tr")),
        ):
            if cell.name == "td":
                cell["class"] = [*cell.get("class", []), class_]
                for words in cell.find_all(string=True):
                    words.replace_with(_held(words, class_))
        if caption:
            table.insert(0, BeautifulSoup(caption, "html.parser"))
        table.wrap(soup.new_tag("div", attrs={"class": "table-scroll"}))
    return str(soup)


def _one_head(head):
    """The names of an index stand in the row of the columns, where pandas leaves room for them; an empty corner is one cell."""
    rows = [row(["th", "td"]) for row in head("tr")]
    if len(rows) == 2 and len(rows[0]) == len(rows[1]):
        names = [cell for cell in rows[1] if cell.get_text(strip=True)]
        if names == rows[1][: len(names)]:
            for place, name in zip(rows[0], names):
                place.replace_with(name)
            head("tr")[1].decompose()
    corner = list(itertools.takewhile(lambda cell: not cell.get_text(strip=True), head.tr(["th", "td"])))
    for spare in corner[1:]:
        spare.decompose()
    if len(corner) > 1:
        corner[0]["colspan"] = str(len(corner))


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
