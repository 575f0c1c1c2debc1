"""One cell in a sandbox, one test on this side, and a limit on what a submission may cost the grader itself."""

import builtins
import contextlib
import signal
import threading
import traceback
import warnings

from .box import Gone, StudentError

OWN_SECONDS = 30  # of the processor, for what the grader itself does with a submission: reading it, or one test


class TooLong(Exception):
    """The grader's own work on a submission took too long."""


@contextlib.contextmanager
def own_limit(seconds=OWN_SECONDS):
    """`TooLong` where what is done here takes longer than this on the processor; waiting for the sandbox does not count."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_):
        raise TooLong("it took the grader too long")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def run_cell(sandbox, step, seconds):
    """Run one cell of the notebook; returns what it raised, as text, or None. Raises `Gone`."""
    sandbox.give(seconds)
    try:
        sandbox.ask({"do": "run", "code": step["code"], "name": step["question"] or "cell"})
    except StudentError as error:
        if error.kind == "ModuleNotFoundError":  # the cell went on (serve.py), and may not have needed it
            return f"its cell asked for what is not there: {error}"[:300]
        return f"its cell stopped with {error}"[:300]


CHANGED = " (Your code changed what it was given; work on a copy.)"


def run_test(sandbox, test, trouble, elsewhere=None):
    """Run one test; returns None if it passes, else what to tell the student. Raises `Gone`.

    Where a call changes its arguments, the test runs twice, seeing the changes and not seeing them, and must pass both times. A
    hidden test is lost even so: from arguments that were emptied it may have computed that nothing was to be compared.
    trouble: what went wrong with the cells of this question; it is told first, as the rest may come of it. elsewhere: with another's,
    which is told where a name is missing.
    """
    message = _outcome(sandbox, test)
    if message and elsewhere and "NameError" in message:
        trouble = trouble or elsewhere
    if message and trouble:
        message = f"When your work was graded, {trouble}. What follows may come of that.\n{message}"
    return message


def _outcome(sandbox, test):
    try:
        sandbox.changed = False
        _run(sandbox, test)
        if sandbox.changed:  # a test that computes what it expects from arguments set to zero proves nothing
            sandbox.give_back = False
            _run(sandbox, test)
            if test["hidden"]:
                return test["message"] + CHANGED
    except Gone:
        raise
    except Exception as error:
        # What student code raises may carry a hidden test's input, so there only the name of a built-in exception is told.
        if test["hidden"]:
            kind = error.kind if isinstance(error, StudentError) else ""
            known = getattr(builtins, kind, None)
            told = isinstance(known, type) and issubclass(known, BaseException)
            return test["message"] + (f" (Your code raised {kind}.)" if told else "") + CHANGED * bool(sandbox.changed)
        if isinstance(error, StudentError):
            said = f"Your code raised {error}"
        else:
            lines = (str(error) or traceback.format_exception_only(error)[-1]).strip().splitlines()
            said = "\n".join(line for line in lines if line.strip())
        return f"{test['message']}\n{said[:600]}"
    finally:
        sandbox.give_back = True
    return None


def _run(sandbox, test):
    scope = {}
    with own_limit(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(test["code"], "<test>", "exec"), scope)
        scope[test["name"]](*(sandbox.ask({"do": "get", "name": name}) for name in test["arguments"]))
