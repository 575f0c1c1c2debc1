"""The index of the book's search: one record a section, a term or a source, in one script that also a page opened from disk can load."""

import ast
import json
import keyword
import re
from collections import Counter
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util.nodes import clean_astext

from rnnbook.publish.site import mathml, references

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
REPEATING = ("book/claims", "book/laboratory/")  # they list what chapters say: their first section is enough
REPEATED = (
    "Further reading",
    "Summary",
)  # of a chapter: each source has a record of its own, each point stands in a section
LEAST = 2  # words that a record must have to be worth finding
MOST = 2  # sections that a name of the code is kept with: chapters first, for `append` alone stands in a hundred
WORD = r"[A-Za-z_]{6,}|(?<![\d.])\d[\d,]{2,}\d(?![\d.])"
COLOR = re.compile(r"\x1b\[[\d;]*m")  # of Keras's summaries: its last letter would become the first of a word


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
    joined = ("" if isinstance(node, nodes.TextElement) else " ").join(parts).removeprefix("Table: ")
    if isinstance(node, nodes.entry) and not re.search(r"[^\W\d_]|\d,?\d{3}", joined):
        return ""  # a small number alone, which nobody looks up in a table
    return re.sub(r"\s+", " ", joined).strip() if not isinstance(node, nodes.TextElement) else joined


def code(node, told):
    """The names that the code of a section uses and the whole numbers its outputs show, each once, without the words `told`."""
    found, told = {}, set(re.findall(r"\w+", told.lower()))
    for child in node.children:
        if titled(child):
            continue
        for block in child.findall(nodes.literal_block):
            text = COLOR.sub("", block.astext())
            if "notebook.start()" not in text and not _folded(block):  # the set-up is the same everywhere
                found |= dict.fromkeys(_asked_for(text))
    return " ".join(name for name in found if name.lower() not in told and not keyword.iskeyword(name))


def _folded(block):
    """Whether a block is code that its page folds: what a figure is drawn with nobody looks up."""
    return "cell_input" in block.parent["classes"] and "tag_hide-input" in block.parent.parent["classes"]


def _asked_for(text):
    """What of a block of code or an output somebody may look up: whole numbers, words; of Python no names that it makes for itself."""
    try:
        tree = list(ast.walk(ast.parse(text)))
    except SyntaxError:  # an output
        tree = []
    own = {node.id for node in tree if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own -= {
        node.arg for node in tree if isinstance(node, ast.keyword)
    }  # names of a library, which its own are called by
    own -= {node.attr for node in tree if isinstance(node, ast.Attribute)}
    return [name for name in re.findall(WORD, text) if name not in own and not name.startswith("test_")]


def open_to_all(section):
    """The children of a section outside of what a reader opens: an answer to a prediction or an exercise is told by no search."""
    inside = 0
    for child in section.children:
        if isinstance(child, nodes.raw):
            inside += child.astext().count("<details") - child.astext().count("</details")
        elif not inside:
            yield child


def records(doctree):
    """[anchor, title, text, code] of every section of a page and of every term."""
    made = []
    for section in doctree.findall(titled):
        top = not made and not isinstance(section.parent, nodes.section)
        title = clean_astext(section[section.first_child_matching_class(nodes.title)])
        text = " ".join(filter(None, (words(child) for child in open_to_all(section))))
        made.append(["" if top else section["ids"][0], title, text, code(section, f"{title} {text}")])
    for glossary in doctree.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            term = item[0]
            made.append([term["ids"][0], clean_astext(term), words(item[-1]), ""])
    return [record for record in made if record[1] not in REPEATED and len(f"{record[1]} {record[2]}".split()) >= LEAST]


def entries(env, docname):
    """The same of every source that a page lists: who, when and what."""
    return [
        [anchor, f"{source.who} ({source.year})", " · ".join(filter(None, (source.title, source.others))), ""]
        for (page, anchor), source in references.sources(env).items()
        if page == docname
    ]


def thin(pages):
    """Take every name of the code out of all sections but the first `MOST` that use it, those of chapters before others."""
    kept = Counter()
    for _, _, found in sorted(pages, key=lambda page: not page[0].startswith("notebooks/")):
        for record in found:
            names = [name for name in record[3].split() if kept[name] < MOST]
            kept.update(names)
            record[3] = " ".join(names)


def write(app, exception):
    if exception or app.builder.name != "html":
        return
    pages = []
    for docname in sorted(app.env.found_docs):
        found = records(app.env.get_doctree(docname)) + entries(app.env, docname)
        if docname.startswith(REPEATING):
            del found[1:]
        pages.append([f"{docname}.html", clean_astext(app.env.titles[docname]), found])
    thin(pages)
    text = json.dumps(pages, ensure_ascii=False, separators=(",", ":")).replace("\u2028", " ")
    (Path(app.outdir) / "search-index.js").write_text(f"rnnbookIndex({text});\n", encoding="utf-8")


def setup(app):
    app.connect("builder-inited", lambda app: setattr(app.builder, "search", False))  # Sphinx's own
    app.connect("build-finished", write)
