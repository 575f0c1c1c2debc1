"""A chapter takes as long as it says, its main path runs without the closer looks, the glossary leads to where its terms stand.

`python -m rnnbook reading` prints the counts of every chapter; `--write` puts the minutes into the chapters.
"""

import ast
import json
import re
from pathlib import Path

import pytest

from rnnbook.__main__ import main
from rnnbook.publish import reading

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = reading.chapters(ROOT)
ALL = pytest.mark.parametrize("name", CHAPTERS)


def markdown_cell(source):
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def code_cell(source, html="", tags=()):
    outputs = [{"data": {"text/html": html}}] if html else []
    return {"cell_type": "code", "source": source, "metadata": {"tags": list(tags)}, "outputs": outputs}


# --- time


def test_the_rule_counts_what_a_reader_meets():
    cells = [
        markdown_cell("# Two words\n\n$$ Z = W X $$\n\nOne $Z_i$ and `code` in [a link](https://example.org)."),
        code_cell("x = 1\n\ny = 2"),
        code_cell("z = 3", html="<table></table>", tags=["hide-input"]),
        code_cell("Widget()", html='<div data-rnnbook-module="1"></div>'),
        code_cell(
            'notebook.quiz([{"question": "Q?"}])', html='<div data-rnnbook-module="1"></div>', tags=["hide-input"]
        ),
    ]
    counts = reading.count(cells)
    assert counts == reading.Counts(words=9, equations=1, lines=3, pictures=1, questions=1, widgets=1)
    longer = counts._replace(words=counts.words + 20 * reading.WORDS_A_MINUTE)
    assert longer.minutes == counts.minutes + 20


def test_a_formula_swallows_no_text():
    told = reading.prose("If $a < 1$, all of this **is read**, <b>too</b>, until `x > 2` and $b<c$ or $c>d$ hold.")
    assert "all of this" in told and "is read" in told and "too" in told and "until x and x or x hold" in told
    assert "<b>" not in told


@ALL
def test_the_time_stated_is_the_time_computed(name):
    """Executing a chapter renews its minutes; an edit between two executions may move them a little."""
    stated, (main, looks) = reading.STATED.search(reading.text(CHAPTERS[name])), reading.parted(CHAPTERS[name])
    assert stated, f"{name} does not say '**Time:** … minutes to read'"
    computed = [reading.count(main).minutes, *([reading.count(CHAPTERS[name]).minutes] if looks else [])]
    told = [int(number) for number in (stated[1], stated[3]) if number]
    assert len(told) == len(computed) and all(abs(a - b) <= 10 for a, b in zip(told, computed)), (
        f"{name} takes {computed} minutes, not {told}: python -m rnnbook reading --write"
    )


LOOK = "Text.\n\n### Closer look: is it so?\n\nIt is."


def bound_and_used(source):
    """The names that a cell binds, and those that it uses."""
    bound, used = set(), set()
    for node in ast.walk(ast.parse(re.sub(r"^\s*[%!].*$", "", source, flags=re.M))):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {(name.asname or name.name).split(".")[0] for name in node.names}
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
    return bound, used


def needed_from_folds(cells):
    """{name: id of the cell of the main path} of what only a cell that is folded away has bound before."""
    folded = {id(cell) for part in reading.parted(cells)[1].values() for cell in part if cell["cell_type"] == "code"}
    in_main, in_folds, needed = set(), set(), {}
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        bound, used = bound_and_used("".join(cell["source"]))
        if id(cell) in folded:
            in_folds |= bound
        else:
            needed |= dict.fromkeys((used - bound - in_main) & in_folds, cell.get("id"))
            in_main |= bound
    return needed


@ALL
def test_the_main_path_runs_without_its_closer_looks(name):
    assert needed_from_folds(CHAPTERS[name]) == {}


def test_a_name_from_a_fold_is_seen():
    cells = [
        markdown_cell(LOOK),
        code_cell("x = y = 1"),
        markdown_cell("### Another\n\nOn."),
        code_cell("y = 2\nprint(x, y)"),
    ]
    assert list(needed_from_folds(cells)) == ["x"]


def test_executing_a_chapter_renews_its_minutes():
    cells = [markdown_cell("**Time:** 5 minutes to read."), markdown_cell("word " * (60 * reading.WORDS_A_MINUTE))]
    reading.restate(cells)
    assert cells[0]["source"] == "**Time:** 60 minutes to read."
    more = "word " * (20 * reading.WORDS_A_MINUTE)
    cells.append(markdown_cell(f"## Closer look: why?\n\nSo it is.\n\n{more}"))
    for _ in range(2):
        reading.restate(cells)
        assert cells[0]["source"] == "**Time:** 60 minutes to read, 80 with the closer looks."


def test_a_closer_look_ends_at_the_next_heading_of_its_level():
    cells = [
        markdown_cell(LOOK),
        markdown_cell("How.\n\n```python\n\n# no heading\n```\n\n#### Below\n\nMore."),
        code_cell("x = 1"),
        markdown_cell("Last.\n\n### Another\n\nOn."),
        code_cell("y = 1"),
    ]
    main, looks = reading.parted(cells)
    told = [cell["source"] for cell in main]
    assert told == ["Text.", "### Closer look: is it so?", "It is.", "### Another", "On.", "y = 1"]
    (title, folded), *others = looks.items()
    assert title == "Closer look: is it so?" and not others
    assert "\n\n".join(cell["source"] for cell in folded) == (
        "How.\n\n```python\n\n# no heading\n```\n\n#### Below\n\nMore.\n\nx = 1\n\nLast."
    )


def test_the_command_shows_and_writes_the_minutes(tmp_path, monkeypatch, capsys):
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / "01_one.ipynb"
    cells = [markdown_cell("**Time:** 5 minutes to read."), markdown_cell("It is one of many words. " * 200)]
    path.write_text(json.dumps({"cells": cells}), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert not main(["reading", "--write"])
    assert re.search(r"01_one\.ipynb +1205 .* 15, +15\n", capsys.readouterr().out)
    assert "**Time:** 15 minutes to read." in path.read_text("utf-8")


def test_the_guide_for_instructors_counts_the_same_hours():
    page = (ROOT / "book" / "instructors.md").read_text("utf-8")
    row = r"^\| \[\d+[^\]]*\]\(\.\./notebooks/([^)]+)\) \| ([\d.]+) h \| ([\d.]+) h \|"
    hours = {name: (float(path), float(whole)) for name, path, whole in re.findall(row, page, re.M)}
    for name, cells in CHAPTERS.items():
        for told, part in zip(hours[name], (reading.parted(cells)[0], cells), strict=True):
            assert abs(told - reading.count(part).minutes / 60) <= 0.3, f"the table of hours and {name} differ"


# --- terms


def glossary():
    """{term: chapters where it is explained}, from the page."""
    page = (ROOT / "book" / "glossary.md").read_text("utf-8")
    entries = re.findall(r"^(\S[^\n]*)\n  (.*?)(?=\n\n|\n```)", page.split("```{glossary}")[1], re.S | re.M)
    return {term: [int(n) for n in re.findall(r"\[chapter (\d+)\]", text)] for term, text in entries}


def test_a_term_stands_in_the_chapters_that_the_glossary_names():
    """In any form: a chapter may speak of 'the encoder' or of 'orthogonal initial values'."""
    texts = {int(name[:2]): reading.text(cells) for name, cells in CHAPTERS.items()}
    missing = []
    for term, explained in glossary().items():
        stems = [word[:5] for word in re.findall(r"\w+", term) if len(word) > 3] or [term]
        for chapter in explained:
            if not all(re.search(rf"(?<![a-z]){re.escape(stem)}", texts[chapter], re.I) for stem in stems):
                missing.append((term, chapter))
    assert glossary() and missing == []
