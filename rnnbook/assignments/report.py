"""What comes out of grading: a table of marks, a page of feedback for each student, a file for Canvas."""

import csv
import re
from html import escape
from pathlib import Path

from .source import plural

CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
STYLE = """:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}
body{max-width:44rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.6rem;line-height:1.25}
h2{font-size:1.15rem;display:flex;gap:1rem;justify-content:space-between;border-bottom:1px solid #8886;margin:2rem 0 .6rem}
.points{white-space:nowrap}ul{list-style:none;padding:0}li{margin:.7rem 0;padding-left:1.6rem}
li>b{display:inline-block;width:1.6rem;margin-left:-1.6rem}.passed>b{color:light-dark(#1a6b3c,#7fd6a2)}.failed>b{color:light-dark(#b3261e,#ff9b93)}
p{margin:.2rem 0}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem;margin:.4rem 0;padding:.5rem .7rem;background:#8882;border-radius:4px}"""


class RosterError(ValueError):
    """The roster is not a gradebook that Canvas exported; the message says what is missing."""


def write_table(path, bundle, results):
    """Write one line a submission: points per question, total, status, seconds. Questions graded by hand stay empty.

    Parameters: `path` of the CSV; `bundle`, the assignment; `results`, a dict from submission to what `grade` returned.
    """
    questions = [q["name"] for q in bundle["questions"]]
    by_hand = [q["name"] for q in bundle["questions"] if q["manual"]]
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["submission", *questions, "total", "possible", "graded by hand", "status", "seconds"])
        possible = sum(q["points"] for q in bundle["questions"] if not q["manual"])
        for name in sorted(results):
            result = results[name]
            points = ["" if result["points"][q] is None else f"{result['points'][q]:g}" for q in questions]
            table.writerow(
                [
                    _cell(name),
                    *points,
                    f"{result['total']:g}",
                    f"{possible:g}",
                    " ".join(by_hand),
                    _cell(result["status"]),
                    result["seconds"],
                ]
            )


def _cell(text):
    """Text that no spreadsheet takes for a formula, on one line."""
    text = " ".join(str(text).split())
    return "'" + text if text[:1] in "=+-@" else text


def write_feedback(folder, bundle, name, result):
    """Write a student's page and return its path. It shows what public tests found, and for hidden tests only their message."""
    parts = [
        f"<h1>{escape(bundle['title'])}</h1><p><strong>{result['total']:g} of "
        f"{plural(sum(q['points'] for q in bundle['questions'] if not q['manual']), 'point')}</strong> from tests.</p>"
        f"<p>{escape(result['status'])}</p>"
    ]
    for question in bundle["questions"]:
        points = result["points"][question["name"]]
        score = "graded by hand" if question["manual"] else f"{points:g} of {question['points']:g}"
        parts.append(
            f"<h2>{escape(question['name'].upper())}. {escape(question['title'])} <span class=points>{score}</span></h2><ul>"
        )
        for note in result["notes"].get(question["name"], []):
            verdict, sign = ("passed", "✓") if note["passed"] else ("failed", "✗")
            kind = "A hidden test" if note["hidden"] else f"Public test {escape(note['test'])}"
            told, _, detail = note["message"].partition("\n")
            parts.append(
                f"<li class={verdict}><b aria-hidden=true>{sign}</b>{kind} {verdict} ({plural(note['points'], 'point')})."
                + (f"<p>{escape(told)}</p>" if told else "")
                + (f"<pre>{escape(detail)}</pre>" if detail else "")
                + "</li>"
            )
        parts.append("</ul>")
    path = Path(folder) / f"{safe_name(name)}.html"
    path.write_text(
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'>"
        f"<title>{escape(name)}</title><style>{STYLE}</style><main>{''.join(parts)}</main></html>\n",
        encoding="utf-8",
    )
    return path


def safe_name(name):
    """A file name that any system takes, still telling submissions apart."""
    plain = re.sub(r"[^\w.-]+", "_", name).strip("._")[:100] or "submission"
    if plain == name:
        return plain
    import hashlib

    return f"{plain}-{hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:6]}"


def read_roster(path):
    """The rows of a gradebook that Canvas exported, and its column names. Raises `RosterError`."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RosterError(f"{path} cannot be read: {error}. Export the gradebook from Canvas as CSV.") from None
    missing = {"Student", "ID"} - set(reader.fieldnames or ())
    if missing:
        raise RosterError(
            f"{path} has no column {' or '.join(sorted(missing))}. Export the gradebook from Canvas as CSV."
        )
    return rows, reader.fieldnames


def match(name, rows):
    """The row of the student a submission belongs to, or None.

    Canvas names files `doejane_12345_98765_notebook.ipynb`, with LATE after the name where it was; any file name that holds the
    student's ID, login or SIS number as a part of its own will do.
    """
    parts = set(re.split(r"[_\s/.]+", name.lower())) | {name.lower()}

    def numbers(row):
        return {row.get(key, "").strip().lower() for key in ("ID", "SIS User ID", "SIS Login ID")} - {""}

    found = [row for row in rows if numbers(row) & parts]
    found = found or [
        row for row in rows if _letters(row["Student"]) and _letters(row["Student"]) in map(_letters, parts)
    ]
    return found[0] if len(found) == 1 else None


def _letters(text):
    return re.sub(r"[\W\d_]+", "", text.lower())


def write_canvas(path, bundle, results, roster):
    """Write a file for Canvas's gradebook import: the points from tests for each student of the roster.

    The column is the roster's own for this assignment, if it has one that starts with its title, else a new one of that title.
    Returns the submissions that belong to no student of the roster, or to one that has another already.
    """
    rows, columns = read_roster(roster)
    column = next((name for name in columns if name.startswith(bundle["title"])), bundle["title"])
    kept = [name for name in CANVAS_COLUMNS if name in columns]  # pyright: ignore[reportOperatorIssue]
    total, strangers = {}, []
    for name in sorted(results):
        row = match(name, rows)
        if row is None or id(row) in total:
            strangers.append(name)
        else:
            total[id(row)] = f"{results[name]['total']:g}"
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow([*kept, column])
        for row in rows:
            possible = row["Student"].strip() == "Points Possible"
            points = (
                f"{sum(q['points'] for q in bundle['questions'] if not q['manual']):g}"
                if possible
                else total.get(id(row), "")
            )
            if possible or row["Student"].strip():
                table.writerow([*(row[name] for name in kept), points])
    return strangers
