"""The forecasts of chapter 13, recorded: every network with several seeds, every baseline, on the same origins.

The validation year chooses the learning rate of each network and the epoch of each run, as `choice` says.
``python -m rnnbook forecasts`` adds what is missing to recorded/measurements/forecasts.json, run by run.
"""

from __future__ import annotations

import hashlib
import itertools
from typing import Any

import numpy as np

from .. import files
from ..series import baselines, windows
from . import store
from .choice import Choice
from .forecast_task import BY_NAME, CORRECTED, CORRECTED_NAMED, LAST_YEARS, NAMED, Task

SEEDS = range(5)
CELLS = ("simple_rnn", "lstm", "gru", "conv")
WAYS = ("recursive", "direct", "known future", "last year")
DECODED = (WAYS[2], *LAST_YEARS)  # by an encoder and a decoder that reads what is known of the days to come
TOLD, FOUR_WEEKS = (
    "direct, told the calendar",
    "recursive, epoch by four weeks",
)  # one thing changed, at the rate of the way
VARIED = {TOLD: "direct", FOUR_WEEKS: "recursive", NAMED: "last year", CORRECTED_NAMED: CORRECTED}  # that they vary
JUDGED = ("rest", "held out", "test")  # by a network of `_held_out`
UNTIL_1986 = "up to 1986"  # the key of all windows up to there, and of the baselines that were fitted on them
RENEWALS = {way: (f"{way}, {UNTIL_1986}", f"{way}, {UNTIL_1986}, all epochs") for way in LAST_YEARS}
RENEWED_CELL = "lstm"  # the best network on the validation years, trained anew on all windows before the test years
CONTROLS = (
    (TOLD, "conv"),
    (TOLD, "lstm"),
    (FOUR_WEEKS, "lstm"),
    (NAMED, RENEWED_CELL),
    (CORRECTED_NAMED, RENEWED_CELL),
)
INTERVALS_RENEWED = "quantiles, " + UNTIL_1986
INSIDE = 0.8  # the share of days that an interval should hold: from the quantile .1 to the quantile .9
EPOCHS, BATCH = 40, 64
RATES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)  # of Adam at the start; it falls to zero
CHOICE = Choice(RATES, SEEDS[0], lambda row: row["validation_mase"])


def falling(rate, examples) -> Any:
    """The learning rate of each update: from ``rate`` to zero along a cosine (Loshchilov & Hutter, 2017)."""
    import keras

    return keras.optimizers.schedules.CosineDecay(rate, EPOCHS * -(-examples // BATCH))


def train(task, way, cell, seed, rate, quantiles=None):
    """Train one network; returns it, as it was at the epoch of the lowest validation loss, with the number of that epoch."""
    import keras

    from ..networks import forecasters

    keras.utils.set_random_seed(seed)
    calendar = task.calendar.shape[1]
    features = calendar + 1
    rate = falling(rate, len(task.at["train"]))
    if way in DECODED:
        known = task.future("validation", way).shape[2]
        model = forecasters.encoder_decoder(
            cell, windows.HISTORY, features, windows.HORIZON, known, quantiles=quantiles, learning_rate=rate,
            corrects=way in (CORRECTED, CORRECTED_NAMED),
        )  # fmt: skip
    elif way in ("direct", TOLD):
        known = calendar if way == TOLD else 0
        model = forecasters.direct(cell, windows.HISTORY, features, windows.HORIZON, learning_rate=rate, known=known)
    else:
        model = forecasters.one_step(cell, windows.HISTORY, features, learning_rate=rate)
    sides = {}
    for part in ("train", "validation"):
        x = [task.past(part), task.future(part, way)] if way in (*DECODED, TOLD) else task.past(part)
        y = task.wanted(part)
        sides[part] = x, (y[:, :1] if way in ("recursive", FOUR_WEEKS) else y[..., None] if quantiles else y)
    best = keras.callbacks.EarlyStopping(patience=EPOCHS, restore_best_weights=True)  # never stops, only restores
    by_weeks: dict[str, Any] = {"mase": np.inf}

    def judge(epoch, logs):
        """Remember the weights of the lowest error over four weeks of its own answers."""
        mase = windows.mase(task.truth("validation") - forecast(task, model, way, "validation"), task.training)
        if mase < by_weeks["mase"]:
            by_weeks.update(mase=mase, epoch=epoch + 1, weights=model.get_weights())

    history = model.fit(
        *sides["train"],
        batch_size=BATCH,
        epochs=EPOCHS,
        verbose=0,  # pyright: ignore[reportArgumentType]
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=judge) if way == FOUR_WEEKS else best],
        validation_data=sides["validation"],
    )
    if way == FOUR_WEEKS:
        model.set_weights(by_weeks["weights"])
        return model, by_weeks["epoch"]
    return model, 1 + int(np.argmin(history.history["val_loss"]))


def forecast(task, model, way, part):
    """What a trained network says, in births: (origins, HORIZON), with a last axis for quantiles."""
    past, future = task.past(part), task.future(part, way)
    if way in (*DECODED, TOLD):
        return task.births(model.predict([past, future], verbose=0), part)
    if way == "direct":
        return task.births(model.predict(past, verbose=0), part)
    said = []
    for ahead in range(windows.HORIZON):  # its answer becomes its input, as the truth is not known yet
        answer = model.predict(past, verbose=0)
        said.append(answer[:, 0])
        past = np.concatenate([past[:, 1:], np.concatenate([answer, future[:, ahead]], axis=1)[:, None]], axis=1)
    return task.births(np.stack(said, axis=1), part)


def measured(task, said, part="test"):
    """The errors of forecasts: MASE over everything, mean absolute error for each day ahead (births), and by origin."""
    error = task.truth(part) - said
    return {
        "mase": round(windows.mase(error, task.training), 5),
        "by_day": [round(float(x), 1) for x in np.abs(error).mean(axis=0)],
        "by_origin": [round(float(x), 1) for x in np.abs(error).mean(axis=1)],
    }


def add_forecasts(parser):
    """The arguments of `forecasts`; returns what runs it."""
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="default: %(default)s")
    parser.add_argument(
        "--ship", action="store_true", help="instead: train the networks that run in the page, as they are recorded"
    )
    return _run


def load():
    """The recorded forecasts. Raises RecordError."""
    return store.measurement("forecasts")


def _run(options):
    from . import environment, tuesdays

    environment.prepare("jax")
    task = Task()
    if options.ship:
        from .shown_forecasts import ship

        return ship(task)
    made = store.begin(
        "forecasts", {"rows": [], "baselines": {}, "quantiles": [], "leaks": []},
        data_sha256=hashlib.sha256(task.values.tobytes()).hexdigest(), versions=files.versions("statsmodels"),
        processor=files.processor(), epochs=EPOCHS, batch=BATCH, rates=list(RATES),
        origins={part: len(at) for part, at in task.at.items()},
    )  # fmt: skip
    for part in ("validation", "test"):
        has = made["baselines"].setdefault(part, {})
        every = baselines.all_of_them(task.series, task.calendar, task.names, task.at[part], windows.TRAIN_ENDS)
        for name, make in every.items():
            if name not in has:
                has[name] = measured(task, make(), part)
                store.write_measurement("forecasts", made)
    if UNTIL_1986 not in made["baselines"]:
        made["baselines"][UNTIL_1986] = {baselines.HARMONIC: measured(task, harmonic(task))}
        store.write_measurement("forecasts", made)
    seeds = range(options.seeds)
    for ways in (WAYS, (CORRECTED,)):  # the second was asked when the first were known
        while missing := CHOICE.missing(by_network(made["rows"], ways), seeds):
            (cell, way), seed, rate = missing[0]
            key = {"cell": cell, "way": way, "seed": seed, "learning_rate": rate}
            made["rows"].append(key | _network(task, cell, way, seed, rate))
            CHOICE.choose(by_network(made["rows"], ways)[cell, way])
            _write(made, "rows")
    for (way, cell), seed in itertools.product(CONTROLS, seeds):
        key = {"cell": cell, "way": way, "seed": seed}
        if not any(key.items() <= row.items() for row in made["rows"]):
            rate = rate_of(made, cell, VARIED[way])
            made["rows"].append(
                key | {"learning_rate": rate} | _network(task, cell, way, seed, rate) | {"chosen": True}
            )
            _write(made, "rows")
    for (way, (_, last)), seed in itertools.product(RENEWALS.items(), seeds):
        if not any((row["way"], row["seed"]) == (last, seed) for row in made["rows"]):
            made["rows"] += _renewed(task, made, way, RENEWED_CELL, seed)
            _write(made, "rows")
    tuesdays.add(task, made, seeds)
    for seed in seeds:
        for cell in CELLS[:-1]:
            _add(made, "quantiles", {"cell": cell, "seed": seed}, _intervals, task)
        _add(made, INTERVALS_RENEWED, {"cell": RENEWED_CELL, "seed": seed}, _renewed_intervals, task)
        _add(made, "leaks", {"cell": "gru", "seed": seed}, _leak, task)
        _add(made, "whole years", {"cell": "gru", "seed": seed}, _whole_years, task)
        _add(made, "as few at random", {"cell": "gru", "seed": seed}, _as_few, task)


def by_network(rows, ways=WAYS):
    """The rows of each network, as (cell, way)."""
    return {(cell, way): [r for r in rows if (r["cell"], r["way"]) == (cell, way)] for cell in CELLS for way in ways}


def rate_of(made, cell, way):
    """The learning rate that was chosen for a network."""
    return next(row["learning_rate"] for row in by_network(made["rows"], (way,))[cell, way] if row["chosen"])


def _add(made, kind, key, measure, task):
    """Record one run, unless it is there, at the rate of the network that it varies."""
    if any(key.items() <= entry.items() for entry in made.setdefault(kind, [])):
        return
    way = "last year" if kind in ("quantiles", INTERVALS_RENEWED) else "direct"
    key = key | {"learning_rate": rate_of(made, key["cell"], way)}
    made[kind].append(key | measure(task, *key.values()))
    _write(made, kind)


def _write(made, kind):
    store.write_measurement("forecasts", made)
    print(kind, {k: v for k, v in made[kind][-1].items() if not isinstance(v, list)}, flush=True)


def _network(task, cell, way, seed, rate):
    model, epoch = train(task, way, cell, seed, rate)
    validation = measured(task, forecast(task, model, way, "validation"), "validation")
    return {
        "epoch": epoch, "parameters": model.count_params(), "validation_mase": validation["mase"],
        **measured(task, forecast(task, model, way, "test")),
    }  # fmt: skip


def _renewed(task, made, way, cell, seed):
    """The rows of a network told last year's value that is trained on all windows up to 1986, in one training.

    One as it was after the epoch that the validation years chose for this seed when they were not trained on, one after
    all epochs; nothing is chosen on the test years. behind_rival: MASE less that of `rival` told the same, fitted on the
    same windows.
    """
    import keras

    rate = rate_of(made, cell, way)
    key = {"cell": cell, "way": way, "seed": seed, "chosen": True}
    before = next(row for row in made["rows"] if key.items() <= row.items())
    model = until_1986(task, way, cell, seed, rate)
    behind, rows = measured(task, rival(task, task.at[UNTIL_1986], way in BY_NAME))["mase"], []

    def judge(epoch, logs):
        for name, stop in zip(RENEWALS[way], (before["epoch"], EPOCHS), strict=True):
            if epoch + 1 == stop:
                errors = measured(task, forecast(task, model, way, "test"))
                key = {"cell": cell, "way": name, "seed": seed, "learning_rate": rate, "epoch": stop}
                key |= {"parameters": model.count_params(), "behind_rival": round(errors["mase"] - behind, 5)}
                rows.append(key | errors | {"chosen": True})

    model.fit(
        [task.past(UNTIL_1986), task.future(UNTIL_1986, way)], task.wanted(UNTIL_1986),
        batch_size=BATCH, epochs=EPOCHS, verbose=0,  # pyright: ignore[reportArgumentType]
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=judge)],
    )  # fmt: skip
    return rows


def until_1986(task, way, cell, seed, rate, quantiles=None):
    """An untrained network for all windows up to 1986, which `task` then has."""
    import keras

    from ..networks import forecasters

    keras.utils.set_random_seed(seed)
    at = task.at[UNTIL_1986] = windows.origins(task.series, None, windows.VALIDATION_ENDS)
    known, features, rate = task.future("test", way).shape[2], task.inputs.shape[1], falling(rate, len(at))
    return forecasters.encoder_decoder(
        cell, windows.HISTORY, features, windows.HORIZON, known, quantiles=quantiles, learning_rate=rate,
        corrects=way in (CORRECTED, CORRECTED_NAMED),
    )  # fmt: skip


def rival(task, at, named=False):
    """What the linear model says that has what the network has: last year's value, its own level, and the absolute error.

    at: the origins that it is fitted on. named: told the holidays by name as well. Returns (origins, HORIZON), in births.
    """
    calendar = task.with_names if named else task.calendar
    model = baselines.Linear(last_year=True, absolute=True, relative=True).fit(task.values, calendar, at)
    return model.forecast(task.values, calendar, task.at["test"])


def harmonic(task):
    """What the dynamic harmonic regression says of the test years, fitted on the two years before them: (origins, HORIZON)."""
    return baselines.harmonic_regression(task.series, task.names, task.at["test"], windows.VALIDATION_ENDS)


def _intervals(task, cell, seed, rate):
    """Quantiles .1, .5 and .9: how often the truth lies between the outer two (80 % would be right), and how wide they are."""
    from ..networks.forecasters import QUANTILES

    model, _ = train(task, "last year", cell, seed, rate, QUANTILES)
    low, median, high = _quantiles(task, model, "test")
    truth = task.truth("test")
    return {
        "coverage": round(windows.coverage(truth, low, high), 4), "width": round(float(np.mean(high - low)), 1),
        "mase": round(windows.mase(truth - median, task.training), 5),
        "coverage_by_day": [round(windows.coverage(truth[:, i], low[:, i], high[:, i]), 3) for i in range(windows.HORIZON)],
    }  # fmt: skip


def _quantiles(task, model, part):
    """What a network says of its quantiles, in order: three arrays (origins, HORIZON), in births."""
    return np.moveaxis(np.sort(forecast(task, model, "last year", part), axis=-1), -1, 0)


def _renewed_intervals(task, cell, seed, rate):
    """The intervals of `_intervals` once more, of a network that is trained on all windows up to 1986.

    It is kept after the epoch that the validation years chose for the network up to 1984 with the same seed. moved: by how
    many births both ends of that network must move for `INSIDE` of the validation days. No year is left to ask the renewed
    network the same, so its ends are moved by as much. before: of the network up to 1984.
    """
    from ..networks.forecasters import QUANTILES

    way, truth = "last year", {part: task.truth(part) for part in ("validation", "test")}
    before, epoch = train(task, way, cell, seed, rate, QUANTILES)
    old = {part: _quantiles(task, before, part) for part in truth}
    low, _, high = old["validation"]
    moved = float(np.quantile(np.maximum(low - truth["validation"], truth["validation"] - high), INSIDE))
    model = until_1986(task, way, cell, seed, rate, QUANTILES)
    model.fit(
        [task.past(UNTIL_1986), task.future(UNTIL_1986, way)], task.wanted(UNTIL_1986)[..., None],
        batch_size=BATCH, epochs=epoch, verbose=0,  # pyright: ignore[reportArgumentType]
    )  # fmt: skip
    new = _quantiles(task, model, "test")

    def inside(said, part, more=0.0):
        return round(windows.coverage(truth[part], said[0] - more, said[2] + more), 4)

    return {
        "epoch": epoch, "moved": round(moved, 1), "validation_before": inside(old["validation"], "validation"),
        "before": inside(old["test"], "test"), "before_moved": inside(old["test"], "test", moved),
        "coverage": inside(new, "test"), "coverage_moved": inside(new, "test", moved),
        "width": round(float(np.mean(new[2] - new[0])), 1), "mase": round(windows.mase(truth["test"] - new[1], task.training), 5),
    }  # fmt: skip


def _leak(task, cell, seed, rate):
    """The same network judged on windows held out at random, which overlap those it was trained on, and on later years."""
    everything = np.concatenate(
        [task.at["train"], windows.origins(task.series, windows.TRAIN_ENDS, windows.VALIDATION_ENDS)]
    )
    shuffled = np.random.default_rng(seed).permutation(everything)
    fifth = len(shuffled) // 5
    return _held_out(task, cell, seed, rate, shuffled[:fifth], shuffled[fifth:])


def _whole_years(task, cell, seed, rate):
    """As `_leak`, but held out are whole years, every fifth one, and windows that share a day with them are dropped."""
    out, rest = _years(task, seed)
    return _held_out(task, cell, seed, rate, out, rest)


def _as_few(task, cell, seed, rate):
    """As many windows as `_whole_years` trains on and holds out, but all of them at random."""
    out, rest = _years(task, seed)
    shuffled = np.random.default_rng(seed).permutation(windows.origins(task.series, None, windows.VALIDATION_ENDS))
    return _held_out(task, cell, seed, rate, shuffled[: len(out)], shuffled[len(out) : len(out) + len(rest)])


def _years(task, seed):
    """The windows of every fifth year, beginning with another one for each seed, and those that share no day with them."""
    everything = windows.origins(task.series, None, windows.VALIDATION_ENDS)
    out = np.asarray(task.series.index[everything].year % len(SEEDS) == seed)  # pyright: ignore[reportAttributeAccessIssue]
    return everything[out], everything[~windows.overlapping(out)]


def _held_out(task, cell, seed, rate, out, rest):
    """The error of a direct network on the windows that it was trained on, on those held out, and on the test years."""
    import keras

    from ..networks import forecasters

    keras.utils.set_random_seed(seed)
    task.at |= {"held out": out, "rest": rest}
    rate = falling(rate, len(rest))
    model = forecasters.direct(cell, windows.HISTORY, task.inputs.shape[1], windows.HORIZON, learning_rate=rate)
    model.fit(task.past("rest"), task.wanted("rest"), batch_size=BATCH, epochs=EPOCHS, verbose=0)  # pyright: ignore[reportArgumentType]
    return {part: measured(task, forecast(task, model, "direct", part), part)["mase"] for part in JUDGED}
