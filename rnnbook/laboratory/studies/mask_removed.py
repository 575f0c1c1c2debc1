"""What padding does to a SimpleRNN from which the mask is taken away.

The five networks of `comparison` are trained again, each as far as its choice of an epoch needs, and asked for all test
reviews: with the mask, and without it with padding in front and behind. Their states are also followed where nothing but
padding comes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ... import reviews
from .. import checkpoints
from ..record import rounded
from ..study import Picture, Study
from . import comparison

EPOCHS = 10  # none of the five has its lowest validation loss later
MAXLEN = 500
BATCH = 1_000  # reviews that are read at once
LONG, READ = 5_000, 100  # steps of padding after as many reviews


def runs():
    """Runs of chapter 4's network, trained with a mask, one a seed; shorter."""
    return [
        replace(run, study="mask_removed", epochs=EPOCHS)
        for run in comparison.runs()
        if run.architecture == "simple_rnn"
    ]


def _run(case):
    return next(run for run in runs() if run.seed == case["seed"])


def measure(case):
    """One row: right answers in each way, the share it calls positive, and where it comes to rest."""
    run, test = _run(case), reviews.load("imdb").test
    best_epoch = run.measure(say=lambda text: None).best_epoch
    network = checkpoints.network(run)
    network["about"] = {"mask_zero": True, "maxlen": MAXLEN}
    said = {way: of_way > 0.5 for way, of_way in answers(network, test).items()}
    return (
        {"best_epoch": best_epoch}
        | {way: rounded(np.mean(of_way == test.labels)) for way, of_way in said.items()}
        | {"positive": {way: rounded(of_way.mean()) for way, of_way in said.items()}}
        | {"resting": resting(network, test.padded(MAXLEN)[:READ])}
    )


def answers(network, some):
    """{way: probabilities (reviews,)} with the mask, and without it where padding stands in front or behind."""
    from ...networks.weights import masked_probabilities, probabilities

    def without(side):
        tokens = some.padded(MAXLEN, padding=side)
        return np.concatenate([probabilities(network, tokens[k : k + BATCH]) for k in range(0, len(tokens), BATCH)])

    masked = masked_probabilities(network, some.padded(MAXLEN), masks=1, rate=0.0)[0]
    return {"masked": masked, "in front": without("pre"), "behind": without("post")}


def resting(network, tokens, long=LONG):
    """The answers, to two decimals and each once, that are left when `long` steps of padding follow the tokens (reviews, timesteps).

    A mask guards the reading; what comes after it is read without one.
    """
    from ...networks import reference

    layer = network["layers"][0]
    X = network["E"].astype(float)[np.concatenate([tokens, np.zeros((len(tokens), long), int)], axis=1)]
    mask = np.ones(X.shape[:2], bool)
    mask[:, : tokens.shape[1]] = tokens > 0
    last = reference.masked_rollout(X, mask, layer["U"], layer["W"], layer["b"])[:, -1]
    said = np.asarray(reference.sigmoid(reference.output_map(last, network["V"], network["c"])))[:, 0]
    return sorted({round(float(answer), 2) for answer in said})


STUDY = Study(
    question="What happens to a SimpleRNN that learned with a mask when the mask is taken away?",
    chapter=3,
    cases=lambda rows: [{"seed": run.seed} for run in runs()],
    measure=measure,
    settings={"epochs": EPOCHS},
    data=lambda: reviews.load("imdb").sha256,
    finish=lambda case: checkpoints.Checkpoint(_run(case)).remove(),
    picture=Picture("behind", by="seed"),
    limits="Five networks of one size; how far each falls differs much.",
    backend="tensorflow",
)
