"""The rooms of the package: which may import which, how large a function may grow, and that every system can open them."""

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "rnnbook"
# Imports run one way, from left to right of this list; what a learner imports ends before "publish".
ORDER = (
    "errors",
    "files",
    "workers",
    "shapes",
    "reviews",
    "series",
    "text",
    "networks",
    "figures",
    "laboratory",
    "widgets",
    "notebook",
)
BEHIND = ("publish", "assignments")
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)
LONGEST = 60  # lines of a function, without its docstring and blank lines


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path): path for path in MODULES}


def imports(path):
    """Modules of the package that a module imports, at its top or inside a function."""
    me = name_of(path)
    package = me if path.name == "__init__.py" else me.rpartition(".")[0]
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            base = ".".join(filter(None, [base, node.module]))
            found = [f"{base}.{alias.name}" if f"{base}.{alias.name}" in NAMES else base for alias in node.names]
        else:
            continue
        yield from (name for name in found if name in NAMES)


def room(name):
    return (name.split(".") + ["rnnbook"])[1]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_run_one_way(path):
    """From reviews by networks and laboratory to widgets; what a learner imports needs nothing that publishes or grades."""
    here = room(name_of(path))
    for name in imports(path):
        there = room(name)
        if here in ORDER and there != "rnnbook":
            assert there not in BEHIND, f"{name_of(path)} imports {name}, which a learner never needs"
            assert there in ORDER and ORDER.index(there) <= ORDER.index(here), f"{name_of(path)} imports {name}"


def test_no_circle():
    """An import inside a function hides a circle from Python; it does not from whoever wants to read one module alone."""
    needs = {name: set(imports(path)) - {name} for name, path in NAMES.items()}
    for name in needs:  # the folder's own __init__ runs first, but no room waits for itself
        needs[name] = {other for other in needs[name] if not name.startswith(f"{other}.")}
    done, path = set(), []

    def visit(name):
        assert name not in path, " → ".join([*path[path.index(name) :], name])
        if name not in done:
            path.append(name)
            for other in sorted(needs[name]):
                visit(other)
            done.add(path.pop())

    for name in sorted(needs):
        visit(name)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_functions_stay_small(path):
    """Modules are cut by meaning, whatever their length; those of scripts are counted in tests/widgets."""
    lines = path.read_text("utf-8").splitlines()
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            code = [line for line in lines[body[0].lineno - 1 : node.end_lineno] if line.strip()] if body else []
            assert len(code) <= LONGEST, f"{node.name} has {len(code)} lines of code"


def run_as_on_windows(*numbers):
    """How many chapters ran, of those with these numbers, else of all."""
    environment = os.environ | {"MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)}
    script = ROOT / "tests" / "install" / "as_on_windows.py"
    done = subprocess.run([sys.executable, script, *numbers], capture_output=True, text=True, env=environment, cwd=ROOT)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return int(re.search(r"\d+ modules imported, \d+ cells of (\d+) chapters run", done.stdout)[1])


@pytest.mark.slow
def test_a_chapter_runs_where_windows_lacks_what_linux_has():
    """And every module is imported; the workflows run two chapters on Windows itself, the test below all of them."""
    assert run_as_on_windows("01") == 1


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_all_chapters_run_where_windows_lacks_what_linux_has():
    assert run_as_on_windows() == len(list((ROOT / "notebooks").glob("*.ipynb")))


def test_one_version():
    """The package says it; the paper to cite, the changes and the book say the same."""
    version = importlib.metadata.version("rnnbook")
    assert re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.M)[1] == version
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert str(cited["version"]) == version
    changes = re.findall(r"^## \[?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert changes and changes[0] == version


@pytest.mark.alone
def test_help_comes_at_once():
    """A command imports its work when it runs: the list of commands takes less than 0.3 processor seconds."""
    import resource

    fastest = 9.0
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "rnnbook", "--help"], check=True, capture_output=True, cwd=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        fastest = min(fastest, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        time.sleep(0.1)
    assert fastest < 0.3
