"""The grader's side of a sandbox: start it, ask it, watch what it uses, and close it."""

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
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import CourseError
from . import answers, watch, wire

HERE = Path(__file__).resolve().parent
START_SECONDS = 60
TOTAL = 4  # the whole of a submission may take this many times the processor seconds of one cell
LOOK = (
    0.3  # seconds that count as waited at each look at an idle sandbox; there are ten looks a second on an idle machine
)
WALL = 20  # by the clock, a cell gets this many times its processor seconds, times the load of a core where that is more than 1
IMPORTING = 60  # processor seconds aside for a notebook that imports one of these
COURSE = HERE.parent  # the course's package, in which many an answer stands
HEAVY = re.compile(r"\b(?:keras|tensorflow|jax|torch|matplotlib|pandas|sklearn|scipy)\b")


class GradeError(CourseError):
    """Grading cannot start; the message says what to do."""


class StudentError(Exception):
    """Student code raised an exception."""

    def __init__(self, kind, text):
        super().__init__(f"{kind}: {text}" if text else kind)
        self.kind = kind


class Gone(Exception):
    """The sandbox had to be closed, or closed itself; the message says why in plain words.

    `again`: on a quiet machine it might have gone otherwise.
    """

    def __init__(self, reason, again=False):
        super().__init__(reason)
        self.again = again


@dataclass
class Budget:
    """What one submission may use, over all its sandboxes.

    `seconds` of the processor for one cell or test, `memory` in bytes; `spare` processor seconds for imports; `packages`, those that
    its assignment names: the course's own is there only for one that does.
    """

    seconds: float = 30
    memory: int = 2 * 2**30
    spare: float = 0
    packages: Sequence[str] = ()
    used: float = 0
    idle: float = 0

    @property
    def over(self):
        return self.used >= TOTAL * self.seconds or self.idle >= 2 * self.seconds


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

    def __iter__(self):
        """A generator, or anything else that can be gone through: its items come all at once."""
        return iter(self._sandbox.ask({"do": "list", "of": self._number}))

    def __call__(self, *args, **kwargs):
        def number(value):
            if not isinstance(value, Handle):
                raise wire.WireError(
                    f"a test passed a {type(value).__name__}; pass numbers, text, lists, dicts or arrays"
                )
            return value._number

        return self._sandbox.ask(
            {"do": "call", "of": self._number, "arguments": wire.encode((args, kwargs), number)}, (args, kwargs)
        )


@dataclass
class Meter:
    """Counts what has been used since `give`; its look at /proc costs a millisecond, so only what takes long is measured."""

    process: subprocess.Popen
    budget: Budget
    isolate: bool = True
    seconds: float = START_SECONDS
    since: float = field(default_factory=time.monotonic)
    looked: float = field(default_factory=time.monotonic)
    before: watch.Usage | None = None
    spent: float = 0
    idle: float = 0

    def give(self, seconds):
        self.seconds, self.since, self.looked = seconds, time.monotonic(), time.monotonic()
        self.before, self.spent, self.idle = None, 0, 0

    def look(self, waiting):
        """Raises `Gone` where a limit is passed.

        `waiting`: for an answer that has not come. Only then may the sandbox be idle, and only for as long as somebody looked:
        on a busy machine much time passes between two looks.
        """
        now, budget = time.monotonic(), self.budget
        usage = watch.usage(self.process.pid, budget.memory, self.isolate)
        if usage is None:  # not Linux: only the clock is left to go by
            usage = watch.Usage(seconds=now, busy=True)
        if usage.memory > budget.memory:
            raise Gone(f"it used more than {budget.memory / 2**20:.0f} MiB of memory")
        if self.before is not None:
            used = max(usage.seconds - self.before.seconds, 0)
            self.spent, budget.used = self.spent + used, budget.used + used
            if waiting and not (usage.busy or used > 0):
                idle = min(now - self.looked, LOOK)
                self.idle, budget.idle = self.idle + idle, budget.idle + idle
        self.before, self.looked = usage, now
        if self.spent > self.seconds and budget.spare > 0:
            free = min(budget.spare, self.spent)
            self.spent, budget.spare, budget.used = self.spent - free, budget.spare - free, budget.used - free
        if budget.over:
            raise Gone("the submission used up its time")
        if self.spent > self.seconds:
            raise Gone(f"it used more than {self.seconds:g} s of processor time; is there an endless loop?")
        if self.idle > self.seconds:
            raise Gone(f"it waited for more than {self.seconds:g} s without doing anything")
        longest = WALL * self.seconds * max(1, watch.load())
        if now - self.since > longest:
            raise Gone(f"it was not done after {longest:.0f} s by the clock", again=True)


class Sandbox:
    """A process in which student code runs, with limits on time and memory. Use it in a `with` statement."""

    def __init__(self, budget, isolate):
        self.asked = 0
        self.changed, self.give_back = (
            False,
            True,
        )  # whether a call changed its arguments, and whether the test is to see that
        self.root = tempfile.mkdtemp(prefix="rnnbook-grade-")
        self.channel, theirs = socket.socketpair()
        settings = {
            "channel": theirs.fileno(),
            # The same in each sandbox of a submission, so that it tells nothing about what has been before.
            "seconds": int(TOTAL * budget.seconds + IMPORTING + START_SECONDS),
            "memory": budget.memory,
            "isolate": isolate,
            "root": self.root,
            "visible": visible_paths(budget.packages),
            "paths": [p for p in sys.path if p.rstrip("/").endswith("-packages")]
            + [str(COURSE.parent)] * (COURSE.name in budget.packages),
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
            [sys.executable, "-I", "-S", str(HERE / "sandbox.py"), json.dumps(settings)],
            pass_fds=[theirs.fileno()],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        self.meter = Meter(self.process, budget, isolate)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    def start(self):
        """Wait until it is ready. Raises `GradeError` if the machine does not let it start, `Gone` if the submission has no time left."""
        try:
            self._reply()
        except (Gone, StudentError) as reason:
            if self.meter.budget.over:
                raise Gone("the submission used up its time") from None
            raise GradeError(f"The sandbox for student code did not start on this machine: {reason}.") from None

    def prepare(self, steps):
        """Start, and make ready what cells expect: a `grader`, and IPython where one of them needs it. Raises `GradeError`, `Gone`."""
        self.start()
        self.ask({"do": "grader"})
        if any(answers.IPYTHON.search(step["code"]) for step in steps):
            self.ask({"do": "ipython"})

    def give(self, seconds):
        """Allow what follows this many processor seconds."""
        self.meter.give(seconds)

    def ask(self, request, arguments=None):
        """Have something done in there and return what comes back. Raises `StudentError` or `Gone`.

        Parameters: `request`, a dict; `arguments`, those of a call, which are changed as the call changed its copies.
        """
        self.asked += 1
        try:
            self.channel.settimeout(START_SECONDS)
            wire.send(self.channel, request | {"id": self.asked})
        except OSError:
            raise Gone(*self._why()) from None
        if time.monotonic() - self.meter.looked > 0.2:  # many short calls are one long one
            self.meter.look(waiting=False)
        reply = self._reply()
        if arguments is not None and "changed" in reply:
            self.changed = True
            if self.give_back:
                give_back(arguments, self._decode(reply["changed"]))
        return self._decode(reply["value"])

    def _reply(self):
        try:
            reply = wire.receive(self.channel, self.meter.look)
            if reply["id"] != self.asked:
                raise wire.WireError("a reply to nothing")
            error = [plain(part, most) for part, most in zip(reply.get("error", ()), (60, 2000))]
            if not error:
                reply["value"]
        except EOFError:
            raise Gone(*self._why()) from None
        except Gone:
            raise
        except Exception:  # forged
            raise Gone("it sent back something that is not a value") from None
        if error:
            raise StudentError(*_explained(*[*error, ""][:2]))
        return reply

    def _decode(self, value):
        try:
            return wire.decode(value, lambda number, kind: Handle(self, number, plain(kind, 60)))
        except Exception:  # forged: NumPy's reader of types alone raises five kinds
            raise Gone("it sent back something that is not a value") from None

    def _why(self):
        try:
            code = self.process.wait(2)
        except subprocess.TimeoutExpired:
            return "it closed the connection to the grader", False
        if code == 256 - signal.SIGKILL:
            return "the system ended it; it asked for too much memory or processor time", True
        if code == 256 - signal.SIGSEGV:
            return "Python itself crashed in it", False
        return "it ended Python (os._exit or the like)", False


def _explained(kind, text):
    """A student's error, with what it means where it is the course's package that is missing."""
    if kind == "ModuleNotFoundError" and f"'{COURSE.name}" in text:
        text += " (The course's package is not there when work is graded; write the function yourself.)"
    return kind, text


def plain(text, longest):
    """Text that any file takes and no terminal obeys: without halves of characters and without control characters."""
    text = str(text)[:longest].encode("utf-8", "backslashreplace").decode()
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "�", text)


def give_back(ours, theirs):
    """Change a test's own arrays, lists and dicts as a call changed its copies of them, so that the test can see it."""
    if isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray):
        if ours.shape == theirs.shape and ours.flags.writeable:
            np.copyto(ours, theirs, casting="unsafe")
    elif isinstance(ours, (list, tuple)) and isinstance(theirs, (list, tuple)):
        for mine, other in zip(ours, theirs):
            give_back(mine, other)
        if isinstance(ours, list):
            kept = [np.ndarray, list, dict, Handle]
            ours[:] = [
                mine if type(mine) in kept and type(mine) is type(other) else other
                for mine, other in zip(list(ours) + [None] * len(theirs), theirs)
            ]
    elif isinstance(ours, dict) and isinstance(theirs, dict):
        for key in list(ours):
            if key in theirs:
                give_back(ours[key], theirs[key])
        for key, other in theirs.items():
            if key not in ours or not isinstance(ours[key], (np.ndarray, list, dict, Handle)):
                ours[key] = other
        for key in set(ours) - set(theirs):
            del ours[key]


def visible_paths(packages=()):
    """What student code may read besides the system's own programs: Python, its packages and this folder, or all of the course's package."""
    own = COURSE if COURSE.name in packages else HERE
    paths = [sys.base_prefix, sys.prefix, os.path.dirname(os.path.realpath(sys.executable)), str(own)]
    paths += [path for path in sys.path if path.rstrip("/").endswith("-packages") and os.path.isdir(path)]
    return [path for path in dict.fromkeys(paths) if path not in ("/", "/usr")]


def can_isolate():
    """Whether this system lets student code be locked away in namespaces; tried out, not guessed."""
    if sys.platform != "linux":
        return False
    with Sandbox(Budget(memory=2**30), isolate=True) as sandbox:
        try:
            sandbox.start()
        except GradeError:
            return False
    return True
