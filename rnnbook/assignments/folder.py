"""The command `grade`: from a folder, or a zip, of submissions to a table, feedback and a file for the gradebook."""

import datetime
from pathlib import Path

from . import batch, gradebook, marks, overview, report
from . import grade as grading
from .bundle import load_bundle
from .submissions import collect, handed_in, lateness, unpack

NO_ISOLATION = (
    "This system does not let student code be locked away (it has no Linux namespaces for you). Grade on Linux, or in a virtual machine "
    "that you can throw away. With --no-isolation it is graded all the same: then student code can reach the network, read and "
    "change your files, other submissions and the hidden tests, and end the grader."
)


def grade_folder(
    archive,
    folder,
    out,
    jobs=None,
    seconds=grading.SECONDS,
    memory=2 * 2**30,
    roster=None,
    scheduler=None,
    say=print,
    progress=True,
    isolation=True,
    given=None,
    excused=(),
    again=(),
    due=None,
):
    """Grade submissions and write the table, the feedback, the instructor's pages and, with a roster, the gradebook's file.

    Parameters: `archive`, the assignment's zip; `folder`, of submissions, or a zip; `out`, the table; `given`, a file of marks by hand;
    `excused`, tests as `q2.test_edges` that count as passed; `again`, submissions to grade once more; `due`, a `datetime`.
    Returns the results, a dict from submission to what `grade` returned. Raises `GradeError`, `WorkersError`, `RosterError` or
    `MarksError` before it starts if something is wrong. `say` gets a few sentences for the instructor.
    """
    from tqdm import tqdm

    bundle, out = load_bundle(archive), Path(out)
    known = gradebook.read_roster(roster) if roster else None
    out.parent.mkdir(parents=True, exist_ok=True)
    if Path(folder).is_file():
        folder = unpack(folder, out.with_name(out.stem + "_submissions"))
    submissions = collect(folder)
    by_hand, own, notes = marks.typed(out, bundle)
    for name, rest in marks.read_marks(given, bundle, submissions).items() if given else ():
        by_hand.setdefault(name, {}).update(rest)
    _check(excused, again, bundle, submissions)
    isolate = isolation and batch.all_can_isolate(scheduler)
    if isolation and not isolate:
        raise grading.GradeError(NO_ISOLATION)
    if not isolate:
        say("Student code is not locked away, as you asked for.")
    journal, limits = out.with_suffix(".journal"), {"seconds": seconds, "memory": memory, "isolate": isolate}
    work = batch.run(bundle, submissions, journal, limits, jobs, scheduler, again)
    results = dict(tqdm(work, total=len(submissions), unit="submission", disable=not progress))
    marks.excuse(results, excused)
    marks.apply(results, by_hand, bundle)
    late = {name: lateness(name, path, due) for name, path in submissions.items()}
    report.write_table(out, bundle, results, late, own, notes)
    feedback = out.with_name(out.stem + "_feedback")
    feedback.mkdir(exist_ok=True)
    for name, result in results.items():
        report.write_feedback(feedback, bundle, name, result)
    pages = overview.write(out.parent, out.stem, bundle, results, submissions, batch.read)
    say(f"{len(results)} submissions: {out}, feedback in {feedback}/, the class in {pages[0]}")
    _tell(bundle, results, out, pages, given, say)
    if due and not all(handed_in(name, path) for name, path in submissions.items()):
        say(
            "Canvas's and Moodle's zips do not tell when work came in: no days there, but `yes` where Canvas says LATE."
        )
    if known:
        _export(out, bundle, results, submissions, known, say)
    return results


def _check(excused, again, bundle, submissions):
    tests = {f"{q['name']}.{test['name']}" for q in bundle["questions"] for test in q["tests"]}
    for name in excused:
        if name not in tests:
            raise grading.GradeError(f"--excuse {name}: there is no such test. There are: {', '.join(sorted(tests))}.")
    for name in again:
        if name not in submissions:
            raise grading.GradeError(f"--again {name}: there is no such submission.")


def _tell(bundle, results, out, pages, given, say):
    """Say what is left to do for the instructor."""
    trouble = sorted(name for name, result in results.items() if not result["graded"])
    if trouble:
        say(f"Without marks, their reasons are in the table: {', '.join(trouble[:20])}.")
    waiting = sorted({question for result in results.values() if result["graded"] for question in result["open"]})
    if waiting:
        answers = ", ".join(str(path) for path in pages[1:])
        say(f"To be marked by hand, and not in the totals yet: {', '.join(waiting)}. All answers: {answers}.")
        form = out.with_name(out.stem + "_marks.csv")
        if not given and not form.exists():
            marks.write_form(form, bundle, results)
            say(f"Fill in {form} and give the command again with --marks {form}, or type into the table itself.")


def _export(out, bundle, results, submissions, known, say):
    """Write the gradebook's file, and say whose submission could not be placed."""
    owners, strangers, aside = gradebook.assign(submissions, known)
    path = out.with_name(f"{out.stem}_{known.system.name}.csv")
    gradebook.write_gradebook(path, bundle, results, owners, known)
    say(f"For the import into {known.system.name.title()}: {path}")
    if strangers:
        say("Not in the roster, or not to be told apart: " + ", ".join(strangers) + ".")
    for older, newer in aside:
        say(f"Two files of one student: {newer} counts, {older} does not.")
    if known.broken:
        lines = ", ".join(map(str, known.broken))
        say(f"Lines of the roster that do not fit its header were left out: {lines}.")


def parse_due(text):
    """`2026-11-25` or `2026-11-25T23:59` as a `datetime`; a day ends at midnight. Raises `GradeError`."""
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise grading.GradeError(f"--due is {text!r}, but must be as 2026-11-25T23:59.") from None
    return moment + datetime.timedelta(days=1) if len(text) == 10 else moment
