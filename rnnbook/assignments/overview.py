"""Pages for the instructor: the class at a glance, all answers to an open question, and submissions that resemble each other."""

import collections
import itertools
import json
import re
import statistics
from html import escape
from pathlib import Path

from .answers import squeeze
from .report import STYLE, safe_name

ALIKE = 0.85  # share of short pieces of code in common from which on a pair is named
PIECE = 5  # words in a piece
WIDE = """main{max-width:60rem}.table{overflow-x:auto}table{border-collapse:collapse;font-size:.95rem}
td,th{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0;overflow-wrap:anywhere;min-width:2.5rem}th{overflow-wrap:normal}"""


def page(title, parts):
    """A page in the style of the feedback."""
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'>"
        f"<title>{escape(title)}</title><style>{STYLE}{WIDE}</style><main><h1>{escape(title)}</h1>{''.join(parts)}</main></html>\n"
    )


def table(header, rows):
    """An HTML table."""
    head = "".join(f"<th scope=col>{escape(str(text))}</th>" for text in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(text))}</td>" for text in row) + "</tr>" for row in rows)
    return f"<div class=table><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def summary(bundle, results, pairs):
    """The text of the class's page: marks a question, tests failed most, what could not be graded, time, pairs that resemble."""
    graded = [result for result in results.values() if result["graded"]]
    totals = [result["total"] for result in graded]
    parts = [f"<p>{len(results)} submissions, {len(graded)} with marks.</p>"]
    rows = []
    for question in bundle["questions"]:
        points = [r["points"][question["name"]] for r in graded if r["points"][question["name"]] is not None]
        full = sum(p >= question["points"] for p in points)
        rows.append(_row(f"{question['name'].upper()}. {question['title']}", points, question["points"], full))
    rows.append(_row("Total", totals, bundle["points"], sum(t >= bundle["points"] for t in totals)))
    parts.append(table(["question", "of", "marked", "mean", "median", "lowest", "highest", "full", "none"], rows))
    failures = collections.Counter(
        (question, note["test"])
        for result in graded
        for question, notes in result["notes"].items()
        for note in notes
        if not note["passed"]
    )
    hints = {(q["name"], test["name"]): test["message"] for q in bundle["questions"] for test in q["tests"]}
    parts.append("<h2>Tests that failed most</h2>")
    share = [(*test, f"{n} of {len(graded)}", hints[test]) for test, n in failures.most_common(12)]
    parts.append(table(["question", "test", "failed in", "hint"], share) if share else "<p>None failed.</p>")
    trouble = [(n, r["status"], r["advice"]) for n, r in sorted(results.items()) if not r["graded"]]
    if trouble:
        parts.append("<h2>Without marks</h2>" + table(["submission", "what its page says", "for you"], trouble))
    seconds = [result["seconds"] for result in results.values()]
    slow = sorted(results, key=lambda name: -results[name]["seconds"])[:3]
    longest = ", ".join(f"{name} ({results[name]['seconds']:g} s)" for name in slow)
    parts.append(
        f"<h2>Time</h2><p>Median {statistics.median(seconds):.2f} s a submission; longest: {escape(longest)}.</p>"
    )
    parts.append("<h2>Submissions that resemble each other</h2>")
    parts.append(
        table(["one", "other", "in common"], [(a, b, f"{share:.0%}") for a, b, share in pairs])
        + "<p>A hint, not a proof: what the assignment itself gives is left out, but short answers to one question often look alike.</p>"
        if pairs
        else "<p>None.</p>"
    )
    return page(f"{bundle['title']}: the class", parts)


def _row(name, points, most, full):
    if not points:
        return (name, f"{most:g}", 0, "–", "–", "–", "–", "–", "–")
    low, high, none = min(points), max(points), sum(p == 0 for p in points)
    mean, median = statistics.fmean(points), statistics.median(points)
    return (name, f"{most:g}", len(points), f"{mean:.2f}", f"{median:g}", f"{low:g}", f"{high:g}", full, none)


def written_answers(data, bundle):
    """The text and code that a notebook holds for each open question: `{question: [(kind, text), …]}`. Never raises."""
    by_hand = [q["name"] for q in bundle["questions"] if q["manual"]]
    found = {name: [] for name in by_hand}
    given = {squeeze(text) for text in bundle.get("texts", [])}
    given |= {squeeze(step.get("code") or step.get("stub")) for step in bundle["order"]}
    try:
        cells = json.loads(data)["cells"]
        current = None
        for cell in cells:
            text = cell.get("source", "")
            text = "".join(map(str, text)) if isinstance(text, list) else str(text)
            title = re.search(r"^#+[ \t]*(Q\d+)\b", text[:2000], re.M)  # below a comment, which otter-grader writes
            if title:
                current = title[1].lower()
            if current in found and text.strip() and squeeze(text) not in given:
                found[current].append((str(cell.get("cell_type")), text[:20_000]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, MemoryError):
        pass
    return found


def answers_page(bundle, question, collected):
    """All answers to one open question, the rubric beside them. `collected`: a dict from submission to `[(kind, text), …]`."""
    parts = ["<p>Marks go into a file for <code>--marks</code>: submission, question, marks, comment.</p>"]
    parts.append(f"<details open><summary>Rubric</summary><pre>{escape(question.get('rubric', ''))}</pre></details>")
    for name in sorted(collected):
        parts.append(f"<h2 id='{escape(safe_name(name))}'>{escape(name)}</h2>")
        for kind, text in collected[name]:
            parts.append(f"<pre>{escape(text)}</pre>" if kind == "code" else f"<p class=comment>{escape(text)}</p>")
        if not collected[name]:
            parts.append("<p><em>Nothing written.</em></p>")
    return page(f"{question['name'].upper()}. {question['title']}", parts)


def pieces(codes, bundle):
    """Short runs of words of a student's code, without comments, spaces and what the assignment gives."""
    given = {squeeze(step.get("code") or step.get("stub")) for step in bundle["order"]} | {squeeze(bundle["setup"])}
    words = []
    for code in codes:
        if squeeze(code) not in given:
            words += re.findall(r"\w+|[^\w\s]", re.sub(r"#[^\n]*", "", code[:100_000]))
    return {tuple(words[i : i + PIECE]) for i in range(len(words) - PIECE + 1)}


def alike(found, most=20):
    """Pairs of submissions that have most of their code in common, `[(name, name, share), …]`, closest first.

    Parameters: `found`, a dict from name to what `pieces` returned. Pieces that most of the class wrote do not count.
    """
    count = collections.Counter(piece for own in found.values() for piece in own)
    rare = {
        name: {p for p in own if count[p] <= max(2, len(found) // 4)} for name, own in found.items() if len(own) > 60
    }
    pairs = []
    for one, other in itertools.combinations(sorted(rare), 2):
        smaller, larger = sorted((rare[one], rare[other]), key=len)
        if len(smaller) > 30 and len(smaller & larger) > ALIKE * len(smaller):
            pairs.append((one, other, len(smaller & larger) / len(smaller)))
    return sorted(pairs, key=lambda pair: -pair[2])[:most]


def write(folder, stem, bundle, results, submissions, read):
    """Write the class's page and a page for each open question; returns their paths."""
    from . import answers

    collected, found = {}, {}
    for name, path in submissions.items():
        if not results[name]["notes"]:  # it could not be read
            continue
        try:
            data = read(path)
        except OSError:
            data = b""
        collected[name] = written_answers(data, bundle)
        try:
            found[name] = pieces([cell["code"] for cell in answers.read(data)[0]], bundle)
        except (answers.SubmissionError, RecursionError, MemoryError):
            continue
    paths = [Path(folder) / f"{stem}_class.html"]
    paths[0].write_text(summary(bundle, results, alike(found)), encoding="utf-8", errors="backslashreplace")
    for question in bundle["questions"]:
        if question["manual"]:
            paths.append(Path(folder) / f"{stem}_{question['name']}.html")
            text = answers_page(bundle, question, {name: own[question["name"]] for name, own in collected.items()})
            paths[-1].write_text(text, encoding="utf-8", errors="backslashreplace")
    return paths
