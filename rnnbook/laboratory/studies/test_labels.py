"""The truth of the test reviews, in their order: what recorded verdicts are compared with where the reviews are not at hand."""

from __future__ import annotations

from ... import reviews
from .. import lengths
from ..study import Study

STUDY = Study(
    question="Which test reviews are positive, and which are long?",
    chapter=4,
    cases=lambda rows: [{"part": "test"}],
    measure=lambda case: lengths.labels(reviews.load("imdb")),
    data=lambda: reviews.load("imdb").sha256,
    limits="The reviews themselves are not part of the course.",
)
