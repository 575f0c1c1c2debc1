"""What comes from the learning platforms and goes back to them: their gradebooks, their zips and the times in them."""

import csv
import datetime
import os
import zipfile

import pytest

from rnnbook.assignments import answers, gradebook, marks, submissions
from rnnbook.assignments import folder as whole


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


GOOD = "doejane_11_3_nb.ipynb"
LONG = "Zhang Wei_12_assignsubmission_file/" + "循环神经网络的作业" * 12 + "-2.ipynb"  # 332 bytes, legal on Windows
NOW = (2026, 11, 20, 9, 0, 0)
# An entry beside a good one: its name, its time, what its zip says of it, and why it cannot be unpacked.
ODD = {
    "a name too long": (LONG, NOW, {}, None),
    "three thousand folders": ("roe_12_9/" + "a/" * 3000 + "x.ipynb", NOW, {}, None),
    "no name": ("../..", NOW, {}, None),
    "the good one's name": (GOOD, NOW, {}, None),
    "a file's name for a folder": (GOOD + "/y.ipynb", NOW, {}, None),
    "the date 0": ("roe_12_9_nb.ipynb", (1980, 0, 0, 0, 0, 0), {}, None),
    "the second 60": ("roe_12_9_nb.ipynb", (2026, 11, 20, 9, 0, 60), {}, None),
    "encrypted": ("roe_12_9_nb.ipynb", NOW, {"flag_bits": 1}, "encrypted"),
    "another checksum": ("roe_12_9_nb.ipynb", NOW, {"CRC": 1}, "damaged"),
    "no deflated data": ("roe_12_9_nb.ipynb", NOW, {"compress_type": zipfile.ZIP_DEFLATED}, "damaged"),
    "no bzip2 data": ("roe_12_9_nb.ipynb", NOW, {"compress_type": zipfile.ZIP_BZIP2}, "damaged"),
    "an unknown method": ("roe_12_9_nb.ipynb", NOW, {"compress_type": 9}, "method"),
    "a film": ("roe_12_9_film.mp4", NOW, {"file_size": 5 * 2**30}, "large"),
}


def zipped(path, *entries):
    """A zip of `(name, content, time, what the zip says of it)`."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content, moment, said in entries:
            archive.writestr(zipfile.ZipInfo(name, moment), content)
            for key, value in said.items():  # what is written at its end, and read first
                setattr(archive.infolist()[-1], key, value)
    return path


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("odd_first", [False, True])
@pytest.mark.parametrize("case", ODD)
def test_an_odd_entry_of_a_zip_costs_only_itself(tmp_path, case, odd_first):
    name, moment, said, reason = ODD[case]
    entries = [(GOOD, b"good", NOW, {}), (name, b"odd", moment, said)]
    archive = zipped(tmp_path / "z.zip", *(reversed(entries) if odd_first else entries))
    found = submissions.collect(submissions.unpack(archive, tmp_path / "in"))
    wanted = answers.NOT_UNPACKED[reason][0].encode() if reason else b"odd"
    assert sorted(path.read_bytes() for path in found.values()) == sorted([b"good", wanted])
    assert sum(name.startswith("doejane_11_3_nb") for name in found) == 1 + name.startswith("doejane")


def test_what_a_name_tells_stays_when_it_is_shortened(tmp_path):
    """Whose it is, that it is a notebook, and which attempt."""
    archive = zipped(tmp_path / "z.zip", (LONG, b"x", NOW, {}))
    ((name, path),) = submissions.collect(submissions.unpack(archive, tmp_path / "in")).items()
    assert submissions.MOODLE.fullmatch(name) and submissions.attempt(name, path)[:2] == (True, 2)


def test_no_date_is_not_late(tmp_path):
    entries = [("jane.ipynb", b"x", (1980, 0, 0, 0, 0, 0), {}), ("john.ipynb", b"x", NOW, {})]
    found = submissions.collect(submissions.unpack(zipped(tmp_path / "z.zip", *entries), tmp_path / "in"))
    due = datetime.datetime(2026, 11, 19)
    assert {name: submissions.lateness(name, path, due) for name, path in found.items()} == {"jane": "", "john": "2"}


def test_a_second_zip_takes_the_first_ones_place(tmp_path):
    """A submission that was taken back goes; what a person put there, as one that came by mail, stays."""
    old = [("roe_12_5_nb.ipynb", b"old", NOW, {}), ("poe/nb.ipynb", b"old", NOW, {}), (GOOD, b"old", NOW, {})]
    submissions.unpack(zipped(tmp_path / "1.zip", *old), tmp_path / "in")
    (tmp_path / "in" / "mailed.ipynb").write_bytes(b"mailed")
    new = zipped(tmp_path / "2.zip", ("roe_12_9_nb-1.ipynb", b"new", NOW, {}), (GOOD, b"new", NOW, {}))
    found = submissions.collect(submissions.unpack(new, tmp_path / "in"))
    assert {name: path.read_bytes() for name, path in found.items()} == {
        "roe_12_9_nb-1": b"new",
        "doejane_11_3_nb": b"new",
        "mailed": b"mailed",
    }
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "x.ipynb").write_bytes(b"x")
    with pytest.raises(submissions.GradeError, match="has other files in it"):
        submissions.unpack(new, tmp_path / "own")
    assert os.listdir(tmp_path / "own") == ["x.ipynb"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_each_entry_of_a_zip_has_a_row(first, solution, tmp_path):
    """And a page of feedback, whatever its name."""
    odd = [
        (name.replace("roe", f"roe{n}"), b"{}", moment, said) for n, (name, moment, said, _) in enumerate(ODD.values())
    ]
    letters = ("循" * 60 + "/" + "环" * 60 + ".ipynb", b"{}", NOW, {})  # its page of feedback is one file
    archive = zipped(tmp_path / "z.zip", (GOOD, solution.data(), NOW, {}), *odd, letters)
    whole.grade_folder(first / "autograder.zip", archive, tmp_path / "g.csv", jobs=1, say=list, progress=False)
    table = {row["submission"]: row for row in rows(tmp_path / "g.csv")}
    assert len(table) == len(ODD) + 2 == len(list((tmp_path / "g_feedback").iterdir()))
    assert table["doejane_11_3_nb"]["total"] == "16"
    said = " ".join(row["status"] for row in table.values())
    assert all(said.count(" ".join(told)) == said.count(told[0]) > 0 for told in answers.NOT_UNPACKED.values())
