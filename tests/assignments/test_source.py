"""The page's format: what it gives, what the book shows of it, and what the author hears where it is broken."""

import json

import pytest

from rnnbook.assignments import answers, build, source

MODEL = (build.PAGES / "01_dynamical_systems.md").read_text()


def test_parse():
    assignment = source.parse(MODEL, "01")
    assert [q.name for q in assignment.questions] == ["q1", "q2", "q3", "q4", "q5"]
    assert assignment.questions[0].answers == ["linear_step", "rollout"] and assignment.questions[4].manual
    assert assignment.points == sum(q.points for q in assignment.questions) == 20


@pytest.mark.parametrize("student_edition", [False, True])
def test_clean(student_edition):
    page = source.clean(MODEL, "01", student_edition)
    assert "BEGIN" not in page and "raw-cell" not in page and "hidden" not in page
    assert "test_running_sum" in page and "test_random" not in page
    assert ("return Z @ W.T" in page) is not student_edition
    assert "*6 points · about 15 minutes" in page
    assert source.clean("# Any other page", "x") == "# Any other page"


@pytest.mark.parametrize(
    "old, new, told",
    [
        ("# ASSIGNMENT CONFIG", "# CONFIG", "ASSIGNMENT CONFIG"),
        ("minutes: 15\n", "", "lacks minutes"),
        (
            "points: 1\nfailure_message: linear_step must",
            "failure_message: linear_step must",
            "test_step_shape: the test has no points",
        ),
        (
            "failure_message: A weight of 0.5 leaves 1/2, 1/4, 1/8 ... of a push. At which step is it at most a tenth?\n",
            "",
            "no failure_message",
        ),
        ("def test_step_values(linear_step)", "def test_step_values(other)", "unknown: other"),
        ("name: q1\n", "name: q1\npoints: 3\n", "remove points"),
        ("failure_message: linear_step must", "failure_message: linear_step: must", "single quotes"),
        ("def test_step_values(linear_step):", "def test_step_values(linear_step)", "does not parse"),
        ("def test_step_values(linear_step):", "def values(linear_step):", "one function test_"),
        ("def linear_step(X, Z, U, W, b):", "def linear_step(X, Z, U, W, b)", "does not parse"),
        ("name: q1\n", "name: q1\ncolour: red\n", "remove colour"),
        (":::{exercise} How long does one unit remember?", ":::{note}", "exercise} directive"),
        ("manual: true\npoints: 4\n", "manual: true\n", "needs its points"),
    ],
)
def test_broken_pages(old, new, told):
    assert old in MODEL
    with pytest.raises(source.SourceError, match=told.replace("(", r"\(")):
        source.parse(MODEL.replace(old, new, 1), "01")


def test_solution_without_its_marks():
    before, name, after = MODEL.partition("def separation(")
    with pytest.raises(source.SourceError, match="question q4: .* or students would get them"):
        source.parse(before + name + source.SOLUTION_LINES.sub("", after, count=2), "01")


def test_overlay(tmp_path, bundle, solution, isolate):
    (tmp_path / "01_dynamical_systems").mkdir()
    private = tmp_path / "01_dynamical_systems" / "q1.py"
    private.write_text(
        '""" # BEGIN TEST CONFIG\npoints: 3\nfailure_message: Private words.\n""" # END TEST CONFIG\n'
        "def test_private(linear_step):\n    assert linear_step is not None\n"
    )
    text = build.with_overlay(MODEL, "01_dynamical_systems", tmp_path)
    test = source.parse(text, "01").questions[0].tests[-1]
    assert test.name == "test_private" and test.hidden and test.points == 3
    assert "Private words" not in source.clean(text, "01")
    (tmp_path / "1_dynamics").mkdir()
    with pytest.raises(build.BuildError, match="1_dynamics: there is no assignment"):
        build.build_all(["01"], tmp_path / "out", tmp_path)
    private.rename(private.with_name("q9.py"))
    with pytest.raises(build.BuildError, match="no autograded question q9"):
        build.with_overlay(MODEL, "01_dynamical_systems", tmp_path)


@pytest.mark.parametrize(
    "leak",
    [
        "    return Z @ W.T + X @ U.T + b",
        "    turn = np.array([[0.6, -0.8], [0.8, 0.6]])",
        "- 1 point: measured separations for the three weights without input, compared with $|w|^k$.",
    ],
)
def test_leaks_are_found(leak):
    assignment = source.parse(MODEL, "01")
    secret = build.hidden_lines(MODEL, assignment) + build.solution_lines(MODEL, assignment)
    build.prove_sealed("nothing of interest", secret, "the page")
    with pytest.raises(build.BuildError, match="shows a line"):
        build.prove_sealed(f"before\n{leak}\nafter", secret, "the page")


def test_leaks_into_a_built_book_are_found(tmp_path):
    page = tmp_path / "exercises" / "01_dynamical_systems.html"
    page.parent.mkdir()
    page.write_text("<p>nothing of interest</p>")
    assert build.prove_book(tmp_path) == 1
    page.write_text("<span>turn</span> <span>=</span> np.array([[<i>0.6</i>, -0.8], [0.8, 0.6]])")
    with pytest.raises(build.BuildError, match="01_dynamical_systems.html shows"):
        build.prove_book(tmp_path)
    page.write_text("<p>nothing of interest</p>")
    notebook = page.with_name(source.student_file("01_dynamical_systems"))
    notebook.write_text("turn = np.array([[0.6, -0.8], [0.8, 0.6]])")
    with pytest.raises(build.BuildError, match="assignment_01_dynamical_systems.ipynb shows"):
        build.prove_book(tmp_path)
    notebook.unlink()
    page.write_text("<span>Z</span> = [np.zeros((X.shape[0], W.shape[0]))]")
    build.prove_book(tmp_path)
    with pytest.raises(build.BuildError):
        build.prove_book(tmp_path, student_edition=True)
    with pytest.raises(build.BuildError, match="no built book"):
        build.prove_book(tmp_path / "nowhere")


def test_unknown_name():
    with pytest.raises(build.BuildError, match="no assignment '77'"):
        build.pages(["77"])


def test_names():
    code = "x, y = 1, 2\nif x == 3:\n    def f(): pass\nclass Net: pass\n%broken"
    assert set(answers.names(code)) == {"x", "y", "f", "Net"}


def test_index(built):
    _, folder = built("01")
    build.write_index(folder.parent)
    entry = json.loads((folder.parent / "index.json").read_text())[folder.name]
    assert entry["points"] == 20 and entry["minutes"] == 95 and len(entry["questions"]) == 5
    assert (folder.parent / entry["student"]).exists() and (folder.parent / entry["autograder"]).exists()


def test_student_notebook(built):
    _, folder = built("01")
    notebook = json.loads((folder / "student" / source.student_file(folder.name)).read_text())
    assert "Set-up" in notebook["cells"][0]["source"][0]
    text = "".join("".join(cell["source"]) for cell in notebook["cells"])
    assert ":::" not in text and "<details><summary>Hint" in text and "SOLUTION" not in text
    assert text.count("grader.check(") == 4
