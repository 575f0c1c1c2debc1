"""What comes from the learning platforms and goes back to them: their gradebooks, their zips and the times in them."""

import csv
import datetime
import os

import pytest

from rnnbook.assignments import gradebook, marks, submissions


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


MOODLE = "Identifier,Full name,Email address,Status,Grade,Maximum grade,Last modified (grade),Feedback comments\n"


def test_what_moodle_wants_back(bundle, tmp_path):
    """It refuses a file without the time of its last change, and deletes comments where their column comes back empty."""
    (tmp_path / "r.csv").write_text(MOODLE + "Participant 11,Jane Doe,jd@x.org,Submitted,,20.00,-,well done\n")
    roster = gradebook.read_roster(tmp_path / "r.csv")
    name = "Jane Doe_11_assignsubmission_file/x"
    gradebook.write_gradebook(tmp_path / "o.csv", bundle, {name: {"total": 9}}, {name: roster.rows[0]}, roster)
    ((row),) = rows(tmp_path / "o.csv")
    assert row["Last modified (grade)"] == "-" and row["Grade"] == "9" and "Feedback comments" not in row


def test_semicolons(bundle, tmp_path):
    """As spreadsheets write them where the comma is the decimal point."""
    (tmp_path / "r.csv").write_text('Student;ID;Section\n"Doe, Jane";11;A\n"Poe, Ann";12\n')
    roster = gradebook.read_roster(tmp_path / "r.csv")
    assert [row["Student"] for row in roster.rows] == ["Doe, Jane"] and roster.broken == [3]
    gradebook.write_gradebook(tmp_path / "o.csv", bundle, {"x": {"total": 2.5}}, {"x": roster.rows[0]}, roster)
    assert (tmp_path / "o.csv").read_text().splitlines()[1] == "Doe, Jane;11;A;2.5"
    (tmp_path / "m.csv").write_text("submission;question;marks;comment\na;q5;2,5;good, but short\n")
    assert marks.read_marks(tmp_path / "m.csv", bundle, ["a"]) == {"a": {"q5": (2.5, "good, but short")}}
    (tmp_path / "t.csv").write_text("submission;q1;q5;total;remark\na;6;3,5;6;ask her\n")
    typed = marks.typed(tmp_path / "t.csv", bundle)
    assert typed == ({"a": {"q5": (3.5, "")}}, ["remark"], {"a": {"remark": "ask her"}})


def test_a_picture_beside_the_notebook_does_not_count_for_it(tmp_path):
    """Platforms put all that a student handed in into the zip; the notebook counts, also where the picture came later."""
    (tmp_path / "r.csv").write_text('Student,ID\n"Doe, Jane",11\n')
    (tmp_path / "in").mkdir()
    for number, name in enumerate(
        ["doejane_11_3_nb.ipynb", "doejane_11_4_plot.png", "doejane_11_5_nb-1.ipynb", "index.html"]
    ):
        (tmp_path / "in" / name).write_bytes(b"x")
        os.utime(tmp_path / "in" / name, (number, number))
    found = submissions.collect(tmp_path / "in")
    assert len(found) == 3
    owners, strangers, aside = gradebook.assign(found, gradebook.read_roster(tmp_path / "r.csv"))
    assert [*owners] == ["doejane_11_5_nb-1"] and not strangers and len(aside) == 2


@pytest.mark.parametrize(
    "name, late",
    [
        ("doejane_1001_7_ex", ""),  # the file has the time of the download
        ("roejohn_LATE_1002_8_ex", "yes"),
        ("LATE_anon_x5Fb2_8_ex", "yes"),
        ("Jane Doe_1001_assignsubmission_file/ex", ""),
        ("1002-7 - John Roe - Nov 23, 2026 905 AM/ex", "0"),
        ("1002-7 - John - Roe - Nov 25, 2026 1205 AM/ex", "2"),
        ("LATE", "3"),
        ("homework/jane", "3"),
    ],
)
def test_late_days(tmp_path, name, late):
    path, due = tmp_path / "f", datetime.datetime(2026, 11, 23, 12)
    path.write_bytes(b"x")
    os.utime(path, (datetime.datetime(2026, 11, 26, 9).timestamp(),) * 2)
    assert submissions.lateness(name, path, due) == late
    assert submissions.lateness(name, path) == ("yes" if late == "yes" else "")
