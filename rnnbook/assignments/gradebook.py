"""The gradebooks of Canvas, Moodle and Brightspace: find each submission's student, and write a file for the import."""

import csv
import re
from dataclasses import dataclass, field

from ..errors import CourseError, why
from .marks import read_csv
from .submissions import attempt


class RosterError(CourseError):
    """The roster is not a gradebook that one of these systems exported; the message says what is missing."""


@dataclass
class System:
    """One learning platform: by which columns its export is known, which tell who a student is, and which go back."""

    name: str
    needs: set
    numbers: tuple
    names: tuple
    kept: tuple


SYSTEMS = (
    System(
        "canvas",
        {"Student", "ID"},
        ("ID", "SIS User ID", "SIS Login ID"),
        ("Student",),
        ("Student", "ID", "SIS User ID", "SIS Login ID", "Section"),
    ),
    System(
        "moodle",
        {"Identifier", "Full name"},
        ("Identifier", "Email address", "ID number", "Username"),
        ("Full name",),
        # Moodle refuses a file without the last one, and fills in no comments where their column is missing.
        ("Identifier", "Full name", "ID number", "Username", "Email address", "Last modified (grade)"),
    ),
    System(
        "brightspace",
        {"Username", "End-of-Line Indicator"},
        ("OrgDefinedId", "Username"),
        ("Last Name", "First Name"),
        ("OrgDefinedId", "Username", "Last Name", "First Name"),
    ),
)


@dataclass
class Roster:
    """The students of a class, as their platform exported them."""

    system: System
    columns: list
    rows: list = field(default_factory=list)
    broken: list = field(default_factory=list)  # numbers of lines that have too few or too many cells
    separator: str = ","


def read_roster(path):
    """Read a gradebook. Lines that do not fit its header are left out and told. Raises `RosterError`."""
    try:
        lines, separator = read_csv(path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RosterError(f"{path} cannot be read: {why(error)}. Export the gradebook as CSV.") from None
    columns = lines[0] if lines else []
    system = next((s for s in SYSTEMS if s.needs <= set(columns)), None)
    if system is None:
        wanted = "; ".join(f"{s.name.title()}'s has {' and '.join(sorted(s.needs))}" for s in SYSTEMS)
        raise RosterError(f"{path} is no gradebook that this command knows by its columns: {wanted}.")
    roster = Roster(system, columns, separator=separator)
    for number, line in enumerate(lines[1:], 2):
        if len(line) == len(columns):
            roster.rows.append(dict(zip(columns, line)))
        elif any(text.strip() for text in line):
            roster.broken.append(number)
    return roster


def match(name, roster):
    """The row of the student a submission belongs to, or None if there is none, or more than one.

    Canvas names files `doejane_12345_98765_notebook.ipynb`, with LATE after the name where it was; Moodle's folders are called
    `Jane Doe_12345_assignsubmission_file`, Brightspace's `12345-678 - Jane Doe - Nov 25, 2026`. A student's number counts before a
    name, and the part in front of a file's name before what follows, as a file may be called anything.
    """
    parts = [part for part in re.split(r"[_\s/.]+|-(?=\s)", name.lower()) if part]
    whole = [part for part in re.split(r"[_/]+|\s-\s", name) if part]
    system = roster.system

    def numbers(row):
        found = {row.get(key, "").strip().lower() for key in system.numbers} - {""}
        return found | {text.rpartition(" ")[2] for text in found} | {text.partition("@")[0] for text in found}

    def spelled(row):
        names = [row.get(key, "") for key in system.names]
        return {"".join(sorted(_words(" ".join(names)))), _letters(" ".join(names))}

    digits = [row for row in roster.rows if {p for p in numbers(row) if any(c.isdigit() for c in p)} & {*parts}]
    if digits:
        return digits[0] if len(digits) == 1 else None
    for part in [whole[0] if whole else "", name, *whole[1:]]:
        keys = {"".join(sorted(_words(part))), _letters(part)} - {""}
        found = [row for row in roster.rows if spelled(row) & keys] if keys else []
        found = found or [row for row in roster.rows if part.strip().lower() in numbers(row)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _words(text):
    return re.findall(r"[^\W\d_]+", text.lower())


def _letters(text):
    return "".join(_words(text))


def assign(submissions, roster):
    """Whose each submission is. The newest attempt of a student counts.

    Returns `({name: row}, [names that belong to nobody], [(name set aside, name that counts)])`.
    """
    chosen, strangers, aside = {}, [], []
    for name in sorted(submissions):
        row = match(name, roster)
        if row is None:
            strangers.append(name)
            continue
        before = chosen.get(id(row))
        if before is None:
            chosen[id(row)] = (name, row)
            continue
        older, newer = sorted([before[0], name], key=lambda n: attempt(n, submissions[n]))
        chosen[id(row)] = (newer, row)
        aside.append((older, newer))
    counts = {id(row): name for name, row in chosen.values()}
    aside = [(older, counts[id(match(older, roster))]) for older, _ in aside]
    return dict(chosen.values()), strangers, aside


def write_gradebook(path, bundle, results, owners, roster):
    """Write a file for the import of the platform that the roster came from. Students without marks stay empty.

    The column is the roster's own for this assignment, if it has one that starts with its title, else a new one of that title.
    """
    system, columns = roster.system, roster.columns
    column = {
        "canvas": next((c for c in columns if c.startswith(bundle["title"])), bundle["title"]),
        "moodle": next((c for c in columns if c == "Grade" or c.startswith(bundle["title"])), "Grade"),
        "brightspace": next(
            (c for c in columns if c.startswith(bundle["title"])), f"{bundle['title']} Points Grade <Numeric>"
        ),
    }[system.name]
    kept = [name for name in system.kept if name in columns]
    end = ["End-of-Line Indicator"] if system.name == "brightspace" else []
    totals = {id(row): results[name]["total"] for name, row in owners.items()}
    with open(path, "w", newline="", encoding="utf-8", errors="backslashreplace") as file:
        table = csv.writer(file, delimiter=roster.separator)
        table.writerow([*kept, column, *end])
        for row in roster.rows:
            possible = row.get("Student", "").strip() == "Points Possible"
            total = bundle["points"] if possible else totals.get(id(row))
            if any(row[name].strip() for name in kept):
                points = "" if total is None else f"{total:g}"
                table.writerow([*(row[name] for name in kept), points, *("#" for _ in end)])
