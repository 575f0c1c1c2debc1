"""Formulas keep their commas and sizes, tables their names, code the colours of the book; no other text moves."""

from types import SimpleNamespace

from docutils import nodes
from docutils.utils import new_document

from rnnbook.publish.site import closer, mathml, tables
from rnnbook.publish.site.mends import DropStyles, KeepFormulasWhole, KeepPercentWhole


def test_a_comma_stays_at_its_own_formula_though_texts_read_alike():
    """`a`, `b` and a formula, then `c`: the first comma, which reads like the second, must not be the one that moves."""
    paragraph = nodes.paragraph(
        "", "", nodes.literal("", "a"), nodes.Text(", "), nodes.literal("", "b"), nodes.Text(" (")
    )
    paragraph += [nodes.math("", "Z"), nodes.Text(", "), nodes.literal("", "c"), nodes.Text(" (")]
    paragraph += [nodes.math("", "W"), nodes.Text(").")]
    document = new_document("page")
    document += paragraph
    text = paragraph.astext()
    KeepFormulasWhole(document).run()
    assert paragraph.astext() == text == "a, b (Z, c (W)."
    assert [whole.astext() for whole in paragraph.findall(nodes.inline)] == ["(Z,", "(W)."]


def test_a_number_keeps_its_percent_sign_in_text_and_not_in_code():
    document = new_document("page")
    document += nodes.paragraph("", "Right in 62 to 89 %, 7 % of them.", nodes.literal("", "9 % 4"))
    document += nodes.literal_block("", "7 % 2")
    KeepPercentWhole(document).run()
    assert document[0].astext() == "Right in 62 to 89\xa0%, 7\xa0% of them.9 % 4" and document[1].astext() == "7 % 2"


def test_a_fraction_says_its_size_where_the_checker_of_html_looks():
    made = mathml.render(r"\dfrac{a}{b}~ < \begin{cases}a\\\\b\end{cases} \odot c", True)
    assert (
        '<mstyle displaystyle="true"><mfrac><mi>a</mi><mi>b</mi></mfrac></mstyle><mtext>\u00a0</mtext><mo>&lt;</mo>'
        in made
    )
    assert '<mtable displaystyle="false">' in made and 'largeop="false">⊙' in made


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


def test_a_number_with_a_star_or_a_dagger_is_a_number_and_stays_on_one_line():
    assert all(tables.NUMBER.fullmatch(text) for text in ("0.026", "< 0.001 *", "−13.3 †", "84.9 ± 5.0"))
    assert not tables.NUMBER.fullmatch("best *")


def test_code_that_ipython_shows_has_no_style_of_its_own():
    document = new_document("page")
    document += nodes.raw("", "<style>pre { line-height: 125%; }</style><div>x</div>", format="html")
    DropStyles(document).run()
    assert document.astext() == "<div>x</div>"


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
