"""What comes out of grading: a table of marks, and a page of feedback for each student."""

import csv
import re
from html import escape
from pathlib import Path

from .marks import cell
from .source import plural

STYLE = """:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}
body{max-width:44rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.6rem;line-height:1.25}
h2{font-size:1.15rem;display:flex;gap:1rem;justify-content:space-between;border-bottom:1px solid #8886;margin:2rem 0 .6rem}
.points{white-space:nowrap}ul{list-style:none;padding:0}li{margin:.7rem 0;padding-left:1.6rem}
.comment{white-space:pre-wrap;border-left:3px solid #8888;padding-left:.7rem}li>b{display:inline-block;width:1.6rem;margin-left:-1.6rem}.passed>b{color:light-dark(#1a6b3c,#7fd6a2)}.failed>b{color:light-dark(#b3261e,#ff9b93)}
p{margin:.2rem 0}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem;margin:.4rem 0;padding:.5rem .7rem;background:#8882;border-radius:4px}"""


def write_table(path, bundle, results, late=None, own=(), notes=None):
    """Write one line a submission: points per question, total, what is to be marked, lateness, status, seconds.

    Parameters: `path` of the CSV; `bundle`, the assignment; `results`, a dict from submission to what `grade` returned, with what
    `marks.apply` adds; `late`, a dict from submission to text; `own` and `notes`, columns that a person added and what is in them.
    """
    questions = [q["name"] for q in bundle["questions"]]
    partial = Path(path).with_suffix(".new")  # a full disk must not cost the table that is there
    with open(partial, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        columns = ["total", "possible", "to be marked", "late", "status", "seconds"]
        table.writerow(["submission", *questions, *columns, *own])
        for name in sorted(results):
            result = results[name]
            points = ["" if result["points"][q] is None else f"{result['points'][q]:g}" for q in questions]
            total = "" if result["total"] is None else f"{result['total']:g}"
            status = cell(" ".join([result["status"], result["advice"]]))
            row = [cell(name), *points, total, f"{bundle['points']:g}", " ".join(result["open"])]
            row += [(late or {}).get(name, ""), status, result["seconds"]]
            table.writerow([*row, *((notes or {}).get(name, {}).get(column, "") for column in own)])
    partial.replace(path)


def write_feedback(folder, bundle, name, result):
    """Write a student's page and return its path. It shows what public tests found, and for hidden tests only their message."""
    parts = [f"<h1>{escape(bundle['title'])}</h1><p>{_total(bundle, result)}</p><p>{escape(result['status'])}</p>"]
    for question in bundle["questions"]:
        points = result["points"][question["name"]]
        score = f"{'–' if points is None else f'{points:g}'} of {question['points']:g}"
        if points is None and result["graded"]:
            score = f"still to be marked, {plural(question['points'], 'point')}"
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
        comment = result.get("comments", {}).get(question["name"])
        parts.append("</ul>" + (f"<p class=comment>{escape(comment)}</p>" if comment else ""))
    path = Path(folder) / f"{safe_name(name)}.html"
    path.write_text(
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'>"
        f"<title>{escape(name)}</title><style>{STYLE}</style><main>{''.join(parts)}</main></html>\n",
        encoding="utf-8",
        errors="backslashreplace",
    )
    return path


def _total(bundle, result):
    if result["total"] is None:
        return "<strong>No marks yet.</strong>"
    text = f"<strong>{result['total']:g} of {plural(bundle['points'], 'point')}</strong>"
    return text + (f", and {', '.join(result['open'])} still to be marked" if result.get("open") else "") + "."


def safe_name(name):
    """A file name that any system takes, still telling submissions apart."""
    plain = re.sub(r"[^\w.-]+", "_", name).strip("._")[:100].encode()[:200].decode(errors="ignore") or "submission"
    if plain == name:
        return plain
    import hashlib

    return f"{plain}-{hashlib.sha256(name.encode('utf-8', 'backslashreplace')).hexdigest()[:6]}"
