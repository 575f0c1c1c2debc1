"""Networks that were trained with dropout, tested with their masks on.

Is the whole network worse than the thinned ones that were trained, and does an average over masks repair it (chapter 7)?
`python -m rnnbook masked` asks ten networks; `baselines` asks the shipped one on every test review.
"""

from __future__ import annotations

import numpy as np

from .. import files, reviews
from . import store, studies
from .baselines import MASKS, MAXLEN
from .diagnosis import REVIEWS
from .record import RecordError, rounded


def ways(network, some):
    """{way: share of right answers}: the whole network, one mask a review, and the mean over `MASKS` masks."""
    from ..networks.weights import masked_probabilities

    tokens = some.padded(MAXLEN)
    whole = masked_probabilities(network, tokens, masks=1, rate=0.0)
    thinned = masked_probabilities(network, tokens, MASKS, rate=0.2)
    answers = {"whole": whole[0], "one mask": thinned[0], f"mean of {MASKS} masks": thinned.mean(axis=0)}
    return {way: rounded(np.mean((answer > 0.5) == some.labels)) for way, answer in answers.items()}


def add_masked(parser):
    """The arguments of `masked`, none; returns what runs it."""
    return _run


def _run(options):
    from ..networks import weights

    corpus = reviews.load("imdb")
    rows = []
    for run in studies.tuned():
        if run.architecture != "dropout":
            continue
        arrays = store.weights(run)
        if arrays is None:
            raise RecordError(
                f"The weights of {run} are not on this machine: remove its record and make it again with `python -m rnnbook study tuned --only dropout`."
            )
        config = {"cell": "simple_rnn", "depth": 1, "bidirectional": False}
        network = weights.assembled(weights.from_keras(arrays, config), config)
        for way, accuracy in ways(network, corpus.test.take(REVIEWS)).items():
            rows.append({"seed": run.seed, "way": way, "test_accuracy": accuracy})
            print(rows[-1], flush=True)
    made = {"rows": rows, "reviews": REVIEWS, "data_sha256": corpus.sha256}
    store.write_measurement("masked", made | {"processor": files.processor(), "versions": files.versions()})
