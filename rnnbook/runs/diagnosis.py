"""What a trained network makes of a review: how much of its end it uses, whether order matters, where it errs."""

import numpy as np

from .. import files, reviews
from ..networks import architectures
from . import store, studies
from .record import RecordError, rounded

ARCHITECTURES = tuple(a.name for a in architectures.ARCHITECTURES.values() if a.diagnosed)
SEEDS = (0, 1, 2)
REVIEWS = 5_000
KEPT = (5, 10, 20, 50, 100, 200, 500)
LENGTHS = ((0, 120), (120, 200), (200, 400), (400, 10_000))


def keep_last(X, words):
    """Return X (samples, maxlen), padded in front, with all but the last `words` of each review turned into padding."""
    kept = X.copy()
    kept[:, : X.shape[1] - words] = 0
    return kept


def shuffle_words(X, rng, window=None):
    """Return X (samples, timesteps), padded in front, with the words of each review in random order.

    window: only words of the same window change places, so many at a time, counted from the end of the review; None: all
    of them. The start symbol, if there is one, and the padding stay.
    """
    samples, timesteps = X.shape
    begin = (X != 0).argmax(axis=1)
    begin = begin + (X[np.arange(samples), begin] == 1)
    position = np.arange(timesteps)
    keys = rng.random(X.shape) - (timesteps - 1 - position) // (window or timesteps)  # windows in order, mixed within
    keys = np.where(position < begin[:, None], position - 2 * timesteps, keys)
    return np.take_along_axis(X, keys.argsort(axis=1), axis=1)


def diagnose(model, reviews, maxlen=500):
    """Return rows (change, amount, accuracy) for a trained Keras model on `reviews`."""
    X, labels, lengths = reviews.padded(maxlen), reviews.labels, reviews.lengths

    def right(X):
        return (model.predict(X, batch_size=500, verbose=0)[:, 0] > 0.5) == labels

    rows = [("last words", words, right(keep_last(X, words)).mean()) for words in KEPT]
    whole = right(X)
    rows += [("length", most, whole[(lengths > least) & (lengths <= most)].mean()) for least, most in LENGTHS]
    rows.append(("shuffled", maxlen, right(shuffle_words(X, np.random.default_rng(0))).mean()))
    return [(change, int(amount), round(float(accuracy), 4)) for change, amount, accuracy in rows]


def load(folder=None):
    """Return the recorded diagnosis as a frame: architecture, seed, change, amount, accuracy.

    change "last words": only the last `amount` words were given; "length": reviews of up to `amount` words (and more
    than the bin below); "shuffled": all words, in random order. Raises `RecordError` where the file is damaged.
    """
    import pandas as pd

    try:
        made = store.measurement("diagnosis", folder)
        return pd.DataFrame(
            [
                {
                    "architecture": r["architecture"],
                    "seed": r["seed"],
                    "change": change,
                    "amount": amount,
                    "accuracy": accuracy,
                }
                for r in made["networks"]
                for change, amount, accuracy in r["rows"]
            ]
        )
    except (KeyError, TypeError) as error:
        raise RecordError(
            f"diagnosis.json is damaged ({error}): make it again with `python -m rnnbook diagnose`."
        ) from None


def start():
    """The measurement "start": the W (units, units) with which the shipped SimpleRNN began to learn, as `reference` has it.

    Keras draws it from the seed of the recorded run, so it has to run on the backend of that record.
    """
    import keras

    from ..networks import models, weights

    seed = weights.load("simple_rnn")["about"]["seed"]
    run = next(run for run in studies.comparison() if (run.architecture, run.seed) == ("simple_rnn", seed))
    keras.utils.set_random_seed(seed)
    W = models.build(run.architecture, **run.settings).layers[1].get_weights()[1].T
    return {
        "architecture": run.architecture, "seed": seed, "backend": keras.backend.backend(),
        "versions": files.versions(), "W": [[rounded(w) for w in row] for row in W],
    }  # fmt: skip


def add_diagnose(parser):
    """The arguments of `diagnose`, none; returns what runs it."""
    return _run


def _run(args):
    from . import environment

    environment.prepare("jax")  # as the runs of the comparison were made
    from ..networks import models

    store.write_measurement("start", start())

    corpus = reviews.load("imdb")
    tested = corpus.test.take(REVIEWS)
    networks = _recorded(corpus.sha256, len(tested))
    for run in studies.comparison():
        if run.architecture not in ARCHITECTURES or run.seed not in SEEDS:
            continue
        key, arrays = (run.architecture, run.seed), store.weights(run)
        if arrays is None:
            kept = "kept as recorded" if key in networks else "left out"
            print(f"{kept}: {run}; its weights are made by `python -m rnnbook study comparison`")
            continue
        model = models.build(run.architecture, **run.settings)
        model.set_weights(arrays)
        networks[key] = diagnose(model, tested)
        print(*key, networks[key][-1], flush=True)
    store.write_measurement(
        "diagnosis",
        {
            "data_sha256": corpus.sha256,
            "reviews": len(tested),
            "networks": [
                {"architecture": architecture, "seed": seed, "rows": networks[architecture, seed]}
                for architecture in ARCHITECTURES
                for seed in SEEDS
                if (architecture, seed) in networks
            ],
        },
    )


def _recorded(data_sha256, reviews):
    """What is recorded on the same reviews, as {(architecture, seed): rows}: weights may lie on another machine."""
    try:
        made = store.measurement("diagnosis")
    except RecordError:
        return {}
    if (made.get("data_sha256"), made.get("reviews")) != (data_sha256, reviews):
        return {}
    return {(network["architecture"], network["seed"]): network["rows"] for network in made["networks"]}
