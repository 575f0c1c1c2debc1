"""Find a student's answers in a notebook, whatever Colab, an editor or the student did to it."""

import json
import re
import symtable

from .source import defined_names

CHECK = re.compile(r"^\s*grader\.check(?:_all)?\(\s*(?:[\"'](\w+)[\"'])?\s*\).*$", re.M)
QUIET_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")


class SubmissionError(ValueError):
    """A file that cannot be graded; the message says why in plain words."""


def read(data):
    """The code cells of a notebook: a list of `{"code": …, "question": … or None, "setup": bool}`.

    Parameters: `data`, the file's bytes. Raises `SubmissionError` for anything but a notebook.
    """
    if not data.strip():
        raise SubmissionError("The file is empty.")
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError):
        raise SubmissionError(
            "The file is damaged: it is not JSON, which every notebook is. Ask for it again."
        ) from None
    if isinstance(notebook, dict) and isinstance(notebook.get("worksheets"), list):
        raise SubmissionError(
            "The notebook has the format of before 2015. Open it in JupyterLab, save it and grade it again."
        )
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise SubmissionError("The file is JSON, but not a notebook.")
    cells = []
    for cell in notebook["cells"]:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        text = cell.get("source", "")
        text = "".join(map(str, text)) if isinstance(text, list) else str(text)
        metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
        label = metadata.get("rnnbook") if isinstance(metadata.get("rnnbook"), dict) else {}
        cells.append({"code": text, "question": label.get("question"), "setup": "grader = Grader()" in text})
    return cells


def to_python(code):
    """A cell's code without the lines that only IPython understands."""
    first, _, rest = code.lstrip().partition("\n")
    if first.startswith("%%"):
        code = rest if first.split()[0] in QUIET_MAGICS else ""
    code = CHECK.sub("", code)
    return re.sub(r"^([ \t]*)[%!].*$", r"\1pass", code, flags=re.M)


def names_bound(code):
    """Names a cell defines; guessed from its lines where it does not parse."""
    try:
        return set(defined_names(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {a or b for a, b in re.findall(r"^(?:def|class)\s+(\w+)|^(\w+)\s*=", code, re.M)}


def names_used(code):
    """Global names that a cell reads without defining them, inside its functions as well."""
    try:
        table = symtable.symtable(code, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    used, tables = set(), [table]
    while tables:
        scope = tables.pop()
        tables += scope.get_children()
        used |= {s.get_name() for s in scope.get_symbols() if s.is_referenced() and (scope is table or s.is_global())}
    return used - names_bound(code)


def find(cells, bundle):
    """Choose the cells that answer each question, and those that they need.

    An answer is looked for in the cell that carries the question's label, then between the previous `grader.check` and
    the question's own, then anywhere. A cell that is still the untouched stub counts only if there is no other. Cells
    that define a helper used by an answer come along; all other cells stay out.

    Parameters: `cells` from `read`; `bundle`, the assignment's description.
    Returns the list of cells to run, in order, `{"question": … or None, "code": …}`: the assignment's own cells and the
    student's. Raises `SubmissionError` where no answer is found at all.
    """
    here = []
    for cell in cells:
        if not cell["setup"]:
            here.append({"code": to_python(cell["code"]), "label": cell["question"], "region": None})
            checks = [name for name in CHECK.findall(cell["code"]) if name]
            if checks:  # everything since the last check belongs to this one
                for earlier in reversed(here):
                    if earlier["region"]:
                        break
                    earlier["region"] = checks[0]
    for cell in here:
        cell["binds"] = names_bound(cell["code"])
    stubs = {_squeeze(step["stub"]) for step in bundle["order"] if "question" in step}
    given = {name for step in bundle["order"] if "code" in step for name in names_bound(step["code"])}
    wanted = {q["name"]: q["answers"] for q in bundle["questions"] if not q["manual"]}
    answers = {name for names in wanted.values() for name in names}
    given_code = {_squeeze(step["code"]) for step in bundle["order"] if "code" in step}

    def rank(number, question):
        cell = here[number]
        return (_squeeze(cell["code"]) not in stubs, cell["label"] == question or cell["region"] == question, number)

    chosen = {}
    for question, names in wanted.items():
        picks = set()
        for name in names:
            candidates = [
                i for i, cell in enumerate(here) if name in cell["binds"] and _squeeze(cell["code"]) not in given_code
            ]
            if candidates:
                picks.add(max(candidates, key=lambda i: rank(i, question)))
        chosen[question] = sorted(picks) or [
            i for i, cell in enumerate(here) if cell["label"] == question and cell["code"].strip()
        ]
    if not any(chosen.values()):
        raise SubmissionError(
            f"None of the answers of {bundle['title']!r} is in this notebook. Is it another assignment?"
        )

    steps, placed = [], set()

    def place(number, question):
        if number in placed:
            return
        placed.add(number)
        for name in sorted(names_used(here[number]["code"]) - given - answers):
            helpers = [i for i, cell in enumerate(here) if name in cell["binds"] and i != number]
            if helpers:
                place(max(helpers), question)
        steps.append({"question": question, "code": here[number]["code"]})

    for step in bundle["order"]:
        if "code" in step:
            steps.append({"question": None, "code": step["code"]})
        else:
            for number in chosen.get(step["question"], []):
                place(number, step["question"])
    return steps


def untouched(steps, bundle):
    """Whether all the answers are still as the student notebook had them."""
    stubs = {_squeeze(step["stub"]) for step in bundle["order"] if "question" in step}
    return all(_squeeze(step["code"]) in stubs for step in steps if step["question"])


def _squeeze(code):
    """Code without spaces and blank lines, to compare with."""
    return re.sub(r"\s+", "", code)
