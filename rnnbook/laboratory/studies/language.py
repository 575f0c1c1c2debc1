"""Three cells of equal size on equal budgets write plays: the character models of chapter 12.

The validation play chooses the learning rate of each cell, as `choice` says.
"""

from __future__ import annotations

import functools
import hashlib

import numpy as np

from ... import files, text
from ..choice import Choice
from ..study import Picture, Study

SEEDS = range(5)
UNITS = {"simple_rnn": 135, "gru": 75, "lstm": 64}  # 28,000 parameters each, to 0.3 %
EPOCHS = {"race": 8, "all": 4}  # of each text
BATCH, TIMESTEPS = 32, 64
RATES = (2.5e-3, 5e-3, 1e-2, 2e-2, 4e-2, 8e-2)  # of Adam at the start; it falls to zero
CHOICE = Choice(RATES, lambda row: row["validation"][-1])  # bits on the validation play after training
SHIPPED = "lstm", 0  # the network whose weights the book ships: cell, seed


class Task:
    """What is learned from and judged on, as ids by part, and the streams of the training part.

    of: the text of the "race", or "all" works: every other play and the sonnets, beside the same held-out plays.
    """

    def __init__(self, of="race"):
        from ...text import prepare

        self.ids = {part: text.encode(text.part(part)) for part in text.PARTS}
        if of == "all":
            self.works = prepare.others(prepare.archive())
            self.ids["train"] = text.encode("\n".join(self.works.values()))
        self.inputs, self.targets = text.streams(self.ids["train"], BATCH, TIMESTEPS)


task = functools.cache(Task)


def digest(of="race"):
    """Of the text that is learned, and in the race of the held-out plays too."""
    ids = task(of).ids
    return hashlib.sha256(b"".join(ids[part].tobytes() for part in (ids if of == "race" else ["train"]))).hexdigest()


def train(cell, units, of, seed, rate, callbacks=()):
    """Train one network; what is recorded of it. rate: the first one; it falls to zero. The weights stay in the cache."""
    import keras

    from ...networks import language

    learned, epochs = task(of), EPOCHS[of]
    keras.utils.set_random_seed(seed)
    updates = epochs * len(learned.inputs) // BATCH
    model = language.character_model(cell, units, batch=BATCH, learning_rate=rate, steps=updates)
    curve = []

    class Validation(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            curve.append(language.bits_per_character(self.model, learned.ids["validation"]))

    training = language.train(model, learned.inputs, learned.targets, epochs, [Validation(), *callbacks])
    arrays = language.letters(model)
    files.replace(_kept(cell, units, of, seed, rate), lambda file: np.savez(file, **arrays))  # pyright: ignore[reportArgumentType]
    return {
        "parameters": sum(int(np.prod(v.shape)) for v in model.trainable_variables), "epochs": epochs,
        "training": told(training), "validation": told(curve),
        "test": told(language.bits_per_character(model, learned.ids["test"])),
    }  # fmt: skip


def weights(cell, units, of, seed, rate):
    """The weights of such a network in the letters of the course: from the cache, or trained now."""
    kept = _kept(cell, units, of, seed, rate)
    if not kept.exists():
        train(cell, units, of, seed, rate)
    with np.load(kept) as stored:
        return dict(stored)


def _kept(cell, units, of, seed, rate):
    return files.cache_folder() / "characters" / f"{cell}-{units}-{of}-s{seed}-r{rate:g}.npz"


def told(bits):
    """Bits as they are recorded: one number, or a list of them."""
    return np.round(bits, 4).tolist()


def shipped():
    """The weights that the book ships as `networks.characters.TRAINED`, float16, at the rate that was chosen."""
    from ..study import frame

    runs = frame("language")
    (rate,) = runs[runs.chosen & (runs.cell == SHIPPED[0]) & (runs.seed == SHIPPED[1])].learning_rate
    arrays = weights(SHIPPED[0], UNITS[SHIPPED[0]], "race", SHIPPED[1], rate)
    return {name: array.astype(np.float16) for name, array in arrays.items()}


STUDY = Study(
    question="Which cell guesses the next character best, at equal size and budget?",
    chapter=12,
    cases=lambda rows: [case for cell in UNITS for case in CHOICE.cases({"cell": cell}, SEEDS, rows)],
    measure=lambda case: train(case["cell"], UNITS[case["cell"]], "race", case["seed"], case["learning_rate"]),
    settings={"epochs": EPOCHS["race"], "batch": BATCH, "timesteps": TIMESTEPS},
    data=digest,
    derived=lambda frame: frame.assign(chosen=CHOICE.chosen(frame, "cell")),
    picture=Picture("test", by="cell", over="learning_rate", log=True),
    limits="One size, eight epochs, one million characters of one author.",
    backend="jax",
)
