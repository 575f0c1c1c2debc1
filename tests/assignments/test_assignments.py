"""Every assignment keeps its promises: solution full marks, stub none, sealed, in the length and form that was promised."""

import ast
import json
import subprocess
import sys
import zipfile

import pytest
import yaml

from rnnbook.assignments import build, grade, source
from rnnbook.assignments.bundle import load_bundle

NAMES = [path.stem for path in build.pages()]


@pytest.mark.parametrize("name", NAMES)
def test_solution_and_stub(built, name):
    assignment, folder = built(name)  # the build checks that nothing secret is in the student's notebook
    build.prove_scores(assignment, folder)


def test_a_number_names_its_page():
    assert [page.stem for page in build.pages(["1"])] == [page.stem for page in build.pages(["01"])] == NAMES[:1]
    with pytest.raises(build.BuildError, match="^There is no assignment '0'. There are: 01_dynamical_systems, "):
        build.pages(["0"])


def test_number():
    questions = [len(source.parse(page.read_text(), page.stem).questions) for page in build.pages()]
    assert len(questions) == 14 and sum(questions) >= 36


@pytest.mark.parametrize("name", NAMES)
def test_form(name):
    text = (build.PAGES / f"{name}.md").read_text()
    assignment = source.parse(text, name)
    assert 3 <= len(assignment.questions) <= 5 and assignment.questions[-1].manual
    for question in assignment.questions:
        assert question.title and question.minutes and question.trains
        assert question.seconds <= 120
        if not question.manual:
            assert {test.hidden for test in question.tests} == {True, False}, question.name
    assert text.count("**Common wrong answers.**") == len(assignment.questions)
    assert text.count("**Rubric") == sum(question.manual for question in assignment.questions)


def test_gradescope_bundle(built, tmp_path):
    """The zip is what otter makes for Gradescope, and otter's own grader gives the solution full marks from it."""
    _, folder = built("01")
    with zipfile.ZipFile(folder / "autograder.zip") as archive:
        assert {"run_autograder", "setup.sh", "otter_config.json", "environment.yml", "tests/q1.py"} <= set(
            archive.namelist()
        )
    code = (
        "import json, sys\nfrom otter.api import grade_submission\n"
        "result = grade_submission(sys.argv[1], sys.argv[2], quiet=True)\nprint('RESULT', json.dumps([result.total, result.possible]))"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            code,
            str(folder / "solution" / source.solution_file(folder.name)),
            str(folder / "autograder.zip"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert "RESULT" in done.stdout, done.stderr
    total, possible = json.loads(done.stdout.split("RESULT")[1])
    assert total == possible == 16


SINGLE = """
def single(f):
    def cast(a):
        if isinstance(a, (np.ndarray, np.floating)) and a.dtype == np.float64:
            return a.astype(np.float32)
        if isinstance(a, dict):
            return {key: cast(value) for key, value in a.items()}
        if isinstance(a, (list, tuple)):
            return type(a)(map(cast, a))
        return np.float32(a) if type(a) is float else a
    return lambda *args, **more: cast(f(*[a if isinstance(a, float) else cast(a) for a in args], **more))
"""


@pytest.mark.parametrize("name", NAMES)
def test_single_precision_is_enough(built, isolate, name):
    """The texts say so: the solution on 32-bit arguments, with 32-bit results, gets full marks."""
    assignment, folder = built(name)
    notebook = json.loads((folder / "solution" / source.solution_file(name)).read_text())
    given = [answer for question in assignment.questions for answer in question.answers]
    code = SINGLE + "".join(f"if callable({answer}): {answer} = single({answer})\n" for answer in given)
    # Nothing tells where the questions were answered or checked, so that what stands at the end counts.
    cells = [c | {"metadata": {}} for c in notebook["cells"] if not "".join(c["source"]).startswith("grader.check")]
    notebook["cells"] = [*cells, {"cell_type": "code", "metadata": {}, "source": code}]
    bundle = load_bundle(folder / "autograder.zip")
    result = grade.grade(bundle, json.dumps(notebook).encode(), isolate=isolate)
    assert [note for notes in result["notes"].values() for note in notes if not note["passed"]] == []


@pytest.mark.parametrize("name", NAMES)
def test_graders_need_only_what_they_list(built, name):
    """Solution, given cells and tests import nothing that the zip's environment would not have; see also tests/install/environments.py."""
    assignment, folder = built(name)
    with zipfile.ZipFile(folder / "autograder.zip") as archive:
        listed = next(
            e["pip"] for e in yaml.safe_load(archive.read("environment.yml"))["dependencies"] if type(e) is dict
        )
    notebook = json.loads((folder / "solution" / source.solution_file(name)).read_text())
    texts = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    texts += [test.code for question in assignment.questions for test in question.tests]
    nodes = [node for text in texts for node in ast.walk(ast.parse(text))]
    asked = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    asked |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    asked = {module.split(".")[0] for module in asked}
    assert asked - sys.stdlib_module_names <= set(listed) and "numpy" in asked


def test_student_notebook_in_a_kernel(built, tmp_path):
    """What a student sees: help from a public test on a wrong answer, and success on a right one."""
    import nbformat
    from nbclient import NotebookClient

    _, folder = built("01")
    notebook = nbformat.read(folder / "student" / source.student_file(folder.name), 4)
    answers = {
        "q1": "def linear_step(X, Z, U, W, b):\n    return Z @ W.T + X @ U.T + b\n\n\ndef rollout(X, U, W, b):\n    return X",
        "q2": "def memory_length(w, left=0.01):\n    return np.inf if abs(w) >= 1 else 4 if left == 0.1 else 2",
    }
    for cell in notebook.cells:
        question = cell.metadata.get("rnnbook", {}).get("question")
        if question in answers:
            cell.source = answers[question]
    NotebookClient(
        notebook,
        timeout=60,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    said = {
        cell.source: "".join(output.get("text", "") for output in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    }
    assert "expected shape (2, 6, 4)" in said['grader.check("q1")'] and "q1: 1 of 3" in said['grader.check("q1")']
    assert said['grader.check("q2")'] == "q2: 1 of 1 public tests passed.\n"
    assert list(tmp_path.iterdir()) == []
