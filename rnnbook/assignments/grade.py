"""Grade submissions: the answers run in a sandbox, the tests here.

The sandbox (sandbox.py) is a process of its own for each submission. It gets the answer cells and then single calls such
as `rollout(X, U, W, b)`; it sends back plain data. The tests, their expected values and the verdict never leave this side,
so nothing that student code does in its process, from a patched `numpy.testing` to a search of its memory, can change a mark.
"""

import builtins
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from pathlib import Path

from . import answers, wire
from .build import BUNDLE

HERE = Path(__file__).resolve().parent
GIVEN_SECONDS = 60  # for a cell of the assignment itself: importing Keras takes a while


class GradeError(RuntimeError):
    """Grading cannot start; the message says what to do."""


class StudentError(Exception):
    """Student code raised an exception."""

    def __init__(self, kind, text):
        super().__init__(f"{kind}: {text}" if text else kind)
        self.kind = kind


class Gone(Exception):
    """The sandbox had to be closed, or closed itself; the message says why in plain words."""


class Handle:
    """Something in the sandbox that is not plain data: read its attributes, call it."""

    def __init__(self, sandbox, number, kind):
        self._sandbox, self._number, self._kind = sandbox, number, kind

    def __repr__(self):
        return f"<a {self._kind}>"

    def __bool__(self):
        raise TypeError(f"expected a number or an array, got a {self._kind}")

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self._sandbox.ask({"do": "read", "of": self._number, "name": name})

    def __call__(self, *args, **kwargs):
        def number(value):
            if not isinstance(value, Handle):
                raise wire.WireError(
                    f"a test passed a {type(value).__name__}; pass numbers, text, lists, dicts or arrays"
                )
            return value._number

        return self._sandbox.ask({"do": "call", "of": self._number, "arguments": wire.encode((args, kwargs), number)})


class Sandbox:
    """A process in which student code runs, with limits on time and memory. Use it in a `with` statement."""

    def __init__(self, seconds, memory, isolate):
        self.deadline = time.monotonic() + seconds
        self.until = self.allowed = None
        self.asked = 0
        self.root = tempfile.mkdtemp(prefix="rnnbook-grade-")
        self.channel, theirs = socket.socketpair()
        settings = {
            "channel": theirs.fileno(),
            "seconds": seconds,
            "memory": memory,
            "isolate": isolate,
            "root": self.root,
            "visible": visible_paths(),
            "paths": [p for p in sys.path if p.rstrip("/").endswith("-packages")] + [str(HERE.parents[1])],
            "grader": os.getpid(),
        }
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "MPLBACKEND": "Agg",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
            "PYTHONHASHSEED": "0",
        }
        if "KERAS_BACKEND" in os.environ:
            environment["KERAS_BACKEND"] = os.environ["KERAS_BACKEND"]
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(HERE / "sandbox.py"), "launch", json.dumps(settings)],
            pass_fds=[theirs.fileno()],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        theirs.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    def start(self):
        """Wait until it is ready. Raises `Gone` if the time is over, `GradeError` if the machine is to blame."""
        self.give(GIVEN_SECONDS)
        try:
            self._reply()
        except Gone as reason:
            if time.monotonic() < self.deadline:
                raise GradeError(
                    f"The sandbox for student code did not start on this machine: {reason}. What is graded is kept; "
                    "start the same command again."
                ) from None
            raise

    def give(self, seconds):
        """Allow what follows this many seconds, within those of the whole submission."""
        self.allowed, self.until = seconds, min(self.deadline, time.monotonic() + seconds)

    def ask(self, request):
        """Have something done in there and return what comes back. Raises `StudentError` or `Gone`."""
        self.asked += 1
        try:
            wire.send(self.channel, request | {"id": self.asked})
        except OSError:
            raise Gone(self._why()) from None
        return self._reply()

    def _reply(self):
        try:
            reply = wire.receive(self.channel, self.until)
            if reply["id"] != self.asked:
                raise wire.WireError("a reply to nothing")
            if "error" in reply:
                kind, text = reply["error"]
                raise StudentError(str(kind)[:60], str(text)[:2000])
            return wire.decode(reply["value"], lambda number, kind: Handle(self, number, kind))
        except TimeoutError:
            if self.until >= self.deadline:
                raise Gone("the submission used up its time") from None
            raise Gone(f"it ran longer than {self.allowed:g} s; is there an endless loop?") from None
        except EOFError:
            raise Gone(self._why()) from None
        except (wire.WireError, KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
            raise Gone("it sent back something that is not a value") from None

    def _why(self):
        try:
            code = self.process.wait(2)
        except subprocess.TimeoutExpired:
            return "it closed the connection to the grader"
        if code == 256 - signal.SIGKILL:
            return "the system ended it; it asked for too much memory or processor time"
        if code == 256 - signal.SIGSEGV:
            return "Python itself crashed in it"
        return "it ended Python (os._exit or the like)"


def visible_paths():
    """What student code may read besides the system's own programs: Python, its packages and this package."""
    paths = [sys.base_prefix, sys.prefix, os.path.dirname(os.path.realpath(sys.executable)), str(HERE.parent)]
    paths += [path for path in sys.path if path.rstrip("/").endswith("-packages") and os.path.isdir(path)]
    return [path for path in dict.fromkeys(paths) if path not in ("/", "/usr")]


def can_isolate():
    """Whether this system lets student code be locked away in namespaces; tried out, not guessed."""
    if sys.platform != "linux":
        return False
    with Sandbox(20, 2**30, isolate=True) as sandbox:
        try:
            sandbox.start()
        except (Gone, GradeError):
            return False
    return True


def parse_memory(text):
    """`500M` or `2G` in bytes. Raises `GradeError`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([MG])i?B?", text.strip(), re.I)
    if not match or float(match[1]) == 0:
        raise GradeError(f"--memory is {text!r}, but must be a size such as 500M or 2G.")
    return int(float(match[1]) * 2 ** {"M": 20, "G": 30}[match[2].upper()])


def load_bundle(path):
    """The description of an assignment from its autograder.zip. Raises `GradeError`."""
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read(BUNDLE))
    except FileNotFoundError:
        raise GradeError(f"There is no {path}. Make it with `python -m rnnbook assignments build`.") from None
    except (zipfile.BadZipFile, KeyError, OSError, ValueError):
        raise GradeError(f"{path} is not a bundle that `python -m rnnbook assignments build` made.") from None


def grade(bundle, data, seconds=120, memory=2 * 2**30, isolate=True):
    """Grade one submission.

    Parameters: `bundle` from `load_bundle`; `data`, the notebook's bytes; `seconds` and `memory` (bytes), the limits for the whole of it;
    `isolate`, whether to lock student code away in namespaces.
    Returns a dict of plain data: `status` (a sentence), `seconds`, `points` per question (None where a human grades), `total` and
    `notes` per question, a list of `{"test", "hidden", "points", "passed", "message"}`. It never raises for what a student did;
    `GradeError` means that the machine cannot run the sandbox.
    """
    started = time.monotonic()
    result = {
        "status": "",
        "points": {q["name"]: None if q["manual"] else 0 for q in bundle["questions"]},
        "total": 0,
        "notes": {},
    }
    try:
        steps = answers.find(answers.read(data), bundle)
    except answers.SubmissionError as error:
        result["status"] = str(error)
    else:
        outcomes, troubles = run_tests(bundle, steps, started + seconds, memory, isolate)
        for question in bundle["questions"]:
            if not question["manual"]:
                notes = [outcomes[question["name"], number] for number in range(len(question["tests"]))]
                result["notes"][question["name"]] = notes
                result["points"][question["name"]] = sum(note["points"] for note in notes if note["passed"])
        result["total"] = sum(points for points in result["points"].values() if points)
        if answers.untouched(steps, bundle):
            result["status"] = "Nothing was filled in."
        else:
            result["status"] = "; ".join(["Graded", *(f"{name}: {trouble}" for name, trouble in troubles.items())])
    result["seconds"] = round(time.monotonic() - started, 2)
    return result


def run_tests(bundle, steps, deadline, memory, isolate):
    """Run all tests on the answers in `steps`.

    Public tests come first: their messages may hold what student code says, which must not be what a hidden test told it.
    Where a question's code ends or stops the sandbox, that question pays, and a new sandbox goes on without it.
    Returns `{(question, test number): note}` and `{question: what went wrong with its cells}`.
    """
    allowed = {q["name"]: q["seconds"] for q in bundle["questions"]}
    todo = [
        (q["name"], number, test)
        for hidden in (False, True)
        for q in bundle["questions"]
        if not q["manual"]
        for number, test in enumerate(q["tests"])
        if test["hidden"] == hidden
    ]
    outcomes, troubles, dead = {}, {}, {}

    def note(question, number, test, message):
        passed = message is None
        outcomes[question, number] = {
            "test": test["name"],
            "hidden": test["hidden"],
            "points": test["points"],
            "passed": passed,
            "message": "" if passed else message,
        }

    while todo:
        with Sandbox(max(deadline - time.monotonic(), 0.1), memory, isolate) as sandbox:
            question = None
            try:
                sandbox.start()
                for step in steps:
                    question = step["question"]
                    if question in dead:
                        continue
                    sandbox.give(allowed[question] if question else GIVEN_SECONDS)
                    try:
                        sandbox.ask({"do": "run", "code": step["code"], "name": question or "given"})
                    except StudentError as error:
                        troubles.setdefault(question or "notebook", f"its cell stopped with {error}"[:300])
                while todo:
                    question, number, test = todo[0]
                    if question in dead:
                        note(question, number, test, f"Not run: {dead[question]}.")
                    else:
                        sandbox.give(allowed[question])
                        note(question, number, test, run_test(sandbox, test, troubles.get(question)))
                    todo.pop(0)
            except Gone as reason:
                if question is None or time.monotonic() >= deadline:  # nothing is left to go on with
                    for name, number, test in todo:
                        note(name, number, test, f"Not run: {reason}.")
                    troubles[question or "notebook"] = str(reason)
                    return outcomes, troubles
                dead[question] = troubles[question] = str(reason)
    return outcomes, troubles


def run_test(sandbox, test, trouble):
    """Run one test; returns None if it passes, else what to tell the student. Raises `Gone`."""
    scope = {}
    try:
        exec(compile(test["code"], "<test>", "exec"), scope)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scope[test["name"]](*(sandbox.ask({"do": "get", "name": name}) for name in test["arguments"]))
    except Gone:
        raise
    except Exception as error:
        # What student code raises may carry a hidden test's input, so there only the name of a built-in exception is told.
        if test["hidden"]:
            kind = error.kind if isinstance(error, StudentError) and hasattr(builtins, error.kind) else ""
            return test["message"] + (f" (Your code raised {kind}.)" if kind else "")
        told = (
            f"Your code raised {error}"
            if isinstance(error, StudentError)
            else "\n".join(
                line
                for line in (str(error) or traceback.format_exception_only(error)[-1]).strip().splitlines()
                if line.strip()
            )
        )
        return "\n".join([test["message"], told[:600], *([f"Its cell: {trouble}"] if trouble else [])])
    return None
