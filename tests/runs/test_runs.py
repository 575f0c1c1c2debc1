"""Records: made, resumed, checked, read, compared."""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rnnbook import __main__ as command
from rnnbook import files, reviews, runs
from rnnbook.errors import CourseError
from rnnbook.networks import training
from rnnbook.runs import Run, run, store, studies

TINY = {"units": 3, "embedding": 3, "mask_zero": True}


def tiny(**choices):
    return Run(
        "trial",
        "simple_rnn",
        **{"dataset": "sample", "reviews": 200, "maxlen": 20, "epochs": 2, "settings": TINY} | choices,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with two recorded runs."""
    folder = tmp_path_factory.mktemp("recorded")
    for seed in (0, 1):
        tiny(seed=seed).record(folder)
    return folder


def test_a_record_tells_all_about_its_run(folder):
    made = store.read(store.path(tiny(), folder))
    assert (made.study, made.architecture, made.seed, made.dataset) == ("trial", "simple_rnn", 0, "sample")
    assert (made.n_train, made.n_validation, made.n_test, made.epochs) == (160, 40, 200, 2)
    assert made.config["units"] == 3 and made.config["dropout"] == 0 and made.config["maxlen"] == 20
    assert made.history["val_loss"][made.best_epoch - 1] == min(made.history["val_loss"])
    assert made.parameters == 30_000 + 3 * 3 + 3 * 3 + 3 + 4
    assert made.path == "fast" and made.versions["keras"] and made.processor and made.commit == files.commit()


def test_test_accuracy_belongs_to_the_best_epoch(tmp_path, monkeypatch):
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
    made = store.read(tiny().record(tmp_path))
    assert made.best_epoch == 1
    last, best = tested
    assert all((a == b).all() for a, b in zip(best, weights[0]))
    assert all((a == b).all() for a, b in zip(last, weights[1])) and not (best[0] == last[0]).all()


def test_a_run_splits_its_reviews_once(tmp_path, monkeypatch):
    """What its record says of the sizes is then what it trained on and validated on."""
    real, made = reviews.Reviews.split, []
    monkeypatch.setattr(reviews.Reviews, "split", lambda *given: made.append(real(*given)) or made[-1])
    record = store.read(tiny().record(tmp_path))
    ((train, validation),) = made
    assert (record.n_train, record.n_validation) == (len(train), len(validation))


def test_what_is_recorded_is_not_trained_again(folder, monkeypatch):
    monkeypatch.setattr(training, "fit", lambda *_, **__: pytest.fail("trained again"))
    before = store.path(tiny(), folder).stat().st_mtime_ns
    assert tiny().record(folder).stat().st_mtime_ns == before


def recording(folder, epochs=6, *more):
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "rnnbook",
            "record",
            "dropout",
            "--backend",
            "jax",
            "--dataset",
            "sample",
            "--reviews",
            "300",
            "--maxlen",
            "20",
            "--epochs",
            str(epochs),
            "--folder",
            folder,
            "--set",
            "units=3",
            *more,
        ],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("path", [[], pytest.param(["--textbook"], marks=pytest.mark.nightly)])
def test_a_killed_run_goes_on_as_if_nothing_had_happened(tmp_path, path):
    run = Run(
        "own", "dropout", dataset="sample", reviews=300, maxlen=20, epochs=6, fast=not path, settings={"units": 3}
    )
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    uninterrupted = recording(whole, 6, *path)
    killed = recording(parts, 200, *path)  # long enough to be in the middle
    long = dataclasses.replace(run, epochs=200)
    while not store.epochs_done(long, parts) >= 2:
        assert killed.poll() is None, killed.stdout.read()
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    done = store.epochs_done(long, parts)
    assert 2 <= done < 200
    epochs = done + 3
    resumed = recording(parts, epochs, *path)
    said, _ = resumed.communicate()
    assert resumed.returncode == 0 and f"after epoch {done}" in said, said
    uninterrupted.communicate()
    a = store.read(store.path(run, whole)).history
    b = store.read(store.path(run, parts)).history
    assert len(b["loss"]) == epochs
    n = min(6, epochs)
    assert {name: curve[:n] for name, curve in a.items()} == {name: curve[:n] for name, curve in b.items()}


@pytest.mark.slow
def test_two_processes_may_record_the_same_run_at_once(tmp_path):
    both = [recording(tmp_path, 2), recording(tmp_path, 2)]
    assert [process.communicate() and process.returncode for process in both] == [0, 0]
    (made,) = runs.records(folder=tmp_path)
    assert made.epochs == 2 and not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda made: made.pop("seed"), "it has no 'seed'"),
        (lambda made: made.update(test_accuracy=1.2), "test_accuracy"),
        (lambda made: made["history"]["loss"].append(0.1), "its curve 'loss' has 3"),
        (lambda made: made.update(best_val_accuracy=0.99), "best epoch or accuracy that its curves do not show"),
        (lambda made: made.update(note="mine"), "it has a field 'note'"),
    ],
)
def test_an_edited_record_is_refused_in_one_sentence(folder, tmp_path, change, message):
    made = json.loads(store.path(tiny(), folder).read_text())
    change(made)
    target = tmp_path / "trial" / "edited.json"
    target.parent.mkdir()
    target.write_text(json.dumps(made))
    with pytest.raises(runs.RecordError, match="record the run again") as caught:
        runs.load(folder=tmp_path)
    assert message in str(caught.value) and "edited.json" in str(caught.value)


def test_two_best_epochs_that_round_to_the_same_loss_are_fine(folder):
    made = json.loads(store.path(tiny(), folder).read_text())
    made["history"]["val_loss"] = [0.5, 0.5]
    for best in (1, 2):
        runs.Record.read(made | {"best_epoch": best})
    with pytest.raises(runs.RecordError, match="best epoch"):
        runs.Record.read(made | {"best_epoch": 3})


def test_the_verdicts_on_the_test_reviews_are_kept(folder):
    made = store.read(store.path(tiny(), folder))
    labels = tiny().corpus().test.labels
    assert np.mean(runs.unpacked(made) == labels) == pytest.approx(made.test_accuracy, abs=1e-5)
    assert store.weights(tiny(), folder)[0].shape == (10_000, 3)


@pytest.mark.parametrize("failing", ["check", "write"])
def test_a_run_that_cannot_be_stored_keeps_its_checkpoint(tmp_path, monkeypatch, failing):
    """A full disk, or a record that is refused: the epochs are not lost, and the next start needs no training."""
    with monkeypatch.context() as patch:
        if failing == "check":
            patch.setattr(runs.run, "packed", lambda verdicts: "not base64!")
        else:
            patch.setattr(store, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises((runs.RecordError, OSError)):
            tiny().record(tmp_path)
    assert store.epochs_done(tiny(), tmp_path) == 2 and not list(tmp_path.glob("trial/*.json"))
    monkeypatch.setattr(training, "fit", lambda *_, **__: pytest.fail("trained again"))
    assert store.read(tiny().record(tmp_path)).epochs == 2
    assert store.Checkpoint(tiny(), tmp_path).read() is False


@pytest.mark.parametrize("fast", [True, False])
def test_a_run_that_diverges_says_so(tmp_path, fast):
    with pytest.raises(training.DivergedError, match="diverged: .*loss is .* after epoch 1. Lower the learning rate"):
        tiny(settings=TINY | {"learning_rate": 1e30}, fast=fast).record(tmp_path)
    assert not list(tmp_path.rglob("*.json"))


def test_the_walk_of_a_run_returns_to_few_modules_that_it_left(tmp_path):
    """Modules of the package in the order in which `Run` enters them; a return is one that was left before."""
    walk, known, home = [], set(), Path(runs.__file__).parents[1]

    def entered(frame, event, argument):
        if event != "call" or frame.f_back.f_code.co_filename != run.__file__:
            return  # as most: nothing is asked of these that takes time
        code, here = frame.f_code, Path(frame.f_code.co_filename)
        if home in here.parents and here != Path(run.__file__) and code not in known:
            known.add(code)
            walk.append(here.relative_to(home).as_posix())

    trial = tiny(reviews=None, epochs=1)
    sys.setprofile(entered)
    try:
        trial.record(tmp_path)
    finally:
        sys.setprofile(None)
    stays = [module for module, before in zip(walk, [None, *walk], strict=False) if module != before]
    assert {"runs/store.py", "networks/training.py", "runs/record.py"} <= set(stays)
    assert len(stays) - len(set(stays)) <= 3, stays


def test_a_run_on_shuffled_reviews_says_so_and_sees_the_same_order_again():
    run = tiny(shuffled=True)
    assert "shuffled=True" in run.name and run.config()["shuffled"] is True
    for part in ("train", "test"):
        ordered, once, again = (getattr(r.corpus(), part) for r in (tiny(), run, run))
        assert (once.tokens == again.tokens).all() and (once.labels == ordered.labels).all()
        assert once.tokens[: 10**4].tolist() != ordered.tokens[: 10**4].tolist()


def test_a_corpus_cut_short_still_knows_its_words():
    assert len(tiny().corpus().word_index) > 100


def test_half_a_file_is_refused(tmp_path):
    (tmp_path / "broken.json").write_text('{"study": ')
    with pytest.raises(runs.RecordError, match="is not a valid record"):
        store.read(tmp_path / "broken.json")


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"study": "nope"}, "There is no study 'nope': there are comparison, .*, usual.$"),
        ({"architecture": "nope"}, "Unknown architecture 'nope': use one of simple_rnn"),
        ({"folder": "/tmp/nope"}, "There is no folder /tmp/nope."),
    ],
)
def test_a_wrong_name_is_told_and_no_empty_frame_given(capsys, wrong, message):
    for ask in (runs.load, runs.records):
        with pytest.raises(CourseError, match=message):
            ask(**wrong)
    ((option, value),) = wrong.items()
    assert command.main(["runs", f"--{option}", value]) == 1
    assert re.match(f"rnnbook: {message}", capsys.readouterr().err)


def test_a_study_of_the_course_may_have_no_runs_yet(monkeypatch):
    """What is written beside a claim before its runs are done shows nothing, and no error."""
    monkeypatch.setitem(studies.STUDIES, "to_come", list)
    assert runs.load("to_come").empty


def test_wrong_names_are_told_before_keras_is_imported(tmp_path):
    code = "import sys; from rnnbook.__main__ import main; main(sys.argv[1:]); print('keras' in sys.modules)"
    for words, said in (
        (["record", "nope"], "Unknown architecture 'nope'"),
        (["record", "lstm", "--set", "unit=3"], "lstm has no setting unit: use cell, units"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", code, *words, "--folder", tmp_path], capture_output=True, text=True
        )
        assert done.stdout == "False\n" and done.stderr.startswith(f"rnnbook: {said}")


@pytest.mark.slow
def test_the_log_of_tensorflow_is_not_the_first_that_record_says(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "rnnbook", "record", "simple_rnn", "--dataset", "sample", "--reviews", "1"]
        + ["--backend", "tensorflow", "--folder", tmp_path],
        capture_output=True,
        text=True,
    )
    assert re.fullmatch("rnnbook: .* cannot be split.*\n", done.stderr)


def test_what_ships_is_valid_and_small():
    assert len(runs.load()) > 0
    assert sum(path.stat().st_size for path in runs.RECORDED.rglob("*.json")) < 6e6


def test_load_gives_a_row_a_run_or_a_row_an_epoch(folder):
    a_run = runs.load("trial", "simple_rnn", folder=folder)
    assert a_run["seed"].tolist() == [0, 1] and {"units", "test_accuracy", "path"} <= set(a_run)
    an_epoch = runs.load("trial", per="epoch", folder=folder)
    assert an_epoch["epoch"].tolist() == [1, 2, 1, 2] and {"loss", "accuracy", "val_loss", "val_accuracy"} <= set(
        an_epoch
    )
    assert runs.load("trial", "lstm", folder=folder).empty
    with pytest.raises(runs.RecordError, match='use "run" or "epoch"'):
        runs.load(per="batch", folder=folder)


def frame():
    return pd.DataFrame(
        {
            "architecture": ["a", "a", "a", "b", "b", "c"],
            "seed": [0, 1, 2, 0, 1, 0],
            "test_accuracy": [0.8, 0.82, 0.84, 0.9, 0.94, 0.5],
        }
    )


def test_summarize_gives_mean_spread_and_interval():
    table = runs.summarize(frame(), "test_accuracy", "architecture")
    a = table.loc["a"]
    assert (a["mean"], a["std"], a["n"]) == (pytest.approx(0.82), pytest.approx(0.02), 3)
    assert a["high"] - a["mean"] == pytest.approx(4.3027 * 0.02 / 3**0.5, rel=1e-4)  # t with 2 degrees of freedom
    assert table.loc["c", "n"] == 1 and np.isnan(table.loc["c", "high"])


def test_the_rank_test_counts_the_orders():
    below, above = np.arange(10.0), np.arange(10.0) + 20
    assert runs.rank_test(below, above) == pytest.approx(2 / 184_756)  # two of all orders separate the lists
    far_off = np.append(below[1:], -1_000.0)  # one number far off: still one place
    assert runs.rank_test(above, far_off) == pytest.approx(2 / 184_756)
    assert runs.rank_test([1, 2, 3], [4, 5, 6]) == pytest.approx(0.1)
    assert runs.rank_test([1, 4], [2, 3]) == pytest.approx(1)


def test_the_rank_test_bears_equal_numbers_and_asks_for_two_lists():
    assert runs.rank_test([1, 2, 3, 3], [1, 2, 3, 3]) == pytest.approx(1)
    assert runs.rank_test(np.zeros(5), np.ones(5)) < 0.05
    with pytest.raises(runs.RecordError, match="two lists"):
        runs.rank_test([0.87], [0.86, 0.85])


def test_the_command_lists_runs(folder, capsys):
    assert command.main(["runs", "--folder", str(folder), "--json"]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert {
        "study",
        "architecture",
        "config",
        "seed",
        "dataset",
        "data_sha256",
        "n_train",
        "epochs",
        "best_epoch",
        "best_val_accuracy",
        "test_accuracy",
        "last_test_accuracy",
        "parameters",
        "seconds_per_epoch",
        "path",
        "versions",
    } <= set(first)
    assert command.main(["runs", "--folder", str(folder)]) == 0
    assert "best_val_accuracy" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["record", "transformer", "--dataset", "sample"], "Unknown architecture 'transformer'"),
        (["record", "simple_rnn", "--dataset", "sample", "--set", "units"], "is not NAME=VALUE"),
        (["record", "simple_rnn", "--dataset", "sample", "--set", "unit=3"], "has no setting unit"),
        (["record", "simple_rnn", "--dataset", "sample", "--epochs", "0"], "epochs must be at least 1, not 0"),
        (["record", "simple_rnn", "--dataset", "sample", "--reviews", "1"], "cannot be split"),
        (["record", "lstm", "--dataset", "sample", "--set", "learning_rate=-1"], "learning_rate is -1: it must be"),
        (["study", "everything"], "Unknown study 'everything'"),
        (["study", "masks", "--engine", "dask"], "--scheduler tcp://HOST:PORT"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path, capsys, arguments, message):
    assert command.main([*arguments, "--folder", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert message in error and "Traceback" not in error and not list(tmp_path.rglob("*.json"))
