"""What the README's first command installs is all that chapters, assignments and the book import."""

import ast
import json
import re
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Asked for where they are used, with a sentence that names them; jaxtyping by type checkers and tests alone.
OPTIONAL = {"jax", "optax", "torch", "distributed", "google-colab", "pypandoc-binary", "jaxtyping"}


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_by(file):
    """The distributions that a requirements file brings, and all that they depend on."""
    from packaging.requirements import Requirement

    found, waiting = set(), [line for line in file.read_text("utf-8").splitlines() if line and line[0] not in "#-"]
    while waiting:
        requirement = Requirement(waiting.pop())
        wanted = {"extra": ""}, *({"extra": extra} for extra in requirement.extras)
        name = plain(requirement.name)
        if requirement.marker and not any(requirement.marker.evaluate(extra) for extra in wanted):
            continue
        if name in found and not requirement.extras:
            continue
        found.add(name)
        try:
            needed = [Requirement(text) for text in requires(name) or []]
        except PackageNotFoundError:
            continue
        waiting += [
            str(Requirement(str(need).split(";")[0]))
            for need in needed
            if not need.marker or any(need.marker.evaluate(extra) for extra in wanted)
        ]
    return found


def sources():
    """(name, Python text) of the package and of every code cell in chapters and student notebooks."""
    for path in sorted((ROOT / "rnnbook").rglob("*.py")):
        yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
    for path in [*sorted((ROOT / "notebooks").glob("*.ipynb")), *sorted((ROOT / "exercises").glob("*.ipynb"))]:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                lines = "".join(cell["source"]).splitlines()
                yield path.relative_to(ROOT), "\n".join("" if line.lstrip()[:1] in "%!" else line for line in lines)


def imported(text):
    """The top-level modules that a Python text imports."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


def test_everything_imported_comes_with_make_book():
    there, of_module = installed_by(ROOT / "requirements.txt"), packages_distributions()
    missing = set()
    for name, text in sources():
        for module in imported(text):
            brings = {plain(distribution) for distribution in of_module.get(module, [module])}
            beside = (ROOT / name).with_name(f"{module}.py").exists()  # run as a script, it imports its neighbour
            if beside or module in sys.stdlib_module_names or module == "rnnbook" or brings & (there | OPTIONAL):
                continue
            missing.add(f"{name} imports {module}")
    assert missing == set()


def test_a_package_that_is_missing_is_found(tmp_path):
    (tmp_path / "few.txt").write_text("# a comment\npandas>=2\n")
    assert {"pandas", "numpy", "python-dateutil"} <= installed_by(tmp_path / "few.txt")
    assert "scipy" not in installed_by(tmp_path / "few.txt")


def test_the_package_asks_for_nothing_that_make_book_leaves_out():
    import tomllib

    asked = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert {plain(re.match(r"[\w.-]+", text)[0]) for text in asked} <= installed_by(ROOT / "requirements.txt")
