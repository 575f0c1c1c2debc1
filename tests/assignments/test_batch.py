"""Grading a folder: the table, the feedback, Canvas's file, and what an interruption leaves."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import distributed
import pytest

from rnnbook import workers
from rnnbook.assignments import batch, box, grade, gradebook, marks, overview, report, submissions
from rnnbook.assignments import folder as whole

COMMAND = [sys.executable, "-m", "rnnbook"]
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
    results = whole.grade_folder(
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
    assert table["doejane_1001_7_ex"]["possible"] == "20" and table["doejane_1001_7_ex"]["to be marked"] == "q5"
    assert table["roejohn_LATE_1002_8_ex"]["q1"] == "0"
    assert table["na\\xefve"]["total"] == "10"
    assert table["blank"]["status"] == "Nothing was filled in."
    assert "not a notebook" in table["notes.txt"]["status"] and "empty" in table["'=cmd"]["status"]
    assert table["notes.txt"]["total"] == table["'=cmd"]["q1"] == ""  # no mark is not a zero
    canvas = rows(tmp_path / "out" / "grades_canvas.csv")
    column = "Assignment 1: Dynamical systems and memory length (42)"
    assert [row[column] for row in canvas] == ["20", "16", "10", ""]
    assert any("Not in the roster" in line and "blank" in line for line in said)
    assert any("q5" in line for line in said)
    pages = list((tmp_path / "out" / "grades_feedback").glob("*.html"))
    assert len(pages) == 6


def by_name(path):
    return {row["submission"]: row for row in rows(path)}


def test_marks_by_hand(folder, first, tmp_path, mark):
    """Marks come from a file or from the table itself, stand in all that is written, and outlive the next run."""
    out, said = tmp_path / "g.csv", []
    roster = tmp_path / "roster.csv"
    roster.write_text('Student,ID\n"Doe, Jane",1001\n"Roe, John",1002\n')
    (tmp_path / "zip").mkdir()
    os.remove(os.path.join(os.fsencode(folder), b"na\xefve.ipynb"))  # no zip takes such a name
    archive = shutil.make_archive(str(tmp_path / "zip" / "all"), "zip", folder)
    options = {"jobs": 2, "say": said.append, "progress": False, "roster": roster}
    whole.grade_folder(first / "autograder.zip", archive, out, **options)
    form = rows(tmp_path / "g_marks.csv")
    assert {row["question"] for row in form} == {"q5"} and len(form) == 3  # not what could not be read
    assert "Rubric" in (tmp_path / "g_q5.html").read_text() and "damaged" not in (tmp_path / "g_class.html").read_text()

    text = out.read_text().replace("submission,", "remark,submission,", 1)
    text = text.replace("doejane_1001_7_ex,6,3,4,3,,16", "good,doejane_1001_7_ex,6,3,4,3,3.5,16")
    out.write_text("\n".join(line if line[:4] in ("rema", "good") else "," + line for line in text.splitlines()))
    given = tmp_path / "marks.csv"
    given.write_text('submission,question,marks,comment\nroejohn_LATE_1002_8_ex,q5,2,"Say <why>."\n')
    done = (tmp_path / "g.journal").read_text()
    whole.grade_folder(first / "autograder.zip", archive, out, given=given, **options)
    assert (tmp_path / "g.journal").read_text() == done  # nothing was graded again
    table = by_name(out)
    assert table["doejane_1001_7_ex"]["q5"] == "3.5" and table["doejane_1001_7_ex"]["total"] == "19.5"
    assert table["doejane_1001_7_ex"]["remark"] == "good" and table["roejohn_LATE_1002_8_ex"]["late"] == "yes"
    assert table["roejohn_LATE_1002_8_ex"]["total"] == "12" and table["roejohn_LATE_1002_8_ex"]["to be marked"] == ""
    assert "Say &lt;why&gt;." in (tmp_path / "g_feedback" / "roejohn_LATE_1002_8_ex.html").read_text()
    column = "Assignment 1: Dynamical systems and memory length"
    assert [row[column] for row in rows(tmp_path / "g_canvas.csv")] == ["19.5", "12"]
    given.write_text("submission,question,marks\nroejohn_LATE_1002_8_ex,q5,5\n")
    with pytest.raises(marks.MarksError, match="line 2: marks are '5', but must be a number from 0 to 4"):
        whole.grade_folder(first / "autograder.zip", archive, out, given=given, **options)

    results = whole.grade_folder(
        first / "autograder.zip", archive, out, excused=["q1.test_step_values"], again=["blank"], **options
    )
    assert results["roejohn_LATE_1002_8_ex"]["points"]["q1"] == results["blank"]["points"]["q1"] == 1
    assert (tmp_path / "g.journal").read_text().count("blank") == done.count("blank") + 1


def test_pages_for_the_instructor(bundle, mark, solution, stub, notebooks, submission, tmp_path):
    """What stands below an open question is on its page, whatever comments otter-grader wrote above its title."""
    place = max(number for number, cell in enumerate(solution.cells) if "## Q5." in cell["source"])
    solution.cells.insert(place + 1, {"cell_type": "markdown", "metadata": {}, "source": "The slope is <0.8>."})
    wrong = submission(notebooks["solution"]).answer("q4", "def separation(*_):\n    raise KeyError").add("1", place)
    papers = {"jane": solution, "blank": stub, "wrong": wrong, "lost": b"x"}
    paths, results = {}, {}
    for name, paper in papers.items():
        paths[name] = tmp_path / name
        paths[name].write_bytes(paper if isinstance(paper, bytes) else paper.data())
        results[name] = mark(paper)
    marks.apply(results, {}, bundle)
    pages = [page.read_text() for page in overview.write(tmp_path, "g", bundle, results, paths, batch.read)]
    assert (
        "The slope is &lt;0.8&gt;." in pages[1]
        and pages[1].count("<em>Nothing written") == 1
        and "lost" not in pages[1]
    )
    rows = re.findall(r"<tr><td>q4</td><td>(\w+)</td><td>(2 of 3|1 of 3)</td><td>([^<]+)</td>", pages[0])
    assert len(rows) == len({row[0] for row in rows}) == 3  # a test once, with its hint, whatever the code raised


def test_a_file_that_kills_the_grader_costs_itself(bundle, tmp_path, solution, monkeypatch):
    """Whatever a file does to the worker that grades it, it gets a status and the others their marks."""
    paths = {}
    for name in ("a", "killer", "b"):
        paths[name] = tmp_path / f"{name}.ipynb"
        paths[name].write_bytes(b"killer" if name == "killer" else solution.data())
    plugin = tmp_path / "plugin"
    plugin.mkdir()
    (plugin / "sitecustomize.py").write_text(
        "import os, sys\nfrom rnnbook.assignments import answers\nread = answers.read\n"
        "def kill(data):\n    if data == b'killer':\n        os._exit(9)\n    return read(data)\nanswers.read = kill\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{plugin}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    limits = {"seconds": 20, "memory": 2**30, "isolate": grade.can_isolate()}
    results = dict(batch.run(bundle, paths, tmp_path / "j", limits, jobs=2))
    assert results["a"]["total"] == results["b"]["total"] == 16
    assert not results["killer"]["graded"] and "ended on this file" in results["killer"]["status"]


def test_what_text_can_do_to_files(bundle, mark, solution, tmp_path):
    """Half a character, control characters and formulas in a student's text: every file is still written."""
    evil = "raise ValueError('=1+1 \\ud800 \\x1b[31m \\x00')"
    result = mark(solution.answer("q1", evil))
    results = {"\udcff": result | {"comments": {}}}
    marks.apply(results, {}, bundle)
    report.write_table(tmp_path / "t.csv", bundle, results)
    report.write_feedback(tmp_path, bundle, "\udcff", results["\udcff"])
    text = (tmp_path / "t.csv").read_text()
    assert "ud800" in text and "\x1b" not in text and "\x00" not in text


@pytest.mark.parametrize(
    "text, column",
    [
        (
            "Identifier,Full name,Email address,Grade\nParticipant 1001,Jane Doe,jd@x.org,\nParticipant 1002,John Roe,jr@x.org,\n",
            "Grade",
        ),
        (
            "OrgDefinedId,Username,Last Name,First Name,End-of-Line Indicator\n#1001,#jd,Doe,Jane,#\n#1002,#jr,Roe,John,#\n",
            "Assignment 1: Dynamical systems and memory length Points Grade <Numeric>",
        ),
    ],
)
def test_other_platforms(bundle, tmp_path, text, column):
    (tmp_path / "roster.csv").write_text(text + "broken\n")
    roster = gradebook.read_roster(tmp_path / "roster.csv")
    assert roster.broken == [4]
    names = ["Jane Doe_1001_assignsubmission_file_/x", "1002-7 - John Roe - Nov 25, 2026 905 PM/x", "Ann Poe_7_file/x"]
    paths = dict.fromkeys(names, tmp_path / "roster.csv")
    owners, strangers, aside = gradebook.assign(paths, roster)
    assert sorted(owners) == sorted(names[:2]) and strangers == names[2:] and aside == []
    gradebook.write_gradebook(tmp_path / "o.csv", bundle, {name: {"total": 9} for name in names}, owners, roster)
    assert [row[column] for row in rows(tmp_path / "o.csv")] == ["9", "9"]


def test_attempts_and_names_that_look_alike(tmp_path):
    (tmp_path / "r.csv").write_text('Student,ID,SIS Login ID\n"Doe, Ann",111,ann\n"Lee, Ann",222,al\n')
    roster = gradebook.read_roster(tmp_path / "r.csv")
    paths = dict.fromkeys(["doeann_111_9_nb", "doeann_111_12_nb-1", "ann_lee", "leeann_222_3_nb"], tmp_path / "r.csv")
    owners, strangers, aside = gradebook.assign(paths, roster)
    assert {name: row["ID"] for name, row in owners.items()}["doeann_111_12_nb-1"] == "111"
    assert ("doeann_111_9_nb", "doeann_111_12_nb-1") in aside and "ann_lee" not in owners


def test_names_that_collide(tmp_path):
    for name in ("doe.ipynb", "doe", ".hidden.ipynb"):
        (tmp_path / name).write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe.ipynb")
    assert sorted(submissions.collect(tmp_path)) == ["doe", "doe.ipynb"]


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
        entry["result"]["notes"]["q1"][0]["points"] = 62
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
        results = whole.grade_folder(
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
        (["{bundle}", "empty"], "has no submissions"),
        (["{bundle}", __file__], f"rnnbook: {__file__} is no zip. Give a folder of submissions, or a zip of them."),
        (["{bundle}", "in", "--roster", "r.csv"], "rnnbook: r.csv cannot be read: No such file or directory. Export"),
        (["{bundle}", "in", "--marks", "m.csv"], "rnnbook: m.csv cannot be read: No such file or directory. Save it"),
        (["{bundle}", ".", "--memory", "lots"], "such as 500M or 2G"),
        (["{bundle}", ".", "--timeout", "0"], "--timeout"),
        (["{bundle}", ".", "--engine", "dask"], "go together"),
    ],
)
def test_what_an_instructor_gets_wrong(first, tmp_path, arguments, told):
    arguments = [argument.format(bundle=first / "autograder.zip") for argument in arguments]
    (tmp_path / "empty").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "doe.ipynb").write_bytes(b"x")
    done = subprocess.run([*COMMAND, "grade", *arguments], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode and told in done.stderr and "Traceback" not in done.stderr


def test_no_scheduler(first, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "CONNECT_SECONDS", 0.5)
    with pytest.raises(workers.WorkersError, match="No Dask scheduler answers"):
        whole.grade_folder(
            first / "autograder.zip", folder, tmp_path / "g.csv", scheduler="tcp://127.0.0.1:9", progress=False
        )


def test_a_sandbox_that_does_not_start_blames_no_student(first, folder, tmp_path, bundle, solution, monkeypatch):
    monkeypatch.setattr(box, "visible_paths", list)
    with pytest.raises(grade.GradeError, match="did not start"):
        grade.grade(bundle, solution.data())


def test_roster_that_is_none(first, folder, tmp_path):
    (tmp_path / "roster.csv").write_text("Name,Mark\nJane,1\n")
    with pytest.raises(gradebook.RosterError, match="no gradebook that this command knows"):
        whole.grade_folder(
            first / "autograder.zip", folder, tmp_path / "g.csv", roster=tmp_path / "roster.csv", progress=False
        )


def test_without_isolation_it_refuses(first, tmp_path, solution, monkeypatch):
    monkeypatch.setattr(grade, "can_isolate", lambda: False)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.ipynb").write_bytes(solution.data())
    options = {"jobs": 1, "progress": False}
    with pytest.raises(grade.GradeError, match="--no-isolation"):
        whole.grade_folder(first / "autograder.zip", tmp_path / "in", tmp_path / "g.csv", **options)
    assert not (tmp_path / "g.csv").exists()


@pytest.mark.parametrize(
    "name, login",
    [
        ("doejane_1001_7_ex", "1001"),
        ("doejane_LATE_1001_7_ex", "1001"),
        ("jd", "1001"),
        ("1002/ex", "1002"),
        ("Jane Doe", "1001"),
        ("doejane", "1001"),
        ("someone_else", None),
        ("", None),
    ],
)
def test_match(name, login):
    students = [("Doe, Jane", "1001", "jd"), ("Roe, John", "1002", "jr"), ("    Points Possible", "", "")]
    columns = ["Student", "ID", "SIS Login ID"]
    roster = gradebook.Roster(gradebook.SYSTEMS[0], columns, [dict(zip(columns, student)) for student in students])
    row = gradebook.match(name, roster)
    assert (row and row["ID"]) == login
