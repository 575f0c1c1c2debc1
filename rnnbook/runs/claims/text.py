"""Where sentences of claims stand: between tags in notebooks and pages, and all of them on one page of the book."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ... import files
from .entry import ClaimError

PAGE = "book/claims.md"
SPAN = re.compile(r'(<span data-claim="([^"]*)">)(.*?)(</span>)', re.S)
TOLD = {"higher": "higher", "lower": "lower", "undecided": "not decided"}

HEAD = r"""# Claims and what they rest on

Where a sentence of this course says of recorded runs that one thing is better, later or faster than another, the data have
chosen its words. It is then a *claim*, and this page lists all of them. (What a cell measures while you watch, or shows on one
network as an illustration, stands in its chapter only.) The rules are the same for all:

- The difference of two means is tested over independent training runs with Welch's t test, which lets each side have its own
  spread. Runs are never paired because they share a seed: a seed fixes little that two architectures have in common. What is
  paired are two values of one network, or of one kind of network where the claim is about kinds. Where one side is a single
  number, such as the error of a model without a random start, our runs are tested against it (Student's t test).
- The claims of one table are corrected together by Holm's method at 5 %. The verdict is "higher" or "lower" where the
  corrected test is below 5 % and each side has at least three runs, and "not decided" otherwise. *Not decided* does not mean
  *equal*: the interval says how large a difference these runs leave possible.
- Where two verdicts on each of the same test reviews are compared, the test is McNemar's and the interval comes from 2,000
  bootstrap samples of the reviews. It tells what other reviews would give; another training of the same networks would give
  other verdicts. That is why such a sentence speaks of one network, or of a method that has no random start.
- Intervals are 95 % intervals of the single difference, before that correction. So an interval may leave out zero where the
  verdict is "not decided": among many comparisons, one such interval is to be expected by luck. There the bracket says so:
  "taken alone, p = 0.12 among 11 comparisons" gives the interval of this one comparison and the corrected p on which the
  verdict rests. Where interval and verdict agree, the corrected p is left out, unless it lies between 0.01 and 0.05: such a
  verdict is a hint more than a proof, and the bracket gives its p.
- A number that somebody else published of one run is no fixed mark: it would vary from run to run as ours do. So it is compared
  with where *one more run of ours* is to be expected, which is $t\,s\sqrt{1 + 1/n}$ on both sides of our mean: $s$ is the
  standard deviation of our $n$ runs, and $t$ the factor of Student's distribution. This is a prediction interval, "for one
  more run" in the bracket.
- An interval over seeds tells what another training on the same reviews would give. Other test reviews would move an accuracy
  near 87 % by another 0.2 points (one standard error with 24,996 reviews).

`python -m rnnbook claims` recomputes all of them; a sentence that no longer follows makes it fail. CONTRIBUTING.md says how to
add one.
"""


def places(root) -> dict[Path, list[str]]:
    """The Markdown of all notebooks and pages that may hold claims: a list of texts for each file."""
    root = Path(root)
    found = {path: [text for _, text in _cells(_notebook(path))] for path in sorted(root.glob("notebooks/*.ipynb"))}
    pages = [path for path in sorted(root.glob("book/*.md")) if path != root / PAGE]
    return found | {path: [path.read_text("utf-8")] for path in pages}


def differences(decisions, root) -> list[str]:
    """What does not follow from the data: sentences that differ, names that no claim has, a page that is not up to date."""
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
    target = Path(root) / PAGE
    if not target.exists() or target.read_text("utf-8") != page(decisions):
        wrong.append(f"{PAGE} is not what the data give.")
    return wrong


def write(decisions, root) -> list[Path]:
    """Put the sentences between their tags and renew the page; returns the files that changed."""
    if failed := [f"{name}: {d.error}" for name, d in decisions.items() if d.error]:
        raise ClaimError(f"Nothing is written: {failed[0]}")

    def told(match):
        if match[2] not in decisions:
            raise ClaimError(f"There is no claim {match[2]!r}: add it to a file in rnnbook/runs/claims.")
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
    target = Path(root) / PAGE
    before = target.read_text("utf-8") if target.exists() else ""
    return changed + _store(target, before, page(decisions))


def page(decisions) -> str:
    """The page of all claims."""
    parts, chapter = [HEAD], None
    for decision in decisions.values():
        claim = decision.claim
        if claim.chapter != chapter:
            chapter = claim.chapter
            parts.append(f"\n## Chapter {chapter}\n")
        sentence = decision.error or decision.sentence
        parts.append(f'- **{TOLD[decision.verdict]}**, {claim.about}: <span data-claim="{claim.id}">{sentence}</span>')
    return "\n".join(parts) + "\n"


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
