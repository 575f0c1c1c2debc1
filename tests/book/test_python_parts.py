"""Python for the page: where its parts come from, what stands in for SciPy, and the runner, in the Python of the tests."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from io import BytesIO

import numpy as np
import pytest
import scipy.sparse

from rnnbook.assignments import build, source
from rnnbook.publish.site import python_chapters, python_page, python_parts

from .conftest import ROOT
from .test_published import build as build_book
from .test_published import tiny  # noqa: F401

SITE = ROOT / "rnnbook" / "publish" / "site"
sys.path.insert(0, str(SITE / "python"))
import runner  # noqa: E402


def test_the_parts_are_here_and_the_right_ones():
    assert python_parts.missing() == ""
    assert set(python_parts.interpreter()) == set(python_parts.INTERPRETER)
    assert python_parts.verified(python_parts.wheel(), "the wheel")


def test_a_wheel_is_never_used_unverified(tmp_path, monkeypatch):
    monkeypatch.setenv(python_parts.FOLDER, str(tmp_path))
    assert python_parts.WHEEL in python_parts.missing()
    (tmp_path / python_parts.WHEEL).write_bytes(python_parts.wheel.__doc__.encode())
    with pytest.raises(python_parts.PartsError, match="sha256 differs"):
        python_parts.wheel()
    with pytest.raises(python_parts.PartsError, match="sha256 differs"):
        python_parts.fetch()


def test_fetched_from_the_index_else_from_the_release(tmp_path, monkeypatch):
    content = python_parts.wheel()
    monkeypatch.setattr(python_parts, "BESIDE", tmp_path / "nowhere")
    monkeypatch.setattr(python_parts, "SHARE", tmp_path)
    (tmp_path / "index").write_bytes(b"an error page")
    monkeypatch.setattr(python_parts, "PACKAGES", (tmp_path / "index").as_uri())
    monkeypatch.setattr(python_parts, "_from_release", lambda: content)
    assert python_parts.fetch() == content
    assert (tmp_path / "pyodide-packages" / python_parts.WHEEL).read_bytes() == content
    monkeypatch.setattr(python_parts, "SHARE", tmp_path / "empty")
    monkeypatch.setattr(python_parts, "_from_release", lambda: content[:-1])
    with pytest.raises(python_parts.PartsError, match="sha256 differs"):
        python_parts.fetch()
    assert not (tmp_path / "empty").exists()


@pytest.mark.nightly  # a book is built for it
def test_without_the_parts_the_book_has_no_fields_and_the_build_says_so(tiny, tmp_path, monkeypatch):  # noqa: F811
    for folder, file in (
        ("book/exercises", "01_dynamical_systems.md"),
        ("exercises", source.student_file("01_dynamical_systems")),
    ):
        for old in (tiny / folder).glob("*"):
            old.unlink()
        shutil.copy(ROOT / folder / file, tiny / folder)
    monkeypatch.setenv(python_parts.FOLDER, str(tmp_path))
    chapter = tiny / "notebooks/01_one.ipynb"
    chapter.write_text(chapter.read_text().replace("assignment_01_one", "assignment_01_dynamical_systems"))
    done = build_book(tiny)
    assert done.returncode == 0, done.stdout + done.stderr
    page = tiny / "_build/html/book/exercises/01_dynamical_systems.html"
    assert "py-cell" not in page.read_text() and not (tiny / "_build/html/_static/python").exists()
    monkeypatch.delenv(python_parts.FOLDER)
    assert build_book(tiny).returncode == 0
    assert "py-cell" in page.read_text() and (tiny / "_build/html/_static/python/numpy.bin").exists()


def test_the_standin_for_scipy_agrees_with_scipy():
    with zipfile.ZipFile(BytesIO(python_page.course_archive())) as archive:
        scope = {}
        exec(archive.read("scipy/sparse.py"), scope)
    rng = np.random.default_rng(0)
    for rows, columns, width in ((7, 5, 3), (200, 11, 4), (0, 3, 2), (1, 1, 1)):
        tokens = rng.integers(0, columns, rows).astype(np.int32)
        parts = (rng.normal(size=rows).astype(np.float32), tokens, np.arange(rows + 1, dtype=np.int32))
        ours, theirs = (kind(parts, (rows, columns)) for kind in (scope["csr_array"], scipy.sparse.csr_array))
        E, G = rng.normal(size=(columns, width)), rng.normal(size=(rows, width))
        np.testing.assert_allclose(ours @ E, theirs @ E, rtol=1e-6)
        np.testing.assert_allclose(ours.T @ G, theirs.T @ G, rtol=1e-6, atol=1e-9)


def run(*cells, checks=()):
    request = {
        "cells": [{"id": f"c{i}", "name": f"C{i}", "code": code} for i, code in enumerate(cells)],
        "checks": list(checks),
    }
    return json.loads(runner.run(json.dumps(request)))


def test_the_runner_shows_what_a_notebook_shows():
    cells = run("x = 3", "print('a')\nx + 1", "None", "x = 5")["cells"]
    assert [cells[f"c{i}"]["output"] for i in range(4)] == ["", "a\n4\n", "", ""]
    assert run("%pip install rnnbook\nif True:\n    !ls\nprint(1)")["cells"]["c0"] == {
        "output": "1\n",
        "error": "",
        "line": 0,
    }


def test_the_runner_starts_anew_each_time():
    run("left_over = 1")
    assert "NameError" in run("left_over")["cells"]["c0"]["error"]


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("def f():\n    return 1 / 0\n\nf()", 2, "C0, line 4\n    f()\nC0, line 2, in f\n    return 1 / 0\nZeroDivisionError"),
        ("x = 1\nx = = 2", 2, "C0, line 2"),
        ("import json\njson.loads('{')", 2, "C0, line 2\n    json.loads('{')\njson.decoder.JSONDecodeError"),
        ("input('?')", 0, "input() has nobody to ask"),
        ("exit('enough')", 0, "exit() has ended this run: enough"),
        ("while True: print('x' * 1000)", 0, "more than 200,000 characters"),
        ("try:\n    while True: print('x' * 1000)\nexcept Exception: pass", 0, "more than 200,000 characters"),
        ("def f(n): return f(n + 1)\nf(0)", 1, "RecursionError"),
        ("raise MemoryError", 1, "is an array larger than you meant?"),
    ],
)  # fmt: skip
def test_the_runner_explains_in_the_readers_own_lines(code, line, words):
    done = run(code)["cells"]["c0"]
    assert words in done["error"] and done["line"] == line
    assert "runner.py" not in done["error"]


def test_the_runner_counts_public_tests():
    grader = "class Grader:\n    def check(self, q): print(f'{q}: 2 of 3 public tests passed.')\ngrader = Grader()"
    assert run(grader, checks=["q1"])["checks"]["q1"] == {
        "output": "q1: 2 of 3 public tests passed.\n", "error": "", "line": 0, "passed": 2, "total": 3,
    }  # fmt: skip


def test_a_question_that_trains_with_keras_says_so():
    page = build.pages(["01"])[0]
    text = page.read_text(encoding="utf-8")
    first, second = source.parse(text, page.stem).questions[:2]
    spoiled = text.replace("def linear_step", "import keras\n\n\ndef linear_step", 1)
    assert not python_page.needs_keras(text, first)
    assert python_page.needs_keras(spoiled, first) and not python_page.needs_keras(spoiled, second)


def test_the_students_notebooks_are_those_of_the_pages():
    """What runs in the page is the student notebook, so its tests must be the page's."""
    for page in build.pages():
        assignment = source.parse(page.read_text(encoding="utf-8"), page.stem)
        notebook = json.loads((ROOT / "exercises" / source.student_file(page.stem)).read_text(encoding="utf-8"))
        setup = "".join(notebook["cells"][0]["source"])
        for question in assignment.questions:
            for test in question.tests:
                assert (repr(test.code) in setup) == (not test.hidden), (page.stem, question.name, test.name)


@pytest.fixture(scope="module")
def in_the_page(tmp_path_factory):
    """Call `in_the_page(cells, …)` for what the runner makes of each list of cells, with the course as the page has it."""
    folder = tmp_path_factory.mktemp("page")
    with zipfile.ZipFile(BytesIO(python_page.course_archive())) as archive:
        archive.extractall(folder)
    shutil.copy(SITE / "python" / "runner.py", folder)
    driver = "import json, sys, runner; print(json.dumps([runner.run(json.dumps(r)) for r in json.load(sys.stdin)]))"

    def run(*notebooks):
        requests = [{"cells": cells, "checks": []} for cells in notebooks]
        done = subprocess.run(
            [sys.executable, "-c", driver],
            input=json.dumps(requests),
            capture_output=True,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(result)["cells"] for result in json.loads(done.stdout)]

    return run


def test_chapters_cells_print_and_draw_in_the_page_what_the_notebook_keeps(in_the_page):
    """Run as the page runs them: without Keras and Matplotlib, and without the cells that need more than that."""
    paths = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    notebooks = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    runnable = [python_chapters.runnable(notebook) for notebook in notebooks]
    printed = drawn = 0
    done = in_the_page(
        *([{"id": str(c["index"]), "name": "A cell", "code": c["code"]} for c in cells] for cells in runnable)
    )
    for path, notebook, cells, ran in zip(paths, notebooks, runnable, done, strict=True):
        for cell in cells:
            place, result = (path.name, cell["index"]), ran[str(cell["index"])]
            assert result["error"] == "", place
            if not cell["offered"]:
                continue
            outputs = notebook["cells"][cell["index"]]["outputs"]
            words = ["".join(output["text"]) for output in outputs if "text" in output]
            alts = ["".join(output["data"]["text/plain"]) for output in outputs if "data" in output]
            assert result["output"] == "".join(words), place
            assert [f"[Figure: {figure['alt']}]" for figure in result.get("figures", [])] == alts, place
            for figure in result.get("figures", []):
                assert all(axes["lines"] or axes["rules"] for axes in figure["axes"]), place
            printed, drawn = printed + bool(words), drawn + len(alts)
    assert printed > 10 and drawn > 5


DRAWN = """
import numpy as np
import matplotlib.pyplot as plt
from rnnbook.figures import plots
fig, (left, right) = plt.subplots(1, 2, sharey=True)
left.plot([1, 2, 4], "-o", color="C2", label=r"$\\rho$ = 1")
left.semilogy([5, 6], [1e-3, np.inf], ":")
left.axhline(0.5, color=plots.GREY)
right.plot(np.eye(3))
right.set(xlabel="timestep $i$", ylabel="$X_i$", ylim=(0, 2), aspect="equal")
plots.show(fig, alt="Two plots.")
plt.step(range(3), [1, 2, 3], where="post")
plt.title("steps")
"""


def test_curves_are_handed_over_as_they_were_drawn(in_the_page):
    ((cell,),) = (cells.values() for cells in in_the_page([{"id": "c", "name": "C", "code": DRAWN}]))
    assert cell["error"] == ""
    first, second = cell["figures"]
    left, right = first["axes"]
    assert (first["alt"], first["columns"], left["yscale"], left["rules"][0]["y"]) == ("Two plots.", 2, "log", 0.5)
    dotted = {key: left["lines"][0][key] for key in ("x", "y", "color", "style", "marker", "label")}
    assert dotted == {
        "x": [0, 1, 2], "y": [1, 2, 4], "color": "C2", "style": "-", "marker": "o", "label": "$ρ$ = 1"
    }  # fmt: skip
    assert (left["lines"][1]["y"], left["lines"][1]["style"]) == ([1e-3, None], ":")
    assert [line["y"] for line in right["lines"]] == np.eye(3).tolist()
    assert (right["xlabel"], right["ylabel"]) == ("timestep $i$", "$X_{i}$")
    assert (right["ylim"], right["aspect"]) == ([0, 2], "equal")
    assert "steps" in second["alt"] and second["axes"][0]["lines"][0]["y"] == [1, 1, 2, 2, 3]


def test_what_the_pages_plot_cannot_draw_is_said(in_the_page):
    codes = ("plt.imshow([[1]])", "plt.gca().hist([1])")
    for ran in in_the_page(
        *([{"id": "c", "name": "C", "code": f"import matplotlib.pyplot as plt\n{c}"}] for c in codes)
    ):
        assert "the page draws curves alone" in ran["c"]["error"]


def test_what_a_cell_needs_decides_whether_it_can_run_in_the_page():
    def cell(code, printed=True, tags=()):
        outputs = [{"output_type": "stream", "name": "stdout", "text": "1"}] if printed else []
        return {"cell_type": "code", "source": code, "metadata": {"tags": list(tags)}, "outputs": outputs}

    cells = [
        cell("import numpy as np\nimport keras\nfrom rnnbook.networks import models, reference", printed=False),
        cell("x = np.ones(3)\nprint(x)"),
        cell("y = keras.ops.ones(3)\nprint(y)"),
        cell("print(y)"),
        cell("print(x, reference)"),
        cell("x = models.build('lstm')\nprint(x)"),
        cell("print(x)"),
        cell("print(np.pi)", tags=["nbval-ignore-output"]),
    ]
    found = python_chapters.runnable({"cells": cells})
    assert [c["index"] for c in found] == [0, 1, 4, 7]
    assert [c["index"] for c in found if c["offered"]] == [1, 4]
    assert found[0]["code"] == "import numpy as np\nfrom rnnbook.networks import reference"


def test_make_book_gets_the_version_that_the_book_wants():
    assert f'"pyodide@{python_parts.VERSION}"' in (ROOT / ".ci" / "environment.py").read_text(encoding="utf-8")
    assert subprocess.run([sys.executable, SITE / "python_parts.py"], capture_output=True).returncode == 0
