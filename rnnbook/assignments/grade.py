"""Grade submissions: the cells run in a sandbox, the tests here.

The sandbox (box.py) is a process of its own for each submission. It gets the student's cells and then single calls such
as `rollout(X, U, W, b)`; it sends back plain data. The tests, their expected values and the verdict never leave this side,
so nothing that student code does in its process, from a patched `numpy.testing` to a search of its memory, can change a mark.
"""

import contextlib
import re
import sys
import time

from . import answers, earlier
from .box import HEAVY, IMPORTING, Budget, Gone, GradeError, Sandbox, can_isolate, plain
from .trial import TooLong, own_limit, run_cell, run_test

__all__ = ["GradeError", "can_isolate", "failed", "grade", "parse_memory"]
SECONDS = 30  # of the processor, for a cell or a test


def parse_memory(text):
    """`500M` or `2G` in bytes. Raises `GradeError`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([MG])i?B?", text.strip(), re.I)
    if not match or float(match[1]) == 0:
        raise GradeError(f"--memory is {text!r}, but must be a size such as 500M or 2G.")
    return int(float(match[1]) * 2 ** {"M": 20, "G": 30}[match[2].upper()])


def failed(bundle, status, advice=""):
    """The result of a submission that has no marks: `status` for its student, `advice` for the instructor."""
    return {
        "status": plain(status, 600),
        "advice": plain(advice, 600),
        "graded": False,
        "again": False,
        "points": {q["name"]: None for q in bundle["questions"]},
        "total": None,
        "notes": {},
        "seconds": 0,
    }


def grade(bundle, data, seconds=SECONDS, memory=2 * 2**30, isolate=True):
    """Grade one submission.

    Parameters: `bundle` from `bundle.load_bundle`; `data`, the notebook's bytes; `seconds`, of the processor, for one cell or test; `memory`
    (bytes) for all its processes together; `isolate`, whether to lock student code away in namespaces.
    Returns a dict of plain data: `status` (a sentence), `graded` (whether it has marks), `seconds`, `points` per question (None where
    a human grades), `total` and `notes` per question, a list of `{"test", "hidden", "points", "passed", "message"}`; `again`, whether
    it should be tried once more on a quiet machine. It never raises for what a student did; `GradeError` means that the machine
    cannot run the sandbox.
    """
    started = time.monotonic()
    try:
        with own_limit():
            cells, name, python = answers.read(data)
            steps, written = answers.steps(cells, name, bundle)
        spare = IMPORTING if any(HEAVY.search(step["code"]) for step in steps) else 0
        budget = Budget(seconds, memory, spare, bundle.get("packages", ()))
        outcomes, troubles, again, run = run_tests(bundle, steps, budget, isolate)
        look_again(bundle, run, outcomes, budget, isolate)
        result = _result(bundle, outcomes, troubles, written) | {"again": again}
        here = sys.version_info[:2]
        if python and python > here and any("SyntaxError" in trouble for trouble in troubles.values()):
            result["advice"] = (
                f"It was last run with Python {python[0]}.{python[1]}, and graded with {here[0]}.{here[1]}: newer syntax may be all that is wrong."
            )
    except answers.SubmissionError as error:
        result = failed(bundle, str(error), error.advice)
    except (TooLong, MemoryError):
        result = failed(bundle, "The notebook is too large or too deeply nested to be read.", "Look at it by hand.")
    except GradeError:
        raise
    except Exception as error:  # of the grader itself: one file must not cost the others
        result = failed(bundle, "The grader failed on this file.", f"{type(error).__name__}: {error}")
    return result | {"seconds": round(time.monotonic() - started, 2)}


def _result(bundle, outcomes, troubles, written):
    points, notes = {}, {}
    for question in bundle["questions"]:
        name = question["name"]
        points[name] = None
        if not question["manual"]:
            notes[name] = [outcomes[name, number] for number in range(len(question["tests"]))]
            points[name] = sum(note["points"] for note in notes[name] if note["passed"])
    full = {q["name"] for q in bundle["questions"] if points[q["name"]] == q["points"]}
    told = [f"{name}: {trouble}" for name, trouble in troubles.items() if name not in full]
    status = "; ".join(["Graded", *told]) if written else "Nothing was filled in."
    return {
        "status": plain(status, 2000),
        "advice": "",
        "graded": True,
        "points": points,
        "total": sum(number for number in points.values() if number),
        "notes": notes,
    }


def run_tests(bundle, steps, budget, isolate):
    """Run all tests on the answers that `steps` leave behind.

    Public tests come first: their messages may hold what student code says, which must not be what a hidden test told it;
    for the same reason only the first sandbox's troubles are told.
    A cell that ends or stops the sandbox is left out of the next one; a question whose call does so pays for it.
    Returns `{(question, test number): note}`, `{question: what went wrong with its cells}`, whether a quiet machine may help, and
    the steps that were not left out.
    """
    todo = [
        (q["name"], number, test)
        for hidden in (False, True)
        for q in bundle["questions"]
        if not q["manual"]
        for number, test in enumerate(q["tests"])
        if test["hidden"] == hidden
    ]
    allowed = allowance(bundle, budget)
    outcomes, troubles, dead, left_out, again, first = {}, {}, {}, set(), False, True
    while todo:
        place = question = None
        with Sandbox(budget, isolate) as sandbox:
            try:
                sandbox.prepare(steps)
                for place, step in enumerate(steps):
                    if place not in left_out:
                        question = step["question"]
                        trouble = run_cell(sandbox, step, allowed[question])
                        if trouble and first and question:
                            troubles.setdefault(question, trouble)
                place = None
                while todo:
                    question, number, test = todo[0]
                    message = f"Not run: {dead.get(question)}."
                    if question not in dead:
                        sandbox.give(allowed[question])
                        message = run_test(sandbox, test, troubles.get(question), _elsewhere(troubles))
                    outcomes[question, number] = _note(test, message)
                    todo.pop(0)
            except Gone as reason:
                again = again or reason.again
                troubles.setdefault(question or "notebook", str(reason))
                if place is None and question is None or budget.over or len(left_out) > 10:
                    for name, number, test in todo:  # nothing is left to go on with
                        outcomes[name, number] = _note(test, f"Not run: {str(reason).rstrip('?.')}.")
                    break
                if place is not None:
                    left_out.add(place)
                else:
                    dead[question] = str(reason).rstrip("?.")
        first = False
    return outcomes, troubles, again, [step for place, step in enumerate(steps) if place not in left_out]


def _elsewhere(troubles):
    """What to add where a name is missing: another question's cell may have stopped before it came to that."""
    told = [f"the cell of {name}: {trouble}" for name, trouble in troubles.items() if " stopped with " in trouble]
    return told[0] if told else None


def allowance(bundle, budget):
    """Processor seconds for a cell or a test, by question; those cells that belong to none stand under None."""
    return {q["name"]: budget.seconds * max(1, q["seconds"] / SECONDS) for q in bundle["questions"]} | {
        None: budget.seconds
    }


def look_again(bundle, steps, outcomes, budget, isolate):
    """Put into `outcomes` what the tests of a question find where its student checked it, if a later cell may have changed that."""
    lost = {name for (name, _), note in outcomes.items() if not note["passed"] and note["points"]}
    try:
        with own_limit():
            places = earlier.places(bundle, steps, lost)
    except TooLong:
        places = {}
    if places and not budget.over:
        with contextlib.suppress(Gone):  # then the first look stands
            earlier.look(bundle, steps, places, outcomes, Sandbox(budget, isolate), allowance(bundle, budget))


def _note(test, message):
    passed = message is None
    kept = {key: test[key] for key in ("hidden", "points")}
    return {"test": test["name"]} | kept | {"passed": passed, "message": "" if passed else plain(message, 3000)}
