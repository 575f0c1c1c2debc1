"""Formulas keep their commas and sizes, tables their names, code the colours of the book; no other text moves."""

from types import SimpleNamespace

from docutils import nodes
from docutils.utils import new_document

from rnnbook.publish.site import closer, mathml, tables


def test_rows_below_an_empty_corner_have_names():
    entries = [
        [nodes.entry("", nodes.paragraph("", text)) for text in row] for row in (["", "shape"], ["output", "(2, 3)"])
    ]
    head, body = (nodes.row("", *row) for row in entries)
    group = nodes.tgroup("", nodes.colspec(), nodes.colspec(), nodes.thead("", head), nodes.tbody("", body), cols=2)
    document = new_document("page")
    document += nodes.table("", group)
    tables._head_rows(document[0])
    assert [column.get("stub") for column in document.findall(nodes.colspec)] == [1, None]
    entries[0][0][0] += nodes.Text("layer")
    del group[0]["stub"]
    tables._head_rows(document[0])
    assert group[0].get("stub") is None


def test_a_formula_can_be_told_in_one_line_of_letters():
    told = {
        r"\operatorname{diag}(1 - Z_{i+1}^2)\,W": "diag(1−Z_(i+1)^2) W",
        r"b_f=-1": "b_f = −1",
        r"\frac{a}{\sqrt{1+1/n}}": "a/(√(1+1/n))",
        r"\sum_{i=1}^n x_i, y^{(i)}": "∑_(i = 1)^n x_i, y^(i)",
        r"\begin{pmatrix}a&b\\c&d\end{pmatrix}": "(a b; c d)",
        r"\nosuch{x}": r"\nosuch{x}",
    }
    assert {tex: mathml.line(tex) for tex in told} == told


def test_a_closer_look_keeps_its_answer_in_view():
    section = nodes.section("", nodes.title("", "Closer look: why?"), nodes.paragraph("", "So it is."))
    section += [nodes.paragraph("", "How."), nodes.section("", nodes.title("", "Below"), nodes.paragraph("", "More."))]
    closer.fold(section, 3)
    assert [child.tagname for child in section] == ["title", "paragraph", "details"]
    line, *rest = section[2]
    assert "3 min" in line.astext() and [part.astext().split("\n")[0] for part in rest] == ["How.", "Below"]


def test_closer_looks_of_all_chapters_are_whole_on_paper():
    """The printed edition and the one for e-readers are one document, which bears the name of a page that is no notebook."""
    section = nodes.section(
        "", nodes.title("", "Closer look: why?"), nodes.paragraph("", "So."), nodes.paragraph("", "How.")
    )
    document = new_document("page")
    document += section
    app = SimpleNamespace(builder=SimpleNamespace(name="singlehtml", format="html"))
    document.settings.env = SimpleNamespace(_app=app, app=app, docname="preface", doc2path="book/{}.md".format)
    closer.FoldCloserLooks(document).run()
    assert [child.tagname for child in section] == ["title", "paragraph", "paragraph"]
    assert section["classes"] == ["closer-look"]
