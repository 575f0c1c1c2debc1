"""The search of the book: the right section among the first three, light, over http and from disk, with the keyboard."""

import gzip
import json
import re
from pathlib import Path

import pytest
from docutils import nodes
from docutils.utils import new_document

from rnnbook.publish.site import search

from .conftest import ROOT

QUERIES = [
    [part.strip() for part in line.split("|")]
    for line in (Path(__file__).parent / "queries.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
ENOUGH = 0.95  # of the queries

pytestmark = pytest.mark.browser


def test_the_right_section_is_among_the_first_three(visit, book):
    page = visit((book / "search.html").as_uri())
    missed = []
    for query, wanted in QUERIES:
        first = page.evaluate("(query) => rnnbookFind(query)", query)
        # A place with a # is one section.
        if not any(place in (hit if "#" in place else hit.split("#")[0]) for hit in first for place in wanted.split()):
            missed.append(f"{query!r}: {first}")
    print(*missed, sep="\n")
    assert len(QUERIES) >= 64 and len(missed) <= (1 - ENOUGH) * len(QUERIES), "\n".join(missed)


def test_every_source_is_found_by_author_and_title(book):
    text = (book / "search-index.js").read_text("utf-8")
    found = {page: records for page, _, records in json.loads(text[len("rnnbookIndex(") : -len(");\n")])}
    records = {record[0]: record[1:] for record in found["book/references.html"]}
    keys = set(re.findall(r"@\w+\{(\w+),", (ROOT / "book" / "references.bib").read_text("utf-8")))
    assert keys == set(records) - {""}
    assert records["hochreiter1997long"] == ["Hochreiter and Schmidhuber (1997)", "Long short-term memory", ""]
    assert records["maas2011learning"][0] == "Maas et al. (2011)" and "Potts" in records["maas2011learning"][1]


def test_where_no_place_has_all_words_the_page_says_so(visit, book):
    page = visit(f"{book.as_uri()}/search.html?q=colour+blind")
    assert page.locator("#search-progress").inner_text().startswith("No place has all words of “colour blind”.")
    page.locator("#find").fill("hidden state")
    assert "No place" not in page.locator("#search-progress").inner_text()


def test_no_search_tells_an_answer_and_small_numbers_of_tables_are_left_out():
    opened, closed = (
        nodes.raw("", text, format="html") for text in ("<details><summary>Solution</summary>", "</details>")
    )
    section = nodes.section(
        "", nodes.paragraph("", "Guess."), opened, nodes.paragraph("", "Ninety."), closed, nodes.paragraph("", "Go on.")
    )
    assert [child.astext() for child in search.open_to_all(section)] == ["Guess.", "Go on."]
    cells = [nodes.entry("", nodes.paragraph("", text)) for text in ("units", "0.87", "322,113", "−1.2 ± 0.3")]
    assert [search.words(cell) for cell in cells] == ["units", "", "322,113", ""]


def test_the_list_of_claims_does_not_repeat_what_chapters_say(book):
    text = (book / "search-index.js").read_text("utf-8")
    found = {page: records for page, _, records in json.loads(text[len("rnnbookIndex(") : -len(");\n")])}
    (rules,) = found["book/claims.html"]
    assert "Welch" in rules[2]
    assert any("95 % interval" in record[2] for record in found["notebooks/10_comparison.html"])


def test_code_that_a_page_folds_is_not_searched_but_what_it_prints_is():
    def cell(*classes):
        block = lambda kind, text: nodes.container("", nodes.literal_block("", text), classes=[kind])
        made = block("cell_input", "annotate(arrows)"), block("cell_output", "322,113 parameters")
        return nodes.section("", nodes.container("", *made, classes=["cell", *classes]))

    assert search.code(cell(), "") == "annotate arrows 322,113 parameters"
    assert search.code(cell("tag_hide-input"), "") == "322,113 parameters"


def test_what_stands_elsewhere_as_well_has_no_record_of_its_own():
    """Sources have records of their own, and each point of a summary stands in a section."""
    page = new_document("page")
    for title in ("Sequences", "Summary", "Further reading"):
        page += nodes.section("", nodes.title("", title), nodes.paragraph("", "Table: Three words, then"), ids=[title])
    assert search.records(page) == [["", "Sequences", "Three words, then", ""]]


def test_a_query_is_light(book):
    """All that the first query asks for beyond what every page loads, as a public host sends it."""
    wire = sum(
        len(gzip.compress((book / name).read_bytes()))
        for name in ("search-index.js", "_static/search.js", "search.html")
    )
    assert wire < 245_000, wire


@pytest.mark.parametrize("place", ["http", "file"])
def test_hits_are_links_in_a_list_with_their_passage(visit, site, book, place):
    page = visit(f"{site if place == 'http' else book.as_uri()}/search.html?q=vanishing+gradient")
    hits = page.locator("main ol#search-results > li")
    assert hits.count() > 3 and "vanishing" in hits.first.inner_text().lower()
    assert page.locator("#search-results mark").count() > 5
    page.locator("#find").fill("322113")
    assert "322,113" in page.locator("#search-results mark").first.inner_text()
    page.locator("#find").fill("qqqqq")
    assert "Nothing was found" in page.locator("#search-progress").inner_text() and hits.count() == 0
    page.locator("#find").fill("forget gate")
    page.locator("#find").press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/*highlight=*")
    mark = page.locator("article mark").first
    assert "forget" in page.locator("article").inner_text().lower() and mark.is_visible()
    assert page.errors == [] and page.foreign == []
