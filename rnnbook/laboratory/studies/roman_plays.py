"""A count meets the validation play, *Julius Caesar*, with and without the other Roman plays in the text that it has learned."""

from __future__ import annotations

import re

from ... import text
from ..study import Picture, Study
from .language import digest, task, told
from .language_all_works import ORDER

ROMAN = "antony_and_cleopatra", "coriolanus", "tragedy_of_titus_andronicus"  # whose people the validation play knows


def measure(case):
    """Bits of the count on each held-out play, and on the names in it."""
    from ...text import ngrams

    learned = "\n".join(work for name, work in task("all").works.items() if name not in case["without"])
    counts, known = ngrams.KneserNey(ORDER).fit(text.encode(learned)), set(re.findall("[a-z]+", learned))
    rows = []
    for play in (*text.PARTS["validation"], *text.PARTS["test"]):
        bits = counts.surprise(text.encode(text.works()[play]))
        named = text.kinds(text.works()[play], known)[-len(bits) :] == text.KINDS.index("names")
        rows.append(
            {"characters": len(learned), "play": play, "bits": told(bits.mean()), "names": told(bits[named].mean())}
        )
    return rows


STUDY = Study(
    question="Is the validation play easy because its people are known from other plays?",
    chapter=12,
    cases=lambda rows: [{"without": []}, {"without": list(ROMAN)}],
    measure=measure,
    data=lambda: digest("all"),
    picture=Picture("bits", by="play"),
    limits="One count.",
)
