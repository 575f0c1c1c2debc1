"""A chapter takes as long as it says, its sentences can be read, its terms are explained first, its results are predicted.

`python -m rnnbook reading` prints the figures of every chapter; `--write` puts the minutes into the chapters.
"""

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest

from rnnbook.__main__ import main
from rnnbook.publish import reading

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = reading.chapters(ROOT)
ALL = pytest.mark.parametrize("name", CHAPTERS)
TERMS = tomllib.loads(Path(__file__).with_name("terms.toml").read_text("utf-8"))
EARLY = TERMS["early"]
LONGEST, MEAN = 40, 16  # words a sentence
PREDICTION = re.compile(
    r"\*\*What will happen\?\*\*(?P<question>.*?)\n\n(?P<choices>(?:<details>.*?</details>\s*)+)", re.S
)
CHOICE = re.compile(r"<details><summary>(?P<choice>.*?)</summary>\n\n(?P<reason>.*?)\n\n</details>", re.S)


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


RUNS = {  # how a chapter may say how long its cells run, and for which processor seconds: about twofold either way
    r"run in seconds": (0, 30),
    r"well under a minute": (0, 30),
    r"about half a minute": (12, 60),
    r"about a minute": (35, 110),
    r"about two minutes": (60, 240),
    r"a few minutes": (100, 500),
}


@ALL
def test_the_time_to_run_is_the_time_that_it_took(name):
    told = re.search(r"\*\*Time:\*\*.*", reading.text(CHAPTERS[name]))[0]
    took = json.loads((ROOT / "notebooks" / name).read_text("utf-8"))["metadata"]["rnnbook"]
    least, most = next(bounds for words, bounds in RUNS.items() if re.search(words, told))
    assert least <= took["processor_seconds"] <= most, f"{name} took {took['processor_seconds']} s: {told}"


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


@ALL
def test_a_closer_look_has_its_answer_first(name):
    """What stays visible: one paragraph of its own, and there is something to fold away."""
    main, looks = reading.parted(CHAPTERS[name])
    blocks_of_main = [cell["source"].strip() for cell in main if cell["cell_type"] == "markdown"]
    titles = [block.partition(" ")[2] for block in blocks_of_main if re.match(rf"#+ {reading.CLOSER}", block)]
    assert titles == list(looks), f"{name}: two closer looks of one name, or a heading without an empty line below it"
    for title, folded in looks.items():
        answer = blocks_of_main[next(i for i, block in enumerate(blocks_of_main) if block.endswith(title)) + 1]
        assert not answer.startswith(("#", "|", "$$", "```")) and len(reading.prose(answer).split()) <= 90, title
        assert folded, f"nothing is folded away below {title}"


def test_the_command_shows_and_writes_the_minutes(tmp_path, monkeypatch, capsys):
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / "01_one.ipynb"
    cells = [markdown_cell("**Time:** 5 minutes to read."), markdown_cell("It is one of many words. " * 200)]
    path.write_text(json.dumps({"cells": cells}), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert not main(["reading", "--write"])
    assert re.search(r"01_one\.ipynb +1205 .* 15 .* 6\.0, 6\n", capsys.readouterr().out)
    assert "**Time:** 15 minutes to read." in path.read_text("utf-8")


def test_the_guide_for_instructors_counts_the_same_hours():
    page = (ROOT / "book" / "instructors.md").read_text("utf-8")
    row = r"^\| \[\d+[^\]]*\]\(\.\./notebooks/([^)]+)\) \| ([\d.]+) h \| ([\d.]+) h \|"
    hours = {name: (float(path), float(whole)) for name, path, whole in re.findall(row, page, re.M)}
    for name, cells in CHAPTERS.items():
        for told, part in zip(hours[name], (reading.parted(cells)[0], cells), strict=True):
            assert abs(told - reading.count(part).minutes / 60) <= 0.3, f"the table of hours and {name} differ"


HALF_TIME = re.compile(
    r"^A good place to stop for today\. You have [^\n]+\n\n\*\*From memory, before you go on:\*\* [^\n]+\?\n\n"
    r"<details><summary>Answer</summary>\n\n[^\n]+\n\n</details>\n\nStill open: [^\n]+$"
)


@ALL
def test_a_chapter_has_a_half_time_in_its_middle(name):
    """Where the first evening ends: what one has by now, a question from memory, and what makes one come back."""
    before, after = reading.halves(CHAPTERS[name])
    assert 0.38 <= before / (before + after) <= 0.62, f"{name}: {before:.0f} minutes before, {after:.0f} after"
    section = reading.text(CHAPTERS[name]).split(reading.HALF_TIME)[1].split("\n## ")[0].strip()
    assert HALF_TIME.match(section), section
    assert "a break at *Half-time*" in reading.text(CHAPTERS[name]), f"{name}: the sentence on time names no break"


def test_half_time_parts_the_main_path_alone():
    cells = [
        markdown_cell("# One\n\n" + "word " * 79),
        markdown_cell("## Half-time\n\nStop."),
        markdown_cell("## Closer look: why?\n\nSo.\n\n" + "word " * 800),
    ]
    before, after = reading.halves(cells)
    assert before == pytest.approx(1) and after < 0.2
    assert reading.halves(cells[:1]) is None


# --- sentences


def test_sentences_are_found():
    text = "# A heading\n\nOne two three. Four five six, $x$: seven.\n\n- Eight nine ten!\n\n| a | table of words |\n\n$$ x = 1 $$"
    assert [" ".join(words) for words in reading.sentences(text)] == [
        "One two three",
        "Four five six x seven",
        "Eight nine ten",
    ]


@ALL
def test_sentences_are_short_enough_to_read_aloud(name):
    lengths = [(len(words), " ".join(words)) for words in reading.sentences(reading.text(CHAPTERS[name]))]
    longest, sentence = max(lengths)
    assert longest <= LONGEST, f"{name}, {longest} words: {sentence}"
    assert sum(length for length, _ in lengths) / len(lengths) <= MEAN


PAGES = sorted(
    path.name for path in (ROOT / "book").glob("*.md") if path.name not in ("claims.md", "references.md")
)  # claims have their own form, and so have sources


@pytest.mark.parametrize("name", PAGES)
def test_sentences_of_the_other_pages_are_as_short(name):
    text = re.sub(r"^---\n.*?\n---\n", "", (ROOT / "book" / name).read_text("utf-8"), flags=re.S)
    if name == "glossary.md":
        text = re.sub(r"^```.*|^\S.*(?=\n  )|^  ", "", text, flags=re.M)
    lengths = [(len(words), " ".join(words)) for words in reading.sentences(text)]
    longest, sentence = max(lengths)
    assert longest <= LONGEST, f"{name}, {longest} words: {sentence}"
    assert sum(length for length, _ in lengths) / len(lengths) <= MEAN


# --- terms


def glossary():
    """{term: chapters where it is explained}, from the page."""
    page = (ROOT / "book" / "glossary.md").read_text("utf-8")
    entries = re.findall(r"^(\S[^\n]*)\n  (.*?)(?=\n\n|\n```)", page.split("```{glossary}")[1], re.S | re.M)
    return {term: [int(n) for n in re.findall(r"\[chapter (\d+)\]", text)] for term, text in entries}


def test_the_glossary_is_in_order_and_its_links_lead_to_entries():
    assert list(glossary()) == sorted(glossary(), key=str.lower)
    page = (ROOT / "book" / "glossary.md").read_text("utf-8")
    linked = re.findall(r"\{term\}`([^`]+)`", page)
    assert linked and set(linked) <= set(glossary())


def bold_terms(text):
    """What stands in bold as a term does: up to four words in small letters, or an abbreviation, that are no clause."""
    for words in re.findall(r"(?<![*\w])\*\*([^*\n]{2,40}?)\*\*(?![*\w])", text):
        if len(words.split()) <= 4 and re.match(r"[a-z][^.,:?!$`]*$|[A-Z][A-Z-]+$", words):
            yield words


def test_bold_terms_are_found():
    text = "A **fixed point**, **like this one.**, the **SARIMA**, **It is so** and **$W$** or **a b c d e**, **`x`**."
    assert list(bold_terms(text)) == ["fixed point", "SARIMA"]


def not_in_glossary():
    """(chapter, term) of each term in bold on a main path that no entry of the glossary holds, in any form."""
    entries = [term.lower() for term in glossary()]
    for name, cells in CHAPTERS.items():
        for term in bold_terms(reading.text(reading.parted(cells)[0])):
            stems = [word[:5].lower() for word in re.findall(r"\w+", term)]
            if not any(all(stem in entry for stem in stems) for entry in entries):
                yield int(name[:2]), term


def test_every_term_that_a_chapter_sets_in_bold_is_in_the_glossary():
    plain = {(int(chapter), words) for chapter, listed in TERMS["bold"].items() for words in listed}
    found = set(not_in_glossary())
    assert found <= plain, f"into the glossary with these, or under [bold] in terms.toml as emphasis: {found - plain}"
    assert plain <= found, f"no longer needed in terms.toml: {plain - found}"


def blocks(text):
    """Paragraphs, list items and rows of tables, each as it is written and as it is read."""
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )|\n(?=\|)", text):
        yield block, re.sub(r"^(?:[-*]|\d+\.) ", "", " ".join(reading.prose(block).split()))


def terms_before_their_chapter(text, chapter, terms):
    """(term, block) of each term that a later chapter explains, where its first block in `text` names no later chapter."""
    text = re.sub(r"<span data-claim=.*?</span>", "", text, flags=re.S)
    found = {}
    for raw, block in blocks(text):
        for term, explained in terms.items():
            if chapter < min(explained, default=0) and re.search(rf"\b{re.escape(term)}s?\b", block, re.I):
                found.setdefault(term, (raw, block))
    for term, (raw, block) in found.items():
        groups = re.findall(r"[Cc]hapters? ((?:\d+(?:, | and | to )?)+)|\]\((\d\d)_", raw)
        if not any(int(n) > chapter for group in groups for n in re.findall(r"\d+", " ".join(group))):
            yield term, block


def test_a_term_before_its_chapter_is_found():
    terms = {"gate": [9], "fused kernel": [9, 11], "scan": [11]}
    text = "- It has Gates.\n- A gate (chapter 9) opens.\n\nFused kernels come in chapters 9 and 11.\n\nA fused kernel. Scanning."
    assert list(terms_before_their_chapter(text, 3, terms)) == [("gate", "It has Gates.")]
    assert not list(terms_before_their_chapter(text, 9, terms))


@ALL
def test_no_term_is_used_before_it_is_explained(name):
    chapter = int(name[:2])
    allowed = {entry["term"] for entry in EARLY if entry["chapter"] == chapter}
    found = terms_before_their_chapter(reading.text(CHAPTERS[name]), chapter, glossary())
    wrong = [f"{term}: {block[:160]}" for term, block in found if term not in allowed]
    assert not wrong, f"{name} uses what a later chapter explains, without naming that chapter:\n" + "\n".join(wrong)


@pytest.mark.parametrize("term, explained", glossary().items())
def test_a_term_stands_in_the_chapters_that_the_glossary_names(term, explained):
    """In any form: a chapter may speak of 'the encoder' or of 'orthogonal initial values'."""
    stems = [word[:5] for word in re.findall(r"\w+", term) if len(word) > 3] or [term]
    for chapter in explained:
        name = next(name for name in CHAPTERS if int(name[:2]) == chapter)
        text = reading.text(CHAPTERS[name])
        missing = [stem for stem in stems if not re.search(rf"(?<![a-z]){re.escape(stem)}", text, re.I)]
        assert not missing, f"the glossary sends readers to {name} for '{term}', which has no {missing}"


def test_each_exception_is_needed_and_has_a_reason():
    for entry in EARLY:
        name = next(name for name in CHAPTERS if int(name[:2]) == entry["chapter"])
        found = terms_before_their_chapter(reading.text(CHAPTERS[name]), entry["chapter"], glossary())
        assert entry["term"] in {term for term, _ in found} and len(entry["why"].split()) > 4, entry


# --- predictions


@ALL
def test_results_are_predicted_first_with_a_reason_for_each_choice(name):
    text = reading.text(CHAPTERS[name])
    predictions = list(PREDICTION.finditer(text))
    assert len(predictions) == text.count("**What will happen?**"), f"{name}: a prediction without choices"
    if int(name[:2]) <= 11:
        assert len(predictions) >= 2, f"{name} has {len(predictions)}"
    for prediction in predictions:
        choices = CHOICE.findall(prediction["choices"])
        assert len(choices) >= 2 and all(len(reason.split()) >= 5 for _, reason in choices), prediction["question"]
        marked = [choice for choice, _ in choices if re.search(r"[$`*]", choice)]
        assert not marked, (
            f"{name}: a summary is HTML, in which many viewers render neither formulas nor Markdown: {marked}"
        )
        right = [choice for choice, reason in choices if re.match(r"(Yes|Right)\b", reason)]
        assert len(right) == 1, f"{name}, {prediction['question']}: the reasons of {right} begin with Yes or Right"
