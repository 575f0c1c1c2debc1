"""Marks and comments that a person gives: from a file of their own, and from what was typed into the table of an earlier run."""

import csv
from pathlib import Path

from ..errors import CourseError, why

COLUMNS = ("submission", "question", "marks", "comment")


def read_csv(path):
    """A table as spreadsheets write it, with commas, semicolons or tabs: `(its lines, what separates cells)`.

    Raises `OSError`, `UnicodeDecodeError` or `csv.Error`.
    """
    with open(path, newline="", encoding="utf-8-sig") as file:
        separator = max(",;\t", key=file.readline().count)
        file.seek(0)
        return list(csv.reader(file, delimiter=separator)), separator


class MarksError(CourseError):
    """The file of marks has a mistake; the message names its line."""


def read_marks(path, bundle, submissions):
    """Read a CSV with the columns submission, question, marks, comment.

    Parameters: `path`; `bundle`, the assignment; `submissions`, the names that there are.
    Returns `{submission: {question: (marks or None, comment)}}`: marks may be empty where only a comment is given.
    Raises `MarksError`.
    """
    points = {q["name"]: q["points"] for q in bundle["questions"]}
    marks = {}
    try:
        rows = _rows(path)[1]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MarksError(f"{path} cannot be read: {why(error)}. Save it as CSV, in UTF-8.") from None
    if rows and not {"submission", "question", "marks"} <= set(rows[0]):
        raise MarksError(f"{path} needs the columns {', '.join(COLUMNS)}.")
    for number, row in enumerate(rows, 2):
        where = f"{path}, line {number}"
        name, question = (row["submission"] or "").removeprefix("'"), (row["question"] or "").strip()
        text, comment = (row["marks"] or "").strip(), (row.get("comment") or "").strip()
        if not text and not comment:
            continue
        if name not in submissions:
            raise MarksError(f"{where}: there is no submission {name!r}.")
        if question not in points:
            raise MarksError(f"{where}: there is no question {question!r}; there are {', '.join(points)}.")
        marks.setdefault(name, {})[question] = (_number(text, points[question], where), comment)
    return marks


def _rows(path):
    """The names of a table's columns, and its lines as dicts; cells that are missing are empty."""
    (columns, *lines), _ = read_csv(path) if Path(path).stat().st_size else ([[]], "")
    return columns, [dict(zip(columns, [*line, *[""] * len(columns)])) for line in lines]


def _number(text, most, where):
    if not text:
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = -1
    if not 0 <= value <= most:
        raise MarksError(f"{where}: marks are {text!r}, but must be a number from 0 to {most:g}.")
    return value


def typed(table, bundle):
    """What a person typed into the table of an earlier run: marks of open questions, and columns of their own.

    Returns `({submission: {question: (marks, "")}}, names of own columns, {submission: {column: text}})`.
    Raises `MarksError` for marks that are no number.
    """
    try:
        columns, rows = _rows(table)
    except FileNotFoundError:
        return {}, [], {}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MarksError(
            f"{table} is there, but cannot be read: {why(error)}. Save it as CSV, in UTF-8; or move it away, or name another --out."
        ) from None
    by_hand = {q["name"]: q["points"] for q in bundle["questions"] if q["manual"]}
    known = {"submission", "total", "possible", "to be marked", "late", "status", "seconds"}
    known |= {"tests failed", *(q["name"] for q in bundle["questions"])}
    own = [column for column in columns if column and column not in known]
    marks, notes = {}, {}
    for number, row in enumerate(rows, 2):
        name = (row.get("submission") or "").removeprefix("'")
        for question, most in by_hand.items():
            if (text := (row.get(question) or "").strip()) != "":
                value = _number(text, most, f"{table}, line {number}, {question}")
                marks.setdefault(name, {})[question] = (value, "")
        notes[name] = {column: row.get(column) or "" for column in own}
    return marks, own, notes


def excuse(results, excused):
    """Give every submission the points of some tests. `excused` holds `question.test`; returns those that no test has."""
    unknown = set(excused)
    for result in results.values():
        for question, notes in result["notes"].items():
            for note in notes:
                if f"{question}.{note['test']}" in excused:
                    unknown.discard(f"{question}.{note['test']}")
                    note.update(passed=True, message="Excused for all.")
            result["points"][question] = sum(note["points"] for note in notes if note["passed"])
        if result["graded"]:
            result["total"] = sum(points for points in result["points"].values() if points)
    return sorted(unknown)


def apply(results, marks, bundle):
    """Put the marks of a person into the results, over those of the tests; sets `comments` and `open`, what is still to be marked."""
    for name, result in results.items():
        given = marks.get(name, {})
        result["comments"] = {question: comment for question, (_, comment) in given.items() if comment}
        for question, (value, _) in given.items():
            if value is not None:
                result["points"][question] = value
                result["graded"] = True  # a person looked at it, also where the grader could not
        numbers = [points for points in result["points"].values() if points is not None]
        result["total"] = sum(numbers) if result["graded"] else None
        unmarked = [q["name"] for q in bundle["questions"] if result["points"][q["name"]] is None]
        result["open"] = unmarked if result["graded"] else []


def write_form(path, bundle, results):
    """Write a form to be filled in: a line for each answer that a person has to mark, of those notebooks that could be read."""
    with open(Path(path), "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for name in sorted(results):
            table.writerows([cell(name), question, "", ""] for question in results[name]["open"])


def cell(text):
    """Text that no spreadsheet takes for a formula, on one line."""
    text = " ".join(str(text).split()).encode("utf-8", "backslashreplace").decode()
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text
