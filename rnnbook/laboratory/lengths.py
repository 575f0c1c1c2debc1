"""How often recorded networks are right on short and on long test reviews, from the verdicts that they kept."""

from __future__ import annotations

import numpy as np

from . import store
from .record import bits, packed

BORDERS = (120, 200, 400)  # words
GROUPS = ("right_to_120", "right_to_200", "right_to_400", "right_beyond_400")  # columns, from short to long reviews


def labels(corpus):
    """The measurement "test_labels": the truth of every test review, and whether it is longer than each border."""
    lengths = corpus.test.lengths
    return {
        "data_sha256": corpus.sha256, "reviews": len(corpus.test), "labels": packed(corpus.test.labels),
        "longer": {str(border): packed(lengths > border) for border in BORDERS},
    }  # fmt: skip


def groups(truth):
    """Which of the test reviews fall between two borders, (4, n_test) bool. truth: the study "test_labels"."""
    longer = np.array([bits(truth["longer"][str(border)], truth["reviews"]) for border in BORDERS])
    edge = np.ones_like(longer[:1])
    return np.concatenate([edge, longer]) & ~np.concatenate([longer, ~edge])


def by_length(found):
    """A frame with a row a record: the share of right answers in each of `GROUPS`.

    Column ``beyond_400_less_to_120`` is the last less the first. NaN for a run that kept no verdicts, or whose test
    reviews are not those of the study "test_labels".
    """
    import pandas as pd

    truth = store.rows("test_labels")[0]
    inside, wanted = groups(truth), bits(truth["labels"], truth["reviews"])
    rows = []
    for record in found:
        right = np.full(len(inside), np.nan)
        if record.predictions and record.data_sha256 == truth["data_sha256"]:
            right = (inside & (bits(record.predictions, len(wanted)) == wanted)).sum(axis=1) / inside.sum(axis=1)
        rows.append(dict(zip(GROUPS, right, strict=True)) | {"beyond_400_less_to_120": right[-1] - right[0]})
    return pd.DataFrame(rows)
