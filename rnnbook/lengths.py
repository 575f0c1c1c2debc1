"""How long the real reviews are: recorded once, so that pages do not change with the data set at hand.

`python -m rnnbook.lengths` counts the lengths of the IMDB reviews again and writes the record.
"""

from importlib.resources import files
import json
from pathlib import Path

import numpy as np

RECORD = "recorded/lengths.json"


def load():
    """The recorded lengths of all reviews, training and test together: int array (reviews,), ascending.

    Unit: tokens, the start token included, as `rnnbook.data` gives them.
    """
    record = json.loads(files("rnnbook").joinpath(RECORD).read_text(encoding="utf-8"))
    return np.repeat(record["length"], record["count"])


def survivors(lengths, maxlen):
    """What a tensor of `maxlen` timesteps keeps: a dict of three shares between 0 and 1.

    `tokens`: of all tokens, those kept; `whole`: of all reviews, those kept whole; `padding`: of all timesteps in the
    tensor, those that are padding. lengths: int (reviews,); maxlen: at least 1.
    """
    if maxlen < 1:
        raise ValueError(f"maxlen is {maxlen}: it must be at least 1.")
    kept = np.minimum(lengths, maxlen)
    return {
        "tokens": kept.sum() / lengths.sum(),
        "whole": np.mean(lengths <= maxlen),
        "padding": 1 - kept.sum() / (len(lengths) * maxlen),
    }


def record(corpus, path):
    """Count the lengths of both splits of `corpus` and write them to `path` as JSON."""
    length, count = np.unique(np.concatenate([corpus.train.lengths, corpus.test.lengths]), return_counts=True)
    content = {"dataset": corpus.name, "sha256": corpus.sha256, "length": length.tolist(), "count": count.tolist()}
    Path(path).write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    from rnnbook import data

    record(data.load("imdb"), Path(__file__).with_name("recorded") / "lengths.json")
