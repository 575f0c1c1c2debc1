"""Studies recorded by several processes and on a Dask cluster: failures, kills, nothing twice."""

import dataclasses
import functools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from rnnbook import __main__ as command
from rnnbook import runs, workers
from rnnbook.runs import Run, commands, environment, store, studies


def tiny(seed, **choices):
    return Run(
        "trial",
        "simple_rnn",
        **{
            "seed": seed,
            "dataset": "sample",
            "reviews": 100,
            "maxlen": 10,
            "epochs": 2,
            "settings": {"units": 2, "embedding": 2},
        }
        | choices,
    )


def recording(folder):
    return functools.partial(commands._record, folder)


def test_the_studies_hold_what_the_course_claims():
    comparison = studies.comparison()
    assert sum(c.architecture in ("simple_rnn", "dropout") and c.epochs == 100 for c in comparison) == 10
    assert {c.architecture for c in comparison} >= {
        "dense",
        "conv",
        "stacked",
        "bidirectional",
        "lstm",
        "gru",
        "bidirectional_lstm",
    }
    grid = {dataclasses.replace(run, seed=0).name for run in studies.hyperparameters()}
    assert len(grid) >= 60
    for study in studies.STUDIES.values():
        names = [store.path(run) for run in study()]
        assert len(names) == len(set(names))  # no two runs write the same file


def test_a_failed_run_is_reported_and_does_not_stop_the_others(tmp_path):
    configs = [tiny(0, settings={"depth": 9}), tiny(1)]
    heard = []
    start = functools.partial(workers.processes, 1)
    failed = workers.work_off(recording(tmp_path), configs, start, lambda *said: heard.append(said))
    assert [(config.settings, error) for config, error in failed] == [
        ({"depth": 9}, "depth must be between 1 and 4, not 9.")
    ]
    assert [made.seed for made in runs.records(folder=tmp_path)] == [1]
    assert [error for item, error in heard if item is not None].count(None) == 1


def stuck_once(folder, run):
    """In a worker: record a run; whoever comes first to its second epoch leaves a file and waits there to be killed."""
    import keras

    class Wait(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1 and not (folder / "stuck").exists():
                (folder / "stuck").write_text(str(os.getpid()))
                time.sleep(600)

    environment.prepare()
    run.record(folder, callbacks=[Wait()], say=lambda text: None)


def kill_the_stuck(folder):
    """Start a thread that kills the worker that waits."""
    place = folder / "stuck"
    ready = lambda: place.exists() and place.read_text()
    killer = threading.Thread(target=kill_when, args=(ready, lambda: int(place.read_text())), daemon=True)
    killer.start()
    return killer


@pytest.mark.nightly  # tests/house/test_workers.py has a process killed at other work
@pytest.mark.slow
def test_a_killed_process_is_replaced(tmp_path):
    pools = []
    configs = [tiny(0), tiny(1)]

    def start():
        pools.append(workers.processes(1))
        return pools[-1]

    killer = kill_the_stuck(tmp_path)
    work = functools.partial(stuck_once, tmp_path)
    assert workers.work_off(work, configs, start) == []
    killer.join()
    assert len(pools) == 2 and [(made.seed, made.epochs) for made in runs.records(folder=tmp_path)] == [(0, 2), (1, 2)]


@pytest.mark.slow
def test_no_worker_outlives_a_killed_study(tmp_path):
    script = (
        "import sys; from rnnbook import __main__ as command\nfrom rnnbook.runs import studies\n"
        "import test_study; studies.STUDIES['trial'] = lambda: [test_study.tiny(0, epochs=10_000)]\n"
        "command.main(['study', 'trial', '--workers', '1', '--folder', sys.argv[1]])"
    )
    study = subprocess.Popen(
        [sys.executable, "-c", script, tmp_path],
        cwd=Path(__file__).parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    config = tiny(0, epochs=10_000)
    kill_when(lambda: store.epochs_done(config, tmp_path) > 0, lambda: study.pid)
    study.wait()
    time.sleep(2)
    done = store.epochs_done(config, tmp_path)
    time.sleep(1)
    assert store.epochs_done(config, tmp_path) == done


def kill_when(ready, pid):
    while not ready():
        time.sleep(0.02)
    os.kill(pid(), signal.SIGKILL)


def test_a_process_alone_may_use_every_core(monkeypatch):
    for name in environment.ONE_OF_SEVERAL:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    environment.prepare(alone=True)
    assert not set(environment.ONE_OF_SEVERAL) & set(os.environ)
    environment.prepare()
    assert set(environment.ONE_OF_SEVERAL) <= set(os.environ)


@pytest.mark.nightly
def test_dask_finishes_a_study_though_a_worker_dies(tmp_path):
    from distributed import LocalCluster

    environment.prepare()
    configs = [tiny(seed) for seed in range(4)]
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        killer = kill_the_stuck(tmp_path)
        start = functools.partial(workers.dask, cluster.scheduler_address)
        assert workers.work_off(functools.partial(stuck_once, tmp_path), configs, start) == []
        killer.join()
    assert [(made.seed, made.epochs) for made in runs.records(folder=tmp_path)] == [(seed, 2) for seed in range(4)]


def test_the_study_command_does_nothing_twice(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(studies.STUDIES, "trial", lambda: [tiny(0), tiny(1)])
    arguments = ["study", "trial", "--workers", "1", "--folder", str(tmp_path)]
    assert command.main(arguments) == 0
    assert "2 runs recorded, 0 failed." in capsys.readouterr().out
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    assert command.main(arguments) == 0
    assert "2 runs, 2 recorded already." in capsys.readouterr().out
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")} and len(before) == 2


def test_an_estimate_rests_on_runs_alike_or_is_none(tmp_path, capsys):
    arguments = ["study", "comparison", "--only", "dense", "--dry-run", "--folder"]
    assert command.main([*arguments, str(tmp_path / "new")]) == 0
    said = capsys.readouterr().out
    assert "runs are missing. How long they take cannot be estimated: nothing like them is recorded." in said
    (tmp_path / "file").write_text("")
    assert command.main([*arguments, str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err.endswith("file is a file: name a folder to write the records into.\n")
    like = store.path(tiny(0), tmp_path).with_name("dense.json")
    like.parent.mkdir()
    like.write_bytes((store.RECORDED / "comparison" / "dense-s0.json").read_bytes())
    made, missing = store.read(like), [run for run in studies.comparison() if run.architecture == "dense"]
    hours = made.cpu_seconds_per_epoch * sum(run.epochs for run in missing) / 3600
    assert command.main([*arguments, str(tmp_path)]) == 0
    assert f"{len(missing)} runs are missing: about {hours:.1f} processor-hours." in capsys.readouterr().out


def test_a_scheduler_that_does_not_answer_is_named():
    with pytest.raises(workers.WorkersError, match="No Dask scheduler answers at tcp://127.0.0.1:9"):
        with workers.dask("tcp://127.0.0.1:9"):
            pass


def test_the_rate_of_an_architecture_is_chosen_on_validation_and_only_among_recorded_runs(tmp_path, monkeypatch):
    assert studies.chosen_rate("dense", tmp_path) is None
    template = json.loads((store.RECORDED / "comparison" / "dense-s0.json").read_text())
    best = {3e-4: 0.91, 1e-3: 0.90, 3e-3: 0.92}
    for run in studies.rates():
        if run.architecture != "dense":
            continue
        rate = run.settings.get("learning_rate", 1e-3)
        history = template["history"] | {"val_accuracy": [0.1] * (template["epochs"] - 1) + [best[rate]]}
        made = template | {"study": "rates", "seed": run.seed, "config": template["config"] | {"learning_rate": rate}}
        # the test reviews would choose otherwise
        made |= {"history": history, "best_val_accuracy": best[rate], "test_accuracy": 1 - best[rate]}
        target = store.path(run, tmp_path)
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(made))
    assert studies.chosen_rate("dense", tmp_path) == 3e-3
    monkeypatch.setattr(studies, "chosen_rate", lambda name: 3e-3 if name == "dense" else None)
    tuned = studies.tuned()
    assert len(tuned) == 10 and {run.settings["learning_rate"] for run in tuned} == {3e-3}
