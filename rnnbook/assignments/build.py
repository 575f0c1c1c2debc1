"""One page of book/exercises/ becomes a student notebook and a grader bundle, and is proven to be sound."""

import contextlib
import copy
import io
import json
import logging
import re
import shutil
import tempfile
from html import unescape
from pathlib import Path

from ..errors import CourseError
from . import grade, source
from .bundle import add_description, load_bundle
from .checker import setup_cell

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "book" / "exercises"
STUDENTS = ROOT / "exercises"  # the student notebooks as the book offers them, committed so that Colab can open them
OTTER_CONFIG = {
    "init_cell": False,
    "export_cell": False,
    "run_tests": False,
    "tests": {"files": True, "ok_format": False},
}


# What stands between an open question's begin and its end from "**Rubric" on, up to the end of its solution.
RUBRIC = re.compile(
    r"^# BEGIN QUESTION\nname: (\w+)\nmanual: true\n(?:(?!^# END QUESTION).)*?^(\*\*Rubric.*?)^:::", re.M | re.S
)


class BuildError(CourseError):
    """An assignment that does not keep its promises: a wrong score, or a leak."""


def pages(names=()):
    """The pages to build, all by default.

    Parameters: `names`, some assignments' names; a number as in `01` or `1` will do.
    Raises `BuildError` for a name that no page has.
    """
    found = {path.stem: path for path in sorted(PAGES.glob("[0-9][0-9]_*.md"))}
    if not found:
        raise BuildError(
            "Assignments are built from a clone of the course: there is no book/exercises/ beside this package."
        )
    chosen = []
    for name in names or found:
        match = [path for stem, path in found.items() if stem == name or stem.split("_")[0] == name.zfill(2)]
        if not match:
            raise BuildError(f"There is no assignment {name!r}. There are: {', '.join(found)}.")
        chosen += match
    return chosen


def with_overlay(text, name, overlay):
    """Add an instructor's private tests to a page's text.

    `overlay`/NAME/QUESTION.py holds test cells as the pages do, one after the other; they all become hidden.
    Raises `BuildError` for a file that belongs to no autograded question.
    """
    for path in sorted((Path(overlay) / name).glob("*.py")):
        cells = re.split(r'(?=^""" # BEGIN TEST CONFIG$)', path.read_text(encoding="utf-8"), flags=re.M)
        cells = [
            re.sub(r"^hidden:.*\n", "", cell, flags=re.M).replace(
                '""" # END TEST CONFIG', 'hidden: true\n""" # END TEST CONFIG'
            )
            for cell in cells
            if cell.strip()
        ]
        block = "".join(f"```{{code-cell}} ipython3\n{cell.strip()}\n```\n\n" for cell in cells)
        place = re.compile(
            rf"(^# BEGIN QUESTION\n(?:(?!```)[^\n]*\n)*?name: {re.escape(path.stem)}\n(?:(?!^# END QUESTION).)*?)(^```\{{raw-cell\}}\n# END TESTS\n)",
            re.M | re.S,
        )
        text, found = place.subn(lambda match, block=block: match[1] + block + match[2], text)
        if not found:
            raise BuildError(f"{path}: {name} has no autograded question {path.stem}.")
    return text


def master(text, assignment):
    """The notebook that otter reads: the page without what only the book needs."""
    import jupytext
    import yaml

    notebook = jupytext.reads(text, fmt="md:myst")
    question = None
    for cell in notebook.cells:
        for key in ("tags", "mystnb"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "markdown":
            cell.source = source.to_notebook_markdown(cell.source, question)
        marker, _, config = cell.source.partition("\n")
        if cell.cell_type != "raw":
            continue
        if marker == "# ASSIGNMENT CONFIG":
            config = dict(OTTER_CONFIG, requirements=["numpy", *(p for p in assignment.packages if p != "rnnbook")])
            cell.source = f"{marker}\n{yaml.safe_dump(config)}"
        elif marker == "# BEGIN QUESTION":
            question = next(q for q in assignment.questions if q.name == source.parse_config(config)["name"])
            config = {"name": question.name} | ({"manual": True, "points": question.points} if question.manual else {})
            cell.source = f"{marker}\n{yaml.safe_dump(config)}"
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type != "markdown" or cell.source.strip()]
    notebook.cells.insert(1, _markdown(assignment.facts))
    return notebook


def _markdown(text):
    import nbformat

    return nbformat.v4.new_markdown_cell(text)


def label_cells(notebook, assignment):
    """Write into each cell whose answer it is; returns the code cells that are given, in order, with the answers' places.

    Ids are made the same in every build. The list holds `{"code": …}` for a given cell, `{"question": …, "stub": …}` for an answer.
    """
    owner = {name: question.name for question in assignment.questions for name in question.answers}
    order = []
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        if cell.cell_type != "code":
            if cell.source.startswith("_Type your answer"):
                cell.metadata["rnnbook"] = {"role": "written answer"}
            continue
        cell.outputs, cell.execution_count = [], None
        check = re.match(r'grader\.check\("(\w+)"\)', cell.source)
        owners = [] if check else [owner[name] for name in source.defined_names(cell.source) if name in owner]
        if owners:
            cell.id = f"{owners[0]}-answer-{number}"
            cell.metadata["rnnbook"] = {"role": "answer", "question": owners[0]}
            order.append({"question": owners[0], "stub": cell.source})
        elif not check:
            order.append({"code": cell.source})
    notebook.metadata["rnnbook"] = {"assignment": assignment.name}
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata.pop("jupytext", None)
    return order


def install_snippet():
    """The course's own set-up cell, as all its notebooks have it."""
    path = min((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "".join(next(cell for cell in cells if cell["cell_type"] == "code")["source"])


def build(page, out, overlay=None):
    """Build one assignment.

    Parameters: `page`, the path of its MyST page; `out`, the folder to write NAME/ into; `overlay`, a folder of private tests.
    Returns the `Assignment`. Raises `SourceError` for a page that breaks the format, `BuildError` for one that leaks.
    """
    import nbformat
    from otter.assign import main as otter_assign

    page, target = Path(page), Path(out) / Path(page).stem
    text = page.read_text(encoding="utf-8")
    if overlay:
        text = with_overlay(text, page.stem, overlay)
    assignment = source.parse(text, page.stem)
    shutil.rmtree(target, ignore_errors=True)
    (target / "student").mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / f"{assignment.name}.ipynb"
        nbformat.write(master(text, assignment), path)
        logging.disable(logging.INFO)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                otter_assign(str(path), f"{scratch}/made", no_pdfs=True)
        finally:
            logging.disable(logging.NOTSET)
        made = Path(scratch) / "made"
        student = nbformat.read(made / "student" / path.name, 4)
        solution = nbformat.read(made / "autograder" / path.name, 4)
        order = label_cells(student, assignment)
        label_cells(solution, assignment)
        setup = nbformat.v4.new_code_cell(
            setup_cell(assignment, install_snippet() if "rnnbook" in assignment.packages else ""),
            id="set-up",
            metadata={"cellView": "form", "jupyter": {"source_hidden": True}, "rnnbook": {"role": "set-up"}},
        )
        files = {"student": source.student_file(assignment.name), "solution": source.solution_file(assignment.name)}
        for notebook, folder in ((student, "student"), (solution, "solution")):
            notebook.cells.insert(0, copy.deepcopy(setup))
            nbformat.validate(notebook)
            (target / folder).mkdir(exist_ok=True)
            nbformat.write(notebook, target / folder / files[folder])
        (archive,) = (made / "autograder").glob("*.zip")
        shutil.copy(archive, target / "autograder.zip")
    description = _description(assignment, text, setup, student, order)
    add_description(target / "autograder.zip", description)
    secret = hidden_lines(text, assignment) + solution_lines(text, assignment)
    prove_sealed("\n".join(cell.source for cell in student.cells), secret, f"{assignment.name}: the student notebook")
    prove_sealed(
        source.clean(text, assignment.name, student_edition=True),
        secret,
        f"{assignment.name}: the book without solutions",
    )
    return assignment


def _description(assignment, text, setup, student, order):
    """What the grader must know of an assignment, as the bundle's JSON holds it."""
    rubrics = dict(RUBRIC.findall(text))
    return {
        "name": assignment.name,
        "title": assignment.title,
        "points": assignment.points,
        "minutes": assignment.minutes,
        "packages": assignment.packages,
        "setup": setup.source,
        "texts": [cell.source for cell in student.cells if cell.cell_type == "markdown"],
        "order": order,
        "questions": [
            {
                "name": q.name,
                "title": q.title,
                "points": q.points,
                "manual": q.manual,
                "seconds": q.seconds,
                "answers": q.answers,
                "rubric": rubrics.get(q.name, ""),
                "tests": [vars(test) for test in q.tests],
            }
            for q in assignment.questions
        ],
    }


def prove_scores(assignment, target):
    """Check that the solution gets full marks, and that the untouched notebook runs to its end and gets none.

    Raises `BuildError` with the tests that say otherwise.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    description = load_bundle(target / "autograder.zip")
    isolate = grade.can_isolate()
    student = target / "student" / source.student_file(assignment.name)
    for path, wanted in ((target / "solution" / source.solution_file(assignment.name), True), (student, False)):
        result = grade.grade(description, path.read_bytes(), isolate=isolate)
        odd = [
            f"{name}, {note['test']}: {note['message'] or 'passed'}"
            for name, notes in result["notes"].items()
            for note in notes
            if note["passed"] != wanted
        ]
        if odd or not result["notes"]:
            what = "The solution fails" if wanted else "The untouched notebook passes"
            raise BuildError(f"{assignment.name}: {what} ({result['status']})\n" + "\n".join(odd))
    try:
        NotebookClient(
            nbformat.read(student, 4),
            timeout=120,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": str(ROOT / "notebooks")}},
        ).execute()
    except CellExecutionError as error:
        raise BuildError(
            f"{assignment.name}: the untouched student notebook does not run to its end.\n{error}"
        ) from None


def write_index(out):
    """Write `out`/index.json: title, points, minutes, questions and files of all assignments built there."""
    out = Path(out)
    index = {}
    for path in sorted(out.glob("*/autograder.zip")):
        made = load_bundle(path)
        name, questions = made["name"], made["questions"]
        index[name] = {key: made[key] for key in ("title", "points", "minutes")} | {
            "questions": [{key: q[key] for key in ("name", "title", "points", "manual")} for q in questions],
            "student": f"{name}/student/{source.student_file(name)}",
            "autograder": f"{name}/autograder.zip",
        }
    (out / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


def build_all(names, out, overlay=None, say=print):
    """Build some assignments, or all, prove each of them and write the index.

    Student notebooks without private tests are also renewed in `exercises/`, from where the book and Colab take them.
    Returns the list of `Assignment`s. Raises as `build` does.
    """
    out = Path(out)
    if overlay and not Path(overlay).is_dir():
        raise BuildError(f"There is no folder {overlay} with private tests.")
    for folder in Path(overlay).iterdir() if overlay else ():
        if folder.is_dir() and not folder.name.startswith(".") and not (PAGES / f"{folder.name}.md").exists():
            raise BuildError(f"{folder}: there is no assignment of this name.")
    built = []
    for page in pages(names):
        assignment = build(page, out, overlay)
        prove_scores(assignment, out / assignment.name)
        if not overlay:
            STUDENTS.mkdir(exist_ok=True)
            shutil.copy(out / assignment.name / "student" / source.student_file(assignment.name), STUDENTS)
        built.append(assignment)
        say(
            f"{assignment.name}: {len(assignment.questions)} questions, {assignment.points:g} points; solution full marks, stub 0, sealed"
        )
    write_index(out)
    return built


REGION = r"^```\{raw-cell\}\n# BEGIN %s\n```\n(.*?)^```\{raw-cell\}\n# END %s\n"


def hidden_lines(text, assignment):
    """The lines of an assignment's hidden tests, and their messages."""
    return _telling(
        [
            line
            for q in assignment.questions
            for test in q.tests
            if test.hidden
            for line in [*test.code.splitlines(), test.message]
        ],
        text,
        assignment,
    )


def solution_lines(text, assignment):
    """The lines of a page's solutions, and of their explanations."""
    lines = []
    for solution in re.findall(REGION % ("SOLUTION", "SOLUTION"), text, re.M | re.S):
        for cell in source.CELL.finditer(solution):
            for block in re.findall(r"# BEGIN SOLUTION[^\n]*\n(.*?)# END SOLUTION", cell["body"], re.S):
                lines += block.splitlines()
            lines += re.findall(r"^(.*?)# SOLUTION[ \t]*$", cell["body"], re.M)
        lines += source.SOLUTION_FENCE.sub("", source.CELL.sub("", solution)).splitlines()
    return _telling(lines, text, assignment)


def _telling(lines, text, assignment):
    """Lines long enough to tell something, and not in a public test or in what the page gives to everyone as well."""
    for region in ("SOLUTION", "TESTS"):
        text = re.sub(REGION % (region, region), "", text, flags=re.M | re.S)
    public = [text, *(test.code for q in assignment.questions for test in q.tests if not test.hidden)]
    public = {line.strip() for part in public for line in part.splitlines()}
    return sorted({line.strip() for line in lines if len(line.strip()) > 20} - public)


def prove_sealed(shown, lines, where):
    """Check that a text has none of the lines, spaces aside; `BuildError` names the place and the line."""
    shown = re.sub(r"\s", "", shown)
    for line in lines:
        if re.sub(r"\s", "", line) in shown:
            raise BuildError(f"{where} shows a line of a solution or a hidden test: {line}")


def prove_book(folder, student_edition=False):
    """Check that a built book holds no hidden test: on no page, in no source, not in the search index. In the student edition it
    must not hold the code of a solution either.

    Parameters: `folder`, that of its index.html. Returns the number of files looked at. Raises `BuildError`.
    """
    hidden, solutions = {}, {}
    for page in pages():
        text = page.read_text(encoding="utf-8")
        assignment = source.parse(text, page.stem)
        seen = source.clean(text, page.stem, student_edition)  # a line may stand in a hidden test and in plain sight
        hidden[page.stem] = [line for line in hidden_lines(text, assignment) if line not in seen]
        # Prose with mathematics or code in it reads otherwise on the page.
        solutions[page.stem] = [
            line for line in solution_lines(text, assignment) if not re.search(r"[$*`\\]", line) and line not in seen
        ]
    kinds = {".html", ".js", ".json", ".txt", ".md", ".ipynb", ".xml"}
    files = [path for path in Path(folder).rglob("*") if path.suffix in kinds]
    if not files:
        raise BuildError(f"There is no built book in {folder}.")
    for path in files:
        shown = path.read_text(encoding="utf-8", errors="replace")
        shown = unescape(re.sub(r"<[^>]*>", "", shown)) if path.suffix == ".html" else shown
        own = []
        if "exercises" in path.parts:
            name = path.stem.removeprefix(source.student_file("").removesuffix(".ipynb"))
            own = hidden.get(name, []) + (solutions.get(name, []) if student_edition else [])
        # Other pages may well have a short line in common with a test.
        prove_sealed(shown, own + [line for lines in hidden.values() for line in lines if len(line) > 45], path)
    return len(files)
