"""Counts of characters, Kneser–Ney: what the networks of chapter 12 stand beside."""

from __future__ import annotations

from ..study import Picture, Study, frame
from .language import digest, task, told

ORDERS = range(1, 8)


def measure(case):
    """Bits a character of one count on the validation play and on the test plays."""
    from ...text import ngrams

    ids = task(case["text"]).ids
    model = ngrams.KneserNey(case["order"]).fit(ids["train"])
    bits = {part: told(model.surprise(ids[part]).mean()) for part in ("validation", "test")}
    return {"characters": len(ids["train"])} | bits


def best(text):
    """The count of a text, "race" or "all", whose order is best on the validation play: a row."""
    counts = frame("counted_characters").query("text == @text")
    return counts.loc[counts.validation.idxmin()]


STUDY = Study(
    question="How well does counting guess the next character?",
    chapter=12,
    cases=lambda rows: [{"text": text, "order": order} for text in ("race", "all") for order in ORDERS],
    measure=measure,
    data=lambda: digest("all"),
    picture=Picture("test", by="text", over="order"),
    limits="Up to seven characters, one way of smoothing.",
)
