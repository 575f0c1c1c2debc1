"""What units and text bring to the character models: LSTMs of two sizes, each on two texts.

The race (study `language`) has recorded 64 units on its own text, with five seeds and six rates. The validation play chooses
the rate of each network, as `choice` says, and the epoch at which it is judged.
"""

from __future__ import annotations

import numpy as np

from ..choice import Choice
from ..study import Picture, Study, frame
from . import counted_characters, language

SEEDS = range(3)
RATES = {64: (5e-3, 1e-2, 2e-2, 4e-2), 256: (1.5e-3, 3e-3, 6e-3, 1.2e-2)}
KEPT = {64: 2, 256: 1}  # rates that run with all seeds: the larger network takes six times as long
CHOICES = {units: Choice(rates, lambda row: min(row["validation"]), KEPT[units]) for units, rates in RATES.items()}
NETWORKS = (256, "all"), (64, "all"), (256, "race")
SHIPPED = {"units": 256, "text": "all", "seed": 0}  # the network that the page can load
STAGES = 100, 500, 2_000  # updates after which that network writes; it writes once more at the end
LENGTH, TEMPERATURE = 240, 0.8  # of what it writes


def cases(rows):
    """All networks with the rates and seeds that are wanted of them."""
    return [case for n, of in NETWORKS for case in CHOICES[n].cases({"units": n, "text": of}, SEEDS, rows)]


def measure(case):
    """Train one network; the one that may be shipped writes at some stages."""
    from ...networks import language as models

    test, tests = language.task(case["text"]).ids["test"], []
    after_epoch = lambda model: tests.append(language.told(models.bits_per_character(model, test)))
    writer = _Stages(language.task(case["text"]).ids["validation"]) if case.items() >= SHIPPED.items() else None
    of, seed, rate = case["text"], case["seed"], case["learning_rate"]
    row = language.train("lstm", case["units"], of, seed, rate, _watch(after_epoch, writer))
    return judged(row | {"tests": tests}) | ({"samples": writer.samples} if writer else {})


def judged(row):
    """The row with its `test` at the epoch that the validation play has chosen, as of a training that stops early."""
    return row | {"test": row["tests"][int(np.argmin(row["validation"]))]}


def _watch(after_epoch, writer):
    import keras

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            after_epoch(self.model)

        def on_train_batch_end(self, batch, logs=None):
            if writer and self.updates() in STAGES:
                writer.write(self.model, self.updates())

        def on_train_end(self, logs=None):
            if writer:
                writer.write(self.model, self.updates())

        def updates(self):
            return int(keras.ops.convert_to_numpy(self.model.optimizer.iterations))  # pyright: ignore[reportArgumentType]

    return [Watch()]


class _Stages:
    """What a network writes while it is trained, and the bits that it needs there on the validation play."""

    def __init__(self, validation):
        self.validation, self.samples = validation, []

    def write(self, model, updates):
        from ...networks import characters
        from ...networks import language as models
        from ...text import sampling

        if hasattr(model, "jax_state_sync"):
            model.jax_state_sync()  # within an epoch, JAX holds the weights back
        network, rng = (
            characters.Trained(models.letters(models.stateless(model))),
            np.random.default_rng(SHIPPED["seed"]),
        )
        written = sampling.write(network, "\n", LENGTH, TEMPERATURE, rng=rng)
        bits = language.told(models.bits_per_character(model, self.validation))
        self.samples.append({"updates": updates, "validation": bits, "written": written})


def derived(rows):
    """Which rows are at the chosen rate, and their test bits less those of the best count of the same text."""
    chosen = np.zeros(len(rows), bool)
    for units, choice in CHOICES.items():
        chosen[rows.units == units] = choice.chosen(rows[rows.units == units], "text")
    counts = {of: counted_characters.best(of).test for of in set(rows.text)}
    return rows.assign(chosen=chosen, over_counts=rows.test - rows.text.map(counts))


def bits_of_seeds():
    """{(units, text): test bits of its chosen runs, one a seed}; those of 64 units on the race's text come from the race."""
    runs, race = frame("language_sizes").query("chosen"), frame("language").query("chosen and cell == 'lstm'")
    return {network: some.test for network, some in runs.groupby(["units", "text"])} | {(64, "race"): race.test}


def shipped():
    """The weights that the book ships as `networks.characters.LARGER`, rounded, at the rate that was chosen."""
    from ...networks import characters

    (rate,) = frame("language_sizes").query("chosen and units == 256 and text == 'all' and seed == 0").learning_rate
    return characters.rounded(language.weights("lstm", 256, "all", SHIPPED["seed"], rate))


STUDY = Study(
    question="What do more units bring, and what does more text?",
    chapter=12,
    cases=cases,
    measure=measure,
    settings={
        "batch": language.BATCH, "timesteps": language.TIMESTEPS, "epochs": language.EPOCHS, "temperature": TEMPERATURE,
    },
    data=lambda: language.digest("all"),
    derived=derived,
    picture=Picture("test", by=("units", "text"), over="learning_rate", log=True),
    limits="Two sizes, two texts of one author, four or eight epochs.",
    backend="jax",
)  # fmt: skip
