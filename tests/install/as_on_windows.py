"""Import every module and run chapters where `fcntl`, `resource` and `signal.SIGKILL` are missing, as on Windows.

python tests/install/as_on_windows.py            all chapters
python tests/install/as_on_windows.py 01 04      some of them

Elsewhere the package is denied them; what it stands on (asyncio, filelock, …) has its own ways for each system. Each chapter
has a process of its own, as each has a kernel of its own: TensorFlow gives back no memory. Its cells run in order, with reduced
parameters. Exits with an error where anything fails or takes longer than it may.
"""

import builtins
import importlib
import os
import pkgutil
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from IPython.core.interactiveshell import InteractiveShell

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"EPOCHS": "1", "REVIEWS": "300", "NUMBERS": "400", "SEQUENCES": "640", "DATASET": "'sample'"}
LONGEST = 600  # seconds a chapter may take
IMPORTS = "imports"
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


def apart(what):
    """Run `what`, a notebook or the imports, in a process of its own; returns how many cells or modules, 0 where it failed."""
    started = time.perf_counter()
    try:
        done = subprocess.run(
            [sys.executable, __file__, "--here", what], capture_output=True, text=True, timeout=LONGEST
        )
        ran, said = re.search(r"^([1-9]\d*) run$", done.stdout, re.M), done.stdout + done.stderr
        ran = ran if done.returncode == 0 else None
    except subprocess.TimeoutExpired:
        ran, said = None, f"It took longer than {LONGEST} s."
    print(f"{'passed' if ran else 'FAILED'} {Path(what).stem} {time.perf_counter() - started:.0f} s", flush=True)
    if not ran:
        print(said[-3000:], flush=True)
    return int(ran[1]) if ran else 0


def here(what):
    if sys.platform != "win32":
        deny()
    print(f"\n{import_all() if what == IMPORTS else run(Path(what))} run")


def main(numbers):
    """Returns the exit status: 1 where anything failed."""
    modules = apart(IMPORTS)
    chapters = [
        path for path in sorted((ROOT / "notebooks").glob("*.ipynb")) if path.name[:2] in (numbers or path.name)
    ]
    cells = [apart(path) for path in chapters]
    print(f"\n{modules} modules imported, {sum(cells)} cells of {sum(map(bool, cells))} chapters run")
    return int(not all([modules, *cells]))


if __name__ == "__main__":
    sys.exit(here(sys.argv[2]) if sys.argv[1:2] == ["--here"] else main(sys.argv[1:]))
