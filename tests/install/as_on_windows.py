"""Import every module and run chapters where `fcntl`, `resource` and `signal.SIGKILL` are missing, as on Windows.

python tests/install/as_on_windows.py            all chapters
python tests/install/as_on_windows.py 01 04      some of them

Elsewhere the package is denied them; what it stands on (asyncio, filelock, …) has its own ways for each system. The
cells run in this process, in order, with reduced parameters. Exits with an error where anything fails.
"""

import builtins
import importlib
import os
import pkgutil
import re
import signal
import sys
from pathlib import Path

import nbformat
from IPython.core.interactiveshell import InteractiveShell

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"EPOCHS": "1", "REVIEWS": "300", "DATASET": "'sample'"}
POSIX = "rnnbook.assignments.sandbox"  # runs a submission in a process of its own, on Linux and macOS only


class Shell(InteractiveShell):
    def enable_gui(self, gui=None):
        """Pictures are stored, no window opens."""


def deny():
    real = builtins.__import__

    def denied(name, globals=None, locals=None, fromlist=(), level=0):
        if name in ("fcntl", "resource") and (globals or {}).get("__name__", "").startswith("rnnbook"):
            raise ModuleNotFoundError(f"No module named {name!r}: Windows has none")
        return real(name, globals, locals, fromlist, level)

    builtins.__import__ = denied
    del signal.SIGKILL


def import_all():
    """Import every module of the package; returns how many."""
    import rnnbook

    names = [module.name for module in pkgutil.walk_packages(rnnbook.__path__, "rnnbook.")]
    wanted = [name for name in names if name != POSIX and not name.endswith("__main__")]
    for name in wanted:
        importlib.import_module(name)
    return len(wanted)


def run(path):
    """Run the code cells of a notebook; returns how many. Raises what a cell raises."""
    shell, done = Shell.instance(), 0
    shell.reset(new_session=True)
    os.chdir(path.parent)
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        source = cell.source
        if "parameters" in cell.metadata.get("tags", []):
            for name, value in SMALL.items():
                source = re.sub(rf"^{name} = .*$", f"{name} = {value}", source, flags=re.M)
        shell.run_cell(source, store_history=True).raise_error()
        done += 1
    return done


if __name__ == "__main__":
    if sys.platform != "win32":
        deny()
    modules = import_all()
    chapters = [
        path for path in sorted((ROOT / "notebooks").glob("*.ipynb")) if path.name[:2] in (sys.argv[1:] or path.name)
    ]
    cells = [run(path) for path in chapters]
    print(f"\n{modules} modules imported, {sum(cells)} cells of {len(cells)} chapters run")
