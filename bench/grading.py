"""Grade 200 made-up submissions of assignment 1, and some of them with a plain loop of `otter run`, in the same run.

    python bench/grading.py [--submissions 200] [--plain 8] [--jobs N]

The class is a mix: right, partly right, wrong, blank and crashing; what one endless loop costs is measured beside it, for
`otter run` has no limit of time. Its time for the whole class is its time a submission times the size of the class.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rnnbook.assignments import build, folder

WRONG = {
    "q1": "def linear_step(X, Z, U, W, b):\n    return Z @ W + X @ U.T + b\n\n\n"
    "def rollout(X, U, W, b):\n    return np.zeros((X.shape[0], X.shape[1], W.shape[0]))",
    "q2": "def memory_length(w, left=0.01):\n    return int(np.log(left) / np.log(w))",
    "q3": "def layer_memory_length(W, left=0.01, longest=10_000):\n    raise NotImplementedError",
    "q4": "def separation(X, Z0, Z0_other, U, W, b)\n    return 0",
}


ENDLESS = {"q1": "def rollout(X, U, W, b):\n    while True:\n        pass"}


def make_class(folder, built, size):
    """Write `size` notebooks into a new folder. Returns their paths."""
    folder.mkdir()
    solution, stub = (next((built / kind).glob("*.ipynb")).read_text() for kind in ("solution", "student"))
    draw = random.Random(0)
    paths = []
    for number in range(size):
        notebook = json.loads(stub if draw.random() < 0.05 else solution)
        for cell in notebook["cells"]:
            question = cell["metadata"].get("rnnbook", {}).get("question")
            if question in WRONG and draw.random() < 0.15:
                cell["source"] = WRONG[question]
        paths.append(folder / f"student{number:03}.ipynb")
        paths[-1].write_text(json.dumps(notebook))
    return paths


def make_endless(folder, built):
    """Write one notebook that does not end, into a new folder."""
    folder.mkdir()
    notebook = json.loads(next((built / "solution").glob("*.ipynb")).read_text())
    for cell in notebook["cells"]:
        cell["source"] = ENDLESS.get(cell["metadata"].get("rnnbook", {}).get("question"), cell["source"])
    (folder / "endless.ipynb").write_text(json.dumps(notebook))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--plain", type=int, default=8, help="how many to grade with otter run")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        (page,) = build.pages(["01"])
        assignment = build.build(page, scratch)
        built = scratch / assignment.name
        paths = make_class(scratch / "class", built, args.submissions)
        make_endless(scratch / "endless", built)

        def graded(submissions):
            started = time.perf_counter()
            zipped, table = built / "autograder.zip", scratch / f"{submissions}.csv"
            return folder.grade_folder(
                zipped, scratch / submissions, table, jobs=args.jobs
            ), time.perf_counter() - started

        results, ours = graded("class")
        _, endless = graded("endless")

        otter = Path(sys.executable).with_name("otter")
        started = time.perf_counter()
        for path in paths[: args.plain]:
            subprocess.run(
                [otter, "run", "-a", built / "autograder.zip", "-o", scratch, path],
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        plain = (time.perf_counter() - started) / args.plain * args.submissions

    points = sorted(result["total"] for result in results.values())
    print(f"{len(results)} submissions, points from {points[0]:g} to {points[-1]:g}, {args.jobs} at once")
    print(
        f"this grader: {ours:.0f} s, {ours / args.submissions:.2f} s a submission; one that does not end: {endless:.0f} s"
    )
    print(
        f"otter run in a loop: {plain / args.submissions:.2f} s a submission over {args.plain}, so {plain:.0f} s for the class (extrapolated)"
    )
    print(f"ratio: {plain / ours:.1f}")


if __name__ == "__main__":
    main()
