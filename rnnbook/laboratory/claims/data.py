"""The numbers that a claim rests on: one a run, from recorded runs or from a measurement."""

from __future__ import annotations

import functools

import numpy as np

from .. import store, study, training
from ..record import bits
from .entry import ClaimError

# What a selection leaves open is as usual; only of these, since studies differ in the rest.
USUAL = ("units", "depth", "bidirectional", "dropout", "recurrent_dropout", "learning_rate")
OWN = ("study", "value")


def sample(selection, folder=None):
    """The chosen runs as a frame with a column ``chosen``, the number of each.

    selection: study, value, and what the runs have, column by column: a value, or a list of which any
    will do. value: a column of its frame (`training.with_curves` for training runs). Raises ClaimError where no run fits, or where several
    share a seed, which happens when the selection is not narrow enough.
    """
    wanted = {key: value for key, value in selection.items() if key not in OWN}
    frame, told = rows(selection["study"], folder), f"study {selection['study']}"
    if study.get(selection["study"]).runs:
        wanted = _usual(wanted.get("architecture")) | wanted
    for column, value in wanted.items():
        if column not in frame:
            raise ClaimError(f"The {told} has no {column!r}.")
        frame = frame[frame[column].isin(value if isinstance(value, list) else [value])]  # pyright: ignore[reportAttributeAccessIssue]
    if frame.empty:  # pyright: ignore[reportAttributeAccessIssue]
        raise ClaimError(f"The {told} has nothing with {wanted}.")
    if selection["value"] not in frame:
        raise ClaimError(f"The {told} has no value {selection['value']!r}.")
    varied = ["seed", *(key for key, value in wanted.items() if isinstance(value, list))]
    if frame.duplicated(varied).any():  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]
        raise ClaimError(f"Several runs of the {told} with {wanted} share a seed: say which.")
    return frame.assign(chosen=frame[selection["value"]].astype(float))  # pyright: ignore[reportAttributeAccessIssue]


def right(selection, folder=None):
    """Which test reviews the chosen networks get right: the share of them for each review, (n_test,).

    Raises ClaimError where they kept no predictions.
    """
    chosen = sample({**selection, "value": "seed"}, folder)
    if "predictions" not in chosen or (chosen["predictions"].fillna("") == "").any():  # pyright: ignore[reportGeneralTypeIssues]
        raise ClaimError(f"Not all networks with {selection} kept their predictions.")
    truth = store.rows("test_labels")[0]
    digests = set(chosen["data_sha256"]) - {truth["data_sha256"]}
    if digests:
        raise ClaimError(f"The predictions of {selection} are on other reviews than the labels.")
    labels = bits(truth["labels"], truth["reviews"])
    return np.mean([bits(text, len(labels)) == labels for text in chosen["predictions"]], axis=0)


def _usual(architecture):
    from ...networks import architectures

    if not isinstance(architecture, str) or not architectures.get(architecture).recurrent:
        return {}
    return {name: architectures.usual(architecture)[name] for name in USUAL}


def rows(name, folder=None):
    """The rows of a study as a frame with a column ``seed``. Raises ClaimError where nothing is recorded."""
    found = store.path(name, folder)
    return _rows(name, folder, found.stat().st_mtime_ns if found.exists() else 0)


@functools.lru_cache
def _rows(name, folder, changed):
    frame = training.with_curves(name, folder) if study.get(name).runs else study.frame(name, folder)
    if frame.empty:
        raise ClaimError(f"Nothing of the study {name} is recorded.")
    return frame if "seed" in frame else frame.assign(seed=range(len(frame)))
