"""One training run: what determines it, and its one life from the corpus to a record.

    Run("comparison", "lstm", seed=3).measure()

A run finds its corpus, trains (resuming from its last finished epoch), looks at the test reviews once, and becomes a
`Record`. Once that is stored, the checkpoint is given up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from .. import files, reviews
from ..networks import architectures
from ..reviews import copy_task
from . import checkpoints
from .record import CURVES, Record, RecordError, packed, rounded

NAMED = (
    "maxlen",
    "batch_size",
    "fast",
    "buckets",
    "fresh_masks",
    "shuffled",
    "dataset",
    "reviews",
    "lag",
)  # in a name and in a case where unusual


def name_of(case) -> str:
    """The name of a run, from its case; what is kept of it on a machine is called so."""
    parts = [case["architecture"], *(f"{key}={value}" for key, value in sorted(case.get("settings", {}).items()))]
    parts += [f"{key}={case[key]}" for key in NAMED if key in case]
    return re.sub(r"[^\w=.+-]", "_", "-".join([*parts, f"s{case['seed']}"]))


@dataclass(frozen=True, eq=False)
class Run:
    """All that determines a run. Raises RecordError for a choice out of range, CourseError for an unknown name.

    fast: the fast path of `rnnbook.networks.training`, else ``model.fit``. buckets=False: every batch is drawn from all
    lengths and padded to maxlen, as ``model.fit`` does it. fresh_masks: dropout masks drawn anew at every timestep.
    shuffled: the words of every review in random order, one for each seed, in training and test reviews alike.
    settings: hyperparameters of the architecture that are not its usual ones.
    """

    study: str
    architecture: str
    epochs: int = 20
    seed: int = 0
    maxlen: int = 500
    batch_size: int = 128
    validation_split: float = 0.2
    fast: bool = True
    buckets: bool = True
    fresh_masks: bool = False
    shuffled: bool = False
    dataset: str = "imdb"
    reviews: int | None = None
    lag: int | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        architectures.check(self.architecture, self.settings)
        for name, least in (("epochs", 1), ("batch_size", 1), ("maxlen", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise RecordError(f"{name} must be at least {least}, not {getattr(self, name)}.")
        if self.fresh_masks and not self.fast:
            raise RecordError("fresh_masks needs the fast path: Keras itself keeps one mask over all timesteps.")

    @property
    def name(self) -> str:
        """A name that tells the run in its study: architecture, whatever differs from the usual, seed."""
        return name_of(self.case)

    def __str__(self):
        return f"{self.study}/{self.name}"

    def corpus(self) -> reviews.Corpus:
        """What the run trains, validates and tests on."""
        if self.dataset == "copy" and self.lag is not None:
            return copy_task.corpus(self.lag, self.seed)
        corpus = reviews.load(self.dataset, num_words=self.settings.get("num_words", 10_000))
        corpus = corpus.first(self.reviews) if self.reviews else corpus
        if not self.shuffled:
            return corpus
        rng = np.random.default_rng(self.seed)
        train, test = (part.shuffled(rng, self.maxlen) for part in (corpus.train, corpus.test))
        return replace(corpus, train=train, test=test)

    @property
    def case(self) -> dict[str, Any]:
        """What tells the run apart in its study: architecture, seed, epochs, and whatever differs from the usual."""
        usual = {f.name: f.default for f in fields(self)}
        case = {"architecture": self.architecture, "seed": self.seed, "epochs": self.epochs}
        case |= {key: getattr(self, key) for key in NAMED if getattr(self, key) != usual[key]}
        return case | ({"settings": self.settings} if self.settings else {})

    def measure(self, callbacks=(), say=print) -> Record:
        """Train and test; resumes from the last finished epoch of an interrupted run.

        Keeps the weights of the lowest validation loss on this machine. Raises RecordError for a run that was stopped,
        `training.DivergedError` for one whose loss is no number any more.
        """
        checkpoint = checkpoints.Checkpoint(self)
        if checkpoint.read():
            say(f"Resuming {self.name} after epoch {checkpoint.epochs}.")
        record = self._train(checkpoint, callbacks)
        checkpoints.keep_weights(self, checkpoint.best)
        return record

    def _train(self, checkpoint, callbacks) -> Record:
        import keras

        from ..networks import models, training

        made_with, corpus = files.made_with(), self.corpus()
        train, validation = corpus.train.split(self.validation_split)
        keras.utils.set_random_seed(self.seed)
        model = models.build(self.architecture, **self.settings)
        model.optimizer.build(model.trainable_variables)
        saving = checkpoint.attach(model)
        way: dict[str, Any] = dict(maxlen=self.maxlen, fast=self.fast, buckets=self.buckets)
        if checkpoint.epochs < self.epochs:
            training.fit(
                model,
                replace(corpus, train=train),
                self.epochs,
                validation=validation,
                initial_epoch=checkpoint.epochs,
                callbacks=[saving, *callbacks],
                batch_size=self.batch_size,
                seed=self.seed,
                fresh_masks=self.fresh_masks,
                **way,
            )
        if checkpoint.epochs < self.epochs:
            raise RecordError(f"{self.name} was stopped after epoch {checkpoint.epochs}: start it again to go on.")

        last = training.predict(model, corpus.test, **way)
        model.set_weights(checkpoint.best)
        best = training.predict(model, corpus.test, **way)
        sizes = {"n_train": len(train), "n_validation": len(validation), "parameters": model.count_params()}
        return self._outcome(corpus, checkpoint.history, best, last, **sizes, **made_with)

    def _outcome(self, corpus, history, best, last, **known) -> Record:
        """The record of a finished run: its curves, and its probabilities on the test reviews at the best and last epoch.

        known: the fields that do not follow from these: sizes, and what `files.made_with` tells.
        """
        import keras

        right = [float(np.mean((p > 0.5) == corpus.test.labels)) for p in (best, last)]
        seconds, cpu = history["seconds"], history["cpu_seconds"]
        return Record(
            study=self.study,
            architecture=self.architecture,
            config=self.config(),
            seed=self.seed,
            dataset=corpus.name,
            data_sha256=corpus.sha256,
            n_test=len(corpus.test),
            epochs=self.epochs,
            history={name: [rounded(x) for x in history[name]] for name in CURVES},
            best_epoch=1 + int(np.argmin(history["val_loss"])),
            best_val_accuracy=rounded(max(history["val_accuracy"])),
            test_accuracy=rounded(right[0]),
            last_test_accuracy=rounded(right[1]),
            predictions=packed(best > 0.5),
            # the first epoch compiles, and is told apart
            seconds_per_epoch=rounded(np.median(seconds[1:] or seconds), 4),
            first_epoch_seconds=rounded(seconds[0], 4),
            cpu_seconds_per_epoch=rounded(np.median(cpu[1:] or cpu), 4),
            path="fast" if self.fast else "textbook",
            backend=keras.backend.backend(),
            **known,
        )

    def config(self) -> dict[str, Any]:
        """The hyperparameters as the record holds them, usual values spelled out."""
        chosen = {
            key: getattr(self, key)
            for key in (
                "maxlen",
                "batch_size",
                "validation_split",
                "buckets",
                "fresh_masks",
                "shuffled",
                "lag",
                "reviews",
            )
        }
        return chosen | architectures.usual(self.architecture) | self.settings
