"""The cover and the preface name the same three ways through."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_cover_and_the_preface_name_the_same_ways():
    cover = (ROOT / "rnnbook/publish/site/theme/cover.html").read_text("utf-8")
    preface = (ROOT / "book/preface.md").read_text("utf-8").split("## Three ways through")[1].split("\n## ")[0]
    ways = re.findall(r"<strong>\{\{ _\('An? (\w+)\.'\) \}\}</strong> \{\{ _\('([^']+)'\)", cover)
    rows = re.findall(r"^\| (?:an?|one) (\w+) \| (.+?) \|", preface, re.M)
    assert [name for name, _ in ways] == [name for name, _ in rows] and len(ways) == 3
    for (name, told), (_, row) in zip(ways, rows, strict=True):
        chapters, pace = (set(re.findall(pattern, row)) for pattern in (r"\[(\d+)\]", r"\w+ chapters? a \w+"))
        assert set(re.findall(r"\b\d+\b", told)) == chapters, name
        assert pace == {"one chapter a week"} or pace == set(re.findall(r"\w+ chapters? a \w+", told.lower())), name
