"""Training runs: measured, resumed, checked, read, compared."""

import json
import os
import signal
import time
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from rnnbook import files, laboratory
from rnnbook.errors import CourseError
from rnnbook.laboratory import Record, RecordError, Run, checkpoints, environment, store, study
from rnnbook.laboratory import training as runs
from rnnbook.laboratory.claims import data
from rnnbook.laboratory.claims.entry import entries
from rnnbook.networks import training

TINY = {"units": 3, "embedding": 3, "mask_zero": True}
OF_RUNS = [name for name in study.names() if study.get(name).runs]


def tiny(**choices):
    usual = {"dataset": "sample", "reviews": 200, "maxlen": 20, "epochs": 2, "settings": TINY}
    return Run("trial", "simple_rnn", **usual | choices)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("RNNBOOK_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with two recorded runs."""
    folder = tmp_path_factory.mktemp("recorded")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RNNBOOK_CACHE", str(folder / "cache"))
        for seed in (0, 1):
            run = tiny(seed=seed)
            store.add("trial", {"case": run.case, "rows": [run.measure().row()], "made": files.made_with()}, folder)
    return folder


def test_a_record_tells_all_about_its_run(folder):
    made, _ = runs.records("trial", folder=folder)
    assert (made.study, made.architecture, made.seed, made.dataset) == ("trial", "simple_rnn", 0, "sample")
    assert (made.n_train, made.n_validation, made.n_test, made.epochs) == (160, 40, 200, 2)
    assert made.config["units"] == 3 and made.config["dropout"] == 0 and made.config["maxlen"] == 20
    assert made.history["val_loss"][made.best_epoch - 1] == min(made.history["val_loss"])
    assert made.parameters == 30_000 + 3 * 3 + 3 * 3 + 3 + 4
    assert made.path == "fast" and made.versions["keras"] and made.processor and made.commit == files.commit()


def test_a_case_gives_its_run_back():
    run = tiny(seed=3, shuffled=True)
    assert Run("trial", **json.loads(json.dumps(run.case))).case == run.case and "shuffled=True" in run.name


def test_test_accuracy_belongs_to_the_best_epoch(monkeypatch):
    """With validation losses that rise after the first epoch, the weights of the first epoch are the ones tested."""
    real, losses, weights, tested = training.predict, iter([0.3, 0.5]), [], []

    def evaluate(model, reviews, **options):
        weights.append(model.get_weights())
        return next(losses), 0.5

    def predict(model, reviews, **options):
        tested.append(model.get_weights())
        return real(model, reviews, **options)

    monkeypatch.setattr(training, "evaluate", evaluate)
    monkeypatch.setattr(training, "predict", predict)
    assert tiny().measure().best_epoch == 1
    last, best = tested
    assert all((a == b).all() for a, b in zip(best, weights[0]))
    assert all((a == b).all() for a, b in zip(last, weights[1])) and not (best[0] == last[0]).all()


TRIAL = """
from ..run import Run
from ..study import Picture
from ..training import study

def runs():
    return [Run("trial", "dropout", dataset="sample", reviews=300, maxlen=20, epochs=EPOCHS, settings={"units": 3})]

STUDY = study(__name__, "?", 1, runs, Picture("test_accuracy"), backend="jax")
"""


@pytest.mark.slow
def test_a_killed_run_goes_on_as_if_nothing_had_happened(package, monkeypatch):
    monkeypatch.setenv("RNNBOOK_CACHE", str(package.root / "cache"))
    long = Run("trial", "dropout", dataset="sample", reviews=300, maxlen=20, epochs=500, settings={"units": 3})
    record = ("study", "trial", "--jobs", "1", "--folder")

    def epochs():
        checkpoint = checkpoints.Checkpoint(long)
        checkpoint.read()
        return checkpoint.epochs

    package.add("trial", TRIAL.replace("EPOCHS", "500"))
    killed = package.start(*record, package.root / "parts")
    while epochs() < 2:
        assert killed.poll() is None, killed.stderr.read()
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    time.sleep(1)  # its worker ends with it
    done = epochs()
    package.add("trial", TRIAL.replace("EPOCHS", str(done + 3)))
    assert package.run(*record, package.root / "parts")[0] == 0
    assert epochs() == 0, "the checkpoint is given up"
    assert package.run(*record, package.root / "whole")[0] == 0
    (parts,), (whole,) = (runs.records("trial", folder=package.root / name) for name in ("parts", "whole"))
    assert parts.history == whole.history and parts.epochs == done + 3 >= 5


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda row: row.pop("seed"), "it has no 'seed'"),
        (lambda row: row.update(test_accuracy=1.2), "test_accuracy"),
        (lambda row: row["history"]["loss"].append(0.1), "its curve 'loss' has 3"),
        (lambda row: row.update(best_val_accuracy=0.99), "best epoch or accuracy that its curves do not show"),
        (lambda row: row.update(note="mine"), "it has a field 'note'"),
    ],
)
def test_a_record_is_checked_against_itself(folder, change, message):
    line = json.loads(json.dumps(store.lines("trial", folder)[0]))
    change(line["rows"][0])
    with pytest.raises(RecordError, match=message):
        Record.read("trial", line)


def test_two_best_epochs_that_round_to_the_same_loss_are_fine(folder):
    line = json.loads(json.dumps(store.lines("trial", folder)[0]))
    line["rows"][0]["history"]["val_loss"] = [0.5, 0.5]
    for best in (1, 2):
        line["rows"][0]["best_epoch"] = best
        Record.read("trial", line)


def test_the_verdicts_on_the_test_reviews_are_kept(folder, monkeypatch):
    monkeypatch.setenv("RNNBOOK_CACHE", str(folder / "cache"))
    made, _ = runs.records("trial", folder=folder)
    labels = tiny().corpus().test.labels
    assert np.mean(laboratory.unpacked(made) == labels) == pytest.approx(made.test_accuracy, abs=1e-5)
    assert checkpoints.weights(tiny())[0].shape == (10_000, 3)


def test_a_run_that_cannot_be_stored_keeps_its_checkpoint(monkeypatch):
    """A full disk, or a record that is refused: the epochs are not lost, and the next start needs no training."""
    tiny().measure()
    monkeypatch.setattr(training, "fit", lambda *_, **__: pytest.fail("trained again"))
    assert tiny().measure().epochs == 2
    checkpoints.Checkpoint(tiny()).remove()
    assert checkpoints.Checkpoint(tiny()).read() is False


@pytest.mark.parametrize("fast", [True, False])
def test_a_run_that_diverges_says_so(fast):
    with pytest.raises(training.DivergedError, match="diverged: .*loss is .* after epoch 1. Lower the learning rate"):
        tiny(settings=TINY | {"learning_rate": 1e30}, fast=fast).measure()


def test_a_run_on_shuffled_reviews_sees_the_same_order_again():
    run = tiny(shuffled=True)
    for part in ("train", "test"):
        ordered, once, again = (getattr(r.corpus(), part) for r in (tiny(), run, run))
        assert (once.tokens == again.tokens).all() and (once.labels == ordered.labels).all()
        assert once.tokens[: 10**4].tolist() != ordered.tokens[: 10**4].tolist()


@pytest.mark.parametrize(
    "given, message",
    [
        (("nope",), "There is no study 'nope': there are .*usual"),
        (("pulls",), "The study pulls has no training runs: read it with laboratory.frame"),
        (("tuned", "nope"), "Unknown architecture 'nope': use one of simple_rnn"),
    ],
)
def test_a_wrong_name_is_told_and_no_empty_frame_given(given, message):
    with pytest.raises(CourseError, match=message):
        laboratory.load(*given)


def test_load_gives_a_row_a_run_or_a_row_an_epoch(folder):
    a_run = laboratory.load("trial", "simple_rnn", folder=folder)
    assert a_run["seed"].tolist() == [0, 1] and {"units", "test_accuracy", "path"} <= set(a_run)
    an_epoch = laboratory.load("trial", per="epoch", folder=folder)
    curves = {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert an_epoch["epoch"].tolist() == [1, 2, 1, 2] and curves <= set(an_epoch)
    assert laboratory.load("trial", "lstm", folder=folder).empty
    with pytest.raises(RecordError, match='use "run" or "epoch"'):
        laboratory.load("trial", per="batch", folder=folder)


def copies(epochs):
    """How many runs of a frame of epochs begin like another one: equal curves over three epochs, whatever they are called."""
    settings = [name for name in epochs if name not in ("loss", "accuracy", "val_loss", "val_accuracy", "epoch")]
    begins = epochs[epochs.epoch <= 3].groupby(settings, dropna=False)
    return int(begins[["loss", "val_loss"]].agg(tuple).apply(tuple, axis=1).duplicated().sum())


def joined(*studies, **choice):
    return pd.concat([laboratory.load(name, **choice) for name in studies])


def test_studies_hold_copies_of_a_run_and_together_drops_them():
    assert copies(joined("comparison", "maxlen", per="epoch")) >= 2  # LSTM, seeds 1 and 2
    assert copies(laboratory.together(*OF_RUNS, per="epoch")) == 0
    same = [
        "architecture",
        "seed",
        "backend",
        "maxlen",
        "learning_rate",
    ]  # also where another processor trained it again
    assert joined("comparison", "maxlen").duplicated(same).sum() > 2
    pooled = laboratory.together("comparison", "maxlen", "rates")
    assert not pooled.duplicated(same).any()
    counted = Counter(pooled[(pooled.maxlen == 500) & (pooled.learning_rate == 0.001)].study)
    assert counted["comparison"] == len(laboratory.load("comparison"))  # the first study is kept


@pytest.mark.parametrize("name", OF_RUNS)
def test_no_study_holds_a_run_twice(name):
    made = runs.records(name)
    assert len({runs.identity(record) for record in made}) == len(made)


def test_no_claim_counts_a_run_twice():
    same = ["architecture", "seed", "backend", "path", "library", "lowest_val_loss"]
    for claim in entries():
        sides = [side for name in ("first", "against") if isinstance(side := claim.side(name), dict)]
        frames = [data.sample(side) for side in sides if study.get(side["study"]).runs and "value" in side]
        for frame in frames if claim.pair else [pd.concat(frames)] if frames else []:
            assert not frame.duplicated(same).any(), claim.id


def frame():
    rows = [("a", 0, 0.8), ("a", 1, 0.82), ("a", 2, 0.84), ("b", 0, 0.9), ("b", 1, 0.94), ("c", 0, 0.5)]
    return pd.DataFrame(rows, columns=["architecture", "seed", "test_accuracy"])


def test_summarize_gives_mean_spread_and_interval():
    table = laboratory.summarize(frame(), "test_accuracy", "architecture")
    a = table.loc["a"]
    assert (a["mean"], a["std"], a["n"]) == (pytest.approx(0.82), pytest.approx(0.02), 3)
    assert a["high"] - a["mean"] == pytest.approx(4.3027 * 0.02 / 3**0.5, rel=1e-4)  # t with 2 degrees of freedom
    assert table.loc["c", "n"] == 1 and np.isnan(table.loc["c", "high"])


def test_the_rank_test_counts_the_orders():
    below, above = np.arange(10.0), np.arange(10.0) + 20
    assert laboratory.rank_test(below, above) == pytest.approx(2 / 184_756)  # two of all orders separate the lists
    far_off = np.append(below[1:], -1_000.0)  # one number far off: still one place
    assert laboratory.rank_test(above, far_off) == pytest.approx(2 / 184_756)
    assert laboratory.rank_test([1, 2, 3], [4, 5, 6]) == pytest.approx(0.1)
    assert laboratory.rank_test([1, 2, 3, 3], [1, 2, 3, 3]) == pytest.approx(1)
    with pytest.raises(RecordError, match="two lists"):
        laboratory.rank_test([0.87], [0.86, 0.85])


def test_a_process_alone_may_use_every_core(monkeypatch):
    for name in environment.ONE_OF_SEVERAL:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    environment.prepare(alone=True)
    assert not set(environment.ONE_OF_SEVERAL) & set(os.environ)
    environment.prepare()
    assert set(environment.ONE_OF_SEVERAL) <= set(os.environ)
