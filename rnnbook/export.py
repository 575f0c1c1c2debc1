"""Turn trained networks into the small files that the book ships; see `rnnbook.weights` for their form."""

import json
import os

import numpy as np

from . import runs, weights  # no Keras here: every command imports this module

CHECKED = 200  # test reviews whose exact probabilities are recorded, so that the small files can be held against them
SETTINGS = ("cell", "depth", "bidirectional", "units", "mask_zero", "maxlen")


def export(architecture, corpus):
    """Write `rnnbook/trained/ARCHITECTURE.bin` from the best recorded seed on validation.

    Only seeds count whose trained weights are on this machine, and the one that is shipped already; if that one is best,
    its file stays. Returns a dictionary with the seed, the size in bytes as text, and the probabilities that Keras gives
    with the weights before they were rounded, for the first 200 test reviews. Raises `weights.WeightsError` where no
    trained weights are at hand, or the file would grow too large.
    """
    from . import models, training

    recorded = runs.load(study="comparison", architecture=architecture)
    shipped = _shipped(architecture, corpus.sha256)
    kept = [(row.best_val_accuracy, row.seed) for row in recorded.itertuples()
            if training.saved_weights(architecture, row.seed).exists() or row.seed == shipped.get("seed")]
    if not kept:
        raise weights.WeightsError(f"There are no trained weights of {architecture}: record it first with `python -m rnnbook study comparison --only {architecture}`.")
    _, seed = max(kept)
    if not training.saved_weights(architecture, seed).exists():
        return shipped
    row = recorded[recorded.seed == seed].iloc[0]
    settings = {name: row[name].item() if hasattr(row[name], "item") else row[name] for name in SETTINGS}
    about = settings | {"architecture": architecture, "seed": int(seed), "test_accuracy": float(row.test_accuracy),
                        "data_sha256": row.data_sha256, "num_words": int(row.num_words)}
    with np.load(training.saved_weights(architecture, seed)) as stored:
        arrays = [stored[name] for name in stored.files]
    content = weights.pack(weights.from_keras(arrays, settings), about)
    if len(content) * 4 / 3 > weights.LARGEST:
        raise weights.WeightsError(f"{architecture} would take {len(content) * 4 // 3:,} bytes as text, more than {weights.LARGEST:,}.")
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
    weights.FOLDER.mkdir(exist_ok=True)
    temporary = weights.FOLDER / f"{name}.part"
    temporary.write_bytes(content)
    os.replace(temporary, weights.FOLDER / name)


def add_commands(subparsers):
    """Register `export` on the command line."""
    command = subparsers.add_parser("export", help="renew the trained weights that the book ships")
    command.set_defaults(run=_run)


def _run(args):
    from . import data

    corpus = data.load("imdb")
    _write("words.bin", weights.pack_words(corpus.word_index, 10_000))
    exact = {"data_sha256": corpus.sha256}
    for architecture in weights.ARCHITECTURES:
        exact[architecture] = export(architecture, corpus)
        print(f"{architecture}: seed {exact[architecture]['seed']}, {exact[architecture]['bytes']:,} bytes as text")
    _write("exact.json", (json.dumps(exact) + "\n").encode())
