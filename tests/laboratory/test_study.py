"""The runner of all studies: killed, stopped, failing, refused, nothing lost and nothing twice."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from rnnbook.laboratory import RecordError, store, study, training
from rnnbook.laboratory.studies import rates, tuned

TRIAL = """
import os, time
from pathlib import Path
from ..study import Picture, Study

def measure(case):
    with open("measured", "a") as told:
        told.write(f"{case['seed']}\\n")
    if case["seed"] == int(os.environ.get("STOP_AT", -1)) and not Path("waiting").exists():
        Path("waiting").write_text(str(os.getpid()))
        time.sleep(600)
    if case["seed"] == int(os.environ.get("FAIL_AT", -1)):
        raise ValueError("no luck")
    return {"value": case["seed"] ** 2}

def cases(rows):
    first = [{"seed": seed} for seed in range(4)]
    return first + ([{"seed": 10 + max(row["value"] for row in rows[:4])}] if len(rows) >= 4 else [])

STUDY = Study("Does it run?", 1, cases, measure, Picture("value", by="seed"), settings={"size": SIZE})
"""


def values(package):
    return [row["value"] for row in store.rows("trial", package.folder)]


def recording(package, *more):
    return "study", "trial", "--jobs", "1", "--folder", package.folder, *more


def test_a_study_is_listed_and_recorded_once_and_its_later_cases_follow_from_the_first(package):
    package.add("trial", TRIAL.replace("SIZE", "1"))
    assert "Does it run?" in package.run("study")[1]
    status, said, complaint = package.run(*recording(package))
    assert status == 0, said + complaint
    assert "trial: 5 cases recorded, 0 missing." in said and "min left" in said
    assert values(package) == [0, 1, 4, 9, 19**2]
    made = store.lines("trial", package.folder)[0]["made"]
    assert {"processor", "versions", "commit", "settings", "seconds"} <= set(made)
    before = store.path("trial", package.folder).read_bytes()
    assert package.run(*recording(package))[0] == 0
    assert store.path("trial", package.folder).read_bytes() == before
    assert len((package.root / "measured").read_text().split()) == 5


def waiting(package, recorder):
    """The process that stands still in the middle of a case, once it does."""
    place = package.root / "waiting"
    while not (place.exists() and place.read_text()):
        assert recorder.poll() is None, recorder.stderr.read()
        time.sleep(0.05)
    return int(place.read_text())


@pytest.mark.parametrize(
    "how, status", [(signal.SIGKILL, -9), pytest.param(signal.SIGINT, 130, marks=pytest.mark.nightly)]
)
def test_a_recorder_that_is_stopped_goes_on_where_it_was(package, monkeypatch, how, status):
    package.add("trial", TRIAL.replace("SIZE", "1"))
    monkeypatch.setenv("STOP_AT", "2")
    recorder = package.start(*recording(package))
    worker = waiting(package, recorder)
    if how == signal.SIGINT:
        os.kill(worker, how)  # a terminal's Ctrl-C reaches all processes of the group
    recorder.send_signal(how)
    said = recorder.communicate()
    assert recorder.returncode == status and values(package)[:2] == [0, 1] and 4 not in values(package), said
    monkeypatch.delenv("STOP_AT")
    assert package.run(*recording(package))[0] == 0
    assert sorted(values(package)) == [0, 1, 4, 9, 19**2]
    assert sorted((package.root / "measured").read_text().split()) == sorted(["0", "1", "2", "2", "3", "19"])


def test_a_case_that_fails_is_told_and_does_not_stop_the_others(package, monkeypatch):
    package.add("trial", TRIAL.replace("SIZE", "1"))
    monkeypatch.setenv("FAIL_AT", "1")
    status, said, _ = package.run(*recording(package))
    assert status == 1 and "FAILED seed 1: ValueError: no luck" in said and values(package) == [0, 4, 9]


def test_other_settings_are_refused_and_nothing_is_changed(package):
    package.add("trial", TRIAL.replace("SIZE", "1"))
    package.run(*recording(package, "--limit", "2"))
    assert values(package) == [0, 1]
    package.add("trial", TRIAL.replace("SIZE", "2"))
    status, _, complaint = package.run(*recording(package))
    assert status == 1 and 'trial was recorded with another choice of settings ({"size": 1})' in complaint
    assert values(package) == [0, 1]


def test_another_processor_and_other_data_are_refused(tmp_path, monkeypatch):
    store.write("pulls", store.lines("pulls")[:3], tmp_path)
    for key, said in (("processor", "another processor"), ("data_sha256", "another collection of data")):
        same = store.lines("pulls")[0]["made"] | {key: "other"}
        monkeypatch.setattr(study, "conditions", lambda name, same=same: same)
        with pytest.raises(RecordError, match=f"pulls was recorded with {said}"):
            study.run("pulls", tmp_path)


def test_a_full_disk_loses_no_line(tmp_path, monkeypatch):
    store.add("trial", {"case": {"seed": 0}, "rows": [{"value": 1}], "made": {}}, tmp_path)

    def full(path, write):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.files, "replace", full)
    with pytest.raises(OSError):
        store.add("trial", {"case": {"seed": 1}, "rows": [{"value": 2}], "made": {}}, tmp_path)
    assert store.rows("trial", tmp_path) == [{"seed": 0, "value": 1}]


def test_lines_added_by_several_processes_at_once_are_all_there(tmp_path):
    code = (
        "import sys; from rnnbook.laboratory import store\n"
        "for k in range(20): store.add('trial', {'case': {'seed': [int(sys.argv[1]), k]}, 'rows': [{}], 'made': {}}, sys.argv[2])"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(number), tmp_path]) for number in range(2)]
    assert [process.wait() for process in both] == [0, 0] and len(store.lines("trial", tmp_path)) == 40


@pytest.mark.parametrize("name", study.names())
def test_a_study_is_whole_and_a_changed_record_is_found(name, tmp_path):
    assert study.missing(name) == []
    texts = store.path(name).read_text("utf-8").splitlines()
    spoiled = json.loads(texts[-1])
    spoiled["rows"][-1] |= {"spoiled": 1}
    store.path(name, tmp_path).write_text("\n".join([*texts[:-1], json.dumps(spoiled)]))
    with pytest.raises(RecordError, match=f"Line {len(texts)} of .*{name}.jsonl is damaged or was changed by hand"):
        store.lines(name, tmp_path)


def test_what_ships_is_small():
    assert sum(path.stat().st_size for path in store.RECORDED.iterdir()) < 6e6


def test_wrong_names_are_told_before_keras_is_imported(package):
    for words, said in (
        (["study", "nope"], "There is no study 'nope': there are "),
        (["study", "tuned", "--only", "lstm"], "--only lstm is not KEY=VALUE"),
        (["study", "source_keras2"], "source_keras2 is recorded by a program of its own: python bench/witness.py"),
    ):
        status, _, complaint = package.run(*words, "--folder", package.folder)
        assert status == 1 and complaint.startswith(f"rnnbook: {said}")


@pytest.mark.nightly
def test_dask_finishes_a_study_though_a_worker_dies(package, monkeypatch):

    package.add("trial", TRIAL.replace("SIZE", "1"))
    monkeypatch.setenv("STOP_AT", "2")
    place = package.root / "scheduler.json"
    processes = [package.start("scheduler", "--scheduler-file", place, "--no-dashboard", "--port", "0", module="dask")]
    processes += [
        package.start("worker", "--scheduler-file", place, "--nthreads", "1", "--no-nanny", module="dask")
        for _ in range(2)
    ]
    try:
        while not place.exists():
            time.sleep(0.05)
        address = json.loads(place.read_text())["address"]
        recorder = package.start(*recording(package, "--scheduler", address))
        os.kill(waiting(package, recorder), signal.SIGKILL)
        said = recorder.communicate()
    finally:
        for process in processes:
            process.kill()
    assert sorted(values(package)) == [0, 1, 4, 9, 19**2], said


def test_the_rate_of_an_architecture_is_chosen_on_validation_and_only_among_recorded_runs(tmp_path, monkeypatch):
    assert rates.chosen_rate("dense", tmp_path) is None
    best, made = {3e-4: 0.91, 1e-3: 0.90, 3e-3: 0.92}, []
    for line in json.loads(json.dumps(store.lines("rates"))):
        (row,) = line["rows"]
        curve, accuracy = row["history"]["val_accuracy"], best[row["config"]["learning_rate"]]
        curve[:] = [0.1] * (len(curve) - 1) + [accuracy]
        row |= {"best_val_accuracy": accuracy, "test_accuracy": 1 - accuracy}  # the test reviews would choose otherwise
        made.append(line)
    store.write("rates", [line for line in made if line["case"]["architecture"] == "dense"], tmp_path)
    assert rates.chosen_rate("dense", tmp_path) == 3e-3
    monkeypatch.setattr(tuned, "chosen_rate", lambda name: 3e-3 if name == "dense" else None)
    assert len(tuned.runs()) == 10 and {run.settings["learning_rate"] for run in tuned.runs()} == {3e-3}


def test_a_longer_run_holds_a_shorter_one(tmp_path):
    line = store.lines("comparison")[0]
    store.write("comparison", [line], tmp_path)
    assert line["case"] not in study.missing("comparison", tmp_path)
    shorter = json.loads(json.dumps(line))
    shorter["case"]["epochs"] -= 1
    store.write("comparison", [shorter], tmp_path)
    assert line["case"] in study.missing("comparison", tmp_path)
    assert training.load("comparison", folder=tmp_path / "nothing").empty
