"""What wrong answers keep of the marks, and how many of them a public test catches before they are handed in.

    python bench/wrong_answers.py FOLDER [--jobs N]

FOLDER/NN_name/*.ipynb are submissions to assignment NN_name in which every question that tests mark is answered wrongly.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from rnnbook.assignments import batch, build, grade
from rnnbook.assignments.bundle import load_bundle


def measure(folder, out, jobs=None, archives=None):
    """Grade all notebooks; returns a list of `(notebook, question, share kept, caught by a public test)`.

    Parameters: `folder` as above; `out`, a folder for what is built; `archives`, `{assignment: autograder.zip}` of those built already.
    """
    found = []
    for sub in sorted(path for path in Path(folder).iterdir() if path.is_dir()):
        archive = (archives or {}).get(sub.name)
        if archive is None:
            build.build(build.PAGES / f"{sub.name}.md", out)
            archive = Path(out) / sub.name / "autograder.zip"
        bundle = load_bundle(archive)
        paths = {f"{sub.name}/{path.stem}": path for path in sorted(sub.glob("*.ipynb"))}
        limits = {"seconds": grade.SECONDS, "memory": 2 * 2**30, "isolate": grade.can_isolate()}
        points = {q["name"]: q["points"] for q in bundle["questions"] if not q["manual"]}
        for name, result in batch.run(bundle, paths, Path(out) / f"{sub.name}.journal", limits, jobs):
            for question, most in points.items():
                caught = any(not n["passed"] and not n["hidden"] for n in result["notes"].get(question, ()))
                found.append((name, question, result["points"][question] / most, caught))
    return sorted(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--jobs", type=int)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = measure(args.folder, scratch, args.jobs)
    for name, question, kept, caught in found:
        print(f"{name} {question}: keeps {kept:.2f}, " + ("caught" if caught else "not caught") + " by a public test")
    full = [f"{name} {question}" for name, question, kept, _ in found if kept == 1]
    print(f"{len(found)} wrong answers; with full marks: {', '.join(full) or 'none'}")
    print(f"mean share of the marks kept: {statistics.fmean(kept for _, _, kept, _ in found):.3f}")
    print(f"caught by a public test: {statistics.fmean(caught for *_, caught in found):.0%}")


if __name__ == "__main__":
    main()
