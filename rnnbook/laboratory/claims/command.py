"""`python -m rnnbook claims`: decide all claims, compare the texts with them, or write the sentences into the texts."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def add_claims(parser):
    """The arguments of `claims`; returns what runs it."""
    parser.description = (
        "Decide every claim from the recorded data and compare the notebooks and pages with what follows. "
        "The status is 1 where a claim cannot be decided or a sentence differs."
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--write", action="store_true", help="put the sentences between their tags")
    parser.add_argument("--folder", help="where the records are; default: those of the course")
    parser.add_argument(
        "--root", default=ROOT, type=Path, help="where notebooks/ and book/ are; default: this checkout"
    )
    return run


def run(options):
    """The status: 0 where all claims hold and all sentences follow."""
    from . import text
    from .decide import decide

    decisions = decide(folder=options.folder)
    if options.write:
        for path in text.write(decisions, options.root):
            print(path.relative_to(options.root), file=sys.stderr)
    for decision in decisions.values():
        print(json.dumps(decision.as_dict(), ensure_ascii=False) if options.json else _line(decision))
    wrong = [f"{name} fails: {d.error}" for name, d in decisions.items() if d.error]
    wrong += text.differences(decisions, options.root)
    for line in wrong:
        print(f"rnnbook: {line}", file=sys.stderr)
    if not options.json:
        print(f"{len(decisions)} claims, {len(wrong)} things wrong.")
    return 1 if wrong else 0


def _line(decision):
    claim = decision.claim
    if decision.error:
        return f"{claim.chapter:>2} {claim.id:<44} FAILS: {decision.error}"
    numbers = decision.evidence.strip("()")
    return f"{claim.chapter:>2} {claim.id:<44} {decision.verdict:<10} p {decision.p_holm:.3f}  {numbers}"
