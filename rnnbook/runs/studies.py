"""The studies of the course: which runs each one holds."""

from __future__ import annotations

from dataclasses import replace

from ..networks import architectures
from ..networks.architectures import USUAL
from . import store
from .run import Run

# The cheap ones first: what is recorded when time runs out is then the most.
NINE = ("dense", "conv", "simple_rnn", "dropout", "bidirectional", "stacked", "gru", "lstm", "bidirectional_lstm")


def comparison():
    """Nine architectures. Recurrent ones skip padding (mask_zero), as the fast path trains best that way."""
    runs = [_masked("comparison", name, seed, epochs=100) for seed in range(5) for name in ("simple_rnn", "dropout")]
    for seed in range(3):
        runs += [Run("comparison", name, seed=seed, epochs=20) for name in ("dense", "conv")]
        runs += [
            _masked("comparison", name, seed, epochs=20)
            for name in ("bidirectional", "gru", "lstm", "stacked", "bidirectional_lstm")
        ]
    return runs


def hyperparameters():
    """A grid for the explorer: units, learning rate, dropout, recurrent dropout, depth, direction, maxlen.

    Around 200 words a review, where a run costs less than half of what it costs at 500.
    """
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
    runs, seen = [], set()
    for settings, maxlen in plain:
        settings = {key: value for key, value in settings.items() if value != USUAL[key]}
        key = (maxlen, *sorted(settings.items()))
        if key not in seen:
            seen.add(key)
            runs.append(_masked("hyperparameters", "simple_rnn", 0, epochs=10, maxlen=maxlen, settings=settings))
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
    runs += [
        _masked("hyperparameters", "simple_rnn", seed, epochs=10, maxlen=200, settings=settings)
        for settings in central
        for seed in (1, 2)
    ]
    return runs


def maxlen():
    """How many words of a review are enough?"""
    return [
        _masked("maxlen", name, seed, epochs=10, maxlen=words)
        for seed in range(10)
        for name in ("simple_rnn", "lstm")
        for words in (100, 250, 500, 1000)
    ]


def memory():
    """The copy task over growing lags: which cell still knows the first symbol?"""
    return [
        Run(
            "memory",
            name,
            seed=seed,
            epochs=30,
            dataset="copy",
            lag=lag,
            maxlen=lag + 1,
            settings={"num_words": 11, "embedding": 8},
        )
        for seed in range(3)
        for lag in (5, 10, 20, 50, 100, 200)
        for name in ("simple_rnn", "lstm", "gru")
    ]


def masks():
    """Dropout masks drawn once a batch against fresh ones at every timestep, on the last 100 words."""
    return [
        _masked("masks", "dropout", seed, epochs=20, maxlen=100, fresh_masks=fresh)
        for seed in range(3)
        for fresh in (False, True)
    ]


def textbook():
    """SimpleRNN by ``model.fit``, all reviews padded to 500 words: what the fast path must equal."""
    return [Run("textbook", "simple_rnn", seed=seed, epochs=12, fast=False) for seed in range(5)]


def textbook_masked():
    """The same with a mask over the padding."""
    return [_masked("textbook_masked", "simple_rnn", seed, epochs=12, fast=False) for seed in range(5)]


def source():
    """The source's own experiment: no mask, padded in front to 500 words, batches of all lengths, 100 epochs.

    Plain, and with dropout .2/.2 whose masks are fixed (as Keras 3 keeps them) or fresh at every timestep (as Keras 2 drew
    them inside ``model.fit``). The compiled step on the batches of ``model.fit``; a test holds the two together.
    """
    chosen = {"study": "source", "epochs": 100, "buckets": False}
    return [
        Run(**chosen, architecture=name, seed=seed, fresh_masks=fresh)
        for seed in range(5)
        for name, fresh in (("dropout", True), ("dropout", False), ("simple_rnn", False))
    ] + [Run(**chosen, architecture="simple_rnn", seed=seed) for seed in range(5, 10)]


def mask_and_batches():
    """What separates our runs from the source's, one at a time: a mask over the padding, and batches by length."""
    return [
        Run(
            "mask_and_batches",
            name,
            seed=seed,
            epochs=30,
            buckets=buckets,
            settings={"mask_zero": True} if masked else {},
        )
        for seed in range(3)
        for name in ("simple_rnn", "dropout")
        for masked in (False, True)
        for buckets in (False, True)
    ]


def stacks():
    """Four layers at 500 words, plain and with three ways to make depth easier to train, at two learning rates.

    Plain ones at the smaller rate are in `tuned`, with more epochs.
    """
    ways = ({}, {"clip": 1.0}, {"residual": True}, {"normalize": True})
    return [
        _masked("stacks", "stacked", seed, settings=way | at, epochs=10)
        for seed in range(5)
        for way in ways
        for at in ({"learning_rate": 3e-4}, {})
        if way or not at
    ]


def dropout_places():
    """Dropout on the inputs or on the state, at rates from .1 to .5, on both and on neither: 30 epochs, 200 words."""
    places = [{}, {"dropout": 0.2, "recurrent_dropout": 0.2}]
    places += [{place: rate} for rate in (0.1, 0.2, 0.5) for place in ("dropout", "recurrent_dropout")]
    return [
        _masked("dropout_places", "simple_rnn", seed, settings=settings, epochs=30, maxlen=200)
        for seed in range(5)
        for settings in places
    ]


def dropout_rates():
    """The best row of `dropout_places`, half of the input dropped, and nothing dropped, at the two other learning rates."""
    return [
        _masked("dropout_rates", "simple_rnn", seed, settings=place | {"learning_rate": rate}, epochs=30, maxlen=200)
        for seed in range(5)
        for rate in (3e-4, 3e-3)
        for place in ({}, {"dropout": 0.5})
    ]


def dropout_in_front():
    """Half of the input dropped anew at every timestep, as a Dropout layer in front draws it, at three learning rates."""
    return [
        _masked(
            "dropout_in_front",
            "simple_rnn",
            seed,
            settings={"dropout": 0.5} | ({"learning_rate": rate} if rate != USUAL["learning_rate"] else {}),
            epochs=30,
            maxlen=200,
            fresh_masks=True,
        )
        for seed in range(5)
        for rate in (3e-4, 1e-3, 3e-3)
    ]


def lstm_dropout():
    """`dropout_places` for an LSTM, which passes its lowest validation loss early: 15 epochs, 200 words."""
    places = [{}] + [{place: rate} for rate in (0.2, 0.5) for place in ("dropout", "recurrent_dropout")]
    return [
        _masked("lstm_dropout", "lstm", seed, settings=settings, epochs=15, maxlen=200)
        for seed in range(5)
        for settings in places
    ]


def pooling():
    """The verdict from the mean of all hidden states, or from the greatest value of each unit, not from the last state."""
    return [
        _masked("pooling", name, seed, epochs=20, settings={"pooling": pooling})
        for pooling in ("mean", "max")
        for name, seeds in (("simple_rnn", 5), ("lstm", 3))
        for seed in range(seeds)
    ]


RATES = (3e-4, 1e-3, 3e-3)
EPOCHS = 20


def rates():
    """Three learning rates for each of the nine architectures, three seeds each: `tuned` chooses among them."""
    return [_at_rate("rates", name, rate, seed) for name in NINE for seed in range(3) for rate in RATES]


def tuned():
    """Nine architectures with one budget: the same epochs, ten seeds, and the learning rate that is best on validation.

    Only architectures whose `rates` are all recorded: until then nobody knows which rate theirs is.
    """
    return [
        _at_rate("tuned", name, rate, seed)
        for name in NINE
        if (rate := chosen_rate(name)) is not None
        for seed in range(10)
    ]


def usual():
    """The SimpleRNN at the usual rate, as `tuned` has it at the chosen one: ten seeds, one backend, the same epochs.

    Seeds 0 to 2 repeat `rates`: never count both.
    """
    return [_at_rate("usual", "simple_rnn", 1e-3, seed) for seed in range(10)]


def unmasked():
    """Runs of `tuned` without a mask: padding is read like words."""
    return [
        Run("unmasked", name, seed=seed, epochs=EPOCHS, settings={"learning_rate": rate} if rate != 1e-3 else {})
        for name in ("simple_rnn", "bidirectional")
        if (rate := chosen_rate(name)) is not None
        for seed in range(5)
    ]


def shuffled_words():
    """Runs of `tuned` that never see the words of a review in order, neither in training nor in testing."""
    return [
        replace(_at_rate("shuffled_words", name, rate, seed), shuffled=True)
        for name in ("simple_rnn", "lstm")
        if (rate := chosen_rate(name)) is not None
        for seed in range(5)
    ]


def chosen_rate(architecture, folder=None):
    """The learning rate of the highest mean of best validation accuracies in the study `rates`; None before it is recorded."""
    runs = [run for run in rates() if run.architecture == architecture]
    if not all(store.is_recorded(run, folder) for run in runs):
        return None
    frame = store.load("rates", architecture, folder=folder)
    return float(frame.groupby("learning_rate").best_val_accuracy.mean().idxmax())


STUDIES = {
    study.__name__: study
    for study in (
        comparison,
        hyperparameters,
        maxlen,
        memory,
        masks,
        textbook,
        textbook_masked,
        source,
        mask_and_batches,
        stacks,
        dropout_places,
        dropout_rates,
        dropout_in_front,
        lstm_dropout,
        pooling,
        rates,
        tuned,
        usual,
        unmasked,
        shuffled_words,
    )
}


def _at_rate(study, name, rate, seed):
    learning_rate = architectures.usual(name)["learning_rate"]
    settings = {"mask_zero": True} if architectures.get(name).recurrent else {}
    settings |= {"learning_rate": rate} if rate != learning_rate else {}
    return Run(study, name, seed=seed, epochs=EPOCHS, settings=settings)


def _masked(study, architecture, seed, settings=None, **choices):
    return Run(study, architecture, seed=seed, settings={"mask_zero": True, **(settings or {})}, **choices)
