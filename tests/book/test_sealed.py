"""No hidden test is anywhere in the book, and no solution in the students' edition."""

import io
import os
import shutil
import subprocess
import zipfile

import pytest

from rnnbook.assignments import build as assignments
from rnnbook.assignments import source
from rnnbook.assignments.build import prove_book
from rnnbook.publish import build

from .conftest import ROOT


def files_for_python(folder):
    """(name, text) of all that the pages load to run Python, archives opened; Pyodide and NumPy themselves aside."""
    for path in sorted((folder / "_static" / "python").rglob("*")):
        if path.is_dir() or path.name.startswith("pyodide") or path.name in ("python_stdlib.zip", "numpy.bin"):
            continue
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
                yield from ((f"{path.name}/{name}", archive.read(name).decode()) for name in archive.namelist())
        else:
            yield path.name, path.read_text(encoding="utf-8")


def prove_python(folder):
    """As `prove_book`, for what it cannot open. Returns how many files were looked at."""
    hidden = set()
    for page in assignments.pages():
        text = page.read_text(encoding="utf-8")
        assignment = source.parse(text, page.stem)
        hidden |= {line for line in assignments.hidden_lines(text, assignment) if len(line) > 45}
    files = list(files_for_python(folder))
    for name, text in files:
        assignments.prove_sealed(text, sorted(hidden), name)
    return len(files)


def test_a_page_of_the_student_edition(tmp_path):
    """One assignment in a book of its own; at night the whole edition."""
    for name in (
        "_config.yml",
        "CITATION.cff",
        "pyproject.toml",
        "book/references.bib",
        "book/exercises/01_dynamical_systems.md",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/exercises/01_dynamical_systems\n")
    environment = {**os.environ, "RNNBOOK_STUDENT": "1"}
    subprocess.run([*build.JUPYTER_BOOK, "build", tmp_path, "-q"], env=environment, check=True, capture_output=True)
    folder = tmp_path / "_build/html"
    assert prove_book(folder, student_edition=True) > 3
    page = (folder / "book/exercises/01_dynamical_systems.html").read_text(encoding="utf-8")
    assert "One step, then the whole trajectory" in page


def test_a_solution_in_the_student_edition_is_found(book):
    with pytest.raises(assignments.BuildError, match="solution"):
        prove_book(book, student_edition=True)


def test_hidden_tests(book):
    assert prove_book(book) > 10
    assert prove_python(book) > 10


def test_a_hidden_test_among_the_files_for_python_is_found(book, tmp_path):
    page = assignments.pages()[0]
    text = page.read_text(encoding="utf-8")
    line = max(assignments.hidden_lines(text, source.parse(text, page.stem)), key=len)
    (tmp_path / "_static" / "python").mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "_static" / "python" / "course.bin", "w") as archive:
        archive.writestr("rnnbook/leak.py", f"x = 1\n{line}\n")
    with pytest.raises(assignments.BuildError, match="course.bin/rnnbook/leak.py"):
        prove_python(tmp_path)


@pytest.mark.nightly
def test_student_edition():
    folder = build.build(student=True).parent
    assert prove_book(folder, student_edition=True) > 10
    assert prove_python(folder) > 10
    assert 'data-question="q1"' in (folder / "book/exercises/01_dynamical_systems.html").read_text(encoding="utf-8")
