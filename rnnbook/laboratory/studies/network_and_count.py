"""The shipped larger LSTM beside the best count of the same text: where each guesses better, and how long the lines are that it writes."""

from __future__ import annotations

import numpy as np

from ...text import ALPHABET, sampling, spoken
from ..study import Picture, Study
from . import counted_characters
from .language import digest, task, told

CONTEXT = 5  # characters: where the last five stand nowhere in the text learned, counts must fall back on fewer
TEMPERATURE, PIECES, PIECE = 0.8, 12, 1_500  # of how many texts a model writes, and of how many characters
CASES = [{"part": "contexts"}]
CASES += [{"part": "lines", "model": model, "seed": seed} for model in ("count", "network") for seed in range(3)]


def measure(case):
    """What one part asks; the count is that of all works."""
    from ...networks import characters
    from ...text import ngrams

    order, ids = int(counted_characters.best("all").order), task("all").ids
    count = ngrams.KneserNey(order).fit(ids["train"]) if case.get("model") != "network" else None
    if case["part"] == "contexts":
        rows = contexts(count, characters.larger(), ids["train"], ids["test"])
    else:
        rows = [lines(count or characters.larger(), case["seed"])]
    return [{"order": order} | row for row in rows]


def contexts(count, network, learned, read):
    """Of the places of a text whose last `CONTEXT` characters stand in the text learned, and of the others: share and bits of both."""
    from ...networks import characters

    of_count = np.full(len(read), np.nan)
    of_count[128:] = count.surprise(read)
    of_network = characters.surprise(network, read)
    known = np.zeros(len(read), bool)
    known[CONTEXT:] = np.isin(_windows(read), _windows(learned))[:-1]
    judged = ~np.isnan(of_count) & ~np.isnan(of_network)
    return [
        {
            "context": name, "share": told(there.sum() / judged.sum()),
            "count": told(of_count[there].mean()), "network": told(of_network[there].mean()),
        }
        for name, there in (("known", known & judged), ("new", ~known & judged))
    ]  # fmt: skip


def lines(model, seed):
    """A model writes `PIECES` texts; how many spoken lines they have, mean and standard deviation of their characters, the most."""
    rng = np.random.default_rng(seed)
    written = [sampling.write(model, "\n\n", PIECE, TEMPERATURE, rng=rng) for _ in range(PIECES)]
    long = [len(line) for one in written for line in spoken(one)]
    mean, deviation = np.round([np.mean(long), np.std(long, ddof=1)], 2).tolist()
    return {"lines": len(long), "mean": mean, "deviation": deviation, "longest": max(long)}


def _windows(ids):
    """Every `CONTEXT` characters in a row, as one number."""
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(ids, np.int64), CONTEXT)
    return windows @ len(ALPHABET) ** np.arange(CONTEXT)


STUDY = Study(
    question="Where does a network guess better than a count of the same text, and how do the lines differ that they write?",
    chapter=12,
    cases=lambda rows: CASES,
    measure=measure,
    settings={"context": CONTEXT, "temperature": TEMPERATURE, "pieces": PIECES, "characters": PIECE},
    data=lambda: digest("all"),
    picture=Picture("deviation", by="model", part="lines"),
    limits="One network and one count; twelve texts a draw.",
)
