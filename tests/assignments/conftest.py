"""Assignment 1, built once, and notebooks that differ from its solution in one thing."""

import copy
import json

import pytest

from rnnbook.assignments import build, grade
from rnnbook.assignments.bundle import load_bundle


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """Builds an assignment on first use; returns the folder it is in."""
    out, done = tmp_path_factory.mktemp("dist"), {}

    def make(name):
        if name not in done:
            (page,) = build.pages([name])
            done[name] = build.build(page, out)
        return done[name], out / done[name].name

    return make


@pytest.fixture(scope="session")
def first(built):
    return built("01")[1]


@pytest.fixture(scope="session")
def bundle(first):
    return load_bundle(first / "autograder.zip")


@pytest.fixture(scope="session")
def isolate():
    return grade.can_isolate()


class Submission:
    """A student's notebook: the solution, until something is done to it."""

    def __init__(self, notebook):
        self.notebook = copy.deepcopy(notebook)

    @property
    def cells(self):
        return self.notebook["cells"]

    def cell(self, question):
        return next(c for c in self.cells if c["metadata"].get("rnnbook", {}).get("question") == question)

    def answer(self, question, code):
        self.cell(question)["source"] = code
        return self

    def add(self, code, at=0):
        self.cells.insert(
            at,
            {
                "cell_type": "code",
                "id": f"new-{at}",
                "metadata": {},
                "source": code,
                "outputs": [],
                "execution_count": None,
            },
        )
        return self

    def data(self):
        return json.dumps(self.notebook).encode()


@pytest.fixture(scope="session")
def submission():
    """The class: `submission(notebook)`."""
    return Submission


@pytest.fixture(scope="session")
def notebooks(first):
    both = {}
    for kind in ("solution", "student"):
        (path,) = (first / kind).glob("*.ipynb")
        both[kind] = json.loads(path.read_text())
        for cell in both[kind]["cells"]:
            cell["source"] = "".join(cell["source"])
    return both


@pytest.fixture
def solution(notebooks):
    return Submission(notebooks["solution"])


@pytest.fixture
def stub(notebooks):
    return Submission(notebooks["student"])


@pytest.fixture
def mark(bundle, isolate):
    """Grades a submission, with four processor seconds for a cell in place of thirty; returns what `grade` returns."""

    def run(submission, **limits):
        data = submission if isinstance(submission, bytes) else submission.data()
        return grade.grade(bundle, data, **{"seconds": 4, "isolate": isolate} | limits)

    return run
