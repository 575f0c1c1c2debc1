"""How far one word moves a network's verdict, by its place in a review: the *pull* of chapter 6.

The logit with "excellent" at a place less the logit with "awful" there, for test reviews that fill 200 words exactly, so that nothing
is cut or padded. Each review is asked at one place of every ten, drawn at random.
"""

from __future__ import annotations

import numpy as np

from .. import files, reviews
from . import store, studies
from .record import RecordError, rounded

ARCHITECTURES = ("simple_rnn", "bidirectional")
WORDS = ("excellent", "awful")
TIMESTEPS, BLOCK = 200, 10


def pull(network, tokens, places, words):
    """How far the logit moves (samples,) when the word at a review's place is the first of two, not the second.

    network: as `weights.load` gives it; tokens (samples, timesteps), of equal length; places (samples,), from 0; words: two tokens.
    """
    from ..networks.weights import probabilities

    logits = []
    for word in words:
        put = tokens.copy()
        put[np.arange(len(tokens)), places] = word
        p = probabilities(network, put).astype(float)
        logits.append(np.log(p / (1 - p)))
    return logits[0] - logits[1]


def drawn_places(samples, seed=0):
    """{first place: a place (samples,) of each review among the ten from there on}; places count from 0."""
    rng = np.random.default_rng(seed)
    return {
        first: rng.integers(first, first + BLOCK, size=samples)
        for first in range(1, TIMESTEPS, BLOCK)  # 0 holds the start sign
    }


def rows(network, tokens, words):
    """Rows (first word of ten, from 1; median pull; the tenth and the ninetieth of a hundred) for one network."""
    made = []
    for first, places in drawn_places(len(tokens)).items():
        low, median, high = np.quantile(pull(network, tokens, places, words), [0.1, 0.5, 0.9])
        made.append({"place": first, "pull": rounded(median), "low": rounded(low), "high": rounded(high)})
    return made


def add_pulls(parser):
    """The arguments of `pulls`; returns what runs it."""
    parser.add_argument(
        "--folder", help="where `study tuned --folder` kept the weights; default: where it does without one"
    )
    return _run


def _run(options):
    from ..networks import weights

    corpus = reviews.load("imdb")
    words = [reviews.encode(word, corpus.word_index, start=False)[0] for word in WORDS]
    chosen = np.flatnonzero(corpus.test.lengths == TIMESTEPS + 1)  # with the start sign
    tokens = np.stack([corpus.test[int(k)].astype(int) for k in chosen])
    made = []
    for run in studies.tuned():
        if run.architecture not in ARCHITECTURES:
            continue
        arrays = store.weights(run, options.folder)
        if arrays is None:
            raise RecordError(
                f"The weights of {run} are not on this machine: make them with `python -m rnnbook study tuned "
                f"--only {run.architecture} --folder FOLDER`, then give the folder to this command."
            )
        config = {"cell": "simple_rnn", "depth": 1, "bidirectional": run.architecture == "bidirectional"}
        network = weights.assembled(weights.from_keras(arrays, config), config)
        network["about"] = {"mask_zero": True, "maxlen": TIMESTEPS}
        found = rows(network, tokens, words)
        made += [{"architecture": run.architecture, "seed": run.seed, **row} for row in found]
        print(run, found[0], found[-1], flush=True)
    store.write_measurement(
        "pulls",
        {
            "rows": made, "reviews": len(tokens), "words": list(WORDS), "data_sha256": corpus.sha256,
            "processor": files.processor(), "versions": files.versions(),
        },
    )  # fmt: skip
