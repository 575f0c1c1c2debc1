"""Student code that speaks on the grader's channel itself: it can say what a return value could say, and no more.

Inside the sandbox serve.py holds the channel; these attacks find it in the frames above them, as a student could.
"""

import json

import pytest

from rnnbook.assignments import batch, box, grade, trial
from tests.nightly import often

FULL = {"q1": 6, "q2": 3, "q3": 4, "q4": 3, "q5": None}
FIND = """
import json, socket, struct, sys
def found(name):
    frame = sys._getframe()
    while frame:
        if name in frame.f_locals and "keep" in frame.f_locals:
            return frame.f_locals[name]
        frame = frame.f_back
def now():
    return found("request")["id"]
def say(message):
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    found("channel").sendall(struct.pack("!I", len(data)) + data)
"""
# What is said in place of an answer; `n` is the number of the grader's question.
FORGED = {
    "a value, then the real one": 'say({"id": n, "value": None})',
    "a type that NumPy cannot read": 'say({"id": n, "value": {"array": ["(,)i4", [1], ""]}})',
    "a type that is a program": 'say({"id": n, "value": {"array": ["O", [1], "AAAAAAAAAAA="]}})',
    "an array larger than its bytes": 'say({"id": n, "value": {"array": ["<f8", [10**9, 10**9], ""]}})',
    "passed": 'say({"id": n, "value": True, "passed": True, "points": 100})',
    "an error that is a number": 'say({"id": n, "error": 5})',
    "an error that is deep": 'say(b\'{"id": %d, "error": ["E", \' % n + b"[" * 900 + b"]" * 900 + b"]}")',
    "no value": 'say({"id": n})',
    "a list": "say([n])",
    "not JSON": 'say(b"\\x00\\xff")',
    "deep": 'say(b"[" * 10**6)',
    "two kinds at once": 'say({"id": n, "value": {"list": [], "dict": []}})',
    "a key that is a list": 'say({"id": n, "value": {"dict": [[{"list": []}, 1]]}})',
    "a handle to nothing": 'say({"id": n, "value": {"handle": [-7, "x" * 10**6]}})',
    "half a character": 'say({"id": n, "error": ["E", "\\ud800 \\x1b[2J \\x00"]})',
    "many parts": 'say(b\'{"id": %d, "value": {"list": [\' % n + b"0," * 10**7 + b"0]}}")',
    "a length that is too long": 'found("channel").sendall(b"\\xff" * 4)',
    "a flood": 'for _ in range(10**5): say({"id": n, "value": None})',
    "another end": 'found("channel").shutdown(2)',
    "arguments changed": 'say({"id": n, "value": {"list": []}, "changed": {"tuple": [{"list": [[], 1]}, {"dict": []}]}})',
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("when", often(["while a test calls it"], ["while its cell runs", "while a test calls it"]))
def test_forged_replies(mark, solution, forged, when):
    """The question pays, whatever was said. What else it costs is up to the forger, but it gains nothing, and there is a result."""
    answer = "\n\ndef linear_step(X, Z, U, W, b):\n    return 0 * Z\n\ndef rollout(X, U, W, b):\n    return 0 * X\n"
    if when == "while its cell runs":
        code = FIND + f"n = now()\n{forged}\n" + answer
    else:
        code = FIND + answer.replace("return 0 * Z", f"n = now()\n    {forged}\n    return 0 * Z")
    result = mark(solution.answer("q1", code))
    assert result["graded"] and result["points"]["q1"] == 0 and result["total"] <= 10, result["status"]
    json.dumps(result).encode()  # nothing in it that a file would not take


def test_a_server_of_the_students_own(mark, solution):
    """A cell that never returns, but answers each of the grader's questions: with everything that looks like success."""
    code = (
        FIND
        + """
channel, wire = found("channel"), found("wire")
say({"id": now(), "value": None})
for value in [None, True, {"handle": [0, "function"]}, {"array": ["|b1", [], "AQ=="]}] * 10_000:
    request = wire.receive(channel)
    say({"id": request["id"], "value": value, "passed": True, "changed": {"tuple": []}})
"""
    )
    result = mark(solution.answer("q1", code))
    assert result["points"]["q1"] == 0 and result["total"] <= 10


@pytest.mark.parametrize(
    "body, passes",
    [
        ("X[...] = 0\n    return X", False),
        ("X[...] = 0\n    return np.zeros(3)", False),
        ("Y = 2 * X\n    X += 1\n    return Y", False),
        ("Y = 2 * X\n    X += 0\n    return Y", True),
        ("X = X.copy()\n    X *= 2\n    return X", True),
    ],
)
def test_an_easier_question(isolate, body, passes):
    """Who sets a test's arguments to zero, so that it expects zero, has not answered it."""
    code = "def test_twice(f):\n    import numpy as np\n    X = np.arange(3.0)\n    Y = f(X)\n    assert np.allclose(Y, 2 * X)"
    test = {"name": "test_twice", "code": code, "arguments": ["f"], "hidden": False, "message": "Twice."}
    with box.Sandbox(box.Budget(10), isolate) as sandbox:
        sandbox.start()
        sandbox.ask({"do": "run", "name": "x", "code": f"import numpy as np\ndef f(X):\n    {body}\n"})
        assert (trial.run_test(sandbox, test, None) is None) == passes


def test_arguments_changed_into_easy_ones(mark, solution):
    code = "def linear_step(X, Z, U, W, b):\n    for a in (X, Z, U, W, b):\n        a[...] = 0\n    return np.zeros_like(Z)\n"
    code += "def rollout(X, U, W, b):\n    for a in (X, U, W, b):\n        a[...] = 0\n"
    code += "    return np.zeros((len(X), X.shape[1] + 1, len(W)))\n"
    assert mark(solution.answer("q1", code))["points"] == FULL | {"q1": 0}


@pytest.mark.nightly
def test_a_class_with_forgers_is_graded_to_its_end(bundle, tmp_path, solution, notebooks, submission):
    """Nothing that one of them says costs another submission anything."""
    paths = {}
    for number, forged in enumerate([*FORGED.values()][:6]):
        paths[f"f{number}"] = tmp_path / f"f{number}.ipynb"
        attack = submission(notebooks["solution"]).answer("q1", FIND + f"n = now()\n{forged}\n")
        paths[f"f{number}"].write_bytes(attack.data())
    paths["honest"] = tmp_path / "honest.ipynb"
    paths["honest"].write_bytes(solution.data())
    limits = {"seconds": 4, "memory": 2**30, "isolate": grade.can_isolate()}
    results = dict(batch.run(bundle, paths, tmp_path / "journal", limits, jobs=2))
    assert results["honest"]["points"] == FULL and len(results) == 7
    assert all(results[name]["points"]["q1"] in (0, None) for name in paths if name != "honest")
