"""Each bad submission gets the mark that an honest reader would give it, and a reason in plain words."""

import collections
import decimal
import json
import re

import numpy as np
import pytest

from rnnbook.assignments import box, wire

FULL = {"q1": 6, "q2": 3, "q3": 4, "q4": 3, "q5": None}
RIGHT_STEP = "def linear_step(X, Z, U, W, b):\n    return Z @ W.T + X @ U.T + b\n"
WRONG_STEP = "def linear_step(X, Z, U, W, b):\n    return Z @ W + X @ U.T + b\n"
ROLLOUT = """
def rollout(X, U, W, b):
    Z = [np.zeros((len(X), len(W)))]
    for i in range(X.shape[1]):
        Z.append(Z[-1] @ W.T + X[:, i] @ U.T + b)
    return np.stack(Z, axis=1)
"""


def without(*questions):
    return FULL | dict.fromkeys(questions, 0)


def test_solution_and_blank(mark, solution, stub):
    assert mark(solution)["points"] == FULL
    result = mark(stub)
    assert result["total"] == 0 and result["status"] == "Nothing was filled in."


def test_wrong(mark, solution):
    """Right shapes and wrong values: nothing for the step; the rollout beside it keeps its own."""
    result = mark(solution.answer("q1", WRONG_STEP + ROLLOUT))
    assert result["points"] == FULL | {"q1": 4}
    failed = [note["test"] for note in result["notes"]["q1"] if not note["passed"]]
    assert failed == ["test_step_shape", "test_step_values"]


def test_partly_right(mark, stub):
    assert mark(stub.answer("q1", RIGHT_STEP))["points"] == without("q2", "q3", "q4") | {"q1": 2}


@pytest.mark.parametrize(
    "code, told",
    [
        ("def linear_step(X, Z, U, W, b)\n    return Z", "SyntaxError"),
        ("raise ValueError('not today')", "ValueError: not today"),
        ("import sys\nsys.exit(0)", "SystemExit"),
        ("from math import surely_not_there\n" + RIGHT_STEP, "ImportError"),
        ("def linear_step(X, Z, U, W, b):\n    return linear_step(X, Z, U, W, b)", "RecursionError"),
        ("def linear_step(X, Z, U, W, b):\n    raise SystemExit", "SystemExit"),
        ("def linear_step(X, Z, U, W, b):\n    return [[1, 2], [3]]", "shape"),
        ("def linear_step(X, Z, U, W, b):\n    return lambda: 1", "shape"),
        ("def linear_step(X):\n    return X", "TypeError"),
        ("linear_step = 3", "not callable"),
    ],
)
def test_mistakes_cost_their_question_only(mark, solution, code, told):
    result = mark(solution.answer("q1", code))
    assert result["points"] == without("q1")
    assert told in result["status"] + json.dumps(result["notes"]["q1"])


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass\n" + RIGHT_STEP,
        "def linear_step(X, Z, U, W, b):\n    while True: pass",
        "import time\nreal = time.time\ntime.time = time.monotonic = lambda: 0.0\nimport signal\nsignal.alarm(0)\n"
        "import resource\nresource.setrlimit = print\nwhile True: pass\n" + RIGHT_STEP,
    ],
)
def test_endless_loop_and_patched_clock(mark, solution, code):
    result = mark(solution.answer("q1", code), seconds=2)
    assert result["points"] == without("q1")
    assert "more than 2 s of processor time" in result["status"]


def test_time_for_the_whole_submission(mark, solution):
    for question in ("q1", "q2", "q3", "q4"):
        solution.answer(question, "while True: pass")
    result = mark(solution, seconds=1)
    assert result["total"] == 0 and "used up its time" in result["status"] and not result["again"]


def test_memory_hog(mark, solution):
    hog = "def linear_step(X, Z, U, W, b):\n    return np.ones((40_000, 40_000))"
    result = mark(solution.answer("q1", hog), memory=2**29)
    assert result["points"] == without("q1")
    assert "MemoryError" in json.dumps(result["notes"]["q1"])


def test_output_flood(mark, solution):
    flood = "for _ in range(100):\n    print('x' * 2**20)\n" + RIGHT_STEP + ROLLOUT
    assert mark(solution.answer("q1", flood))["points"] == FULL


def test_saved_output_of_100_mb(mark, solution):
    solution.cells[0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 100 * 2**20}]
    assert mark(solution)["points"] == FULL


def test_result_that_is_too_large(mark, solution):
    result = mark(solution.answer("q1", "def linear_step(X, Z, U, W, b):\n    return np.ones((4000, 4000))"))
    assert result["points"] == without("q1")


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos._exit(0)",
        "import ctypes\nctypes.string_at(0)",
        "def linear_step(X, Z, U, W, b):\n    import os\n    os._exit(0)",
    ],
)
def test_ending_python(mark, solution, code):
    result = mark(solution.answer("q1", code))
    assert result["points"] == without("q1")
    assert "ended Python" in result["status"] or "crashed" in result["status"]


def test_tests_deleted_edited_or_reordered(mark, solution, stub):
    checks = [cell for cell in solution.cells if cell["source"].startswith("grader.check")]
    for cell in checks[:2]:
        solution.cells.remove(cell)
    for cell in checks[2:]:
        cell["source"] = "print('all fine')"
    solution.cells.reverse()
    assert mark(solution)["points"] == FULL
    for cell in stub.cells:
        if "grader = Grader()" in cell["source"]:
            cell["source"] = "class Grader:\n    def check(self, q): print('100 %')\ngrader = Grader()"
    assert mark(stub)["total"] == 0


PATCH = """import numpy as np
for name in dir(np.testing):
    if name.startswith("assert"):
        setattr(np.testing, name, lambda *a, **k: None)
np.allclose = np.array_equal = lambda *a, **k: True
"""


@pytest.mark.parametrize("place", ["another cell", "the answer"])
def test_patched_libraries(mark, solution, place):
    if place == "another cell":
        solution.answer("q1", WRONG_STEP + ROLLOUT).add(PATCH)
    else:
        solution.answer("q1", WRONG_STEP + ROLLOUT + PATCH)
    assert mark(solution)["points"] == FULL | {"q1": 4}


def test_object_that_equals_everything(mark, solution):
    code = """class Yes(float):
    def __eq__(self, other): return True
    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = None
    shape, dtype = (3, 4), float
    def __array__(self, *a, **k): return np.ones((3, 4))
def memory_length(w, left=0.01): return Yes()
"""
    assert mark(solution.answer("q2", code))["points"]["q2"] == 0


def test_expected_values_are_not_on_the_stack_or_in_memory(mark, solution):
    code = """import gc, sys
def linear_step(X, Z, U, W, b):
    frame = sys._getframe()
    while frame:
        for value in list(frame.f_locals.values()) + list(frame.f_globals.values()):
            if isinstance(value, np.ndarray) and value.shape == Z.shape and value is not Z and value is not X:
                return value
        frame = frame.f_back
    for value in gc.get_objects():
        if isinstance(value, str) and "expected" in value and "np.stack" in value:
            return Z @ W.T + X @ U.T + b
    return Z
"""
    assert mark(solution.answer("q1", code))["points"]["q1"] <= 1


def test_forged_replies(mark, solution):
    """Student code that writes to the grader's channel can only say what a return value could say."""
    code = """import socket, struct, json
def linear_step(X, Z, U, W, b):
    for fd in range(3, 64):
        try:
            channel = socket.socket(fileno=fd)
            data = json.dumps({"value": None, "passed": True, "points": 100}).encode()
            for _ in range(50):
                channel.send(struct.pack("!I", len(data)) + data)
        except OSError:
            pass
"""
    assert mark(solution.answer("q1", code))["points"] == without("q1")


def test_a_child_that_comes_back_by_an_exception(mark, solution):
    """It is not the notebook, and answers nothing in its place."""
    result = mark(solution.add("import os\nif os.fork() == 0:\n    raise ValueError", len(solution.cells)))
    assert result["points"] == FULL


def strip_metadata(submission):
    for number, cell in enumerate(submission.cells):
        cell["metadata"] = {"id": f"colab{number}"}
        cell.pop("id", None)
    submission.notebook["metadata"] = {"colab": {"provenance": []}}
    return submission


def test_a_syntax_error_is_told_without_files_of_the_grader(mark, solution):
    status = mark(solution.answer("q2", "def memory_length(w, left=0.01)\n    return w"))["status"]
    assert status == "Graded; q2: its cell stopped with SyntaxError: expected ':' (line 1)"


def test_a_cell_that_stopped_is_told_before_what_came_of_it(mark, solution):
    """Without its cell an answer is the stub, and `returned None` would send the student the wrong way."""
    code = "open('of my own machine')\ndef memory_length(w, left=0.01):\n    return 1"
    for note in mark(solution.answer("q2", code))["notes"]["q2"]:
        assert note["message"].startswith("When your work was graded, its cell stopped with FileNotFoundError")


def test_a_missing_name_leads_to_the_cell_that_should_have_made_it(mark, solution):
    solution.answer("q1", "open('of my own machine')\nfrom math import inf\n" + "".join(solution.cell("q1")["source"]))
    result = mark(solution.answer("q2", "def memory_length(w, left=0.01):\n    return inf"))
    for note in result["notes"]["q2"]:
        assert note["message"].startswith("When your work was graded, the cell of q1: its cell stopped with"), note


def test_an_answer_that_needs_a_library_that_is_not_here_is_told_which(mark, solution):
    code = "import no_such_library\ndef memory_length(w, left=0.01):\n    return no_such_library.log(left)"
    result = mark(solution.answer("q2", code))
    assert result["points"]["q2"] == 0
    assert all("no_such_library" in note["message"] for note in result["notes"]["q2"])


def test_newer_syntax_is_told_to_the_instructor(mark, solution):
    solution.notebook["metadata"]["language_info"] = {"name": "python", "version": "3.99.1"}
    result = mark(solution.answer("q2", "type Weight = float\ndef memory_length(w, left=0.01)\n    return w"))
    assert "last run with Python 3.99" in result["advice"]


def test_lost_metadata(mark, solution, stub):
    assert mark(strip_metadata(solution))["points"] == FULL
    assert mark(strip_metadata(stub))["total"] == 0


def test_lost_metadata_and_a_mistake(mark, solution):
    strip_metadata(solution.answer("q2", "def memory_length(w, left=0.01)\n    return w"))
    result = mark(solution)
    assert result["points"] == without("q2") and "SyntaxError" in result["status"]


def test_helpers_and_magics(mark, solution):
    """Everything runs as IPython runs it: magics, shell lines, helpers in other cells, the notebook's own checks."""
    solution.add("import math\ndef multiply(Z, W):\n    return Z @ W.T + 0 * math.pi\n", 1)
    solution.add("def helper(Z, W):\n    return multiply(Z, W)\n", 2)
    solution.answer(
        "q1",
        "%matplotlib inline\nfiles = !ls\ndef linear_step(X, Z, U, W, b):\n    return helper(Z, W) + X @ U.T + b\n"
        + ROLLOUT
        + "if True:\n    grader.check('q1')\nrollout?\nt = %timeit -n1 -r1 -o math.pi\nassert t.best >= 0 and files is not None\n"
        + "linear_step(1, 1, np.ones(1), np.ones(1), 1)",
    )
    result = mark(solution)
    assert result["points"] == FULL and result["status"] == "Graded"


def test_cells_build_on_each_other(mark, solution):
    solution.add("from numpy import *\nact = {}\nclass Net: pass\n", 1).add("act['tanh'] = tanh", 2)
    solution.add("try:\n    from nowhere import norm\nexcept ImportError:\n    norm = linalg.norm", 3)
    solution.add("Net.distance = lambda self, a, b: norm(a - b)", 4)
    solution.answer(
        "q4",
        """def separation(X, Z0, Z0_other, U, W, b):
    net, both = Net(), (Z0, Z0_other)
    found = [net.distance(*both)]
    for x in X:
        both = [act["tanh"](W @ Z + U @ x + b) for Z in both]
        found.append(net.distance(*both))
    return found""",
    )
    assert mark(solution)["points"] == FULL


@pytest.mark.parametrize(
    "code",
    [
        "import collections\nPair = collections.namedtuple('Pair', 'k')\nclass Number(int): pass\n"
        "def memory_length(w, left=0.01):\n    k = length(w, left)\n    return k if k == np.inf else Number(k)",
        "from fractions import Fraction\ndef memory_length(w, left=0.01):\n    k = length(w, left)\n"
        "    return k if k == np.inf else Fraction(k)",
        "def memory_length(w, left=0.01):\n    return np.asarray(length(w, left))",
    ],
)
def test_numbers_of_other_types(mark, solution, code):
    length = "def length(w, left):\n    k = 0\n    while abs(w) < 1 and abs(w) ** k > left:\n        k += 1\n    return k if abs(w) < 1 else np.inf\n"
    assert mark(solution.answer("q2", length + code))["points"] == FULL


def test_what_a_type_derives_from():
    Pair = collections.namedtuple("Pair", "a b")
    table = collections.defaultdict(list, a=[1])
    values = [
        Pair(1, [2]),
        table,
        collections.deque([1, 2]),
        table.values(),
        range(3),
        {1},
        np.float32(2),
        np.matrix("1 2"),
        decimal.Decimal("0.5"),
        {frozenset({1}): 2},
        collections.UserString("ab"),
    ]
    wanted = [(1, [2]), {"a": [1]}, [1, 2], [[1]], [0, 1, 2], {1}, 2, [[1, 2]], 0.5, {frozenset({1}): 2}, "ab"]
    for value, plain in zip(values, wanted):
        there = wire.decode(json.loads(json.dumps(wire.encode(value))), None)
        assert type(there).__name__ in ("ndarray", "float32", type(plain).__name__) and np.all(
            there == np.array(plain) if hasattr(there, "dtype") else there == plain
        )


def test_answer_below_or_above_the_stub(mark, stub):
    place = stub.cells.index(stub.cell("q1"))
    stub.add(RIGHT_STEP, place + 1).add(ROLLOUT, place)
    assert mark(stub)["points"]["q1"] == 6


def test_scratch_cells_cost_nothing(mark, solution):
    solution.add("while True: pass", len(solution.cells)).add("X = W = 1 / 0").add("import os; os._exit(1)")
    result = mark(solution, seconds=2)
    assert result["points"] == FULL
    assert re.match("Graded; notebook: it (ended Python|used more than)", result["status"])


def test_the_tests_see_what_a_call_changes(solution, bundle, isolate):
    """Arguments change in the test's hands as they changed in the sandbox."""
    with box.Sandbox(box.Budget(10), isolate) as sandbox:
        sandbox.start()
        sandbox.ask(
            {"do": "run", "name": "x", "code": "def f(a, b, c):\n    a[0] = 7\n    b.append(a)\n    c['x'] *= 2"}
        )
        a, b, c = np.zeros(2), [1], {"x": np.ones(2), "y": 1}
        sandbox.ask({"do": "get", "name": "f"})(a, b, c)
        assert a[0] == 7 and c["x"][1] == 2 and len(b) == 2 and c["y"] == 1


@pytest.mark.parametrize(
    "data, told",
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b'{"cells": [{"cell_type": "code", "sour', "damaged"),
        (b"\x80\x81\xff\x00", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b"[1, 2]", "not a notebook"),
        (b'{"cells": 3}', "not a notebook"),
        (b'{"worksheets": []}', "2015"),
        (b'{"cells": []}', "another assignment"),
        (
            b'{"cells": [7, {"cell_type": "code"}, {"cell_type": "code", "source": [1], "metadata": 3}]}',
            "another assignment",
        ),
        (
            json.dumps(
                {"cells": [{"cell_type": "code", "metadata": {}, "source": "def lstm_step(x): return x"}]}
            ).encode(),
            "another assignment",
        ),
        (
            b'{"cells": [], "metadata": {"rnnbook": {"assignment": "09_lstm_cell"}}}',
            "another assignment, '09_lstm_cell'",
        ),
        (b"PK\x03\x04zip", "zip"),
        (b"print(1)", "not a notebook (.ipynb)"),
    ],
)
def test_files_that_are_no_submission(mark, data, told):
    result = mark(data)
    assert told in result["status"] and result["total"] is None and not result["graded"]
    assert set(result["points"]) == set(FULL)
