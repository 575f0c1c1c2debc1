"""Assignments: build them from their pages, grade folders of submissions.

    python -m rnnbook assignments build [NAME …] [--overlay DIR]
    python -m rnnbook grade dist/NAME/autograder.zip submissions/ --out grades.csv

`source` reads a page (its format: README.md in this folder), `build` makes and proves the `bundle`s. `answers` reads a student's
notebook, `box` starts the `sandbox` in which `serve` runs it, and `watch`es it from outside; they exchange values by `wire`.
`grade` grades one submission (`trial`: one cell, one test; `earlier`: once more where the student checked), `batch` many, and
`folder` is the whole command: `submissions` come in, `marks` by hand are added, `report`, `overview` and `gradebook` write
what came out. For the book, `source.clean` turns a page into what readers see.
"""

from ..errors import CourseError


def add_assignments(command):
    """The arguments of `assignments`; returns what runs it."""
    command.add_argument("action", choices=["build"])
    command.add_argument(
        "names", nargs="*", metavar="NAME", help="which ones, as 01 or 01_dynamical_systems; all by default"
    )
    command.add_argument("--out", default="dist", help="the folder to write into (default: dist)")
    command.add_argument("--overlay", help="a folder of private hidden tests, NAME/QUESTION.py")
    return _build


def add_grade(command):
    """The arguments of `grade`; returns what runs it."""
    command.add_argument("bundle", help="dist/NAME/autograder.zip")
    command.add_argument("submissions", help="a folder of notebooks, or a zip from Canvas, Moodle or Brightspace")
    command.add_argument("--out", default="grades.csv", help="the table to write (default: grades.csv)")
    command.add_argument("--marks", help="marks by hand: a CSV of submission, question, marks, comment")
    command.add_argument(
        "--roster", help="a gradebook from Canvas, Moodle or Brightspace; also writes a file for its import"
    )
    command.add_argument("--jobs", type=int, help="how many at once (default: one a core)")
    command.add_argument(
        "--timeout",
        type=float,
        default=30,
        help="processor seconds for a cell or a test (default: 30); four times for all",
    )
    command.add_argument("--memory", default="2G", help="memory for a submission, as 500M or 2G (default: 2G)")
    command.add_argument("--due", help="the deadline, as 2026-11-25T23:59, for a column of late days")
    command.add_argument("--excuse", nargs="+", default=[], metavar="TEST", help="tests as q2.test_edges that all pass")
    command.add_argument("--again", nargs="+", default=[], metavar="NAME", help="submissions to grade once more")
    command.add_argument("--no-isolation", action="store_true", help="run student code without locking it away")
    command.add_argument(
        "--engine", choices=["processes", "dask"], default="processes", help="where it runs (default: processes here)"
    )
    command.add_argument("--scheduler", help="with --engine dask: the scheduler's address, tcp://host:8786")
    return _grade


def _build(args):
    from .build import build_all

    build_all(args.names, args.out, args.overlay)


def _grade(args):
    from .folder import grade_folder, parse_due
    from .grade import parse_memory

    if (args.engine == "dask") != bool(args.scheduler):
        raise CourseError("--engine dask and --scheduler tcp://host:port go together.")
    if args.timeout <= 0 or (args.jobs is not None and args.jobs < 1):
        raise CourseError("--timeout must be more than 0 seconds and --jobs at least 1.")
    grade_folder(
        args.bundle,
        args.submissions,
        args.out,
        jobs=args.jobs,
        seconds=args.timeout,
        memory=parse_memory(args.memory),
        roster=args.roster,
        scheduler=args.scheduler,
        isolation=not args.no_isolation,
        given=args.marks,
        excused=args.excuse,
        again=args.again,
        due=parse_due(args.due) if args.due else None,
    )
