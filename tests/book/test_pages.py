"""What can be seen in the built files without a browser."""

import dataclasses
import functools
import json
import re
from html import unescape

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont

from rnnbook.assignments import build as assignments
from rnnbook.assignments.source import student_file
from rnnbook.publish import links
from rnnbook.publish.site import crossrefs, mathml, printed, status, tables

from .conftest import ROOT, chapters, page_names

FONT = ROOT / "rnnbook" / "publish" / "site" / "theme" / "static" / "fonts" / "stix-two-math.woff2"


# In a line that opens and closes, a link could not be told from the line itself.
UNLINKED = "a, code, pre, math, h1, h2, h3, summary, script, style, svg, [data-widget], .cell_output"


@dataclasses.dataclass
class Seen:
    """What several tests ask of a page: its tree takes half a second to grow, so it is grown once and not kept."""

    heads: list[str]  # first rows of tables with a column that has no head; the corner above the rows' names has none
    cited: set[str]  # addresses of the sources it cites
    exercises: set[str]  # to whose pages or notebooks it links
    prose: str  # its text outside links, code, formulas, headings, folds' first lines, widgets and figures


@functools.cache
def seen(path):
    page = BeautifulSoup(path.read_text("utf-8"), "html.parser")
    wrong = []
    for table in page.select("table.docutils:has(thead)"):
        corner, *heads = table.thead.tr.find_all(["th", "td"])
        fine = corner.name == "th" or not corner.contents
        if not fine or not all(head.name == "th" for head in heads):
            wrong.append(f"{path.name}: {table.thead.tr}")
    links_in_text = [link["href"] for link in page.select("article a[href]")]
    exercises = (re.match(r"(?:\.\./book/)?exercises/(\w+)\.html", link) for link in links_in_text)
    for element in page.select(", ".join(f"article {kind}" for kind in UNLINKED.split(", "))):
        element.replace_with(" ¦ ")
    return Seen(
        wrong,
        {link for link in links_in_text if "references.html#" in link},
        {link[1] for link in exercises if link},
        page.article.get_text() if page.article else "",
    )


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


def test_the_landing_page_says_how_long_every_chapter_takes(book):
    page = BeautifulSoup((book / "index.html").read_text("utf-8"), "html.parser")
    minutes = {
        item.a["href"]: int(item.small.text.split()[0])
        for item in page.select("li:has(> a[href^=notebooks]):has(small)")
    }
    told = {}
    for name in chapters(book):
        first = json.loads((ROOT / name).with_suffix(".ipynb").read_text("utf-8"))["cells"][0]["source"]
        told[name] = int(re.search(r"Time:\*\* (\d+) minutes", "".join(first))[1])
    assert minutes == told and len(told) == 14
    assert f"about {round(sum(minutes.values()) / 60)} hours" in page.text


def test_nothing_is_loaded_from_elsewhere(book):
    loads = {(path.name, address) for path, page in links.pages(book).items() for address in page.loads}
    assert [load for load in loads if load[1].startswith(("http:", "https:", "//"))] == []


def test_pictures_have_real_alternative_texts(book):
    for path, page in links.pages(book).items():
        for alt in page.alts:
            assert alt is not None and not re.search(r"\.(png|svg|jpe?g)$|^_images/", alt), f"{path.name}: alt={alt!r}"


def test_every_page_says_what_it_is(book):
    titles = {}
    for name in page_names(book):
        html = (book / name).read_text(encoding="utf-8")
        assert html.count("<h1") == 1, f"{name} has {html.count('<h1')} main headings"
        description = re.search(r'<meta name="description" content="([^"]*)"', html)[1]
        assert len(description) > 20, f"{name} has no description"
        for part in ("og:title", "og:description", "og:site_name", "og:type"):
            assert f'property="{part}"' in html, f"{name} lacks {part}"
        title = re.search(r"<title>(.*?)</title>", html)[1]
        assert len(unescape(title)) <= 70, f"{name}: tabs and search engines cut its title: {title}"
        titles.setdefault(title, []).append(name)
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


def test_tables_of_pandas_can_be_heard_and_scroll():
    html = (
        '<style scoped>p {}</style><table border="1" class="dataframe"><thead><tr><th></th><th>mean</th></tr></thead>'
        "<tbody><tr><th>LSTM</th><td>2e-02</td></tr></tbody></table>"
    )
    assert tables.frame(html) == (
        '<div class="table-scroll"><table class="dataframe"><thead><tr><td></td><th scope="col">mean</th></tr></thead>'
        '<tbody><tr><th scope="row">LSTM</th><td class="number">2e-02</td></tr></tbody></table></div>'
    )


def heads(table):
    """The rows of a data frame's head on a page, as texts; what spans columns stands with their number."""
    rows = BeautifulSoup(tables.frame(table.to_html()), "html.parser").thead("tr")
    return [[cell.get_text() + cell.get("colspan", "") for cell in row(["th", "td"])] for row in rows]


def test_a_data_frame_has_one_row_of_heads():
    frame = pd.DataFrame({"layers": [1, 1], "seed": [0, 1], "best": [2, 3]})
    assert heads(frame) == [["", "layers", "seed", "best"]]
    assert heads(frame.set_index("seed")) == [["seed", "layers", "best"]]
    assert heads(frame.set_index(["layers", "seed"])) == [["layers", "seed", "best"]]
    assert heads(frame.set_index(["layers", "seed"]).rename_axis([None, None])) == [["2", "best"]]
    assert heads(frame.set_index("seed").rename_axis(columns="value")) == [["seed", "layers", "best"]]


def test_every_column_of_a_table_has_a_head(book):
    """All but the first, above the names of the rows: its corner is a plain cell with nothing in it."""
    assert [row for path in sorted(book.rglob("*.html")) for row in seen(path).heads] == []


def test_equations_have_anchors_and_mentions_lead_to_them(book):
    anchors = {
        anchor: name
        for name in chapters(book)
        for anchor in re.findall(r'id="equation-(\d+-\d+)"', (book / name).read_text("utf-8"))
    }
    assert len(anchors) >= 55
    unlinked = [
        (name, mention["equation"])
        for name in page_names(book)
        for prose in [seen(book / name).prose]
        for mention in re.finditer(crossrefs.EQUATION, prose)
        if mention["equation"].replace(".", "-") in anchors and not crossrefs._compared(mention)
    ]
    # the number beside the equation itself is no link
    assert {
        (name, m) for name, m in unlinked if unlinked.count((name, m)) > 1 or anchors[m.replace(".", "-")] != name
    } == set()


def test_chapters_that_are_named_are_links(book):
    for name in chapters(book):
        left = re.findall(r"(?<!, )\b[Cc]hapter \d+\b", seen(book / name).prose)
        assert left == [], f"{name}: {left}"


def test_terms_are_linked_once_a_chapter(book):
    for name in chapters(book):
        links = re.findall(r'class="term reference internal" href="([^"]+)"', (book / name).read_text("utf-8"))
        assert len(links) >= 5 and len(links) == len(set(links)), name
        assert (
            '"../book/glossary.html#'
            in re.search(r'id="previews">(.*?)</script>', (book / name).read_text("utf-8"), re.S)[1]
        )


def test_every_citation_of_a_chapter_shows_its_source(book):
    for name in page_names(book):
        html = (book / name).read_text("utf-8")
        cited = seen(book / name).cited
        shown = re.search(r'id="previews">(.*?)</script>', html, re.S)
        found = {
            address: words for address, words in json.loads(shown[1] if shown else "{}").items() if address in cited
        }
        assert set(found) == cited, name
        assert name not in chapters(book) or len(found) >= 2
        for address, words in found.items():
            year = re.search(r"\d{4}", address)[0]
            assert year in words and "URL" not in words and "doi" not in words, words


def test_figures_are_numbered_and_say_what_they_show(book):
    for name in chapters(book):
        html = (book / name).read_text(encoding="utf-8")
        number = int(name.split("/")[1][:2])
        found = re.findall(r'<a href="#figure-\d+-\d+">Figure (\d+)\.(\d+)</a> ([^<]+)</figcaption>', html)
        assert [(int(a), int(b)) for a, b, _ in found] == [(number, i + 1) for i in range(html.count("rnnbook-figure"))]
        assert all(len(words.split()) >= 3 and words.endswith(".") for *_, words in found), name


def test_tables_of_chapters_are_numbered(book):
    for name in chapters(book):
        html = (book / name).read_text(encoding="utf-8")
        number = int(name.split("/")[1][:2])
        captions = re.findall(r"<caption.*?</caption>", html, re.S)
        found = [re.search(r"Table (\d+)\.(\d+)</.*#table-\1-\2", caption, re.S).groups() for caption in captions]
        count = html.count('<div class="table-scroll')
        assert [(int(a), int(b)) for a, b in found] == [(number, i + 1) for i in range(count)]
        assert "<p>Table: " not in html
        untold = [caption for caption in captions if len(re.sub(r"<[^>]+>", " ", caption).split()) < 6]
        assert untold == [], "a paragraph 'Table: what it shows' belongs above each, one for each table of a cell"


def test_folded_code_is_called_by_what_it_is(book):
    for name in chapters(book):
        html = (book / name).read_text(encoding="utf-8")
        assert "Show the set-up" in html and "code cell source" not in html
        assert not re.search(r"<summary[^>]*>\s*<p", html)


def test_questions_are_printed_with_their_answers():
    from rnnbook.widgets import Quiz, Unfold

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
    listed, answers = printed.on_paper(f"<p>before</p>{quiz.html()}<p>after</p>")
    assert [type(node).__name__ for node in listed[0][0]] == ["Text", "literal", "Text", "math", "Text"]
    assert [option.astext() for option in listed[0][1]] == ["no", "a > b & so on"]
    assert answers.astext() == "Answers. 1: b. Yes, a. 2: 0.5 to 2. Right."
    assert printed.on_paper("<p>no widget</p>") == printed.on_paper(Unfold().html()) == []


def test_each_chapter_offers_its_notebook(book):
    assert len(chapters(book)) >= 11
    for name in chapters(book):
        html = (book / name).read_text(encoding="utf-8")
        notebook = name.split("/")[-1].removesuffix(".html") + ".ipynb"
        assert f'href="{notebook}" download="chapter_{notebook}"' in html
        assert json.loads((book / "notebooks" / notebook).read_text(encoding="utf-8"))["nbformat"] == 4


def test_each_exercise_offers_its_student_notebook(book):
    """The one that is built from its page, which proves that it holds no solution and no hidden test."""
    for page in assignments.pages():
        html = (book / "book" / "exercises" / f"{page.stem}.html").read_text(encoding="utf-8")
        file = student_file(page.stem)
        assert f'href="{file}" download="{file}"' in html
        assert (book / "book" / "exercises" / file).read_bytes() == (ROOT / "exercises" / file).read_bytes()


@pytest.mark.parametrize("page", assignments.pages(), ids=lambda page: page.stem)
def test_student_notebooks_are_those_of_their_pages(page, tmp_path):
    assignments.build(page, tmp_path)
    file = student_file(page.stem)
    fresh = (tmp_path / page.stem / "student" / file).read_bytes()
    is_fresh = (ROOT / "exercises" / file).read_bytes() == fresh
    assert is_fresh, f"exercises/{file} is older than its page: run python -m rnnbook assignments build {page.stem}"


def test_no_link_outside_the_book_leads_to_solutions(book):
    """In notebooks and pages links go to the student notebooks; the book turns them to the pages of the exercises."""
    pages = sorted((ROOT / "book").glob("*.md"))
    for path in [*sorted((ROOT / "notebooks").glob("*.ipynb")), *pages]:
        text = path.read_text("utf-8")
        assert not re.search(r"\]\([^)]*exercises/\d\d_\w+\.md", text), path.name
        assigned = set(re.findall(r"\]\(\.\./exercises/assignment_(\w+)\.ipynb\)", text))
        assert assigned or path in pages and path.stem not in ("preface", "instructors"), path.name
        assert all((ROOT / "exercises" / student_file(name)).is_file() for name in assigned), path.name
        assert seen(book / path.relative_to(ROOT).with_suffix(".html")).exercises == assigned, path.name


def test_grading_marks_and_hidden_tests_stay_out(book):
    for path in (book / "book" / "exercises").glob("*.html"):
        html = path.read_text(encoding="utf-8")
        for mark in ("BEGIN ", "END ", "TEST CONFIG", "hidden: true", "failure_message"):
            assert mark not in html, f"{path.name} shows {mark!r}"
    assert "def test_values" not in (book / "search-index.js").read_text(encoding="utf-8")
    assert not (book / "_sources").exists()


def test_status_page_tells_every_run(book):
    html = (book / "book" / "status.html").read_text(encoding="utf-8")
    for path, title, record in status.runs(ROOT / "notebooks"):
        assert f"{int(path.name[:2])}. {title}"[:20] in unescape(html)
        if record:
            assert f"keras {record['versions']['keras']}" in html
            assert all(data in html for data in record.get("data", []))
