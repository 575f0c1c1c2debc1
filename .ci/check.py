"""What can be seen without running the code: `make check`, and before each commit (.pre-commit-config.yaml).

python .ci/check.py            all checks, side by side
python .ci/check.py format     some of them; a check that finds something prints it, and the exit status is 1
"""

import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# What a learner imports, all but these, is typed as Windows sees it, too. The book can be built there and on macOS; grading needs Linux.
BEHIND = ("publish", "assignments")
LARGEST = 2_000_000  # bytes of a committed notebook


def run(*command):
    """What a program has to say where it finds something, else nothing."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True)
    return (done.stdout + done.stderr).strip() if done.returncode else ""


def windows():
    there = [path for path in sorted((ROOT / "rnnbook").iterdir()) if path.name not in BEHIND]
    return run(BIN / "pyright", "--pythonplatform", "Windows", *there)


def javascript():
    node = shutil.which("node") or BIN / "node"
    tsc = Path(sys.prefix) / "share" / "typescript" / "bin" / "tsc"
    if not tsc.exists():
        return f"{tsc} is missing: run `python3 .ci/environment.py test`"
    return run(node, tsc, "--project", ROOT / "rnnbook" / "widgets" / "jsconfig.json")


def notebooks():
    """Notebooks are well formed, small, and were run from top to bottom without an error."""
    import nbformat

    found = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        if path.stat().st_size > LARGEST:
            found.append(f"{path.name}: {path.stat().st_size:,} bytes, more than {LARGEST:,}")
        try:
            notebook = nbformat.read(path, as_version=4)
            nbformat.validate(notebook)
        except Exception as error:  # whatever makes it unreadable
            found.append(f"{path.name}: {str(error).splitlines()[0]}")
            continue
        cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
        if [cell.execution_count for cell in cells] != list(range(1, len(cells) + 1)):
            found.append(f"{path.name}: not run from top to bottom: python -m rnnbook notebooks notebooks/{path.name}")
        if any(output.output_type == "error" for cell in cells for output in cell.outputs):
            found.append(f"{path.name}: a cell ended in an error")
    return "\n".join(found)


CHECKS = {
    "lint": lambda: run(BIN / "ruff", "check", "--output-format", "concise", "."),
    "format": lambda: run(BIN / "ruff", "format", "--check", "."),
    "types": lambda: run(BIN / "pyright"),
    "windows": windows,
    "javascript": javascript,
    "notebooks": notebooks,
}


def timed(name):
    start = time.perf_counter()
    return CHECKS[name](), time.perf_counter() - start


def main(names):
    if unknown := sorted(set(names) - set(CHECKS)):
        sys.exit(f"There is no check {unknown[0]!r}: use {', '.join(CHECKS)}.")
    names = names or list(CHECKS)
    failed = False
    with ThreadPoolExecutor(len(names)) as pool:
        for name, (found, seconds) in zip(names, pool.map(timed, names)):
            print(
                f"{name:<11} {'FOUND' if found else 'fine'} ({seconds:.1f} s)",
                *([found] if found else []),
                sep="\n" if found else "",
            )
            failed |= bool(found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
