"""Five SimpleRNNs without a mask on reviews that are padded behind; those that are padded in front are in `source`."""

from __future__ import annotations

from dataclasses import replace

from ... import reviews
from .. import checkpoints, training
from ..run import Run
from ..study import Picture, Study

EPOCHS = 10


class Behind(Run):
    """A run on reviews that are brought to `maxlen` tokens beforehand, so that padding stands behind the words."""

    def corpus(self):
        """What the run trains, validates and tests on."""
        corpus = super().corpus()
        train, test = (
            reviews.Reviews.from_lists(list(part.padded(self.maxlen, padding="post")), part.labels)
            for part in (corpus.train, corpus.test)
        )
        return replace(corpus, train=train, test=test)


def _run(case):
    """As in `source` without dropout, hence without a mask and in its batches, but padded behind; shorter."""
    return Behind("padded_behind", "simple_rnn", seed=case["seed"], epochs=EPOCHS, buckets=False)


def measure(case):
    """One row: accuracy on the training reviews at the last epoch, and on the test reviews at the best one."""
    record = _run(case).measure(say=lambda text: None)
    return {"training": record.history["accuracy"][-1], "behind": record.test_accuracy}


def beside_source(frame):
    """With a column "in front": the test accuracy of the network of `source` with the same seed."""
    source = training.load("source", "simple_rnn").query("path == 'fast'").set_index("seed").test_accuracy
    return frame.assign(**{"in front": frame["seed"].map(source)})


STUDY = Study(
    question="Can a SimpleRNN learn without a mask where padding stands behind the words?",
    chapter=3,
    cases=lambda rows: [{"seed": seed} for seed in range(5)],
    measure=measure,
    settings={"epochs": EPOCHS},
    data=lambda: reviews.load("imdb").sha256,
    derived=beside_source,
    finish=lambda case: checkpoints.Checkpoint(_run(case)).remove(),
    picture=Picture("behind", by="seed"),
    limits="Ten epochs; those that are padded in front had more, and their best is told.",
    backend="tensorflow",  # as those of `source`
)
