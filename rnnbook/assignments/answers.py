"""Read a student's notebook and say what is to be run of it: everything, in order."""

import json
import re

from ..errors import CourseError

CHECK = re.compile(r"grader\.check\([ \t]*[\"'](\w+)[\"']")
BOUND = re.compile(r"^[ \t]*(?:def|class)[ \t]+(\w+)|^[ \t]*([\w, \t]+?)[ \t]*=[^=]", re.M)
# What only IPython knows. Other cells, and they are most, are plain Python; what does not parse is given to IPython anyway.
IPYTHON = re.compile(
    r"\b(?:get_ipython|display|IPython|Out|In|_i+|_i?\d+|__|exit|quit)\b|\b_\.|\bawait\b|\b__future__\b"
)
# What stands in a file that could not be taken out of a zip (submissions.py), and what its instructor can do about it.
NOT_UNPACKED = {
    "damaged": ("The file is damaged in the zip.", "Download the zip again, or ask for the file again."),
    "encrypted": ("The file is encrypted in the zip.", "Ask for it without a password."),
    "large": ("The file is too large to be a notebook.", "Look at it by hand."),
    "method": ("The file is packed in a way that this grader does not know.", "Unpack the zip, and grade the folder."),
}


class SubmissionError(CourseError):
    """A file that cannot be graded; the message says why in plain words, to the student.

    `advice`: what its instructor can do about it.
    """

    def __init__(self, message, advice=""):
        super().__init__(message)
        self.advice = advice


def read(data):
    """The code cells of a notebook, its assignment's name, and the Python that it was last run with.

    `([{"code": …, "question": … or None}, …], name or None, (3, 12) or None)`.

    Parameters: `data`, the file's bytes. Raises `SubmissionError` for anything but a notebook.
    """
    notebook = _load(data)
    cells, region = [], []
    for cell in notebook["cells"]:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        text = cell.get("source", "")
        text = "".join(map(str, text)) if isinstance(text, list) else str(text)
        label = _dict(_dict(cell, "metadata"), "rnnbook").get("question")
        cells.append({"code": text, "question": label if isinstance(label, str) else None})
        region.append(cells[-1])
        checks = [name for name in CHECK.findall(text) if name] if "grader" in text else []
        if checks and "class Grader" not in text:  # what stands since the last check belongs to this one
            for earlier in region:
                earlier["region"] = checks[0]
            region = []
    metadata = _dict(notebook, "metadata")
    name = _dict(metadata, "rnnbook").get("assignment")
    version = re.match(r"(\d+)\.(\d+)", str(_dict(metadata, "language_info").get("version")))
    return cells, name if isinstance(name, str) else None, version and (int(version[1]), int(version[2]))


def _load(data):
    again = "Ask for the file again."
    if not data.strip():
        raise SubmissionError("The file is empty.", again)
    for reason, advice in NOT_UNPACKED.values():
        if data == reason.encode():
            raise SubmissionError(reason, advice)
    if data[:4] == b"PK\x03\x04":
        raise SubmissionError("The file is a zip archive, not a notebook.", "Unpack it, and grade what is in it.")
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError):
        if data[:1] in b"{[" or b"\x00" in data[:1000]:
            raise SubmissionError("The file is damaged: it cannot be read as a notebook.", again) from None
        raise SubmissionError("The file is not a notebook (.ipynb).", "Ask for the notebook.") from None
    if isinstance(notebook, dict) and isinstance(notebook.get("worksheets"), list):
        raise SubmissionError(
            "The notebook has the format of before 2015.", "Open it in JupyterLab, save it and grade it again."
        )
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise SubmissionError("The file is JSON, but not a notebook.", again)
    return notebook


def _dict(parent, key):
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def steps(cells, name, bundle):
    """What to run, in order: `[{"code": …, "question": … or None}, …]`, and whether the student wrote any answer.

    Cells of the student have `answer`, too: whether it is the cell that the assignment gives for an answer.

    First come the assignment's own cells that are not in the notebook any more, and the untouched answer cells, so that
    every name is there. Then come all cells of the student as they stand, without those that are still untouched.

    Parameters: `cells` and `name` from `read`; `bundle`, the assignment's description.
    Raises `SubmissionError` for the notebook of another assignment.
    """
    if name is not None and name != bundle["name"]:
        raise SubmissionError(
            f"This is the notebook of another assignment, {name[:100]!r}.", f"It was graded as {bundle['name']!r}."
        )
    owners = {answer: q["name"] for q in bundle["questions"] if not q["manual"] for answer in q["answers"]}
    stubs = {squeeze(step["stub"]) for step in bundle["order"] if "question" in step}
    there = {squeeze(cell["code"]) for cell in cells}
    to_run = []
    for step in bundle["order"]:
        if "question" in step:
            to_run.append({"question": None, "code": step["stub"]})
        elif squeeze(step["code"]) not in there:
            to_run.append({"question": None, "code": step["code"]})
    given = {squeeze(step["code"]) for step in bundle["order"] if "code" in step} | {squeeze(bundle.get("setup", ""))}
    found = written = False
    for cell in cells:
        text = squeeze(cell["code"])
        known = [owners[n] for n in names(cell["code"]) if n in owners] if text not in given else []
        found = found or bool(known)
        if not text or text in stubs or text == squeeze(bundle.get("setup", "")):
            continue
        free = text not in given and not re.fullmatch(r"grader\.check\W+\w*\W+", text)
        question = cell["question"] or (known[0] if known else cell.get("region") if free else None)
        question = question if question in owners.values() else None
        written = written or bool(question)
        to_run.append({"question": question, "code": cell["code"], "answer": bool(cell["question"])})
    if not found and not written:
        raise SubmissionError(
            f"None of the answers of {bundle['title']!r} is in this notebook. Is it another assignment?"
        )
    return to_run, written


def names(code):
    """Names that a cell seems to define; a guess from its lines, which need not be Python."""
    for function, variables in BOUND.findall(code):
        if function:
            yield function
        yield from re.findall(r"\w+", variables)


def squeeze(code):
    """Code without spaces and blank lines, to compare with."""
    return "".join(code.split())
