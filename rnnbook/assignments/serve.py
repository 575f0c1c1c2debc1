"""What runs inside the cage (sandbox.py): a student's cells, in order, as IPython runs them, then single calls of the answers.

The grader (grade.py) holds the tests, compares the results and decides. Nothing here is believed.
"""

import ast
import itertools
import json
import linecache
import os
import socket
import sys
import types
from pathlib import Path

LONGEST = 100_000  # items that are taken from something that can only be gone through


class Notebook:
    """The student's namespace and the cells run in it. Most cells are plain Python; IPython is started where one is not."""

    def __init__(self):
        self.main = sys.modules["__main__"] = types.ModuleType("__main__")
        self.main.__dict__.update(display=lambda *values, **options: None, get_ipython=lambda: None)
        self.shell = None
        self.cells = 0

    def start_ipython(self):
        """An IPython without history file, colours and output, working in the same namespace."""
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        class Shell(InteractiveShell):
            system = InteractiveShell.system_raw  # the other one asks for a terminal

            def enable_gui(self, gui=None):
                pass

            def showtraceback(self, *args, **kwargs):
                pass

            def showsyntaxerror(self, *args, **kwargs):
                pass

        config = Config()
        config.HistoryManager.enabled = False
        del self.main.__dict__["display"], self.main.__dict__["get_ipython"]
        self.shell = Shell.instance(config=config, user_module=self.main, user_ns=self.main.__dict__)
        self.main.__dict__["display"] = lambda *values, **options: None

    def run(self, code, name):
        """Run one cell. Raises what it raises."""
        self.cells += 1
        name = f"<{name}, cell {self.cells}>"
        if self.shell is None:
            try:
                tree = ast.parse(code, name)
                last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
                body = compile(tree, name, "exec")
                value = compile(ast.Expression(last.value), name, "eval") if last else None
            except (SyntaxError, ValueError):  # a magic, or `async for` outside of a function
                self.start_ipython()
        if self.shell is not None:
            result = self.shell.run_cell(code, store_history=True)
            error = result.error_before_exec or result.error_in_exec
            if error:
                raise error
            return
        linecache.cache[name] = (len(code), None, code.splitlines(True), name)  # for `inspect.getsource`
        exec(body, self.main.__dict__)
        if value is not None and (shown := eval(value, self.main.__dict__)) is not None:
            self.main.__dict__["_"] = shown


def changes(before, after, wire):
    """What a call made of its arguments, encoded, or None where it left them alone; `before` is how they came."""
    try:
        now = wire.encode(after, lambda value: -1)
    except Exception:
        return None
    return now if now != before else None


def answer(request, notebook, objects, keep, wire):
    """Do what the grader asks for; returns the reply."""
    what, names = request["do"], notebook.main.__dict__
    if what == "ipython":
        notebook.start_ipython()
        return {"value": None}
    if what == "run":
        notebook.run(request["code"], request["name"])
        return {"value": None}
    if what == "grader":  # the student notebook's own checks have nothing to say here
        quiet = types.SimpleNamespace(check=lambda *a, **k: None, check_all=lambda *a, **k: None)
        names.setdefault("grader", quiet)
        return {"value": None}
    if what == "get":
        if request["name"] not in names:
            raise NameError(f"{request['name']} is not defined")
        return {"value": wire.encode(names[request["name"]], keep)}
    target = objects[request["of"]]
    if what == "list":
        return {"value": wire.encode(list(itertools.islice(target, LONGEST)), keep)}
    if what == "read":
        return {"value": wire.encode(getattr(target, request["name"]), keep)}
    arguments = wire.decode(request["arguments"], lambda number, _: objects[number])
    try:
        before = wire.encode(arguments, lambda value: -1)
    except Exception:
        before = None
    value = target(*arguments[0], **arguments[1])
    reply = {"value": wire.encode(value, keep)}
    changed = changes(before, arguments, wire) if before is not None else None
    return reply | ({"changed": changed} if changed else {})


def serve(settings):
    """Do what is asked until the grader hangs up."""
    sys.path[:0] = [str(Path(__file__).parent)]
    import wire

    sys.path[0] = ""  # as in a notebook: what a student writes beside it can be imported
    sys.path += [path for path in settings["paths"] if path not in sys.path]
    notebook, objects, own = Notebook(), [], os.getpid()
    channel = socket.socket(fileno=settings["channel"])

    def keep(value):
        objects.append(value)
        return len(objects) - 1

    wire.send(channel, {"id": 0, "value": None})
    while True:
        try:
            request = wire.receive(channel)
        except EOFError:
            return 0
        try:
            reply = answer(request, notebook, objects, keep, wire)
        except BaseException as error:  # SystemExit, too, is only an answer's mistake
            reply = {"error": [type(error).__name__, _text(error)]}
        if os.getpid() != own:  # a child that a student forked, and that came back here by an exception
            os._exit(1)
        try:
            wire.send(channel, {"id": request["id"]} | reply)
        except ValueError as error:  # too large a value
            wire.send(channel, {"id": request["id"], "error": ["ValueError", str(error)[:2000]]})


def _text(error):
    try:
        if type(error) in (SyntaxError, IndentationError, TabError):  # without the file, which is none of the student's
            return f"{error.msg} (line {error.lineno})"
        return str(error)[:2000]
    except BaseException:  # its __str__ is a student's, too
        return ""


if __name__ == "__main__":
    sys.exit(serve(json.loads(sys.argv[1])))
