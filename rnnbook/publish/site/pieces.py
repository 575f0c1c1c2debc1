"""A chapter's cell tagged `piece:NAME` and the same in PyTorch and JAX (`book/pieces/`): in tabs on a page, named in a line on paper."""

from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from .printed import place

FOLDER = Path("book") / "pieces"  # in the repository
LIBRARIES = {"pytorch": "PyTorch", "jax": "JAX"}  # {folder: what readers call it}, beside Keras
TAG = "piece:"


def name(tags):
    """The piece that a cell with these tags is; None where it is none."""
    return next((tag.removeprefix(TAG) for tag in tags if tag.startswith(TAG)), None)


def twins(root, piece):
    """{library: its file} of a piece, for the libraries that have it."""
    files = {library: Path(root) / FOLDER / library / f"{piece}.py" for library in LIBRARIES}
    return {library: file for library, file in files.items() if file.is_file()}


class tabs(nodes.General, nodes.Element):
    """Versions of one piece, of which one shows."""


class tab(nodes.General, nodes.Element):
    """One version: a radio button, its label, and what shows while it is chosen."""


def _cells(document):
    """(cell, piece) of each code cell of a document that is a piece."""
    for cell in document.findall(nodes.container):
        if cell.get("nb_element") == "cell_code" and (piece := name(cell["cell_metadata"].get("tags", []))):
            yield cell, piece


class ShowLibraries(SphinxPostTransform):
    """Tabs need no script; `book.js` remembers the choice. What a cell has put out stays below them."""

    default_priority = 150  # the cell is still as myst-nb made it
    formats = ("html",)

    def run(self, **kwargs):
        for cell, piece in list(_cells(self.document)):
            files = twins(self.app.srcdir, piece)
            if not files:
                continue
            if self.app.builder.name == "html":
                cell[0] = in_tabs(
                    piece, cell[0], {key: file.read_text("utf-8").rstrip() for key, file in files.items()}
                )
            else:
                cell.insert(1, elsewhere(self.config.html_baseurl.rstrip("/"), cell, list(files)))


def in_tabs(piece, source, others):
    """The node of a cell's source and the code of other libraries, {library: text}, as tabs."""
    made = tabs("", tab("", source, piece=piece, library="keras", label="Keras", checked=True))
    for library, text in others.items():
        panel = nodes.container("", nodes.literal_block(text, text, language="python"), classes=["cell_input"])
        made += tab("", panel, piece=piece, library=library, label=LIBRARIES[library], checked=False)
    return made


def elsewhere(base, cell, libraries):
    """The line on paper that says where a piece stands in other libraries."""
    where = "on this page of the book in a browser."
    line = nodes.paragraph("", f"In {' and '.join(LIBRARIES[key] for key in libraries)}: ", classes=["elsewhere"])
    if base:
        page, section = place(cell)
        line += nodes.reference("", where, refuri=f"{base}/{page}.html{section}", internal=False)
    else:
        line += nodes.Text(where)
    return line


def _visit_tabs(self, node):
    self.body.append('<div class="libraries" role="radiogroup" aria-label="Library">')


def _depart(self, node):
    self.body.append("</div>\n")


def _visit_tab(self, node):
    piece, library = escape(node["piece"]), node["library"]
    self.body.append(
        f'<input type="radio" name="{piece}" id="{piece}-{library}" value="{library}"{" checked" * node["checked"]}>'
        f'<label for="{piece}-{library}">{node["label"]}</label><div class="library">'
    )


def _note_files(app, doctree):
    """A page is built anew when the files that it shows have changed."""
    for _, piece in _cells(doctree):
        for file in twins(app.srcdir, piece).values():
            app.env.note_dependency(str(file.relative_to(app.srcdir)))


def setup(app):
    app.add_node(tabs, html=(_visit_tabs, _depart))
    app.add_node(tab, html=(_visit_tab, _depart))
    app.add_post_transform(ShowLibraries)
    app.connect("doctree-read", _note_files)
