"""What student code can reach: nothing but Python, its packages and an empty folder."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from rnnbook.assignments import box, seccomp, watch
from tests.nightly import often


@pytest.fixture(scope="module")
def inside(isolate, first):
    """Runs code in a sandbox and returns the value of its variable `found`."""
    if not isolate:
        pytest.skip("NO ISOLATION TESTED: this system has no Linux namespaces for this user")

    def run(code, **limits):
        with box.Sandbox(box.Budget(**{"seconds": 10, "memory": 2**30} | limits), isolate=True) as sandbox:
            sandbox.start()
            sandbox.give(10)
            sandbox.ask({"do": "run", "code": code, "name": "answer"})
            return sandbox.ask({"do": "get", "name": "found"})

    return run


def test_no_other_file(inside, first, tmp_path):
    (tmp_path / "other.ipynb").write_text("another student's work")
    paths = [
        str(first / "autograder.zip"),
        str(tmp_path / "other.ipynb"),
        str(box.HERE.parents[1] / "book"),
        str(box.COURSE / "networks" / "reference.py"),
        "/etc/shadow",
        "/etc/passwd",
    ]
    assert inside(f"import os\nfound = [p for p in {paths!r} if os.path.exists(p)]") == []
    # Python and its packages are there to be read, also where they lie below one of these folders.
    own = {Path(p).parts[2] for p in (sys.prefix, sys.base_prefix, box.HERE) if Path(p).parts[1] in ("tmp", "home")}
    assert set(inside("import os\nfound = sorted(os.listdir('.') + os.listdir('/tmp') + os.listdir('/home'))")) <= own


def test_refused_calls(inside):
    """Memory that no process holds, key rings and tracing: EPERM, whatever the machine."""
    numbers = seccomp.REFUSED.get(platform.machine(), (0, 0, {}))[2]
    found = inside(
        f"import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nfound = {{}}\nfor name, number in {numbers!r}.items():\n"
        "    found[name] = (libc.syscall(number, 0, 0, 0, 0, 0), ctypes.get_errno())"
    )
    assert found == dict.fromkeys(numbers, (-1, 1))


def test_a_sleeper_is_not_an_endless_loop(inside):
    with pytest.raises(box.Gone, match="waited for more than 1 s") as caught:
        with box.Sandbox(box.Budget(1), isolate=True) as sandbox:
            sandbox.start()
            sandbox.give(1)
            sandbox.ask({"do": "run", "name": "x", "code": "import time\ntime.sleep(60)"})
    assert not caught.value.again


def test_a_starved_grader_takes_nobody_for_a_sleeper(monkeypatch):
    """Hours between two looks, as on a machine with far too much to do: what does nothing while nobody asks is not idle."""
    hours, ticks = iter(range(0, 10**6, 3600)), iter([0.0, 0.0, 0.0, 0.01])
    meter = box.Meter(subprocess.Popen(["true"]), box.Budget(30), looked=0.0)
    monkeypatch.setattr(box.time, "monotonic", lambda: next(hours))
    monkeypatch.setattr(box.watch, "usage", lambda *_: watch.Usage(next(ticks), 0, False))
    meter.since, meter.seconds = 10**9, 30
    meter.look(waiting=True)
    meter.look(waiting=False)
    meter.look(waiting=True)
    meter.look(waiting=True)
    assert meter.idle == box.LOOK and meter.spent == 0.01
    meter.process.wait()


def test_the_clock_goes_by_the_load(monkeypatch):
    """What needs a minute of the clock for a second of the processor is not to blame for that."""
    now = iter([0.0, 50.0, 150.0])
    meter = box.Meter(subprocess.Popen(["true"]), box.Budget(1), seconds=1, since=0.0, looked=0.0)
    monkeypatch.setattr(box.time, "monotonic", lambda: next(now))
    monkeypatch.setattr(box.watch, "usage", lambda *_: watch.Usage(0.5, 0, True))
    monkeypatch.setattr(box.watch, "load", lambda: 5.0)
    meter.look(waiting=True)
    meter.look(waiting=True)
    with pytest.raises(box.Gone, match="not done after 100 s by the clock") as caught:
        meter.look(waiting=True)
    assert caught.value.again
    meter.process.wait()


def test_a_submission_without_time_left_is_not_the_machines_fault(isolate, monkeypatch):
    """It has marks, if only zeros, and is not put off to the next run."""
    budget = box.Budget(1, used=100)
    with box.Sandbox(budget, isolate) as sandbox:
        monkeypatch.setattr(sandbox, "_reply", lambda: sandbox.meter.look(True))
        with pytest.raises(box.Gone, match="used up its time"):
            sandbox.start()


def test_leaves_no_folder(isolate):
    """Also where the grader was killed and cannot clear up: then the sandbox gets this signal."""
    sandbox = box.Sandbox(box.Budget(10), isolate)
    sandbox.start()
    assert os.path.isdir(sandbox.root)
    sandbox.process.terminate()
    sandbox.process.wait()
    assert not os.path.exists(sandbox.root)
    sandbox.channel.close()


@pytest.mark.parametrize("who", often([[]], [[], ["user"]]), ids=["as it is started", "as an ordinary user"])
def test_all_attacks(isolate, who):
    """Network, files, processes, capabilities, kernel settings, memory and disk: isolation.py says which."""
    if not isolate or (who and os.geteuid() != 0):
        pytest.skip("NOT TESTED: this system has no namespaces, or only root can become another user")
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("isolation.py"), *who], capture_output=True, text=True
    )
    assert done.returncode == 0 and "processes left: no" in done.stdout, done.stdout + done.stderr


def test_without_namespaces_it_refuses_in_clear_words(first, tmp_path, solution):
    """On a system that has none, or here in a place where none can be made, nothing of a student runs unless it is asked for."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.ipynb").write_bytes(solution.data())
    none = 'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-all --inh-caps=-all "$0" "$@"'
    there = ["unshare", "--user", "--map-root-user", "sh", "-c", none]
    if subprocess.run([*there, "true"], capture_output=True).returncode:
        there = []  # they are missing anyway
    command = [*there, sys.executable, "-m", "rnnbook", "grade", str(first / "autograder.zip"), str(tmp_path / "in")]
    command += ["--jobs", "1", "--out", str(tmp_path / "g.csv")]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    refused = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert refused.returncode == 1 and "--no-isolation" in refused.stderr and "Traceback" not in refused.stderr
    assert not (tmp_path / "g.csv").exists()
    graded = subprocess.run([*command, "--no-isolation"], capture_output=True, text=True, env=environment)
    assert graded.returncode == 0 and "not locked away, as you asked for" in graded.stdout, graded.stderr
    assert ",16," in (tmp_path / "g.csv").read_text()
