"""Formulas keep their commas, and no other text moves."""

from docutils import nodes
from docutils.utils import new_document

from rnnbook.publish.site.mends import KeepFormulasWhole


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
