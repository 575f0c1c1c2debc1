"""The pages of the laboratory: each study has one, made from itself, and each claim stands on one of them."""

import json
import re
import shutil

import pandas as pd
import pytest

from rnnbook.laboratory import claims, pages, picture, setup, study
from rnnbook.laboratory.claims import text
from rnnbook.laboratory.claims.command import ROOT


@pytest.fixture(scope="module")
def made():
    """{study: its page}"""
    decisions, said = claims.decide(), pages._said(ROOT, text.places(ROOT))
    return decisions, {name: pages.page(name, decisions, said, ROOT) for name in study.names()}


def test_every_page_has_the_same_form_and_every_claim_stands_on_one(made):
    decisions, texts = made
    form = ["Answer", "Set-up", "Every run", "What it does not show", "Repeat it"]
    for name, page in texts.items():
        parts = re.findall(r"^## (.+)$", page, re.M)
        assert parts == [part for part in form if part in parts] and {"Answer", "Set-up", "Repeat it"} <= set(parts), (
            name
        )
        assert f"# {study.get(name).question}\n" in page
        assert page.split("## Answer\n")[1].split("## Set-up")[0].strip(), f"{name} answers nothing"
    stands = [id for page in texts.values() for id in re.findall(r"^\(claim-(.+)\)=$", page, re.M)]
    assert sorted(stands) == sorted(id for id, d in decisions.items() if d.claim.study in texts)


def test_a_claim_stands_there_with_its_sentence_its_test_and_where_it_is_said(made):
    decisions, texts = made
    claim = texts["tuned"].split("(claim-rate-both)=")[1].split(":::")[0]
    assert decisions["rate-both"].sentence in claim and "Welch's t test, p" in claim and "among" in claim
    assert "[chapter 9](#said-rate-both)" in claim
    assert "No claim rests on it." in texts["test_labels"] and "chapter" in texts["test_labels"]


def test_the_set_up_is_told_by_the_definition():
    varied, shared = setup.tables("tuned")
    assert "| seed | 0 to 9 |" in varied and "average of embeddings" in varied and "| learning rate | 0.0003," in varied
    assert "| epochs | 20 |" in shared and "| batch size | 128 |" in shared
    varied, shared = setup.tables("pulls")
    assert "architecture" in varied and "| words | excellent, awful |" in shared


@pytest.mark.parametrize("name, rows", [("masks", 6), ("pulls", 400), ("rates", 81)])
def test_every_row_is_a_dot_of_its_picture(name, rows, monkeypatch):
    drawn = []
    monkeypatch.setattr(picture.plots, "to_html", lambda figure: drawn.append(figure) or "")
    picture.draw(name)
    assert sum(len(line.get_xdata()) for line in drawn[0].axes[0].lines if line.get_marker() in "os") == rows
    assert drawn[0].get_label().startswith(f"{rows} dots, one a row: ")


def test_the_words_of_a_picture_say_what_it_shows():
    frame = pd.DataFrame({"_kind": ["a"] * 3, "error": [1.0, 2.0, 6.0]})
    assert picture.words(frame, "error").endswith("a: mean 3, 1 to 6 in 3.")


STUDY = """
from ..study import Picture, Study

STUDY = Study(
    question="How large is a square?",
    chapter=1,
    cases=lambda rows: [{"kind": kind, "seed": seed} for kind in ("odd", "even") for seed in range(3)],
    measure=lambda case: {"size": (2 * case["seed"] + 1) ** 2 + (case["kind"] == "even")},
    settings={"power": 2},
    picture=Picture("size", by="kind"),
    limits="Six squares.",
)
"""
CLAIM = """
[[claim]]
id = "squares-odd"
chapter = 1
about = "size of odd squares against nothing"
first = {value = "size", kind = "odd"}
against = 0
unit = "number"
higher = "Squares are larger than nothing {evidence}."
lower = "Squares are smaller than nothing {evidence}."
undecided = "Whether squares are larger than nothing is not decided {evidence}."
"""


def test_a_study_added_by_one_module_and_its_claims_is_listed_recorded_decided_and_has_its_page(package):
    records = package.root / "rnnbook" / "laboratory" / "recorded"
    records.unlink()  # those of the course
    for path in package.studies.glob("*.toml"):
        path.unlink()
    package.add("squares", STUDY, CLAIM)
    (package.root / "book").mkdir()
    shutil.copy(ROOT / pages.INDEX, package.root / pages.INDEX)
    chapter = {"cell_type": "markdown", "source": ['<span data-claim="squares-odd"></span>'], "metadata": {}}
    (package.root / "notebooks").mkdir()
    (package.root / "notebooks" / "01_squares.ipynb").write_text(json.dumps({"cells": [chapter], "nbformat": 4}))

    assert "How large is a square?" in package.run("study")[1]
    status, said, complaint = package.run("study", "squares", "--jobs", "1")
    assert status == 0 and "6 cases recorded, 0 missing" in said, complaint
    assert package.run("claims", "--write", "--root", package.root)[0] == 0
    sentence = package.run("study", "squares", "--show")[1].splitlines()[1].removeprefix("- ")
    assert "not decided (" in sentence  # 1, 9 and 25

    write = "from rnnbook.laboratory import pages; pages.write('.')"
    package.python(write)
    page = (package.root / pages.PAGES / "squares.md").read_text()
    assert "# How large is a square?" in page and sentence in page and "[chapter 1](#said-squares-odd)" in page
    assert "| kind | odd, even |" in page and "| power | 2 |" in page and "Six squares." in page
    assert "python -m rnnbook study squares" in page
    drawn = package.root / pages.PARTS / re.search(r":file: .*/(squares-.*)", page)[1]
    assert "6 dots, one a row: size." in drawn.read_text()
    assert "How large is a square?" in (package.root / pages.PARTS / "studies.md").read_text()
    assert "#claim-squares-odd" in (package.root / pages.PARTS / "claims.md").read_text()

    before = drawn.stat().st_mtime_ns, (package.root / pages.PAGES / "squares.md").stat().st_mtime_ns
    package.python(write)
    assert before == (drawn.stat().st_mtime_ns, (package.root / pages.PAGES / "squares.md").stat().st_mtime_ns)
    package.studies.joinpath("squares.py").unlink()
    package.studies.joinpath("squares.toml").unlink()
    package.python(write)
    assert not (package.root / pages.PAGES / "squares.md").exists()


def test_a_book_without_the_laboratory_gets_no_pages(tmp_path):
    pages.write(tmp_path)
    assert list(tmp_path.iterdir()) == []
