"""What extensions write on their own, mended in the document's tree: folds, labels of lists,
citations, formulas beside brackets, percent signs, widgets' scripts."""

import re
from html import escape

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput
from sphinx.transforms.post_transforms import SphinxPostTransform

OPENS, CLOSES = re.compile(r"\($"), re.compile(r"^[,.;:!?)]+")
PERCENT = re.compile(r"(?<=\d) %")


class details(nodes.General, nodes.Element):
    """An admonition that opens and closes without a script."""


class labelled(nodes.General, nodes.Element):
    """A list with the line above it as its label."""


class summary(nodes.General, nodes.TextElement):
    """The line of `details` that always shows."""


class FoldDropdowns(SphinxPostTransform):
    """Admonitions of class `dropdown` become `<details>`, and ids stay unique."""

    default_priority = 950  # after sphinx-exercise has resolved the titles of its own
    formats = ("html",)

    def run(self, **kwargs):
        for node in list(
            self.document.findall(lambda n: isinstance(n, nodes.Admonition) and "dropdown" in n.get("classes", []))
        ):
            children = list(node.children)
            node["ids"] = [name.replace("/", "-") for name in node["ids"]]  # sphinx-exercise takes the page's path
            label = node.tagname.removesuffix("_node").capitalize()
            # Plain text: a link inside the line that opens and closes could not be told from the line itself.
            title = children.pop(0).astext() if isinstance(children[0], nodes.title) else label
            kind = [] if node.tagname == "admonition" else [node.tagname.removesuffix("_node")]
            folded = details(
                "",
                summary("", title),
                *children,
                ids=node["ids"],
                classes=[*dict.fromkeys(["admonition", *kind, *node["classes"]])],
            )
            node.replace_self(folded)
        # sphinx-exercise gives the same id to the content of every exercise.
        for section in self.document.findall(nodes.section):
            section["ids"] = [i for i in section["ids"] if i not in ("exercise-content", "solution-content")]


class LabelLists(SphinxPostTransform):
    """A bold line that stands for a heading, such as of what a chapter teaches, is the label of the list below it."""

    default_priority = 955
    formats = ("html",)

    def run(self, **kwargs):
        for list_ in list(self.document.findall(nodes.bullet_list)):
            parent = list_.parent
            place = parent.index(list_)
            line = parent[place - 1] if place else None
            told = [part for part in line if part.astext()] if isinstance(line, nodes.paragraph) else []
            if len(told) == 1 and isinstance(told[0], nodes.strong):
                line["ids"].append(f"label-{nodes.make_id(line.astext())}")
                parent[place - 1 : place + 1] = [labelled("", line, list_, label=line["ids"][-1])]


class KeepFormulasWhole(SphinxPostTransform):
    """No line ends with the bracket that opens before a formula, or begins with the comma after it."""

    default_priority = 960
    formats = ("html",)

    def run(self, **kwargs):
        for formula in list(self.document.findall(nodes.math)):
            # By identity: two texts that read alike, such as ", ", are equal to docutils.
            parent = formula.parent
            place = next(i for i, child in enumerate(parent) if child is formula)
            before = parent[place - 1] if place else None
            after = parent[place + 1] if place + 1 < len(parent) else None
            opens = OPENS.search(before.astext()) if isinstance(before, nodes.Text) else None
            closes = CLOSES.search(after.astext()) if isinstance(after, nodes.Text) else None
            if not opens and not closes:
                continue
            whole = nodes.inline("", "", classes=["unbroken"])
            parent[place] = whole
            whole += [nodes.Text("(")] if opens else []
            whole += formula
            if opens:
                parent[place - 1] = nodes.Text(before[: opens.start()])
            if closes:
                whole += nodes.Text(closes[0])
                parent[place + 1] = nodes.Text(after[closes.end() :])


class KeepPercentWhole(SphinxPostTransform):
    """No line ends between a number and its percent sign."""

    default_priority = 961
    formats = ("html",)

    def run(self, **kwargs):
        for text in list(self.document.findall(nodes.Text)):
            if PERCENT.search(text) and not isinstance(text.parent, (nodes.FixedTextElement, nodes.literal)):
                text.parent.replace(text, nodes.Text(PERCENT.sub("\N{NO-BREAK SPACE}%", text)))


class DropStyles(SphinxPostTransform):
    """What IPython shows of code brings colours for the whole page; the book has its own."""

    default_priority = 965
    formats = ("html",)

    def run(self, **kwargs):
        for raw in self.document.findall(nodes.raw):
            if raw.get("format") == "html" and raw.astext().startswith("<style>pre {"):
                raw.children = [nodes.Text(raw.astext().partition("</style>")[2])]


class ShareScripts(SphinxPostTransform):
    """Widgets on one page share their scripts: each module stays at its first place, minified."""

    default_priority = 970
    formats = ("html",)

    def run(self, **kwargs):
        from rnnbook.widgets.live import share_scripts

        from . import minify

        seen = set()
        for raw in self.document.findall(nodes.raw):
            if raw.get("format") == "html" and "data-rnnbook-" in raw.astext():
                raw.children = [nodes.Text(minify.page(share_scripts(raw.astext(), seen)))]


def _visit_details(self, node):
    attributes = {"open": "open"} if self.builder.name == "singlehtml" else {}
    self.body.append(self.starttag(node, "details", **attributes))


def _depart_details(self, node):
    self.body.append("</details>\n")


def _visit_summary(self, node):
    self.body.append(self.starttag(node, "summary", ""))


def _depart_summary(self, node):
    self.body.append("</summary>\n")


def _visit_labelled(self, node):
    self.body.append(f'<div role="group" aria-labelledby="{node["label"]}">\n')


def _depart_labelled(self, node):
    self.body.append("</div>\n")


def _visit_hidden_cell(self, node):
    """As myst-nb, but valid, and called by the words that it shows."""
    show, hide = escape(node["prompt_show"]), escape(node["prompt_hide"])
    self.body.append(
        f'<details class="admonition hide {" ".join(node["classes"])}">\n<summary>'
        f'<span class="collapsed admonition-title">{show}</span><span class="expanded admonition-title">{hide}</span></summary>\n'
    )


def _visit_citation(self, node):
    """Without the roles that docutils gives: ARIA has withdrawn them."""
    self.body.append(self.starttag(node, "div", CLASS="citation"))


def _depart_citation(self, node):
    self.body.append("</div>\n")


def setup(app):
    app.add_node(details, html=(_visit_details, _depart_details))
    app.add_node(labelled, html=(_visit_labelled, _depart_labelled))
    app.add_node(summary, html=(_visit_summary, _depart_summary))
    app.add_node(HideCodeCellNode, override=True, html=(_visit_hidden_cell, depart_HideCellInput))
    app.add_node(nodes.citation, override=True, html=(_visit_citation, _depart_citation))
    for transform in (FoldDropdowns, LabelLists, KeepFormulasWhole, KeepPercentWhole, DropStyles, ShareScripts):
        app.add_post_transform(transform)
