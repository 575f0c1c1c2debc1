"""What a study varies and what its cases share, as tables made from its own definition."""

from __future__ import annotations

import json
from typing import Any

from ..networks import architectures
from . import store, study
from .run import Run

FEW = 12  # values that a table lists one by one
NAMES = {"buckets": "batches by length", "maxlen": "words kept (`maxlen`)", "shuffled": "words shuffled"}


def tables(name) -> list[str]:
    """Two tables of a study in Markdown: what varies, and what all cases share; [] where it has no cases."""
    cases = settings(name)
    keys = list(dict.fromkeys(key for case in cases for key in case))
    values = {key: _distinct([case[key] for case in cases if key in case]) for key in keys}
    varied = {key: found for key, found in values.items() if len(found) > 1}
    shared = {key: found for key, found in values.items() if len(found) == 1 and all(key in case for case in cases)}
    shared |= {key: [value] for key, value in (study.get(name).settings or {}).items()}
    parts = []
    for head, chosen in (("varied", varied), ("shared by all", shared)):
        if chosen:
            rows = [f"| {NAMES.get(key, key.replace('_', ' '))} | {_told(found)} |" for key, found in chosen.items()]
            parts.append("\n".join([f"| {head} | values |", "| :--- | :--- |", *rows]) + "\n")
    return parts


def settings(name) -> list[dict[str, Any]]:
    """What each case of a study sets; of training runs also what they leave as usual, as far as their network has it."""
    cases = store.plain(study.get(name).cases(store.rows(name)))
    if not study.get(name).runs:
        return cases
    made = []
    asked = {key for case in cases for key in case.get("settings", {})} | {"learning_rate", "units"}
    for case in cases:
        run = Run(name, **case)
        config = {key: value for key, value in run.config().items() if key in asked or key not in architectures.USUAL}
        told = {"architecture": run.architecture, "seed": run.seed, "epochs": run.epochs, "dataset": run.dataset}
        told |= {key: value for key, value in config.items() if value is not None}
        made.append(told | {"training": "compiled step" if run.fast else "model.fit"})
    return made


def _distinct(values):
    return list({json.dumps(value, sort_keys=True): value for value in values}.values())


def _told(values):
    """Values in a cell of a table: "0 to 9", or one after the other."""
    numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if len(numbers) == len(values):
        values = sorted(values)
        if len(values) > 3 and all(isinstance(x, int) for x in values) and values[-1] - values[0] == len(values) - 1:
            return f"{values[0]} to {values[-1]}"
    shown = [_value(value) for value in values[:FEW]]
    return ", ".join(shown) + (f" and {len(values) - FEW} more" if len(values) > FEW else "")


def _value(value) -> str:
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    if isinstance(value, dict):
        return "; ".join(f"{key.replace('_', ' ')} {_value(inner)}" for key, inner in value.items()) or "none"
    if isinstance(value, list):
        return _told(value)
    told = f"{value:g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
    return architectures.label(told).replace("|", "\\|")[:200]
