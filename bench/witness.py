"""The witness: the source's own experiment on Keras 2, the library that the source used.

    pip install --no-deps --target FOLDER "tf_keras==2.21.*"     # beside TensorFlow 2.21; not into the course's environment
    PYTHONPATH=.:FOLDER python bench/witness.py dropout --seed 0 --epochs 30 --folder RECORDS

Plain ``model.fit`` of tf_keras on all reviews padded in front to 500 words. An interrupted run goes on after its last
finished epoch. The record, of the study `source_keras2`, names tf_keras among its versions; its dropout masks are drawn anew at
every step, as Keras 2 does it inside ``fit``.
"""

import argparse
import dataclasses
import pickle
import time
from pathlib import Path

import numpy as np
import tf_keras

from rnnbook import files
from rnnbook.laboratory import store, study
from rnnbook.laboratory.record import BESIDE, CURVES
from rnnbook.laboratory.run import Run


def build(run):
    """The model as the source wrote it."""
    rates = {"dropout": 0.2, "recurrent_dropout": 0.2} if run.architecture == "dropout" else {}
    model = tf_keras.Sequential(
        [
            tf_keras.layers.Embedding(10_000, 32),
            tf_keras.layers.SimpleRNN(32, **rates),
            tf_keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["acc"])
    model.build((None, run.maxlen))
    return model


def train(run, corpus, kept):
    """(curves, weights at the lowest validation loss, model after the last epoch); state is kept in the file `kept`."""
    train, validation = (part.padded(run.maxlen) for part in corpus.train.split(run.validation_split))
    labels, held_out = (part.labels.astype("float32") for part in corpus.train.split(run.validation_split))
    tf_keras.utils.set_random_seed(run.seed)
    model = build(run)
    model.train_on_batch(
        train[:1], labels[:1], sample_weight=np.zeros(1)
    )  # makes the optimizer's variables; moves nothing
    curves, best = {name: [] for name in (*CURVES, "seconds", "cpu_seconds")}, None
    if kept.exists():
        curves, best, weights, state = pickle.loads(kept.read_bytes())
        model.set_weights(weights)
        for variable, value in zip(model.optimizer.variables, state, strict=True):
            variable.assign(value)
    while len(curves["loss"]) < run.epochs:
        wall, cpu, epoch = time.perf_counter(), time.process_time(), len(curves["loss"])
        order = np.random.default_rng([run.seed, epoch]).permutation(len(labels))
        logs = model.fit(
            train[order],
            labels[order],
            batch_size=run.batch_size,
            shuffle=False,
            validation_data=(validation, held_out),
            verbose=0,
        ).history
        curves["seconds"].append(time.perf_counter() - wall)
        curves["cpu_seconds"].append(time.process_time() - cpu)
        for name in CURVES:
            curves[name].append(float(logs[name.replace("accuracy", "acc")][0]))
        if curves["val_loss"][-1] == min(curves["val_loss"]):
            best = model.get_weights()
        state = [variable.numpy() for variable in model.optimizer.variables]
        made = pickle.dumps((curves, best, model.get_weights(), state))
        files.replace(kept, lambda file, made=made: file.write(made))
        print(epoch + 1, {name: round(curves[name][-1], 4) for name in CURVES}, flush=True)
    return curves, best, model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("architecture", choices=["simple_rnn", "dropout"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--folder", required=True, type=Path, help="where the record goes")
    options = parser.parse_args()
    run = Run("source_keras2", options.architecture, epochs=options.epochs, seed=options.seed, fast=False)
    corpus = run.corpus()
    kept = options.folder / ".unfinished" / f"witness-{run.name}.pickle"
    curves, best, model = train(run, corpus, kept)
    tested = corpus.test.padded(run.maxlen)
    last = model.predict(tested, batch_size=500, verbose=0)[:, 0]
    model.set_weights(best)
    right = model.predict(tested, batch_size=500, verbose=0)[:, 0]
    sizes = dict(zip(("n_train", "n_validation"), map(len, corpus.train.split(run.validation_split)), strict=True))
    sizes["parameters"] = model.count_params()
    record = run._outcome(corpus, curves, right, last, **sizes, **files.made_with("tf_keras"))
    fresh = {"fresh_masks": True} if run.architecture == "dropout" else {}
    record = dataclasses.replace(record, backend="tensorflow", config=record.config | fresh)
    made = study.conditions(run.study) | {name: getattr(record, name) for name in BESIDE}
    store.add(run.study, {"case": run.case, "rows": [record.row()], "made": made}, options.folder)
    kept.unlink()


if __name__ == "__main__":
    main()
