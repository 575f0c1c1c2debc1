"""Words that become links: '(8.3)' to its equation, 'chapter 5' to the chapter, a term to the glossary at its first use.

What a reader would leave the page for is shown beside the link: `previews` hands the template the HTML for each address.
"""

import re
from html import escape

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

from rnnbook.publish.site import mathml, references

TAG = re.compile(r"\s*\\tag\{([\w.]+)\}")
EQUATION = r"\((?P<equation>\d+\.\d+)\)"
CHAPTERS = r"(?<!, )\b[Cc]hapters? (?P<chapters>\d+(?:(?:, | and | to | or )\d+)*)\b(?! of\b)"
UNLINKED = (nodes.reference, nodes.literal, nodes.literal_block, nodes.title, nodes.math, nodes.math_block, nodes.raw,
            nodes.term, addnodes.pending_xref, nodes.citation, nodes.caption)  # fmt: skip


class TagEquations(SphinxTransform):
    """`\\tag{8.3}` leaves the formula and becomes its number and its anchor."""

    default_priority = 400

    def apply(self, **kwargs):
        tags = {}
        for node in self.document.findall(nodes.math_block):
            if match := TAG.search(tex := node.astext()):
                node[:] = [nodes.Text(TAG.sub("", tex))]  # not `children`: the text must know its parent
                node["tag"], anchor = match[1], f"equation-{match[1].replace('.', '-')}"
                node["ids"].append(anchor)
                tags[match[1]] = (anchor, node.astext())
        if tags:
            self.env.metadata[self.env.docname]["equations"] = tags


def _terms(env):
    """{the term in small letters: (page, anchor, its explanation as HTML)} of the glossary."""
    if "book/glossary" not in env.found_docs:
        return {}
    found = {}
    for item in env.get_doctree("book/glossary").findall(nodes.definition_list_item):
        for term in item.findall(nodes.term):
            found[term.astext().lower()] = ("book/glossary", term["ids"][0], _html_of(item[-1]))
    return found


def _html_of(node):
    """A short HTML of a definition: its words, code and formulas."""
    parts = []
    for child in node.findall(lambda n: isinstance(n, (nodes.Text, nodes.math))):
        if isinstance(child, nodes.math):
            parts.append(mathml.render(child.astext(), False))
        elif not isinstance(child.parent, nodes.math):
            parts.append(escape(child.astext()))
    return "".join(parts).split(" → ")[0].strip()


class Index:
    """What can be linked, gathered once a build."""

    def __init__(self, env):
        self.equations = {
            tag: (docname, *where) for docname in env.found_docs
            for tag, where in env.metadata[docname].get("equations", {}).items()
        }  # fmt: skip
        self.chapters = {int(name[10:12]): name for name in env.found_docs if re.match(r"notebooks/\d\d_", name)}
        self.entries = {where: escape(source.text) for where, source in references.sources(env).items()}
        self.terms = _terms(env)
        spellings = sorted(self.terms, key=len, reverse=True)
        self.term_pattern = "|".join(rf"{re.escape(term)}s?" for term in spellings)


def index(app):
    if getattr(app, "rnnbook_index", None) is None:
        app.rnnbook_index = Index(app.env)
        app.rnnbook_previews = {}
    return app.rnnbook_index


class LinkWords(SphinxPostTransform):
    """See the module."""

    default_priority = 30  # once references are resolved, before the writer
    formats = ("html",)

    def run(self, **kwargs):
        docname, known = self.env.docname, index(self.app)
        self.previews = self.app.rnnbook_previews.setdefault(docname, {})
        self.linked = set()
        patterns = [EQUATION, CHAPTERS]
        if known.term_pattern and docname.startswith("notebooks/"):
            patterns.append(rf"(?<![\w-])(?P<term>{known.term_pattern})(?![\w-])")
        pattern = re.compile("|".join(patterns), re.I)
        self._preview_sources(known)
        for text in list(self.document.findall(nodes.Text)):
            if not any(isinstance(node, UNLINKED) for node in _ancestors(text)):
                self._replace(text, pattern, known)

    def _preview_sources(self, known):
        entries = {
            f"{self.app.builder.get_relative_uri(self.env.docname, page)}#{anchor}": html
            for (page, anchor), html in known.entries.items()
        }
        for reference in self.document.findall(nodes.reference):
            if (address := reference.get("refuri")) in entries:
                self.previews[address] = entries[address]
                reference.attributes.pop("reftitle", None)  # the same words, shown by the browser on top of the preview

    def _replace(self, text, pattern, known):
        pieces, at = [], 0
        for match in pattern.finditer(text):
            if made := self._link(match, known):
                pieces += [nodes.Text(text[at : match.start()]), *made]
                at = match.end()
        if pieces:
            pieces.append(nodes.Text(text[at:]))
            text.parent.replace(text, [piece for piece in pieces if piece.astext()])

    def _link(self, match, known):
        if tag := match["equation"]:
            if tag not in known.equations or _compared(match):
                return None
            page, anchor, tex = known.equations[tag]
            return [self._reference(page, anchor, match[0], mathml.render(mathml.display(tex), True))]
        if match["chapters"]:
            return self._chapters(match, known)
        word = match["term"].lower()
        word = word if word in known.terms else word.removesuffix("s")
        if word in self.linked:
            return None
        self.linked.add(word)
        page, anchor, explained = known.terms[word]
        reference = self._reference(page, anchor, match[0], explained)
        reference["classes"].append("term")
        return [reference]

    def _chapters(self, match, known):
        pieces = []
        words = match[0][: match.start("chapters") - match.start()]
        numbers = re.split(r"(\d+)", match["chapters"])
        if not all(int(number) in known.chapters for number in numbers[1::2]):
            return None
        if len(numbers) == 3:
            return [self._reference(known.chapters[int(numbers[1])], "", match[0])]
        for i, piece in enumerate(numbers):
            link = i % 2 and known.chapters[int(piece)]
            pieces.append(self._reference(link, "", piece) if link else nodes.Text(piece))
        return [nodes.Text(words), *pieces]

    def _reference(self, page, anchor, words, preview=None):
        reference = make_refnode(self.app.builder, self.env.docname, page, anchor, nodes.Text(words))
        if preview:
            self.previews[reference.get("refuri") or f"#{reference['refid']}"] = preview
        return reference


def _compared(match):
    """Whether what looks like the number of an equation is a value: "pulls more in two directions (1.11) than in one (0.12)"."""
    value = r"\([+−-]?\d+(?:\.\d+)?(?: %)?\)"
    after, before = match.string[match.end() :], match.string[: match.start()]
    return bool(
        re.match(rf"[^().]*\bthan\b[^().]*{value}", after) or re.search(rf"{value}[^().]*\bthan\b[^().]*$", before)
    )


def _ancestors(node):
    while node := node.parent:
        yield node


def previews(app, pagename):
    """{address as it stands in the page: HTML to show beside the link} of a page's terms, equations and citations."""
    index(app)
    return app.rnnbook_previews.get(pagename, {})


def setup(app):
    app.add_transform(TagEquations)
    app.add_post_transform(LinkWords)
