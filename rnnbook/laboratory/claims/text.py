"""Where sentences of claims stand: between tags in notebooks and pages."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ... import files
from .entry import ClaimError

SPAN = re.compile(r'(<span data-claim="([^"]*)">)(.*?)(</span>)', re.S)
TOLD = {"higher": "higher", "lower": "lower", "undecided": "not decided"}


def places(root) -> dict[Path, list[str]]:
    """The Markdown of all notebooks and pages that may hold claims: a list of texts for each file."""
    root = Path(root)
    found = {path: [text for _, text in _cells(_notebook(path))] for path in sorted(root.glob("notebooks/*.ipynb"))}
    return found | {path: [path.read_text("utf-8")] for path in sorted(root.glob("book/*.md"))}


def differences(decisions, root) -> list[str]:
    """What does not follow from the data: sentences that differ, and names that no claim has."""
    wrong = []
    for path, texts in places(root).items():
        for _, name, text, _ in (match.groups() for part in texts for match in SPAN.finditer(part)):
            told = f"{path.relative_to(root)}: {name}"
            if name not in decisions:
                wrong.append(f"{told} is no claim.")
            elif decisions[name].error:
                continue  # told anyway
            elif _words(text) != _words(decisions[name].sentence):
                wrong.append(f"{told} says {_words(text)!r}, but the data say {_words(decisions[name].sentence)!r}.")
    return wrong


def write(decisions, root) -> list[Path]:
    """Put the sentences between their tags; returns the files that changed."""
    if failed := [f"{name}: {d.error}" for name, d in decisions.items() if d.error]:
        raise ClaimError(f"Nothing is written: {failed[0]}")

    def told(match):
        if match[2] not in decisions:
            raise ClaimError(f"There is no claim {match[2]!r}: add it to a file in rnnbook/laboratory/studies.")
        sentence = decisions[match[2]].sentence
        return match[0] if _words(match[3]) == _words(sentence) else match[1] + sentence + match[4]

    changed = []
    for path in places(root):
        before = path.read_text("utf-8")
        if path.suffix == ".md":
            after = SPAN.sub(told, before)
        else:
            notebook = _notebook(path)
            for cell, text in _cells(notebook):
                if (new := SPAN.sub(told, text)) != text:
                    cell["source"] = new.splitlines(keepends=True)
            after = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
            after = before if json.loads(before) == notebook else after
        changed += _store(path, before, after)
    return changed


def _notebook(path):
    return json.loads(path.read_text("utf-8"))


def _cells(notebook):
    return [(cell, "".join(cell["source"])) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]


def _words(text):
    return " ".join(text.split())


def _store(path, before, after):
    if before == after:
        return []
    files.replace(path, lambda file: file.write(after.encode()))
    return [path]
