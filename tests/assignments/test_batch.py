"""Grading a folder: the table, the feedback, Canvas's file, and what an interruption leaves."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import distributed
import pytest

from rnnbook.assignments import batch, grade, report

COMMAND = [
    sys.executable,
    "-c",
    "import argparse; from rnnbook import assignments; parser = argparse.ArgumentParser();"
    " assignments.add_commands(parser.add_subparsers()); args = parser.parse_args(); args.run(args)",
]
WRONG = "def linear_step(X, Z, U, W, b):\n    return 0 * Z\n"


@pytest.fixture
def folder(tmp_path, solution, stub):
    folder = tmp_path / "submissions"
    folder.mkdir()
    (folder / "doejane_1001_7_ex.ipynb").write_bytes(solution.data())
    (folder / "roejohn_LATE_1002_8_ex.ipynb").write_bytes(solution.answer("q1", WRONG).data())
    (folder / "blank.ipynb").write_bytes(stub.data())
    (folder / "notes.txt").write_text("I could not do it")
    (folder / "=cmd.ipynb").write_bytes(b"")
    with open(os.path.join(os.fsencode(folder), b"na\xefve.ipynb"), "wb") as file:
        file.write(solution.data())
    return folder


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_folder_with_roster(folder, first, tmp_path):
    roster = tmp_path / "canvas.csv"
    roster.write_text(
        "Student,ID,SIS Login ID,Section,Assignment 1: Dynamical systems and memory length (42)\n"
        '    Points Possible,,,,20\n"Doe, Jane",1001,jd,A,\n"Roe, John",1002,jr,A,\n"Poe, Ann",1003,ap,A,\n'
    )
    said = []
    results = batch.grade_folder(
        first / "autograder.zip",
        folder,
        tmp_path / "out" / "grades.csv",
        jobs=2,
        roster=roster,
        say=said.append,
        progress=False,
    )
    table = {row["submission"]: row for row in rows(tmp_path / "out" / "grades.csv")}
    assert len(table) == 6 == len(results)
    assert table["doejane_1001_7_ex"]["total"] == "16" and table["doejane_1001_7_ex"]["q5"] == ""
    assert table["doejane_1001_7_ex"]["possible"] == "16" and table["doejane_1001_7_ex"]["graded by hand"] == "q5"
    assert table["roejohn_LATE_1002_8_ex"]["q1"] == "1"
    assert table["na�ve"]["total"] == "11"
    assert table["blank"]["status"] == "Nothing was filled in."
    assert "damaged" in table["notes.txt"]["status"] and "empty" in table["'=cmd"]["status"]
    canvas = rows(tmp_path / "out" / "grades_canvas.csv")
    column = "Assignment 1: Dynamical systems and memory length (42)"
    assert [row[column] for row in canvas] == ["16", "16", "11", ""]
    assert any("Not in the roster" in line and "blank" in line for line in said)
    assert any("q5" in line for line in said)
    pages = list((tmp_path / "out" / "grades_feedback").glob("*.html"))
    assert len(pages) == 6
    assert not (tmp_path / "out" / "grades.journal").exists()


def test_feedback_is_escaped_and_keeps_hidden_tests_hidden(bundle, mark, solution, tmp_path):
    evil = "def linear_step(X, Z, U, W, b):\n    raise ValueError('<script>alert(1)</script>' + str(X.sum()))"
    result = mark(solution.answer("q1", evil))
    page = report.write_feedback(tmp_path, bundle, "<b>ann</b>/../x", result).read_text()
    assert "<script>" not in page and "&lt;script&gt;" in page and "<b>ann" not in page
    hidden = [test for q in bundle["questions"] for test in q["tests"] if test["hidden"]]
    assert hidden and not any(line in page for test in hidden for line in test["code"].splitlines() if len(line) > 30)
    note = next(note for note in result["notes"]["q1"] if note["test"] == "test_step_values")
    assert note["message"].endswith("(Your code raised ValueError.)") and "script" not in note["message"]
    assert len(list(tmp_path.iterdir())) == 1


def test_killed_and_resumed(first, tmp_path, solution):
    """Killed in the middle: the second run grades only what was left, and nothing is lost or counted twice."""
    folder = tmp_path / "submissions"
    folder.mkdir()
    for number in range(12):
        (folder / f"s{number:02}.ipynb").write_bytes(solution.data())
    out, journal = tmp_path / "grades.csv", tmp_path / "grades.journal"
    command = [*COMMAND, "grade", str(first / "autograder.zip"), str(folder), "--out", str(out), "--jobs", "1"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while not (journal.exists() and journal.read_text().count("\n") >= 4):
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    for _ in range(50):  # its workers, and the sandboxes below them, end by themselves
        left = subprocess.run(["ps", "-s", str(running.pid), "-o", "args="], capture_output=True, text=True).stdout
        if not left:
            break
        time.sleep(0.1)
    assert not left
    assert not out.exists()
    before = [json.loads(line) for line in journal.read_text().splitlines()[:4]]
    with open(journal, "a") as file:
        file.write('{"stamp": "cut off in the mid')
    for entry in before:  # a mark no test would give shows that it was not graded again
        entry["result"]["total"] = 77
    journal.write_text("".join(json.dumps(entry) + "\n" for entry in before) + '{"stamp": "cut off in the mid')
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    totals = [row["total"] for row in rows(out)]
    assert sorted(totals) == ["16"] * 8 + ["77"] * 4 and len({row["submission"] for row in rows(out)}) == 12


def test_dask(first, tmp_path, solution):
    (tmp_path / "in").mkdir()
    for number in range(3):
        (tmp_path / "in" / f"s{number}.ipynb").write_bytes(solution.data())
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=2,
        processes=False,
        dashboard_address=None,
        scheduler_port=0,
        protocol="tcp",
        host="127.0.0.1",
    ) as cluster:
        results = batch.grade_folder(
            first / "autograder.zip",
            tmp_path / "in",
            tmp_path / "g.csv",
            scheduler=cluster.scheduler_address,
            say=lambda text: None,
            progress=False,
        )
    assert [result["total"] for result in results.values()] == [16] * 3


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["nowhere.zip", "."], "There is no nowhere.zip"),
        ([__file__, "."], "is not a bundle"),
        (["{bundle}", "nowhere"], "There is no folder nowhere"),
        (["{bundle}", "."], "has no submissions"),
        (["{bundle}", ".", "--memory", "lots"], "such as 500M or 2G"),
        (["{bundle}", ".", "--timeout", "0"], "--timeout"),
        (["{bundle}", ".", "--engine", "dask"], "go together"),
    ],
)
def test_what_an_instructor_gets_wrong(first, tmp_path, arguments, told):
    arguments = [argument.format(bundle=first / "autograder.zip") for argument in arguments]
    done = subprocess.run([*COMMAND, "grade", *arguments], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode and told in done.stderr and "Traceback" not in done.stderr


def test_no_scheduler(first, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "CONNECT_SECONDS", 0.5)
    with pytest.raises(grade.GradeError, match="No Dask scheduler answers"):
        batch.grade_folder(
            first / "autograder.zip", folder, tmp_path / "g.csv", scheduler="tcp://127.0.0.1:9", progress=False
        )


def test_a_sandbox_that_does_not_start_blames_no_student(first, folder, tmp_path, bundle, solution, monkeypatch):
    monkeypatch.setattr(grade, "visible_paths", list)
    with pytest.raises(grade.GradeError, match="did not start"):
        grade.grade(bundle, solution.data())


def test_roster_that_is_none(first, folder, tmp_path):
    (tmp_path / "roster.csv").write_text("Name,Mark\nJane,1\n")
    with pytest.raises(report.RosterError, match="no column ID or Student"):
        batch.grade_folder(
            first / "autograder.zip", folder, tmp_path / "g.csv", roster=tmp_path / "roster.csv", progress=False
        )


def test_without_isolation_it_says_so(first, tmp_path, solution, monkeypatch):
    monkeypatch.setattr(grade, "can_isolate", lambda: False)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.ipynb").write_bytes(solution.data())
    said = []
    results = batch.grade_folder(
        first / "autograder.zip", tmp_path / "in", tmp_path / "g.csv", jobs=1, say=said.append, progress=False
    )
    assert results["a"]["total"] == 16 and "not locked away" in said[0]


@pytest.mark.parametrize(
    "name, login",
    [
        ("doejane_1001_7_ex", "1001"),
        ("doejane_LATE_1001_7_ex", "1001"),
        ("jd", "1001"),
        ("1002/ex", "1002"),
        ("Jane Doe", None),
        ("doejane", "1001"),
        ("someone_else", None),
        ("", None),
    ],
)
def test_match(name, login):
    roster = [
        {"Student": "Doe, Jane", "ID": "1001", "SIS Login ID": "jd"},
        {"Student": "Roe, John", "ID": "1002", "SIS Login ID": "jr"},
        {"Student": "    Points Possible", "ID": "", "SIS Login ID": ""},
    ]
    row = report.match(name, roster)
    assert (row and row["ID"]) == login
