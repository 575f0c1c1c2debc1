"""What runs a reader's cells, in Pyodide (`worker.js` calls `run`) and, for the tests, in any Python.

Every run starts from nothing, as 'restart and run all above' does in a notebook: the given cells and the reader's answers, in order.
So a result never depends on what was run before.
"""

import ast
import builtins
import io
import json
import linecache
import re
import sys
import traceback

LARGEST_OUTPUT = 200_000  # characters of one run
LINES = re.compile(r"(\d+) of (\d+) public tests? passed")


class Stopped(BaseException):
    """Ends a run with one sentence; not an `Exception`, so that a reader's `except Exception` does not catch it."""


class Output(io.TextIOBase):
    """Takes what a cell prints; stops it where it prints without end."""

    def __init__(self):
        self.pieces, self.left = [], LARGEST_OUTPUT

    def write(self, text):
        if len(text) > self.left:
            self.pieces.append(text[: self.left])
            self.left = 0
            raise Stopped(f"Stopped: more than {LARGEST_OUTPUT:,} characters of output. Does a loop print too often?")
        self.left -= len(text)
        self.pieces.append(text)
        return len(text)

    def take(self):
        """What was printed since the last call."""
        text, self.pieces = "".join(self.pieces), []
        return text


def _no_input(prompt=""):
    raise Stopped("Stopped: input() has nobody to ask here. Write the value into your code instead.")


def _without_magic(code):
    """Lines such as `%pip install` belong to notebooks; here they do nothing."""
    return re.sub(r"^([ \t]*)[%!].*$", r"\1pass", code, flags=re.M)


def _execute(code, name, scope):
    """Run one cell as a notebook does, and print the value of a last line that is an expression."""
    file = f"<{name}>"
    code = _without_magic(code)
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    tree = ast.parse(code, file)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, file, "exec"), scope)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), file, "eval"), scope)
        if value is not None:
            print(repr(value))


def _explain(error, names):
    """An error with the reader's own lines alone, innermost last; the second value is its line in the cell that ran last, or 0."""
    if isinstance(error, Stopped):
        return str(error), 0
    if isinstance(error, SystemExit):
        said = f": {error.code}" if isinstance(error.code, str) else "."
        return f"exit() has ended this run{said} Python is still there.", 0
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.strip("<>") in names]
    lines = []
    for frame in frames if len(frames) <= 8 else [*frames[:4], None, *frames[-3:]]:
        if frame is None:
            lines.append("…")
            continue
        place = "" if frame.name == "<module>" else f", in {frame.name}"
        lines.append(f"{frame.filename.strip('<>')}, line {frame.lineno}{place}\n    {frame.line}")
    own = [f.lineno for f in frames if f.filename.strip("<>") == names[-1]]
    said = "".join(traceback.format_exception_only(error)).rstrip()
    if isinstance(error, SyntaxError) and error.filename == f"<{names[-1]}>":
        own = [error.lineno or 0]
        said = re.sub(r'^  File "<(.*?)>"', r"\1", said)
    if isinstance(error, MemoryError) or "array is too big" in said:
        said += "\nA page has about a gigabyte of memory: is an array larger than you meant?"
    return "\n".join([*lines, said]), own[-1] if own else 0


def _figures():
    """The curves that were drawn since the last call, as data; the page's stand-in for pyplot keeps them."""
    take = getattr(sys.modules.get("matplotlib.pyplot"), "take", list)
    return take()


def run(request, tell=lambda name: None):
    """Run cells in order, then the public tests of some questions.

    Parameters: `request`, JSON of {"cells": [{"id", "name", "code"}], "checks": [question, …]}; `tell(name)` is called before
    each cell and each check, so that whoever stops an endless one can say which it was.
    Returns JSON of {"cells": {id: {"output", "error", "line"}}, "checks": {question: {"output", "passed", "total"}}, "stopped"}; a
    cell that drew curves has them as "figures".
    """
    request = json.loads(request)
    scope = {"__name__": "__main__", "__builtins__": builtins}
    output, before = Output(), (sys.stdout, sys.stderr, builtins.input)
    result = {"cells": {}, "checks": {}, "stopped": False}
    sys.stdout = sys.stderr = output
    builtins.input = _no_input
    sys.argv = [""]
    names = []
    _figures()  # what a run that was ended left behind

    def attempt(name, work):
        tell(name)
        text, line = "", 0
        try:
            work()
        except BaseException as error:
            text, line = _explain(error, names)
            result["stopped"] |= isinstance(error, Stopped)
        finally:
            sys.stdout = sys.stderr = output
        output.left = max(output.left, 1000)  # the graders' own words always find room
        return {"output": output.take(), "error": text, "line": line}

    try:
        for cell in request["cells"]:
            names.append(cell["name"])
            done = attempt(cell["name"], lambda c=cell: _execute(c["code"], c["name"], scope))
            if figures := _figures():
                done["figures"] = figures
            result["cells"][cell["id"]] = done
        for question in request["checks"]:
            done = attempt(question.upper(), lambda q=question: scope["grader"].check(q))
            passed = LINES.findall(done["output"])
            done["passed"], done["total"] = map(int, passed[-1]) if passed else (0, 0)
            result["checks"][question] = done
    finally:
        sys.stdout, sys.stderr, builtins.input = before
    return json.dumps(result)
