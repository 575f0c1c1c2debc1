"""What runs inside the cage (sandbox.py): a student's cells, in order, as IPython runs them, then single calls of the answers.

The grader (grade.py) holds the tests, compares the results and decides. Nothing here is believed.
"""

import ast
import builtins
import itertools
import json
import linecache
import os
import socket
import sys
import types
from pathlib import Path

LONGEST = 100_000  # items that are taken from something that can only be gone through


class Absent:
    """Stands for a module that is not here. Cells may set it up, as for a plot; an answer that uses it says what is missing."""

    def __init__(self, error, notebook):
        self._error, self._notebook = error, notebook

    def _use(self, *given, **named):
        if not self._notebook.running:
            raise self._error
        return self

    __call__ = __getitem__ = _use

    def __getattr__(self, name):
        if name.startswith("__"):  # what Python itself asks for, as `inspect` does in a loop
            raise AttributeError(name)
        return self._use()

    def __mro_entries__(self, bases):
        self._use()
        return ()


class LenientImports(ast.NodeTransformer):
    """Lets a cell go on after an import that fails, as it did where it was written. `absent` (names) is called in its place."""

    def visit_Module(self, node):
        node.body = [new for old in node.body for new in self.guarded(old)]
        return ast.fix_missing_locations(node)

    def guarded(self, node):
        if isinstance(node, ast.Import):  # each name by itself, so that `import torch, os` still has os
            parts = [(ast.Import([name]), [name.asname or name.name.partition(".")[0]]) for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            parts = [(node, [name.asname or name.name for name in node.names if name.name != "*"])]
        else:
            return [node]
        return [ast.copy_location(self.attempt(part, names), node) for part, names in parts]

    def attempt(self, node, names):
        call = ast.Call(ast.Name("__absent__", ast.Load()), [ast.Constant(name) for name in names], [])
        missing = ast.ExceptHandler(ast.Name("ModuleNotFoundError", ast.Load()), None, [ast.Expr(call)])
        return ast.Try([node], [missing], [], [])


class Notebook:
    """The student's namespace and the cells run in it. Most cells are plain Python; IPython is started where one is not."""

    def __init__(self):
        builtins.__dict__["__absent__"] = self.absent
        self.running, self.missing = False, None
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
        self.shell.ast_transformers.append(LenientImports())
        self.shell.magics_manager.magics["line"]["matplotlib"] = lambda line: None  # e.g. `widget`, which is not here
        self.main.__dict__["display"] = lambda *values, **options: None

    def absent(self, *names):
        """In a cell, after an import that failed: what it would have named is there, and is of no use to an answer."""
        error = sys.exc_info()[1].with_traceback(None)
        self.missing = self.missing or error
        self.main.__dict__.update({name: Absent(error, self) for name in names})

    def run(self, code, name):
        """Run one cell. Raises what it raises; a module that is not here, once all else is done."""
        self.running, self.missing = True, None
        try:
            self.run_all(code, name)
        finally:
            self.running = False
        if self.missing:
            raise self.missing

    def run_all(self, code, name):
        self.cells += 1
        name = f"<{name}, cell {self.cells}>"
        if self.shell is None:
            try:
                tree = LenientImports().visit(ast.parse(code, name))
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
