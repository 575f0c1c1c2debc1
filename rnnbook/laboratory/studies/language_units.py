"""Single numbers in the states of chapter 12's LSTM: do they follow the text, over three seeds, and are they used?

A number is chosen on the validation play and judged on the test plays. The control is the same network before training.
The networks are those of the study `language` at the rate that it chose, the first of them shipped.
"""

from __future__ import annotations

import re

import numpy as np

from ... import text
from ...networks import characters, reference
from ...text import sampling
from ..study import Picture, Study, frame
from . import language

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
    single = [{"number": int(number), "r": language.told(value)} for number, value in zip(found, r, strict=True)]
    return {"single": single, "together": language.told(read_out(chosen, judged))}


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
        "everywhere": language.told(cost.mean(axis=0)),
        "there": [language.told(cost[here].mean(axis=0)) for here in shown],
        "elsewhere": [language.told(cost[~here].mean(axis=0)) for here in shown],
    }


def measure(case):
    """Search one network, before or after its training; the bits that it needs on the validation play, and costs, only after."""
    from ...networks import language as models

    cell, shipped_seed = language.SHIPPED
    units = language.UNITS[cell]
    if not case["trained"]:
        return search(models.untrained(units, case["seed"]))  # with these weights the training of this seed began
    runs = frame("language").query("chosen and cell == @cell").set_index("seed")
    run = runs.loc[case["seed"]]
    if case["seed"] == shipped_seed:
        network = characters.Trained()
    else:
        kept = language.weights(cell, units, "race", case["seed"], float(run.learning_rate))
        network = characters.Trained({name: array.astype(np.float16) for name, array in kept.items()})
    return {"validation": run.validation[-1]} | search(network) | {"costs": costs(network)}


def derived(rows):
    """For each fact, how closely the best single number follows it: |r|."""
    return rows.assign(**{fact: [abs(single[k]["r"]) for single in rows.single] for k, fact in enumerate(FACTS)})


STUDY = Study(
    question="Do single numbers in an LSTM's state follow the text, and are they used?",
    chapter=12,
    cases=lambda rows: [{"seed": seed, "trained": trained} for seed in SEEDS for trained in (False, True)],
    measure=measure,
    settings={"cell": "lstm", "characters": CHARACTERS, "skipped": SKIPPED, "strength": STRENGTH, "backend": "jax"},
    data=language.digest,
    derived=derived,
    picture=Picture(FACTS[0], by="trained"),
    limits="Three networks of 64 units, three facts.",
    backend="jax",
)
