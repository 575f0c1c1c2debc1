"""Turn trained networks into the small files that the book ships; see `rnnbook.networks.weights` for their form."""

import json

import numpy as np

from .. import files, reviews
from ..networks import weights
from . import checkpoints, training
from .studies import comparison

CHECKED = 200  # test reviews whose exact probabilities are recorded, so that the small files can be held against them
SETTINGS = ("cell", "depth", "bidirectional", "units", "mask_zero", "maxlen")


def export(architecture, corpus):
    """Write `rnnbook/networks/trained/ARCHITECTURE.bin` from the recorded seed with the highest validation accuracy.

    That is the highest of any epoch, while the weights, as all that are kept, are those of the epoch of lowest
    validation loss: at this epoch, another seed may be ahead.
    Only seeds count whose trained weights are on this machine, and the one that is shipped already; if that one is best,
    its file stays. Returns a dictionary with the seed, the size in bytes as text, and the probabilities that Keras gives
    with the weights before they were rounded, for the first 200 test reviews. Raises `weights.WeightsError` where no
    trained weights are at hand, or the file would grow too large.
    """
    from ..networks import models

    shipped = _shipped(architecture, corpus.sha256)
    recorded = {run.seed: run for run in comparison.runs() if run.architecture == architecture}
    records = {record.seed: record for record in training.records("comparison", architecture)}
    kept = [
        (record.best_val_accuracy, seed)
        for seed, record in records.items()
        if checkpoints.weights_path(recorded[seed]).exists() or seed == shipped.get("seed")
    ]
    if not kept:
        raise weights.WeightsError(
            f"There are no trained weights of {architecture}: record it first with `python -m rnnbook study comparison --only architecture={architecture}`."
        )
    _, seed = max(kept)
    arrays = checkpoints.weights(recorded[seed])
    if arrays is None:
        return shipped
    record = records[seed]
    settings = {name: record.config[name] for name in SETTINGS}
    about = settings | {
        "architecture": architecture,
        "seed": seed,
        "test_accuracy": record.test_accuracy,
        "data_sha256": record.data_sha256,
        "num_words": record.config["num_words"],
    }
    content = weights.pack(weights.from_keras(arrays, settings), about)
    if len(content) * 4 / 3 > weights.LARGEST:
        raise weights.WeightsError(
            f"{architecture} would take {len(content) * 4 // 3:,} bytes as text, more than {weights.LARGEST:,}."
        )
    model = models.build(architecture, mask_zero=settings["mask_zero"], units=settings["units"])
    model.set_weights(arrays)
    exact = model.predict(corpus.test.take(CHECKED).padded(settings["maxlen"]), verbose=0)[:, 0]
    _write(f"{architecture}.bin", content)
    return {"seed": int(seed), "bytes": -(-len(content) // 3) * 4, "probabilities": [round(float(p), 4) for p in exact]}


def _shipped(architecture, data_sha256):
    """What `exact.json` says of the file that is shipped now, where it was made from the same reviews."""
    path = weights.FOLDER / "exact.json"
    exact = json.loads(path.read_text()) if path.exists() else {}
    return exact.get(architecture, {}) if exact.get("data_sha256") == data_sha256 else {}


def _write(name, content):
    files.replace(weights.FOLDER / name, lambda file: file.write(content))


def characters():
    """Write the two LSTMs that write, from the cache; what is not there is trained again."""
    from ..networks import characters
    from . import environment
    from .studies import language, language_sizes

    environment.prepare(language.STUDY.backend, alone=True)
    for path, arrays in ((characters.TRAINED, language.shipped()), (characters.LARGER, language_sizes.shipped())):
        files.replace(path, lambda file, arrays=arrays: np.savez_compressed(file, **arrays))  # pyright: ignore[reportArgumentType]


def add_export(parser):
    """The arguments of `export`; returns what runs it."""
    kinds = ["reviews", "characters", "forecasters", "last_mark"]
    parser.add_argument("what", nargs="?", choices=kinds, default="reviews", help="default: reviews")
    return _run


def _run(args):
    if args.what == "forecasters":
        from .shipped_forecasts import ship

        return ship()
    if args.what == "last_mark":
        from .studies.marks import ship

        return ship()
    if args.what == "characters":
        return characters()
    corpus = reviews.load("imdb")
    _write("words.bin", weights.pack_words(corpus.word_index, 10_000))
    exact: dict = {"data_sha256": corpus.sha256}
    for architecture in weights.ARCHITECTURES:
        exact[architecture] = export(architecture, corpus)
        print(f"{architecture}: seed {exact[architecture]['seed']}, {exact[architecture]['bytes']:,} bytes as text")
    _write("exact.json", (json.dumps(exact) + "\n").encode())
