"""The bibliography and the pages belong together: every entry is cited, and every citation has its entry."""

import re
from pathlib import Path

import nbformat

from rnnbook.publish.site import references

ROOT = Path(__file__).resolve().parents[2]
ENTRY = re.compile(r"@\w+\{(?P<key>[^,]+),(?P<body>.*?)\n\}", re.S)
# [Elman, 1990](…references.md), [Gal and Ghahramani (2016)](…), [Maas et al., 2011](…)
LINK = re.compile(r"\[(?P<who>[^\]\d]+?),? \(?(?P<year>\d{4})[a-z]?\)?\]\([^)]*references\.(?:md|html)[^)]*\)")


def plain(text):
    """A name without TeX: {\\v{c}} and Ko{\\v{c}}isk{\\'y} become their bare letters."""
    return re.sub(r"[{}]|\\[a-zA-Z]+ ?|\\.", "", text)


def entries():
    bib = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    return {m["key"]: m["body"] for m in ENTRY.finditer(bib)}


def first_author(body):
    names = re.search(r"author\s*=\s*\{(.*?)\},?\n", body, re.S)[1].split(" and ")
    name = plain(names[0])
    if names[0].startswith("{"):  # an institution
        return name
    return name.split(",")[0] if "," in name else name.split()[-1]


def year(body):
    return re.search(r"year\s*=\s*\{?(\d{4})", body)[1]


def texts():
    pages = [*ROOT.glob("book/**/*.md")]
    found = {p.relative_to(ROOT): p.read_text(encoding="utf-8") for p in pages}
    for path in ROOT.glob("notebooks/*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        found[path.relative_to(ROOT)] = "\n".join(c.source for c in cells if c.cell_type == "markdown")
    return found


def ascii_only(text):
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFKD", text) if ord(c) < 128)


def cited(all_texts):
    return {
        (ascii_only(re.split(r",| and | et al", m["who"])[0].strip()), m["year"])
        for t in all_texts.values()
        for m in LINK.finditer(t)
    }


def test_every_entry_is_complete_and_its_key_is_used_once():
    bib = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    keys = [m["key"] for m in ENTRY.finditer(bib)]
    assert len(keys) == len(set(keys)) == bib.count("\n@") + bib.startswith("@")
    for key, body in entries().items():
        assert first_author(body) and year(body) and "title" in body, key


def test_every_entry_can_be_found_and_says_what_it_is_good_for():
    for key, body in entries().items():
        assert re.search(r"^\s*(doi|eprint|url)\s*=\s*\{\S+\}", body, re.M), f"{key}: no DOI, arXiv number or address"
        note = re.search(r"^\s*note\s*=\s*\{(.*)\}", body, re.M)
        assert note and len(note[1].split()) >= 5 and note[1].endswith("."), (
            f"{key}: no sentence on what it is good for"
        )


def test_every_entry_is_cited():
    all_texts = texts()
    links = cited(all_texts)
    roles = set(
        re.findall(r"[\w]+", " ".join(m for t in all_texts.values() for m in re.findall(r"\{cite:\w+\}`([^`]+)`", t)))
    )
    unused = [
        k
        for k, body in entries().items()
        if k not in roles and (ascii_only(first_author(body)), year(body)) not in links
    ]
    assert not unused, f"never cited: {unused}"


def test_every_citation_has_its_entry():
    known = {(ascii_only(first_author(body)), year(body)) for body in entries().values()}
    for path, text in texts().items():
        for match in LINK.finditer(text):
            who = ascii_only(re.split(r",| and | et al", match["who"])[0].strip())
            assert (who, match["year"]) in known, (
                f"{path} cites {match['who']} {match['year']}, which references.bib does not hold"
            )


def test_a_link_to_one_entry_names_the_work_it_cites():
    known = entries()
    for path, text in texts().items():
        for match in LINK.finditer(text):
            key = re.search(r"references\.md#(\w+)", match[0])
            if key:
                body = known[key[1]]
                assert match["year"] == year(body) and ascii_only(first_author(body)) in ascii_only(match["who"]), (
                    f"{path}: {match[0]} leads to {first_author(body)} {year(body)}"
                )


def test_the_page_of_references_holds_every_entry_for_readers_outside_the_book():
    page = (ROOT / "book" / "references.md").read_text(encoding="utf-8")
    fresh = references.listed((ROOT / "book" / "references.bib").read_text(encoding="utf-8"))
    assert fresh.count('<a id="') == len(entries()) and fresh.count("](https://") >= 100
    assert fresh in page, (
        "book/references.md is older than references.bib: run python -m rnnbook.publish.site.references"
    )
    assert "{cite" not in page and "{bibliography}" not in page


def test_the_page_of_references_is_renewed_between_its_marks(tmp_path):
    bib, page = tmp_path / "a.bib", tmp_path / "a.md"
    bib.write_text("@misc{elman1990, author={Elman, Jeffrey}, title={Structure}, year={1990}, note={Start here.}}")
    page.write_text(f"# A\n\n{references.BEGIN}old\n{references.END}after\n")
    assert references.renew(page, bib) and not references.renew(page, bib)
    line = '- <a id="elman1990"></a>Jeffrey Elman. Structure. 1990. Start here.\n'
    assert page.read_text() == f"# A\n\n{references.BEGIN}{line}{references.END}after\n"
