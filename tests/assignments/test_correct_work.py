"""Correct work gets its marks: in every style, as `otter run` gives them, with any number of jobs.

The submissions of `correct/` and `wrong/` lie in a folder of their own: RNNBOOK_SUBMISSIONS, else `shared/submissions` beside the
checkout. What is here without it are the styles of styles.py.
"""

import json
import os
import sys
from pathlib import Path

import pytest
from agreement import by_otter, by_us
from styles import CHANGED_LATER, STYLES, apply

from rnnbook.assignments import batch, build, earlier, grade, source
from rnnbook.assignments.bundle import load_bundle
from tests.nightly import often

ROOT = Path(__file__).resolve().parents[2]
FULL = {"q1": 6, "q2": 3, "q3": 4, "q4": 3}
# Where the two graders differ, and why; every other difference fails. Names of styles, and of files in the corpus.
CHECKED = "the tests run where the student checked the answers, too; otter looks once, after later cells changed them"
EDITION = "of an edition whose given cell trained networks; today's given cells come first here and stand in for those that fail"
EXPLAINED = {
    **dict.fromkeys(CHANGED_LATER, CHECKED),
    "rollout_redefined_in_study": CHECKED,
    "same_helper_name_two_questions": CHECKED,
    **dict.fromkeys(
        ["a plotting library that is not here", "a library that is not here before others"],
        "otter ends a cell at an import that fails; here it goes on",
    ),
    "cd_magic": "%cd leads otter away from its own tests, so that it finds none",
    "a plot that can be turned": "otter ends a cell at `%matplotlib widget`, of a library that is not here; here it goes on",
    "Decimal": "a Decimal counts as a number here; np.testing does not take one for a number",
    "ok_pandas_generators": "a Fraction counts as a number here; np.testing does not take one for a number",
    **dict.fromkeys(["ok_float32_jax", "ok_keras_bce", "ok_numpy_scipy", "ok_plain_loops", "ok_slow_study"], EDITION),
}
# Notebooks whose first line makes the answer a text of another language, or a local name: no check passes in the notebook either.
NOT_RIGHT = {"cell_timeit": "q2", "javascript": "q2"}
IN_BRIEF = ["other languages", "annotations of the future", "a module written by a cell", "two helpers of one name"]


def corpus():
    folder = Path(os.environ.get("RNNBOOK_SUBMISSIONS") or ROOT.parent / "shared" / "submissions")
    if not folder.is_dir():
        pytest.skip("THE SUBMISSIONS ARE MISSING: set RNNBOOK_SUBMISSIONS to the folder with correct/ and wrong/")
    return folder


def write(folder, notebooks, names):
    """The styles' notebooks: `{name: path}`."""
    paths = {}
    for name in names:
        paths[name] = folder / f"{name.replace(' ', '_').replace(',', '')}.ipynb"
        paths[name].write_text(json.dumps(apply(notebooks["solution"], (STYLES | CHANGED_LATER)[name])))
    return paths


EVERY = [*STYLES, *CHANGED_LATER]


@pytest.mark.parametrize("style", often([*IN_BRIEF, *EVERY[::6]], EVERY))
def test_style(mark, notebooks, submission, style):
    result = mark(submission(apply(notebooks["solution"], (STYLES | CHANGED_LATER)[style])), seconds=30)
    assert result["points"] == FULL | {"q5": None}, json.dumps(result["notes"], indent=1)


def differences(ours, theirs):
    """Names whose marks differ though no reason is given, and names that are explained though nothing differs."""
    said = {name: {question: theirs[name].get(question) for question in ours[name]} for name in ours}
    odd = {name: (ours[name], theirs[name]) for name in ours if ours[name] != said[name]}
    return {n: d for n, d in odd.items() if n not in EXPLAINED}, [n for n in ours if n in EXPLAINED and n not in odd]


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_otter_agrees_on_every_style(first, notebooks, tmp_path):
    paths = write(tmp_path, notebooks, [*STYLES, *CHANGED_LATER])
    archive = first / "autograder.zip"
    ours, theirs = by_us(archive, list(paths.values()), tmp_path / "journal"), by_otter(archive, list(paths.values()))
    ours, theirs = ({name: found[path] for name, path in paths.items()} for found in (ours, theirs))
    assert differences(ours, theirs) == ({}, [])


def correct():
    folder = Path(os.environ.get("RNNBOOK_SUBMISSIONS") or ROOT.parent / "shared" / "submissions") / "correct"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else ["missing"]


def corpus_of(built, name):
    """One folder of the correct submissions: (folder of its autograder, paths, {question: most points})."""
    folder = built("01" if name == "variants_of_01" else name)[1]
    bundle = load_bundle(folder / "autograder.zip")
    full = {q["name"]: q["points"] for q in bundle["questions"] if not q["manual"]}
    return folder, sorted((corpus() / "correct" / name).glob("*.ipynb")), full


def short_of(full, found):
    """{notebook: marks} where a question that is answered has not got all its points, or one that is not has."""
    return {
        Path(path).stem: points
        for path, points in found.items()
        if {q for q in full if points[q] != full[q]} != {NOT_RIGHT.get(Path(path).stem)} - {None}
    }


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", correct())
def test_corpus(built, tmp_path, name):
    """Full marks for all of it, and otter's marks are the same but where it is explained."""
    folder, paths, full = corpus_of(built, name)
    ours = by_us(folder / "autograder.zip", paths, tmp_path / "journal")
    theirs = by_otter(folder / "autograder.zip", paths)
    assert short_of(full, ours) == {}
    ours, theirs = ({path.stem: found[path] for path in paths} for found in (ours, theirs))
    assert differences(ours, theirs)[0] == {}


def marks(bundle, paths, journal, jobs):
    limits = {"seconds": grade.SECONDS, "memory": 2 * 2**30, "isolate": grade.can_isolate()}
    return {name: result["points"] for name, result in batch.run(bundle, paths, journal, limits, jobs)}


@pytest.mark.nightly
def test_jobs_do_not_matter(bundle, notebooks, tmp_path):
    paths = write(tmp_path, notebooks, IN_BRIEF)
    found = [marks(bundle, paths, tmp_path / f"journal{jobs}", jobs) for jobs in (1, 2, 4)]
    assert found[0] == found[1] == found[2] == dict.fromkeys(paths, FULL | {"q5": None})


@pytest.fixture
def burning():
    """Four processes that do nothing but keep the cores busy."""
    import subprocess

    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    yield
    for burner in burners:
        burner.kill()
        burner.wait()


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_load_does_not_matter(built, burning, notebooks, tmp_path, jobs):
    """What takes processor time, such as an import of Keras, gets its marks on a machine with far too much to do."""
    bundle = load_bundle(built("01")[1] / "autograder.zip")
    paths = write(tmp_path, notebooks, ["Keras", "JAX", "figures and files", "install in the answer", "deep recursion"])
    assert marks(bundle, paths, tmp_path / "journal", jobs) == dict.fromkeys(paths, FULL | {"q5": None})


@pytest.mark.alone
def test_a_little_load_does_not_matter(bundle, burning, notebooks, tmp_path):
    paths = write(tmp_path, notebooks, IN_BRIEF[:2])
    assert marks(bundle, paths, tmp_path / "journal", 4) == dict.fromkeys(paths, FULL | {"q5": None})


@pytest.mark.parametrize(
    "before, check, later, again",
    [
        ("def f(x):\n    return g(x)\n", "grader.check('q1')", "def g(x): pass", True),
        ("def f(x):\n    return g(x)\n", "grader.check('q1')", "def h(g):\n    g = 1\n    x = 2", False),
        ("def f(x):\n    return t['a']\n", "grader.check('q1')", "t.clear()", True),
        ("def f(x):\n    return t['a']\n", "grader.check('q1')", "if True:\n    t['a'] += 1", True),
        ("def f(x):\n    return abs(x)\n", "grader.check('q1')", "from numpy import *", True),
        ("def f(x):\n    return abs(x)\n", "grader.check('q1')", "import numpy as np\nprint(abs(1))", False),
        ("def f(x):\n    return g(x)\n", "grader.check('q2')", "def g(x): pass", False),
        ("def f(x):\n    return g(x)\n", "grader.check('q1')", "%%time\ndef g(x): pass", True),
        ("def f(x):\n    return g(x)\n", "grader.check('q1')", "def h():\n    global g\n    g = 1", True),
        ("def f(x):\n    return g(x)\n", "grader.check('q1')", "(" * 300, False),
        ("def f(x):\n    return g(x)\n", "grader.check('q1')", "grader.check('q2')", False),
    ],
)
def test_where_a_second_look_is_worth_it(before, check, later, again):
    steps = [{"code": code, "question": None} for code in (before, check, later)]
    assert earlier.places({"order": []}, steps, {"q1"}) == ({1: ["q1"]} if again else {})


def test_a_second_look_right_after_the_answer():
    """Where a study takes an answer's name before the check, so that the check sees the wrong one."""
    codes = ["def f(x):\n    return x", "def f():\n    return 5", "grader.check('q1')"]
    steps = [{"code": code, "question": "q1", "answer": number == 0} for number, code in enumerate(codes)]
    assert earlier.places({"order": []}, steps, {"q1"}) == {0: ["q1"]}
    assert earlier.places({"order": []}, steps, {"q2"}) == {}


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_wrong_answers(tmp_path):
    """None gets full marks, they keep a quarter at most, and public tests show most of them before they are handed in."""
    sys.path.insert(0, str(ROOT / "bench"))
    import wrong_answers

    found = wrong_answers.measure(corpus() / "wrong", tmp_path)
    assert [entry[:2] for entry in found if entry[2] == 1] == []
    assert sum(kept for _, _, kept, _ in found) / len(found) <= 0.25
    assert sum(caught for *_, caught in found) / len(found) >= 0.7


def test_names_of_files(built):
    """A reader who downloads chapters, assignments and solutions into one folder overwrites nothing."""
    build_names = [path.stem for path in build.pages()]
    chapters = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    students = {path.name for path in build.STUDENTS.glob("*.ipynb")}
    assert students == {source.student_file(name) for name in build_names}
    solutions = {source.solution_file(name) for name in build_names}
    assert len(chapters | students | solutions) == len(chapters) + len(students) + len(solutions)
    folder = built("01")[1]
    assert {path.name for path in folder.rglob("*.ipynb")} == {
        source.student_file(folder.name),
        source.solution_file(folder.name),
    }
