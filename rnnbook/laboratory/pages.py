"""The pages of the laboratory, one a study: made from the study, its records and its claims before the book is built.

`write` puts ``book/laboratory/NAME.md`` beside the other pages (Git ignores them), pictures and lists that pages include into
``_build/laboratory/``. What has not changed is not made again.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

from .. import files
from . import claims, setup, store, study
from .claims import text

INDEX = "book/laboratory.md"
PAGES = "book/laboratory"
PARTS = "_build/laboratory"
TESTS = {
    "Welch": "Welch's t test",
    "Student's t": "Student's t test",
    "paired t": "paired t test",
    "McNemar": "McNemar's test",
    "t over reviews": "t test over the reviews",
    "prediction of one run": "prediction interval of one more run",
}


def write(root) -> None:
    """Make the pages of the book in a folder; nothing where it has no page ``book/laboratory.md``."""
    root = Path(root)
    if not (root / INDEX).is_file():
        return
    notebooks = text.places(root)
    made = _digest(root, notebooks)
    stamp, wanted = root / PARTS / "made", {f"{name}.md" for name in study.names()}
    there = {path.name for path in (root / PAGES).glob("*.md")}
    if there == wanted and stamp.is_file() and stamp.read_text() == made:
        return
    for name in there - wanted:
        (root / PAGES / name).unlink()
    decisions, said = claims.decide(), _said(root, notebooks)
    for name in study.names():
        _store(root / PAGES / f"{name}.md", page(name, decisions, said, root))
    _store(root / PARTS / "studies.md", listing(root))
    _store(root / PARTS / "claims.md", index(decisions))
    _store(stamp, made)


def page(name, decisions, said, root) -> str:
    """The page of a study as Markdown. said: {claim: where the lessons say it}, as links."""
    from . import picture

    about, cases = study.get(name), len(store.lines(name))
    parts = [
        f"---\nshort: {name.replace('_', ' ')}\n---\n",
        f"# {about.question}\n",
        f"The study `{name}` of {_chapter(root, about.chapter, '../')}: {_count(cases, 'case')}.\n",
        "## Answer\n",
        *_answer(name, decisions, said, root),
        "## Set-up\n",
        *setup.tables(name),
    ]
    if drawn := picture.file(name, root / PARTS):
        parts += ["## Every run\n", f"```{{raw}} html\n:file: ../../{PARTS}/{drawn.name}\n```\n"]
        parts += ["A dot is a row of the records; a stroke or a line is a mean.\n"]
    if about.limits:
        parts += ["## What it does not show\n", f"{about.limits}\n"]
    return "\n".join([*parts, "## Repeat it\n", *_repeat(name)])


def _answer(name, decisions, said, root):
    """The claims of a study, by chapter; without any, who uses its numbers."""
    own = sorted((d for d in decisions.values() if d.claim.study == name), key=lambda d: d.claim.chapter)
    chapters = list(dict.fromkeys(d.claim.chapter for d in own))
    parts, chapter = [], None
    for decision in own:
        if decision.claim.chapter != chapter and len(chapters) > 1:
            chapter = decision.claim.chapter
            parts.append(f"### For chapter {chapter}\n")
        parts.append(_claim(decision, said.get(decision.claim.id, [])))
    sides = [(d, d.claim.side(side)) for d in decisions.values() for side in ("first", "against")]
    elsewhere = {
        d.claim.id: d for d, side in sides if isinstance(side, dict) and side["study"] == name and d not in own
    }
    if elsewhere:
        parts.append("These runs stand in claims of other studies as well:\n")
        parts.append("".join(f"- {_linked(d.claim)}\n" for d in elsewhere.values()))
    if not parts:
        users = _users(name, root) or [_chapter(root, study.get(name).chapter, "../")]
        parts.append(f"No claim rests on it. Its numbers are for {' and '.join(users)}.\n")
    return parts


def _claim(decision, places):
    """One claim: what is compared, the sentence as the lesson says it, and what its verdict rests on."""
    claim = decision.claim
    if decision.error:
        return f"(claim-{claim.id})=\n**{claim.about}** could not be decided: {decision.error}\n"
    test = f"{TESTS.get(decision.test, decision.test)}, {_probability(decision.p)}"
    if decision.among > 1:
        test += f", {_probability(decision.p_holm)} among {decision.among} comparisons"
    where = f" Said in {' and '.join(places)}." if places else ""
    # A sentence may bring formulas and emphasis of its own, as in the lesson.
    return (
        f":::{{container}} claim\n(claim-{claim.id})=\n**{text.TOLD[decision.verdict].capitalize()}**: {claim.about}\n\n"
        f"{decision.sentence}\n\n{test}.{where}\n:::\n"
    )


def _probability(p):
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.2g}"


def _said(root, notebooks):
    """{claim: the places where a sentence of the lessons is chosen by it, as links}; the site marks the first by ``said-ID``."""
    found: dict[str, list[str]] = {}
    for path, texts in notebooks.items():
        if path.suffix == ".ipynb":
            told, link = f"chapter {int(path.name[:2])}", f"../../notebooks/{path.name}"
        else:
            told, link = path.stem.replace("_", " "), f"../{path.name}"
        for id in dict.fromkeys(match[2] for part in texts for match in text.SPAN.finditer(part)):
            places = found.setdefault(id, [])
            places.append(f"[{told}]({link if places else f'#said-{id}'})")
    return found


def _users(name, root):
    """The chapters whose cells read a study, as links."""
    named = re.compile(rf"[\"']{name}\b")
    return [
        _chapter(root, int(path.name[:2]), "../")
        for path, calls in _reads(root)
        if any(named.search(call) for call in calls)
    ]


def _reads(root):
    """(notebook, what its cells ask of the laboratory) for each notebook."""
    for path in sorted(Path(root).glob("notebooks/*.ipynb")):
        yield path, re.findall(r"laboratory\.\w+\([^)]*\)", path.read_text("utf-8"))


def _repeat(name):
    """The command, what it took, and on what."""
    about, lines = study.get(name), store.lines(name)
    command = about.command or f"python -m rnnbook study {name} --folder mine"
    parts = [f"```bash\n{command}\n```\n"]
    if not lines:
        return [*parts, "Nothing of it is recorded yet.\n"]
    seconds = study.seconds(name)[0]
    took = f", in {_duration(seconds)} of processor time" if math.isfinite(seconds) else ""
    processors = sorted({line["made"]["processor"] for line in lines if "processor" in line["made"]})
    versions: dict[str, set[str]] = {}
    for line in lines:
        for package, version in line["made"].get("versions", {}).items():
            versions.setdefault(package, set()).add(version)
    commits = list(dict.fromkeys(line["made"]["commit"] for line in lines if line["made"].get("commit")))
    digests = sorted({line["made"]["data_sha256"][:8] for line in lines if line["made"].get("data_sha256")})
    parts.append(f"Recorded on {' and '.join(processors) or 'an unnamed processor'}{took}.\n")
    told = [
        f"{package} {' and '.join(sorted(found))}"
        for package, found in sorted(versions.items())
        if package != "rnnbook"
    ]
    facts = {
        "versions": ", ".join(told),
        "commits": " to ".join(dict.fromkeys(f"`{commit}`" for commit in (*commits[:1], *commits[-1:]))),
        "data, beginning of the SHA-256": ", ".join(f"`{digest}`" for digest in digests),
    }
    return [*parts, "".join(f"- {what}: {value}\n" for what, value in facts.items() if value)]


def listing(root) -> str:
    """All studies as a table for the index page."""
    rows = ["| question | chapter | cases | hours |", "| :--- | ---: | ---: | ---: |"]
    for name in sorted(study.names(), key=lambda name: (study.get(name).chapter, name)):
        about, seconds = study.get(name), study.seconds(name)[0]
        hours = "–" if not math.isfinite(seconds) else f"{seconds / 3600:.1f}" if seconds >= 180 else "< 0.1"
        chapter = _chapter(root, about.chapter, "", str(about.chapter))
        rows.append(f"| [{about.question}](laboratory/{name}.md) | {chapter} | {len(store.lines(name))} | {hours} |")
    return "\n".join(rows) + "\n"


def index(decisions) -> str:
    """All claims by chapter for the page of the rules, each a link to where it stands."""
    parts, chapter = [], None
    for decision in sorted(decisions.values(), key=lambda d: d.claim.chapter):
        if decision.claim.chapter != chapter:
            chapter = decision.claim.chapter
            parts.append(f"\n## Chapter {chapter}\n")
        verdict = "fails" if decision.error else text.TOLD[decision.verdict]
        parts.append(f"- **{verdict}**: {_linked(decision.claim)}")
    return "\n".join(parts) + "\n"


def _linked(claim) -> str:
    """What a claim compares, as a link to where it stands; without one where its study is not there."""
    return f"[{claim.about}](#claim-{claim.id})" if claim.study in study.names() else claim.about


def _chapter(root, number, up, told="") -> str:
    """A link to a chapter, or its name where the book has it not. up: from the page to ``book/``."""
    found = sorted(Path(root).glob(f"notebooks/{number:02}_*.ipynb"))
    told = told or f"chapter {number}"
    return f"[{told}]({up}../notebooks/{found[0].name})" if found else told


def _count(number, noun):
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _duration(seconds) -> str:
    return (
        f"{seconds / 3600:.1f} hours"
        if seconds >= 5400
        else f"{seconds / 60:.0f} minutes"
        if seconds >= 90
        else f"{seconds:.0f} s"
    )


def _digest(root, notebooks) -> str:
    """What all pages depend on: studies, records, code, and which notebook says which claim."""
    here = Path(__file__).parent
    sources = [
        *here.rglob("*.py"),
        *study.STUDIES.glob("*.toml"),
        *store.RECORDED.glob("*.jsonl"),
        here.parent / "figures" / "plots.py",
    ]
    said = [
        f"{path.relative_to(root)} {match[2]}"
        for path, texts in notebooks.items()
        for part in texts
        for match in text.SPAN.finditer(part)
    ]
    asked = [f"{path.name} {' '.join(calls)}" for path, calls in _reads(root)]
    return store.digest([*(path.read_text("utf-8") for path in sorted(sources)), *said, *asked])


def _store(path, content):
    if not path.is_file() or path.read_text("utf-8") != content:
        files.replace(path, lambda file: file.write(content.encode()))
