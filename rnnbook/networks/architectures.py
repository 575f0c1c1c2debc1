"""The architectures of the course: their names, labels and settings. To add one, add it here. No Keras is imported."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..errors import CourseError

# What a recurrent network of the course has unless something else is said: `models.recurrent_classifier` takes these.
USUAL: dict[str, Any] = {
    "cell": "simple_rnn",
    "units": 32,
    "depth": 1,
    "bidirectional": False,
    "dropout": 0.0,
    "recurrent_dropout": 0.0,
    "residual": False,
    "normalize": False,
    "clip": 0.0,
    "pooling": "last",
    "mask_zero": False,
    "num_words": 10_000,
    "embedding": 32,
    "learning_rate": 1e-3,
}


@dataclass(frozen=True)
class Architecture:
    """name: as in records, files and code. label: in a legend or a table. short: in a row of buttons. about: in a sentence.

    settings: what differs from `USUAL` in a recurrent network; of a baseline, which `models` builds by itself, all that it
    takes. shipped: its trained weights come with the book. diagnosed: the study `diagnosis` asks what it makes of a review.
    """

    name: str
    label: str
    about: str
    settings: dict[str, Any] = field(default_factory=dict)
    recurrent: bool = True
    short: str = ""
    shipped: bool = False
    diagnosed: bool = False


_BASELINE = {"units": 32, "num_words": 10_000, "embedding": 32, "learning_rate": 1e-3}

ARCHITECTURES = {
    a.name: a
    for a in (
        Architecture("simple_rnn", "SimpleRNN", "one SimpleRNN layer", shipped=True, diagnosed=True),
        Architecture(
            "stacked",
            "stacked SimpleRNN",
            "four SimpleRNN layers, each reading the states of the one below",
            {"depth": 4},
            short="stacked",
            shipped=True,
        ),
        Architecture(
            "bidirectional",
            "bidirectional SimpleRNN",
            "one SimpleRNN reads forwards, one backwards",
            {"bidirectional": True},
            short="bidirectional",
            shipped=True,
        ),
        Architecture(
            "dropout",
            "SimpleRNN with dropout",
            "a SimpleRNN with a fifth of its inputs and of its state dropped",
            {"dropout": 0.2, "recurrent_dropout": 0.2},
            short="dropout",
            shipped=True,
        ),
        Architecture(
            "dense",
            "average of embeddings",
            "the average embedding of the words, then one hidden layer",
            {**_BASELINE, "mask_zero": True},
            recurrent=False,
            diagnosed=True,
        ),
        Architecture(
            "conv",
            "1-D convolution",
            "a convolution over five words at a time, then the maximum over the review",
            {**_BASELINE, "kernel_size": 5},
            recurrent=False,
        ),
        Architecture("lstm", "LSTM", "one LSTM layer", {"cell": "lstm"}, shipped=True, diagnosed=True),
        Architecture("gru", "GRU", "one GRU layer", {"cell": "gru"}, shipped=True),
        Architecture(
            "bidirectional_lstm",
            "bidirectional LSTM",
            "one LSTM reads forwards, one backwards",
            {"cell": "lstm", "bidirectional": True},
        ),
    )
}


def get(name: str) -> Architecture:
    """The architecture of that name. Raises CourseError."""
    if name not in ARCHITECTURES:
        raise CourseError(f"Unknown architecture {name!r}: use one of {', '.join(ARCHITECTURES)}.")
    return ARCHITECTURES[name]


def usual(name: str) -> dict[str, Any]:
    """All settings of an architecture, as it has them unless something else is said."""
    architecture = get(name)
    return (USUAL if architecture.recurrent else {}) | architecture.settings


def check(name: str, settings, more=()) -> None:
    """Raises CourseError for a setting that is neither one of the architecture nor among ``more``."""
    allowed = [*usual(name), *more]
    if unknown := sorted(set(settings) - set(allowed)):
        raise CourseError(f"{name} has no setting {', '.join(unknown)}: use {', '.join(allowed)}.")


def label(name: str) -> str:
    """How an architecture is called in a legend; the name itself where it is none of the course."""
    return ARCHITECTURES[name].label if name in ARCHITECTURES else str(name).replace("_", " ")
