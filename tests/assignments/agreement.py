"""Marks of the same notebooks by this grader and by `otter run`, side by side.

python tests/assignments/agreement.py dist/NAME/autograder.zip NOTEBOOK…
"""

import json
import subprocess
import sys
from pathlib import Path

from rnnbook.assignments import batch, grade
from rnnbook.assignments.bundle import load_bundle

# Otter as a program of its own: it changes the working directory, and a student's print floods stay in there.
OTTER = """import json, sys
from otter.api import grade_submission
archive, *paths = sys.argv[1:]
for path in paths:
    try:
        results = grade_submission(path, archive, quiet=True).results
        points = {name: round(sum(r.test_case.points for r in file.test_case_results if r.passed), 6)
                  for name, file in results.items()}
    except Exception as error:
        points = {"error": f"{type(error).__name__}: {error}"}
    print("MARKS", json.dumps([path, points]), flush=True)
"""


def by_otter(archive, paths, seconds=300):
    """`{path: {question: points}}` as otter-grader gives them from the zip. `seconds`: the limit for each, by the clock."""
    command = [sys.executable, "-c", OTTER, str(Path(archive).resolve()), *(str(Path(p).resolve()) for p in paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds * len(paths))
    lines = [line.partition("MARKS ")[2] for line in done.stdout.splitlines() if "MARKS " in line]
    found = dict(map(json.loads, lines))
    return {path: found.get(str(Path(path).resolve()), {"error": done.stderr[-2000:]}) for path in paths}


def by_us(archive, paths, journal, jobs=None, **limits):
    """`{path: {question: points}}` as this grader gives them, open questions left out."""
    bundle = load_bundle(archive)
    limits = {"seconds": grade.SECONDS, "memory": 2 * 2**30, "isolate": grade.can_isolate()} | limits
    results = dict(batch.run(bundle, {str(path): Path(path) for path in paths}, journal, limits, jobs))
    manual = {q["name"] for q in bundle["questions"] if q["manual"]}
    return {
        path: {name: points for name, points in results[str(path)]["points"].items() if name not in manual}
        for path in paths
    }


def main():
    import tempfile

    archive, *paths = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        ours, theirs = by_us(archive, paths, Path(scratch) / "journal"), by_otter(archive, paths)
    for path in paths:
        total = [sum(points.values()) if "error" not in points else points for points in (ours[path], theirs[path])]
        differ = {q: (ours[path][q], theirs[path].get(q)) for q in ours[path] if ours[path][q] != theirs[path].get(q)}
        print(f"{Path(path).stem}: {total[0]} here, {total[1]} by otter" + (f"; {differ}" if differ else ""))


if __name__ == "__main__":
    main()
