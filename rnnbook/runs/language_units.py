"""Single numbers in the states of chapter 12's LSTM: do they follow the text, over three seeds, and are they used?

A number is chosen on the validation play and judged on the test plays. The control is the same network before training.
``python -m rnnbook language --search-units`` adds what is missing to recorded/measurements/language_units.json. It
trains the seeds again whose weights are not shipped, at the learning rate that chapter 12 chose.
"""

from __future__ import annotations

import re

import numpy as np

from .. import text
from ..networks import characters, reference
from ..text import sampling
from . import language, store

NAME = "language_units"
SEEDS = range(3)
FACTS = "place in the line", "place in the word", "line names a speaker"
CHARACTERS = 8000  # of the validation plays to choose on, and of the test plays to judge on
SKIPPED = 200  # characters at the start, where the state has read little
STRENGTH = 10  # of the ridge regression


def plays():
    """The texts to choose on and to judge on."""
    return tuple(text.part(part)[:CHARACTERS] for part in ("validation", "test"))


def tracked(written):
    """FACTS at each character of a text, (characters, 3). A line break stands on no place: line and word begin after it."""
    lines, places = written.split("\n"), []
    for before, line in zip(["", *lines], lines, strict=False):
        speaker = before == "" and re.fullmatch(text.SPEAKER, line) is not None
        word = 0
        for place, letter in enumerate(line + "\n"):
            word = 0 if letter in " \n" else word + 1
            places.append((0 if letter == "\n" else place + 1, word, speaker))
    return np.array(places[: len(written)], float)


def shown_at(written):
    """Where the use of a number that follows each of FACTS should show in the guess of the next character: (3, characters - 1)."""
    following = np.array(list(written[1:]))
    line_ends = following == "\n"
    return np.array([line_ends, line_ends | (following == " "), tracked(written)[1:, 2] > 0])


def states_and_facts(network, written):
    """Every number of the state at each character, hidden ones first, (characters, 2 units), and FACTS, (characters, 3)."""
    _, Z, C = network.read(written)
    return np.hstack([Z, C])[SKIPPED:], tracked(written)[SKIPPED:]


def correlations(states, facts):
    """Pearson's r of each fact with every number of the state, (3, 2 units); 0 for a number that never changes."""
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.corrcoef(facts.T, states.T)[: len(FACTS), len(FACTS) :])


def read_out(chosen, judged):
    """Pearson's r of each fact with the best weighted sum of all numbers: ridge regression on one text, judged on another."""
    (states, facts), (held_states, held_facts) = chosen, judged
    middle, spread = states.mean(axis=0), states.std(axis=0) + 1e-9
    X, held_X = (states - middle) / spread, (held_states - middle) / spread
    weights = np.linalg.solve(X.T @ X + STRENGTH * np.eye(X.shape[1]), X.T @ (facts - facts.mean(axis=0)))
    return [np.corrcoef(said, fact)[0, 1] for said, fact in zip((held_X @ weights).T, held_facts.T, strict=True)]


def search(network):
    """`single`: for each fact the number that follows it best on one text, and its r on another; `together`: r of all numbers."""
    chosen, judged = (states_and_facts(network, written) for written in plays())
    found = np.abs(correlations(*chosen)).argmax(axis=1)
    r = correlations(*judged)[np.arange(len(FACTS)), found]
    return {
        "single": [
            {"number": int(number), "r": round(float(value), 4)} for number, value in zip(found, r, strict=True)
        ],
        "together": [round(float(value), 4) for value in read_out(chosen, judged)],
    }


def costs_of_holding(network, written):
    """What it costs to hold each number of the state at its mean while all others go on, in bits: (characters - 1, 2 units).

    One row of a batch for each of them, and row 0 with nothing held. A number is held before the output is computed, so
    the output sees it too.
    """
    _, Z, C = network.read(written)
    means, units = np.hstack([Z, C]).mean(axis=0), network.units
    unit, hidden, cells = np.arange(units), 1 + np.arange(units), 1 + units + np.arange(units)  # rows of the batch
    state, bits = network.start(1 + 2 * units), []
    letters = text.encode(written)
    for letter, after in zip(letters[:-1], letters[1:], strict=True):
        _, (Z, C) = network.step(np.full(1 + 2 * units, letter), state)
        output_gate = Z / np.tanh(C)
        Z[hidden, unit] = means[:units]
        C[cells, unit] = means[units:]
        Z[cells, unit] = (output_gate * np.tanh(C))[cells, unit]
        state = Z, C
        p = sampling.probabilities(reference.output_map(Z, network.weights["V"], network.weights["c"]))
        bits.append(-np.log2(p[:, after]))
    bits = np.array(bits)
    return bits[:, 1:] - bits[:, :1]


def costs(network):
    """The mean cost of holding each number: everywhere, where a number that follows each fact should show, and elsewhere."""
    _, written = plays()
    cost = costs_of_holding(network, written)
    shown = shown_at(written)
    return {
        "everywhere": _rounded(cost.mean(axis=0)),
        "there": [_rounded(cost[here].mean(axis=0)) for here in shown],
        "elsewhere": [_rounded(cost[~here].mean(axis=0)) for here in shown],
    }


def load():
    """What is recorded, {(seed, trained): row}; `costs` only where trained. Raises RecordError."""
    return {(row["seed"], row["trained"]): row for row in store.measurement(NAME)["rows"]}


def record():
    """Search the networks that are missing, before and after their training."""
    from ..networks import language as models

    task, (cell, shipped) = language.Task(), language.SHIPPED
    settings = {"cell": cell, "characters": CHARACTERS, "skipped": SKIPPED, "strength": STRENGTH, "backend": "jax"}
    made = store.begin(NAME, {"rows": []}, settings=settings, **language.where(task))
    runs = {row["seed"]: row for row in language.of_cells(language.load()["rows"])[cell] if row["chosen"]}
    for seed in SEEDS:
        if any(row["seed"] == seed for row in made["rows"]):
            continue
        bits = runs[seed]["validation"][-1]
        if seed == shipped:
            trained = characters.Trained()
        else:
            model, result = language.network(task, cell, seed, runs[seed]["learning_rate"])
            trained, bits = characters.Trained(language.kept(model)), result["validation"][-1]
        before = models.untrained(trained.units, seed)  # with these weights the training of this seed began
        made["rows"] += [
            {"seed": seed, "trained": False} | search(before),
            {"seed": seed, "trained": True, "validation": bits} | search(trained) | {"costs": costs(trained)},
        ]
        store.write_measurement(NAME, made)


def _rounded(values):
    return [round(float(value), 4) for value in values]
