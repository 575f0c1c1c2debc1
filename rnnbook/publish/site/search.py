"""The index of the book's search: one record a section, a term or a source, in one script that also a page opened from disk can load."""

import json
import keyword
import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util.nodes import clean_astext

from rnnbook.publish.site import mathml

SILENT = (
    nodes.raw,
    nodes.image,
    nodes.comment,
    nodes.system_message,
    nodes.title,
    nodes.literal_block,
    nodes.math_block,
)
APART = (nodes.citation, addnodes.glossary)  # what has records of its own, as titled sections have
LEAST = 2  # words that a record must have to be worth finding


def titled(node):
    """Whether a node is a section with a title; sphinx-exercise makes some without."""
    return isinstance(node, nodes.section) and node.first_child_matching_class(nodes.title) is not None


def words(node):
    """The text of a node as one line, without code blocks and what has a record of its own."""
    if isinstance(node, (*SILENT, *APART)) or titled(node):
        return ""
    if isinstance(node, nodes.math):
        return mathml.line(node.astext())
    parts = []
    for child in node.children:
        parts.append(child.astext() if isinstance(child, nodes.Text) else words(child))
    joined = ("" if isinstance(node, nodes.TextElement) else " ").join(parts)
    return re.sub(r"\s+", " ", joined).strip() if not isinstance(node, nodes.TextElement) else joined


def code(node, told):
    """The names that the code of a section uses and the whole numbers its outputs show, each once, without the words `told`."""
    found, told = {}, set(re.findall(r"\w+", told.lower()))
    for child in node.children:
        if titled(child):
            continue
        for block in child.findall(nodes.literal_block):
            text = block.astext()
            if "notebook.start()" not in text:  # the set-up, the same everywhere
                found |= dict.fromkeys(re.findall(r"[A-Za-z_]{4,}|\d[\d,]{2,}\d(?![\d.])", text))
    return " ".join(name for name in found if name.lower() not in told and not keyword.iskeyword(name))


def records(doctree):
    """[anchor, title, text, code] of every section of a page, of every term and of every entry of a bibliography."""
    made = []
    for section in doctree.findall(titled):
        top = not made and not isinstance(section.parent, nodes.section)
        title = clean_astext(section[section.first_child_matching_class(nodes.title)])
        text = " ".join(filter(None, (words(child) for child in section.children)))
        made.append(["" if top else section["ids"][0], title, text, code(section, f"{title} {text}")])
    for glossary in doctree.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            term = item[0]
            made.append([term["ids"][0], clean_astext(term), words(item[-1]), ""])
    for citation in doctree.findall(nodes.citation):
        text = words(citation[-1])
        made.append([citation["ids"][0], text.split(".")[0], text, ""])
    return [record for record in made if len(f"{record[1]} {record[2]}".split()) >= LEAST]


def write(app, exception):
    if exception or app.builder.name != "html":
        return
    pages = []
    for docname in sorted(app.env.found_docs):
        found = records(app.env.get_doctree(docname))
        pages.append([f"{docname}.html", clean_astext(app.env.titles[docname]), found])
    text = json.dumps(pages, ensure_ascii=False, separators=(",", ":")).replace("\u2028", " ")
    (Path(app.outdir) / "search-index.js").write_text(f"rnnbookIndex({text});\n", encoding="utf-8")


def setup(app):
    app.connect("builder-inited", lambda app: setattr(app.builder, "search", False))  # Sphinx's own
    app.connect("build-finished", write)
