"""Assignment 12: each common wrong answer loses the points of the hidden test, and the worked answer keeps them all."""

import re

import numpy as np
import pytest

from rnnbook.assignments import build, source

PAGE = next(path for path in build.pages() if path.stem.startswith("12"))
TEXT = PAGE.read_text("utf-8")
QUESTIONS = {question.name: question for question in source.parse(TEXT, PAGE.stem).questions}
CELL = re.compile(r"^```\{code-cell\} ipython3\n(.*?)^```$", re.M | re.S)

# (question, what of the worked answer, is replaced by what)
WRONG = [
    ("q1", "float(-np.log2(p).mean())", "float(-np.log2(p.mean()))"),  # the logarithm of the mean
    ("q1", "float(-np.log2(p).mean())", "float(-np.log(p).mean())"),  # nats
    ("q1", "float(np.exp(nats))", "float(2**nats)"),
    ("q1", "return np.inf", "return 0.0"),
    ("q2", "np.add.at(counts, (ids[:-1], ids[1:]), 1)", "counts[ids[:-1], ids[1:]] += 1"),
    ("q2", "np.where(total > 0, mixed, unigram)", "mixed"),  # a context without followers
    ("q2", "counts.sum(axis=1, keepdims=True)", "np.bincount(ids, minlength=K)[:, None].astype(float)"),
    ("q2", "(np.bincount(ids, minlength=K) + 1) / (len(ids) + K)", "np.bincount(ids, minlength=K) / len(ids)"),
    ("q2", "weight * counts / np.maximum(total, 1) + (1 - weight)", "(1 - weight) * counts / np.maximum(total, 1) + weight"),
    ("q3", "x.reshape(batch, windows, timesteps).swapaxes(0, 1)", "x.reshape(windows, batch, timesteps)"),
    ("q3", "(len(ids) - 1) // (batch * timesteps)", "(len(ids) - timesteps) // (batch * timesteps)"),
    ("q3", "cut(ids[1 : used + 1])", "np.roll(cut(ids[:used]), -1, axis=-1)"),
    ("q4", "/ temperature)", "* temperature)"),
    ("q4", "before < top_p", "before + p[order] < top_p"),
    ("q4", "(Y - Y.max())", "Y"),
    ("q4", 'side="right"', 'side="left"'),
    ("q4", "nucleus / nucleus.sum()", "nucleus"),
]  # fmt: skip


def worked(name):
    """The worked answer of a question, as the page has it."""
    part = TEXT.split(f"\nname: {name}\n")[1].split("# END QUESTION")[0]
    return "\n".join(cell for cell in CELL.findall(part) if "# BEGIN SOLUTION" in cell)


def points(question, answer):
    """What an answer earns of each kind of test: (public, hidden, all there are)."""
    names = {"np": np}
    exec(answer, names)
    earned = {True: 0.0, False: 0.0}
    for test in question.tests:
        scope = {}
        exec(test.code, scope)
        function = next(value for name, value in scope.items() if name.startswith("test"))
        try:
            function(*(names[argument] for argument in test.arguments))
        except Exception:  # a wrong answer may fail in any way
            continue
        earned[test.hidden] += test.points
    return earned[False], earned[True], sum(test.points for test in question.tests)


@pytest.mark.parametrize("name", [name for name, question in QUESTIONS.items() if not question.manual])
def test_the_worked_answer_has_all_points(name):
    public, hidden, full = points(QUESTIONS[name], worked(name))
    assert public + hidden == full


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value", "ignore:divide by zero")
@pytest.mark.parametrize(("name", "right", "wrong"), WRONG)
def test_a_wrong_answer_loses_the_hidden_points(name, right, wrong):
    answer = worked(name)
    assert right in answer
    _, hidden, full = points(QUESTIONS[name], answer.replace(right, wrong))
    assert hidden == 0 and full >= 4
