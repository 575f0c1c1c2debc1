"""Going on to learn while a play is read: an LSTM of 256 units and the best count, both learned from all works.

How fast they go on to learn is chosen on the validation play (part "tried"). Every play is begun with what training left.
"""

from __future__ import annotations

import re

import numpy as np

from ... import text
from ..study import Picture, Study
from . import language
from .language import digest, task, told

NETWORK = {"cell": "lstm", "units": 256, "of": "all", "seed": 0, "rate": 3e-3}
ORDER = 6  # of the count
SPEEDS = {"kneser-ney": (0.1, 0.2, 0.3), "lstm": (0.02, 0.05, 0.1)}  # the cache's share; the rate of gradient descent
(VALIDATION,) = text.PARTS["validation"]


def cases(rows):
    """The network; every speed on the validation play; then each model as it is and at its best speed on all held-out plays."""
    tried = [{"part": "tried", "model": m, "speed": speed} for m, fast in SPEEDS.items() for speed in (0.0, *fast)]
    wanted = [{"part": "network"}, *tried]
    for model, fast in SPEEDS.items():
        bits = {row["speed"]: row["bits"] for row in rows if row["part"] == "tried" and row["model"] == model}
        if bits.keys() >= set(fast):
            for play in (VALIDATION, *text.PARTS["test"]):
                for speed in (0.0, min(fast, key=bits.__getitem__)):
                    wanted.append({"part": "adapting", "model": model, "speed": speed, "play": play})
    return wanted


def measure(case):
    """Of the network what is recorded of any; else the surprise on one play, and by kinds of characters."""
    if case["part"] == "network":
        told_of_text = {"characters": len(task("all").ids["train"]), "works": list(task("all").works)}
        return {"units": NETWORK["units"]} | language.train(**NETWORK) | told_of_text
    play = text.works()[case.get("play", VALIDATION)]
    bits = surprise(case["model"], text.encode(play), case["speed"])
    if case["part"] == "tried":
        return {"bits": told(bits.mean())}
    kinds = text.kinds(play, set(re.findall("[a-z]+", text.decode(task("all").ids["train"]))))[-len(bits) :]
    row = {"characters": len(bits), "bits": told(bits.mean())}
    for k, kind in enumerate(text.KINDS):
        row |= {kind: told(bits[kinds == k].mean()), f"share of {kind}": told(np.mean(kinds == k))}
    return row


def surprise(model, ids, speed):
    """The bits of each character of a play, for a model that goes on learning at a speed; 0: it does not."""
    from ...networks import adapting, characters
    from ...text import ngrams

    if model == "lstm":
        return adapting.surprise(characters.Trained(language.weights(**NETWORK)), ids, speed)
    bits = ngrams.KneserNey(ORDER).fit(task("all").ids["train"]).surprise(ids)
    return ngrams.with_cache(bits, ngrams.remembered(ids, ORDER), speed) if speed else bits


STUDY = Study(
    question="Does it help to go on learning while one reads?",
    chapter=12,
    cases=cases,
    measure=measure,
    settings={"batch": language.BATCH, "timesteps": language.TIMESTEPS, "learning_rate": NETWORK["rate"]},
    data=lambda: digest("all"),
    picture=Picture("bits", by=("model", "speed"), part="adapting"),
    limits="One network, three plays.",
    backend="jax",
)
