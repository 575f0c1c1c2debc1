"""A grid for the explorer: units, learning rate, dropout, recurrent dropout, depth, direction, maxlen.

Around 200 words a review, where a run costs less than half of what it costs at 500.
"""

from __future__ import annotations

from ...networks.architectures import USUAL
from ..study import Picture
from ..training import masked, study


def runs():
    """The runs of the study."""
    grid = [{}]
    grid += [{"units": units, "learning_rate": rate} for units in (8, 16, 32, 64) for rate in (3e-4, 1e-3, 3e-3)]
    grid += [{"dropout": d, "recurrent_dropout": r} for d in (0.0, 0.2, 0.5) for r in (0.0, 0.2, 0.5)]
    grid += [{"units": units, "dropout": d, "recurrent_dropout": d} for units in (8, 16, 64) for d in (0.2, 0.5)]
    grid += [{"depth": depth, "bidirectional": both} for depth in (1, 2, 3, 4) for both in (False, True)]
    grid += [{"depth": depth, "dropout": 0.2, "recurrent_dropout": 0.2} for depth in (2, 3, 4)]
    grid += [{"bidirectional": True, "units": units} for units in (8, 16)]
    grid += [{"bidirectional": True, "dropout": d, "recurrent_dropout": d} for d in (0.2, 0.5)]
    plain = [(settings, 200) for settings in grid]
    plain += [
        (settings, maxlen)
        for maxlen in (100, 500)
        for settings in (
            {},
            {"units": 8},
            {"units": 16},
            {"units": 64},
            {"learning_rate": 3e-4},
            {"learning_rate": 3e-3},
            {"dropout": 0.2, "recurrent_dropout": 0.2},
            {"dropout": 0.5, "recurrent_dropout": 0.5},
            {"depth": 2},
            {"bidirectional": True},
            {"bidirectional": True, "dropout": 0.2, "recurrent_dropout": 0.2},
        )
    ]
    found, seen = [], set()
    for settings, maxlen in plain:
        settings = {key: value for key, value in settings.items() if value != USUAL[key]}
        key = (maxlen, *sorted(settings.items()))
        if key not in seen:
            seen.add(key)
            found.append(masked("hyperparameters", "simple_rnn", 0, epochs=10, maxlen=maxlen, settings=settings))
    central = [
        {},
        {"dropout": 0.2},
        {"recurrent_dropout": 0.2},
        {"dropout": 0.2, "recurrent_dropout": 0.2},
        {"units": 16},
        {"units": 64},
        {"bidirectional": True},
        {"depth": 2},
        {"depth": 3},
        {"depth": 4},
    ]
    found += [
        masked("hyperparameters", "simple_rnn", seed, epochs=10, maxlen=200, settings=settings)
        for settings in central
        for seed in (1, 2)
    ]
    return found


STUDY = study(
    __name__,
    "How do units, learning rate, dropout, depth, direction and words kept change what a SimpleRNN learns?",
    4,
    runs,
    Picture("best_val_accuracy", over="units", by=("depth", "bidirectional")),
    "Most settings ran with one seed: they are for exploring.",
)
