"""The record of a training run: make it, store it, read it, compare it.

A record is one JSON file, ``rnnbook/recorded/<study>/<run>.json``; `SCHEMA` says what is in it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import platform
import re
import tempfile
import time
from pathlib import Path

import numpy as np

from . import data

RECORDED = Path(__file__).parent / "recorded"
CURVES = ("loss", "accuracy", "val_loss", "val_accuracy")
DEFAULTS = {"epochs": 20, "seed": 0, "maxlen": 500, "batch_size": 128, "validation_split": 0.2, "fast": True,
            "fresh_masks": False, "dataset": "imdb", "reviews": None, "lag": None, "settings": {}}

_number, _share, _count = {"type": "number"}, {"type": "number", "minimum": 0, "maximum": 1}, {"type": "integer", "minimum": 1}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["study", "architecture", "config", "seed", "dataset", "data_sha256", "n_train", "n_validation", "n_test",
                 "epochs", "history", "best_epoch", "best_val_accuracy", "test_accuracy", "last_test_accuracy",
                 "parameters", "seconds_per_epoch", "first_epoch_seconds", "cpu_seconds_per_epoch", "path", "backend",
                 "versions", "processor"],
    "properties": {
        "study": {"type": "string"}, "architecture": {"type": "string"}, "config": {"type": "object"},
        "seed": {"type": "integer", "minimum": 0},
        "dataset": {"enum": ["imdb", "sample", "copy"]},
        "data_sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "n_train": _count, "n_validation": _count, "n_test": _count, "epochs": _count,
        "history": {"type": "object", "additionalProperties": False, "required": list(CURVES),
                    "properties": {"loss": {"type": "array", "items": _number, "minItems": 1},
                                   "val_loss": {"type": "array", "items": _number, "minItems": 1},
                                   "accuracy": {"type": "array", "items": _share, "minItems": 1},
                                   "val_accuracy": {"type": "array", "items": _share, "minItems": 1}}},
        "best_epoch": _count,
        "best_val_accuracy": _share, "test_accuracy": _share, "last_test_accuracy": _share,
        "parameters": _count,
        "seconds_per_epoch": _number, "first_epoch_seconds": _number, "cpu_seconds_per_epoch": _number,
        "path": {"enum": ["textbook", "fast"]}, "backend": {"type": "string"},
        "versions": {"type": "object", "additionalProperties": {"type": "string"}},
        "processor": {"type": "string"},
    },
}


class RecordError(ValueError):
    """A record that cannot be used, or a run that cannot be made; the message says why and what to do."""


# --- the configuration of a run --------------------------------------------------------------------------------------


def configuration(study, architecture, **choices):
    """All that determines a run, as a plain dictionary. Raises RecordError for an unknown choice."""
    unknown = sorted(set(choices) - set(DEFAULTS))
    if unknown:
        raise RecordError(f"A run has no {', '.join(unknown)}: choose among {', '.join(DEFAULTS)}.")
    config = {"study": study, "architecture": architecture, **DEFAULTS, **choices}
    for name, least in (("epochs", 1), ("batch_size", 1), ("maxlen", 1), ("seed", 0)):
        if config[name] < least:
            raise RecordError(f"{name} must be at least {least}, not {config[name]}.")
    if config["fresh_masks"] and not config["fast"]:
        raise RecordError("fresh_masks needs the fast path: Keras itself keeps one mask over all timesteps.")
    return config


def run_name(config):
    """A file name that tells the run: architecture, whatever differs from the usual, seed."""
    parts = [config["architecture"]]
    parts += [f"{key}={value}" for key, value in sorted(config["settings"].items())]
    parts += [f"{key}={config[key]}" for key in ("maxlen", "batch_size", "fast", "fresh_masks", "dataset", "reviews", "lag")
              if config[key] != DEFAULTS[key]]
    return re.sub(r"[^\w=.+-]", "_", "-".join([*parts, f"s{config['seed']}"]))


def record_path(config, folder=None):
    return Path(folder or RECORDED) / config["study"] / f"{run_name(config)}.json"


# --- making a record -------------------------------------------------------------------------------------------------


def record(config, folder=None, callbacks=(), say=print):
    """Train as configured and write the record; returns its path.

    Resumes from the last finished epoch of an interrupted run. A record that is there already with at least as many
    epochs is left alone. Safe to call from several processes: a run is done by the one that gets its lock.
    """
    target = record_path(config, folder)
    with _lock(_checkpoint_path(config, folder).with_suffix(".lock")):
        if is_recorded(config, folder):
            return target
        _write_json(target, _train(config, folder, callbacks, say))
    return target


def _train(config, folder, callbacks, say):
    import keras

    from . import models, training

    corpus = _corpus(config)
    train, validation = training.split(corpus.train, config["validation_split"])
    keras.utils.set_random_seed(config["seed"])
    model = models.build(config["architecture"], **config["settings"])
    model.optimizer.build(model.trainable_variables)
    checkpoint = _Checkpoint(_checkpoint_path(config, folder), model)
    done = checkpoint.resume()
    if done:
        say(f"Resuming {run_name(config)} after epoch {done}.")
    options = dict(fast=config["fast"], maxlen=config["maxlen"], batch_size=config["batch_size"], seed=config["seed"],
                   validation_split=config["validation_split"], fresh_masks=config["fresh_masks"])

    class Saver(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.wall, self.cpu = time.perf_counter(), time.process_time()

        def on_epoch_end(self, epoch, logs=None):
            checkpoint.add(logs, time.perf_counter() - self.wall, time.process_time() - self.cpu)

    if config["fast"]:
        if done < config["epochs"]:
            training.fit(model, corpus, config["epochs"], initial_epoch=done, callbacks=[Saver(), *callbacks], **options)
    else:
        x, held_out = train.padded(config["maxlen"]), (validation.padded(config["maxlen"]), validation.labels)
        for epoch in range(done, config["epochs"]):
            # As model.fit shuffles, but by seed and epoch: Keras's own order depends on what the process did before.
            order = np.random.default_rng([config["seed"], epoch]).permutation(len(train))
            model.fit(x[order], train.labels[order], shuffle=False, batch_size=config["batch_size"], verbose=0, epochs=epoch + 1,
                      initial_epoch=epoch, validation_data=held_out, callbacks=[Saver(), *callbacks])
    history = checkpoint.history
    if len(history["loss"]) < config["epochs"]:
        raise RecordError(f"{run_name(config)} was stopped after epoch {len(history['loss'])}: start it again to go on.")

    last = training.evaluate(model, corpus.test, maxlen=config["maxlen"], fast=config["fast"])[1]
    model.set_weights(checkpoint.best)
    best = training.evaluate(model, corpus.test, maxlen=config["maxlen"], fast=config["fast"])[1]
    if config["study"] == "comparison" and folder is None:
        weights = training.saved_weights(config["architecture"], config["seed"])
        _replace(weights, lambda file: np.savez(file, *checkpoint.best))
    seconds, cpu = history["seconds"], history["cpu_seconds"]
    made = {
        "study": config["study"], "architecture": config["architecture"],
        "config": {key: config[key] for key in ("maxlen", "batch_size", "validation_split", "fresh_masks", "lag",
                                                "reviews")} | _settings(config),
        "seed": config["seed"], "dataset": corpus.name, "data_sha256": corpus.sha256,
        "n_train": len(train), "n_validation": len(validation), "n_test": len(corpus.test), "epochs": config["epochs"],
        "history": {name: [_rounded(x) for x in history[name]] for name in CURVES},
        "best_epoch": 1 + int(np.argmin(history["val_loss"])),
        "best_val_accuracy": _rounded(max(history["val_accuracy"])),
        "test_accuracy": _rounded(best), "last_test_accuracy": _rounded(last),
        "parameters": model.count_params(),
        # the first epoch compiles, and is told apart
        "seconds_per_epoch": _rounded(np.median(seconds[1:] or seconds), 4),
        "first_epoch_seconds": _rounded(seconds[0], 4),
        "cpu_seconds_per_epoch": _rounded(np.median(cpu[1:] or cpu), 4),
        "path": "fast" if config["fast"] else "textbook", "backend": keras.backend.backend(),
        "versions": versions(), "processor": processor(),
    }
    checkpoint.remove()
    return made


def _corpus(config):
    if config["dataset"] == "copy":
        return _copy_task(config["lag"], config["seed"])
    corpus = data.load(config["dataset"], num_words=config["settings"].get("num_words", 10_000))
    if config["reviews"]:
        corpus = data.Corpus(corpus.name, corpus.train.take(config["reviews"]), corpus.test.take(config["reviews"]),
                             corpus.num_words, corpus.sha256, lambda: corpus.word_index, corpus.reason)
    return corpus


def _copy_task(lag, seed):
    """Copy the first symbol over a lag: one of two symbols, then ``lag`` distractors; the label is the first symbol.

    The one-bit form of the latch problem of Bengio, Simard & Frasconi (1994). Tokens: 1 and 2 the symbols to copy,
    3 to 10 distractors.
    """
    import hashlib

    rng = np.random.default_rng([lag, seed])

    def draw(n):
        label = rng.integers(0, 2, n)
        return data.Reviews.from_lists(np.column_stack([1 + label, rng.integers(3, 11, (n, lag))]).tolist(), label)

    train, test = draw(5000), draw(1000)
    digest = hashlib.sha256(train.tokens.tobytes() + test.tokens.tobytes()).hexdigest()
    return data.Corpus("copy", train, test, 11, digest, dict)


def _settings(config):
    """The hyperparameters as the explorer reads them, defaults spelled out."""
    import inspect

    from . import models

    architecture = config["architecture"]
    builder = models.recurrent_classifier if architecture in models.PRESETS else models.ARCHITECTURES[architecture]
    values = {name: p.default for name, p in inspect.signature(builder).parameters.items() if name not in ("name", "logit")}
    return values | models.PRESETS.get(architecture, {}) | config["settings"]


class _Checkpoint:
    """A run after its last finished epoch: weights, optimizer, random state, curves, best weights; one file, atomic."""

    def __init__(self, path, model):
        self.path, self.model = path, model
        self.history = {name: [] for name in (*CURVES, "seconds", "cpu_seconds")}
        self.best = None

    def _variables(self):
        seen = {id(v): v for v in [*self.model.variables, *self.model.optimizer.variables]}
        return list(seen.values())

    def resume(self):
        """Load what is there; the number of epochs already done."""
        try:
            with np.load(self.path) as stored:
                state = [stored[f"state_{k}"] for k in range(len(self._variables()))]
                best = [stored[f"best_{k}"] for k in range(len(self.model.get_weights()))]
                history = json.loads(str(stored["history"]))
        except (OSError, KeyError, ValueError, EOFError):
            return 0
        for variable, value in zip(self._variables(), state):
            variable.assign(value)
        self.best, self.history = best, history
        return len(history["loss"])

    def add(self, logs, seconds, cpu_seconds):
        import keras

        for name in CURVES:
            self.history[name].append(float(logs[name]))
        self.history["seconds"].append(seconds)
        self.history["cpu_seconds"].append(cpu_seconds)
        if self.best is None or logs["val_loss"] <= min(self.history["val_loss"]):
            self.best = self.model.get_weights()
        arrays = {f"state_{k}": keras.ops.convert_to_numpy(v) for k, v in enumerate(self._variables())}
        arrays |= {f"best_{k}": w for k, w in enumerate(self.best)}
        _replace(self.path, lambda file: np.savez(file, history=json.dumps(self.history), **arrays))

    def remove(self):
        self.path.unlink(missing_ok=True)


def epochs_done(config, folder=None):
    """Epochs of a run that are finished, whether it is recorded, under way or interrupted."""
    target = record_path(config, folder)
    if target.exists():
        return min(read(target)["epochs"], config["epochs"])
    try:
        with np.load(_checkpoint_path(config, folder)) as stored:
            return len(json.loads(str(stored["history"]))["loss"])
    except (OSError, KeyError, ValueError, EOFError):
        return 0


def _checkpoint_path(config, folder):
    where = data.cache_folder() / "runs" if folder is None else Path(folder) / ".unfinished"
    return where / config["study"] / f"{run_name(config)}.npz"


@contextlib.contextmanager
def _lock(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # released by the system when the process ends, however it ends
        yield


def _replace(path, write):
    """Write beside the target and rename, so that nobody ever sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        write(file)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def _write_json(path, made):
    check(made, path)
    _replace(path, lambda file: file.write((json.dumps(made, separators=(",", ":")) + "\n").encode()))


def _rounded(x, digits=5):
    return float(f"{float(x):.{digits}g}")


def versions():
    """Versions of Python and of the packages that a result depends on."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for package in ("rnnbook", "keras", "tensorflow", "jax", "numpy"):
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def processor():
    """The processor's name and its number of cores."""
    with contextlib.suppress(OSError):
        for line in open("/proc/cpuinfo"):
            if line.startswith("model name"):
                return f"{line.split(':', 1)[1].strip()}, {os.cpu_count()} cores"
    return f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"


# --- reading records -------------------------------------------------------------------------------------------------


def check(made, path):
    """Raise RecordError unless the record follows the schema and its curves agree with its summary."""
    import jsonschema

    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(SCHEMA).iter_errors(made))
    if error:
        where = "".join(f"[{part!r}]" for part in error.absolute_path) or "the record"
        raise RecordError(f"{path} is not a valid record ({where}: {error.message[:200]}): record the run again.")
    curves = made["history"]
    if any(len(curve) != made["epochs"] for curve in curves.values()):
        raise RecordError(f"{path} says {made['epochs']} epochs, but its curves have "
                          f"{', '.join(str(len(c)) for c in curves.values())}: record the run again.")
    # Curves are rounded, so two epochs may tie where one was lower.
    best = made["best_epoch"]
    if best > made["epochs"] or curves["val_loss"][best - 1] != min(curves["val_loss"]) or made["best_val_accuracy"] != max(curves["val_accuracy"]):
        raise RecordError(f"{path} has a best epoch or accuracy that its curves do not show: record the run again.")


def read(path):
    """One record, checked against the schema. Raises RecordError."""
    try:
        made = json.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise RecordError(f"{path} cannot be read as a record ({error}): record the run again.") from None
    check(made, path)
    return made


def records(study=None, architecture=None, folder=None):
    """The records as dictionaries, sorted by study and file name."""
    found = [read(path) for path in sorted(Path(folder or RECORDED).glob(f"{study or '*'}/*.json"))]
    return [made for made in found if architecture in (None, made["architecture"])]


def is_recorded(config, folder=None):
    target = record_path(config, folder)
    return target.exists() and read(target)["epochs"] >= config["epochs"]


def load(study=None, architecture=None, per="run", folder=None):
    """The records as a tidy pandas frame.

    per="run": a row a run, the hyperparameters of its configuration as columns. per="epoch": a row an epoch, with
    epoch (from 1), loss, accuracy, val_loss and val_accuracy beside them.
    """
    import pandas as pd

    if per not in ("run", "epoch"):
        raise RecordError(f'per is {per!r}: use "run" or "epoch".')
    rows = []
    for made in records(study, architecture, folder):
        row = {key: value for key, value in made.items() if key not in ("config", "history", "versions")} | made["config"]
        if per == "run":
            rows.append(row)
        else:
            rows += [row | {"epoch": k + 1} | {name: made["history"][name][k] for name in CURVES}
                     for k in range(made["epochs"])]
    return pd.DataFrame(rows)


# --- comparing runs --------------------------------------------------------------------------------------------------


def summarize(frame, value, by="architecture"):
    """Mean, standard deviation, number of runs and 95 % interval of the mean of ``value`` for each group.

    The interval is Student's t over seeds; with a single run, spread and interval are NaN. by: a column or a list.
    """
    import pandas as pd

    _need(frame, [value, *([by] if isinstance(by, str) else by)])
    rows = {}
    for group, values in frame.groupby(by, sort=False, dropna=False)[value]:
        mean, half = values.mean(), _half_interval(values)
        rows[group] = {"mean": mean, "std": values.std(), "n": len(values), "low": mean - half, "high": mean + half}
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.names = [by] if isinstance(by, str) else list(by)
    return table


def compare(frame, value, a, b):
    """Compare two kinds of runs seed by seed: the mean of ``value`` for b minus a, with its 95 % interval.

    a and b name an architecture, or are dictionaries of columns, e.g. {"fresh_masks": True}. Only seeds that both
    have count, and each must have exactly one run. Returns a pandas Series: a, b (means), difference, low, high
    (Student's t on the paired differences), n (pairs). Raises RecordError where the runs cannot be paired.
    """
    import pandas as pd

    sides = []
    for wanted in (a, b):
        wanted = {"architecture": wanted} if isinstance(wanted, str) else wanted
        _need(frame, [value, *wanted])
        chosen = frame
        for column, content in wanted.items():
            chosen = chosen[chosen[column] == content]
        if chosen.empty:
            raise RecordError(f"No run has {wanted}: choose among the runs that `load` shows.")
        if chosen["seed"].duplicated().any():
            raise RecordError(f"Several runs with {wanted} share a seed: narrow the frame down, e.g. to one study.")
        sides.append(chosen.set_index("seed")[value])
    pairs = pd.concat(sides, axis=1, keys=["a", "b"], join="inner")
    if pairs.empty:
        raise RecordError("The two kinds of runs share no seed, so they cannot be paired.")
    differences = pairs["b"] - pairs["a"]
    mean, half = differences.mean(), _half_interval(differences)
    return pd.Series({"a": pairs["a"].mean(), "b": pairs["b"].mean(), "difference": mean, "low": mean - half,
                      "high": mean + half, "n": len(pairs)})


def _half_interval(values, level=0.95):
    from scipy import stats

    n = len(values)
    return stats.t.ppf((1 + level) / 2, n - 1) * values.std() / np.sqrt(n) if n > 1 else np.nan


def _need(frame, columns):
    missing = [column for column in columns if column not in frame]
    if missing:
        raise RecordError(f"The frame has no column {', '.join(missing)}: it has {', '.join(frame.columns)}.")
