"""What can be seen in the built files without a browser."""

import json
import re
from html import unescape

import nbformat
import pytest
from fontTools.ttLib import TTFont

from rnnbook import reviews
from rnnbook.assignments import build as assignments
from rnnbook.networks import weights
from rnnbook.publish import links
from rnnbook.publish.site import mathml, pages, printed, status

from .conftest import ROOT, chapters, page_names

FONT = ROOT / "rnnbook" / "site" / "theme" / "static" / "fonts" / "stix-two-math.woff2"


def test_links_anchors_and_files_exist(book):
    assert links.broken(book) == []


def test_a_broken_link_is_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<p id="x"><p id="x"><a href="b.html">b</a> <a href="#y">y</a> <a href="#x">x</a> <a href="https://example.org">e</a>'
    )
    assert links.broken(tmp_path) == [
        "a.html: the id 'x' occurs twice",
        "a.html: b.html leads nowhere",
        "a.html: #y points to an anchor that does not exist",
    ]
    assert links.external(tmp_path) == {"https://example.org": ["a.html"]}


def test_nothing_is_loaded_from_elsewhere(book):
    loads = {(path.name, address) for path, page in links.pages(book).items() for address in page.loads}
    assert [load for load in loads if load[1].startswith(("http:", "https:", "//"))] == []


def test_pictures_have_real_alternative_texts(book):
    for path, page in links.pages(book).items():
        for alt in page.alts:
            assert alt is not None and not re.search(r"\.(png|svg|jpe?g)$|^_images/", alt), f"{path.name}: alt={alt!r}"


@pytest.mark.parametrize(
    "unwanted", ["require.js", "html-manager", "thebe", "fontawesome", "mathjax", "jquery", "widget-state+json"]
)
def test_pages_carry_no_unused_scripts(book, unwanted):
    for name in page_names(book):
        heads = re.findall(r"<(?:script|link)\b[^>]*>", (book / name).read_text(encoding="utf-8"))
        assert not [tag for tag in heads if unwanted in tag.lower()], name


def test_every_page_says_what_it_is(book):
    titles = {}
    for name in page_names(book):
        html = (book / name).read_text(encoding="utf-8")
        assert html.count("<h1") == 1, f"{name} has {html.count('<h1')} main headings"
        description = re.search(r'<meta name="description" content="([^"]*)"', html)[1]
        assert len(description) > 20, f"{name} has no description"
        for part in ("og:title", "og:description", "og:site_name", "og:type"):
            assert f'property="{part}"' in html, f"{name} lacks {part}"
        titles.setdefault(re.search(r"<title>(.*?)</title>", html)[1], []).append(name)
    assert [names for names in titles.values() if len(names) > 1] == []


def glyphs(formulas):
    """Code points that formulas need: a letter alone in <mi> is set with the italic one of Unicode's mathematical letters."""
    for tag, text in re.findall(r"<(m[a-z]+)[^>]*>([^<]+)", "".join(formulas)):
        text = unescape(text)
        if tag == "mi" and len(text) == 1:
            for first, last, italic in (("A", "Z", 0x1D434), ("a", "z", 0x1D44E), ("\u03b1", "\u03c9", 0x1D6FC)):
                if first <= text <= last:
                    text = "\u210e" if text == "h" else chr(italic + ord(text) - ord(first))
        yield from (c for c in text if not c.isspace())


def test_mathematics_is_rendered_and_its_font_is_complete(book):
    characters = TTFont(FONT).getBestCmap()
    for name in page_names(book):
        html = (book / name).read_text(encoding="utf-8")
        formulas = re.findall(r"<math.*?</math>", html, re.S)
        missing = sorted(c for c in set(glyphs(formulas)) if ord(c) not in characters)
        assert not missing, f"{name}: the font lacks {missing}; rnnbook/publish/site/README.md says how to add them"
        prose = re.sub(r"<(script|style|math|pre|code|svg|textarea|title)\b.*?</\1>", "", html, flags=re.S)
        assert not re.search(r"\$[^$<]*\\[a-z]+[^$<]*\$|\\\(|\\\[", re.sub(r"<[^>]+>", "", prose)), (
            f"{name}: TeX that was not rendered"
        )


def test_wrong_tex_is_an_error_and_scripts_are_tight():
    with pytest.raises(ValueError, match="foo"):
        mathml.render(r"\foo{a}", True)
    assert '<mo lspace="0" rspace="0">+</mo>' in mathml.render("Z_{i+1}", False)
    assert "lspace" not in mathml.render("a+b", False)


def test_headers_are_heard_and_scripts_shared():
    assert pages.mend("<p><math>x</math>, (<math>y</math>). <math>z</math> is</p>") == (
        '<p><span class="unbroken"><math>x</math>,</span> <span class="unbroken">(<math>y</math>).</span> <math>z</math> is</p>'
    )
    module = '<script type="application/json" data-rnnbook-module="ab">1</script>'
    mended = pages.mend(
        '<table class="docutils"><th></th><th class="h"><p><math><mi>x</mi></math></p></th><th>a</th></table>'
        + module * 2
    )
    assert mended == (
        '<div class="table-scroll"><table class="docutils"><td></td><th class="h"><p><span class="hidden">x</span>'
        '<math aria-hidden="true"><mi>x</mi></math></p></th><th>a</th></table></div>' + module
    )


def test_questions_are_printed_with_their_answers():
    from rnnbook.widgets import Quiz

    quiz = Quiz(
        questions=[
            {
                "question": "Is `<a>` more than $b^2$?",
                "type": "multiple_choice",
                "answers": [
                    {"answer": "no", "correct": False, "feedback": "Look again."},
                    {"answer": "$a > b$ & so on", "correct": True, "feedback": "Yes, `a`."},
                ],
            },
            {
                "question": "How many?",
                "type": "numeric",
                "answers": [
                    {"type": "range", "range": [0.5, 2], "correct": True, "feedback": "Right."},
                    {"type": "default", "feedback": "No."},
                ],
            },
        ]
    )
    html = printed.quizzes(f"<p>before</p>{quiz.html()}<p>after</p>")
    assert "<code>&lt;a&gt;</code> more than <math" in html and "&amp; so on</li></ol></li>" in html
    assert "<strong>1: b.</strong> Yes, <code>a</code>. <strong>2: 0.5 to 2.</strong> Right." in html
    assert "data-widget" not in html and html.startswith("<p>before</p>") and html.endswith("<p>after</p>")


def test_each_chapter_offers_its_notebook(book):
    assert len(chapters(book)) >= 11
    for name in chapters(book):
        html = (book / name).read_text(encoding="utf-8")
        notebook = name.split("/")[-1].removesuffix(".html") + ".ipynb"
        assert f'href="{notebook}" download' in html
        assert json.loads((book / "notebooks" / notebook).read_text(encoding="utf-8"))["nbformat"] == 4


def test_each_exercise_offers_its_student_notebook(book):
    """The one that is built from its page, which proves that it holds no solution and no hidden test."""
    for page in assignments.pages():
        html = (book / "book" / "exercises" / f"{page.stem}.html").read_text(encoding="utf-8")
        assert f'href="{page.stem}.ipynb" download' in html
        assert (book / "book" / "exercises" / f"{page.stem}.ipynb").read_bytes() == (
            ROOT / "exercises" / f"{page.stem}.ipynb"
        ).read_bytes()


@pytest.mark.parametrize("page", assignments.pages(), ids=lambda page: page.stem)
def test_student_notebooks_are_those_of_their_pages(page, tmp_path):
    assignments.build(page, tmp_path)
    fresh = (tmp_path / page.stem / "student" / f"{page.stem}.ipynb").read_bytes()
    is_fresh = (ROOT / "exercises" / f"{page.stem}.ipynb").read_bytes() == fresh
    assert is_fresh, (
        f"exercises/{page.stem}.ipynb is older than its page: run python -m rnnbook assignments build {page.stem}"
    )


def test_weights_of_trained_networks_lie_beside_the_pages(book):
    for name in (*weights.ARCHITECTURES, "words"):
        assert (book / "_static" / "rnnbook-weights" / f"{name}.js").stat().st_size < 700_000


def test_grading_marks_and_hidden_tests_stay_out(book):
    for path in (book / "book" / "exercises").glob("*.html"):
        html = path.read_text(encoding="utf-8")
        for mark in ("BEGIN ", "END ", "TEST CONFIG", "hidden: true", "failure_message"):
            assert mark not in html, f"{path.name} shows {mark!r}"
    assert "def test_values" not in (book / "searchindex.js").read_text(encoding="utf-8")
    assert not (book / "_sources").exists()


def test_status_page_tells_every_run(book):
    html = (book / "book" / "status.html").read_text(encoding="utf-8")
    for path, title, record in status.runs(ROOT / "notebooks"):
        assert f"{int(path.name[:2])}. {title}"[:20] in unescape(html)
        if record:
            assert f"keras {record['versions']['keras']}" in html and record["data"] in html


@pytest.mark.parametrize(
    ("corpus", "data"),
    [
        (reviews.Corpus("imdb", [], [], 10_000, "d" * 64, None), "imdb (dddddddd…), recorded runs"),
        (reviews.Corpus("sample", [], [], 10_000, "e" * 64, None), "sample (eeeeeeee…), recorded runs"),
        (
            reviews.Corpus("sample", [], [], 10_000, "e" * 64, None, "There is no connection."),
            "sample (eeeeeeee…), recorded runs",
        ),
        (None, "none"),
    ],
    ids=["imdb", "sample", "no connection", "none"],
)
def test_status_names_the_data_that_the_outputs_name(tmp_path, corpus, data):
    code = nbformat.v4.new_code_cell(
        "runs.load()" if corpus else "1 + 1",
        outputs=[nbformat.v4.new_output("stream", text=f"{corpus and corpus.describe()}\n")],
    )
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# One"), code], metadata={"rnnbook": {"seconds": 1}}
    )
    nbformat.write(notebook, tmp_path / "01_one.ipynb")
    ((_, title, record),) = status.runs(tmp_path)
    assert (title, record["data"]) == ("One", data)
