"""What the tests of Python in the page share: the assignments, answers to them, and what a notebook says to an answer."""

import contextlib
import copy
import io
import json
import re

from rnnbook.assignments import build, source

from .conftest import ROOT

ASSIGNMENTS = [page.stem for page in build.pages()]
WRONG = """


_right_{name} = {name}


def {name}(*values, **named):
    \"\"\"Wrong by one, or by being nothing.\"\"\"
    result = _right_{name}(*values, **named)
    return result + 1 if isinstance(result, (int, float, np.ndarray)) else None
"""


# In the page after *Check all*: {question: [passed, total, the graders' words]}.
RESULTS = """Object.fromEntries([...document.querySelectorAll(".py-result[data-total]")].map((e) =>
  [e.dataset.question, [Number(e.dataset.passed), Number(e.dataset.total), e.querySelector("[aria-label='What the tests found']").textContent]]))"""
CHECKED = "/public tests passed/.test(document.querySelector('.py-bar .py-said').textContent)"

NEWER_NUMPY = re.compile(r"^(?:Mismatch at ind|First \d+ mismatches are at ind)[^\n]*\n(?: \[[^\n]*\n)*", re.M)


def comparable(said):
    """The graders' words without the places of differing numbers, which NumPy lists since 2.2 and the page's NumPy does not."""
    return {question: NEWER_NUMPY.sub("", words) for question, words in said.items()}


def student_notebook(name):
    """The notebook that the page offers, as a dict."""
    return json.loads((ROOT / "exercises" / source.student_file(name)).read_text(encoding="utf-8"))


def worked_answers(name):
    """{question: code} of an assignment's page, without the marks around the solutions."""
    text = (ROOT / "book" / "exercises" / f"{name}.md").read_text(encoding="utf-8")
    questions, answers = iter(source.parse(text, name).questions), {}
    for solution in re.findall(build.REGION % ("SOLUTION", "SOLUTION"), text, re.M | re.S):
        question = next(questions)
        cells = [source.SOLUTION_LINES.sub("", cell["body"]) for cell in source.CELL.finditer(solution)]
        if not question.manual:
            answers[question.name] = "\n\n".join(cells)
    return answers


def wrong_answers(name):
    """The worked answers with every function spoiled at its end, and every number taken away."""
    text = (ROOT / "book" / "exercises" / f"{name}.md").read_text(encoding="utf-8")
    asked = {question.name: question.answers for question in source.parse(text, name).questions}
    wrong = {}
    for question, code in worked_answers(name).items():
        functions = re.findall(r"^def (\w+)", code, re.M)
        values = [f"{found} = None\n" for found in asked[question] if found not in functions]
        wrong[question] = code + "".join(WRONG.format(name=found) for found in functions) + "".join(values)
    return wrong


def answered(notebook, answers):
    """A copy of a student notebook with `answers`, {question: code}, written into it."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook["cells"]:
        mark = cell["metadata"].get("rnnbook", {})
        if mark.get("role") == "answer" and mark["question"] in answers:
            cell["source"] = answers[mark["question"]]
    return notebook


def judge(name, answers, found):
    """Assert that a page that was given `answers` found what the notebook finds, word for word, and gave the marks that are due."""
    expected = said_by_notebook(answered(student_notebook(name), answers))
    assert {question: said for question, (_, _, said) in found.items()} == comparable(expected)
    text = (ROOT / f"book/exercises/{name}.md").read_text(encoding="utf-8")
    for question in source.parse(text, name).questions:
        if question.manual:
            continue
        passed, total, said = found[question.name]
        hints = [test.message for test in question.tests if not test.hidden]
        assert total == len(hints)
        if answers == worked_answers(name):
            assert passed == total
        else:
            assert any(hint in said for hint in hints), (question.name, said)
        if not answers:
            assert passed == 0


def said_by_notebook(notebook):
    """{question: what `grader.check` prints} after running the notebook's code cells in order, in this Python."""
    scope, said = {"__name__": "__main__"}, {}
    for cell in notebook["cells"]:
        code = "".join(cell["source"])
        if cell["cell_type"] != "code":
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(re.sub(r"^([ \t]*)%.*$", r"\1pass", code, flags=re.M), "<cell>", "exec"), scope)
        if check := re.match(r'grader\.check\("(\w+)"\)', code):
            said[check[1]] = printed.getvalue()
    return said
