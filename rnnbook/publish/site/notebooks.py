"""What the book reads of a notebook: drawings in place of PNGs, each with number and caption, and code called by what it is."""

import ast
import json
import re
from decimal import Decimal
from html import escape, unescape

from rnnbook.figures.inline import DRAWING

# What a cell shows, by a sign of it in its outputs; the first that is found says it. A widget has a picture as well.
KINDS = {"widget": "data-widget", "figure": r"<(img|svg|figure)\b", "table": r'class="dataframe"|^\|'}
CALLS_OF_FIGURES = re.compile(r"(figures\.show|[A-Z]\w+)$")


def caption(drawing):
    """The first sentence of a drawing's words; all of them are its alt text."""
    words = unescape(re.search(r'role="img" aria-label="([^"]*)"', drawing)[1])
    return re.split(r"(?<=[.!?]) (?=[A-Z0-9])", words, maxsplit=1)[0].rstrip(".") + "."


def kind(cell):
    """What a code cell is for, as the book calls it where its code is folded away."""
    source, tags = "".join(cell["source"]), cell["metadata"].get("tags", [])
    if "notebook.start()" in source:
        return "set-up"
    if "parameters" in tags:
        return "parameters"
    if "notebook.quiz(" in source:
        return "code of these questions"
    outputs = [output.get("data", {}) for output in cell.get("outputs", [])]
    shown = "\n".join("".join(data.get("text/html") or data.get("text/markdown", "")) for data in outputs)
    what = next((what for what, mark in KINDS.items() if re.search(mark, shown, re.M)), None)
    return f"code of this {what}" if what else "code"


def only_shows(source):
    """Whether a cell is one call that shows a diagram or a widget as it is: it says nothing to a reader of the page."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a line magic
        return False
    if len(body) != 1 or not isinstance(body[0], ast.Expr) or not isinstance(body[0].value, ast.Call):
        return False
    return bool(CALLS_OF_FIGURES.match(ast.unparse(body[0].value.func)))


def prepare(notebook, chapter=None):
    """Change the notebook's JSON to what the book shows of it, and return it. `chapter`: its number, for the figures'."""
    number, shapes, names = 0, {}, {}
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        for output in cell.get("outputs", []):
            if drawing := output.get("data", {}).get(DRAWING):
                drawing = boxed(shortened(shared("".join(drawing), shapes)))
                if chapter:
                    number += 1
                    drawing = _figure(renamed(drawing, chapter, names), f"{chapter}.{number}")
                output["data"] = {"text/html": drawing}
        what = kind(cell)
        cell["metadata"].setdefault("mystnb", {}).update(
            code_prompt_show=f"Show the {what}", code_prompt_hide=f"Hide the {what}"
        )
        if only_shows("".join(cell["source"])) and cell.get("outputs"):
            cell["metadata"].setdefault("tags", []).append("hide-input")
    return notebook


def shared(drawing, shapes):
    """The drawing without the letters and marks that an earlier one of the page has defined: it refers to those.

    shapes: what the page has defined so far, each shape with its id; it grows. A sixth of a page's weight were letters.
    """
    known = {}

    def defined(found):
        first = shapes.setdefault(found[2], found[1])
        known[found[1]] = first
        return found[0] if first == found[1] else ""

    drawing = re.sub(r'<path id="([^"]+)" ([^>]*)/>', defined, drawing)
    return re.sub(r'href="#([^"]+)"', lambda found: f'href="#{known.get(found[1], found[1])}"', drawing)


def renamed(drawing, chapter, names):
    """The drawing with ids of a few letters, one of a kind in the whole book, in place of those with a hash of its content.

    names: the ids of the chapter's earlier drawings, each with its new name; it grows. A letter of a drawing is referred to by its id
    alone, hundreds of times: a fiftieth of a page's weight.
    """
    new = lambda found: found[1] + names.setdefault(found[2], f"f{chapter}-{len(names):x}")
    drawing = re.sub(r'(\bid="|href="#|url\(#)(f[0-9a-f]{8}-[^")]+)', new, drawing)
    return drawing.replace("xlink:href=", "href=").replace("<defs></defs>", "")


def shortened(drawing):
    """The drawing with curves told by their steps, which repeat, in place of their points, and without what says nothing:
    spaces, groups without an attribute, shapes that are neither filled nor stroked.

    In decimals, so that each point is where it was; a letter's place in its line is a number. A fifteenth of a page's weight.
    """
    drawing = _bare(re.sub(r'<path d="[^"]*" style="fill:\s*none"\s*/>', "", drawing))
    drawing = re.sub(r'(<use [^>]*?) transform="translate\((-?[\d.]+) 0\)"', r'\1 x="\2"', drawing)
    return re.sub(r' d="([^"]*)"', lambda found: f' d="{_short(found[1])}"', drawing)


def _bare(drawing):
    kept, open_ = [], []
    for piece in re.split(r"(<g\b[^>]*>|</g>)", drawing):
        if piece.startswith("<g") and not piece.endswith("/>"):
            open_.append(piece != "<g>")
            kept.append(piece if open_[-1] else "")
        else:
            kept.append(piece if piece != "</g>" or open_.pop() else "")
    return "".join(kept)


def _short(path):
    points = re.findall(r"([ML])\s*(-?[\d.]+)\s+(-?[\d.]+)", path)
    if set(path) <= set("ML0123456789.- \n") and 2 * len(points) == len(re.findall(r"[\d.]+", path)):
        told, before, x, y = [], "", Decimal(0), Decimal(0)
        for command, right, down in points:
            to = Decimal(right), Decimal(down)
            along = to if command == "M" else (to[0] - x, to[1] - y)
            told.append(
                ("M" if command == "M" else "l" if before == "M" else " ")
                + " ".join(f"{n.normalize():f}" for n in along)
            )
            before, (x, y) = command, to
        path = "".join(told)
    path = re.sub(r"\s*([A-Za-z])\s*", r"\1", path)
    return re.sub(r"(?<=\d)\s+-", "-", path)


WHOLE = re.compile(
    r'<svg\b(?P<before>[^>]*viewBox="\S+ \S+ (?P<wide>\S+) (?P<high>[^"]+)"[^>]*) style="display:block;width:100%;'
    r'(?P<size>[^"]*?)(?P<look>stroke-linejoin:\w+)"(?P<rest>[^>]*>.*?</svg>)(?=<svg\b[^>]* style="display:block|<div|</div>)',
    re.S,
)


def boxed(drawing):
    """The drawing with each of its pictures in a box that has its size whatever is in it.

    A browser need not lay out what stands in such a box far off the screen, and nothing moves when it does. Of chapter 4's
    47,000 elements a phone has 5,000 to lay out at first, not 23,000.
    """

    def box(found):
        size = found["size"].replace("height:auto;", "")
        return (
            f'<div class="drawn" style="{size}aspect-ratio:{found["wide"]}/{found["high"]}">'
            f'<svg{found["before"]} style="{found["look"]}"{found["rest"]}</div>'
        )

    return WHOLE.sub(box, drawing)


def _figure(drawing, number):
    anchor = f"figure-{number.replace('.', '-')}"
    return (
        f'<figure id="{anchor}">{drawing}<figcaption><a href="#{anchor}">Figure {number}</a> {escape(caption(drawing))}'
        "</figcaption></figure>"
    )


def _read(app, docname, source):
    if app.env.doc2path(docname).endswith(".ipynb"):
        chapter = re.match(r"notebooks/0*(\d+)_", docname)
        source[0] = json.dumps(prepare(json.loads(source[0]), chapter and chapter[1]))


def setup(app):
    app.connect("source-read", _read)
