"""What `make` says where the machine lacks something. The machine is acted: nothing is installed."""

import importlib.util
import subprocess
import tarfile
import threading
import tomllib
import urllib.error
from pathlib import Path
from types import SimpleNamespace

import pytest


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """`.ci/environment.py` for a machine without .venv where every program fails; `.commands` are those that it started."""
    spec = importlib.util.spec_from_file_location(
        "environment", Path(__file__).resolve().parents[2] / ".ci" / "environment.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.VENV, module.PYTHON, module.commands = tmp_path / ".venv", tmp_path / ".venv" / "bin" / "python", []

    def run(command, **options):
        module.commands.append([str(part) for part in command])
        if options.get("check"):
            raise subprocess.CalledProcessError(1, command)
        return SimpleNamespace(returncode=1, stdout="", stderr="it does not work")

    monkeypatch.setattr(module, "subprocess", SimpleNamespace(run=run, DEVNULL=None, PIPE=None))
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    return module


def said(call, *arguments):
    with pytest.raises(SystemExit) as stopped:
        call(*arguments)
    return str(stopped.value).strip()


@pytest.mark.parametrize("minor", [10, 14])
def test_a_python_without_tensorflow(environment, monkeypatch, minor):
    old_or_new = SimpleNamespace(
        version_info=(3, minor, 1),
        version=f"3.{minor}.1 (main)",
        exit=environment.sys.exit,
        stderr=environment.sys.stderr,
    )
    monkeypatch.setattr(environment, "sys", old_or_new)
    assert said(environment.check_machine) == (
        f"The course needs Python 3.11 to 3.13, for which TensorFlow is made; this is 3.{minor}.1. "
        "Name another: make book PYTHON=python3.12"
    )


def test_bounds_are_those_of_the_package(environment):
    bounds = tomllib.loads((environment.ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    (oldest, minor), (newest, last) = environment.OLDEST, environment.NEWEST
    assert bounds == f">={oldest}.{minor},<{newest}.{last + 1}"


NO_WHEEL = "ERROR: No matching distribution found for tensorflow<3,>=2.19"
OFFLINE = "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError'\n" + NO_WHEEL


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (NO_WHEEL, "TensorFlow is not made for this machine"),
        (OFFLINE, "Check the connection to the internet"),
        ("ERROR: [Errno 30] Read-only file system: 'x'", "pip may not write into"),
        ("ERROR: [Errno 28] No space left on device", "The disk is full"),
    ],
)
def test_pips_words_become_a_sentence(environment, words, sentence):
    assert sentence in environment.why(words)


def test_no_room_on_the_disk(environment, monkeypatch):
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda place: SimpleNamespace(free=1.25e9))
    assert said(environment.check_machine) == (
        "Only 1.2 GB are free on this disk; the packages of the course need about 5 GB. Make room, then try again."
    )


def test_an_environment_that_cannot_be_made(environment):
    sentence = said(environment.create)
    assert sentence == f"Python could not create a virtual environment in {environment.VENV}: it does not work"


def test_neither_pip_nor_network(environment, monkeypatch):
    run = environment.subprocess.run
    monkeypatch.setattr(
        environment.subprocess,
        "run",
        lambda command, **options: SimpleNamespace(returncode="--without-pip" not in command),
    )

    def unreachable(*arguments, **options):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(environment.urllib.request, "urlopen", unreachable)
    assert said(environment.create) == (
        "This Python has no pip and PyPI cannot be reached. Connect to the internet, or install python3-venv, then try again."
    )
    monkeypatch.setattr(environment.subprocess, "run", run)
    assert said(environment.install, "requirements.txt") == (
        "pip could not install the packages (its own words are above). Check the connection to the internet, "
        "then run the same command again: it goes on where it stopped."
    )


def test_an_old_pip_is_renewed_first(environment, monkeypatch):
    commands = []
    monkeypatch.setattr(
        environment.subprocess,
        "run",
        lambda command, **options: (
            commands.append([str(part) for part in command]) or SimpleNamespace(returncode=0, stderr="")
        ),
    )
    environment.install("requirements.txt")
    assert commands[0][-3:] == ["--upgrade", "pip", "setuptools"] and len(commands) == 4
    assert commands[1][-4:] == ["-r", str(environment.ROOT / "requirements.txt"), "-e", str(environment.ROOT)]
    assert "--no-deps" not in commands[1] and commands[2][-1] == "check"
    assert commands[3][1:] == ["-m", "compileall", "-q", str(environment.ROOT / "rnnbook")]


def test_packages_that_do_not_fit_together_stop_it(environment, monkeypatch):
    run = lambda command, **options: SimpleNamespace(returncode=command[-1] == "check", stderr="")
    monkeypatch.setattr(environment.subprocess, "run", run)
    assert "do not fit together" in said(environment.install, "requirements.txt")


def test_no_chromium(environment):
    assert said(environment.install_chromium) == (
        "The browser tests need Chromium. Install it (Debian and Ubuntu: sudo apt-get install chromium; macOS: brew install chromium), then try again."
    )
    assert environment.commands[-1][1:] == ["-m", "playwright", "install", "chromium"]


@pytest.mark.parametrize("requirements", ["requirements.txt", "requirements-test.txt"])
def test_pytorch_comes_without_cuda_and_only_for_tests(environment, monkeypatch, requirements):
    monkeypatch.setattr(environment, "sys", SimpleNamespace(platform="linux", stderr=None))
    monkeypatch.setattr(environment, "pip_install", lambda *what: environment.commands.append([*map(str, what)]))
    monkeypatch.setattr(environment, "pip", lambda *what: (0, ""))
    environment.install(requirements)
    asked = [number for number, command in enumerate(environment.commands) if command[-1] == "torch"]
    everything = next(number for number, command in enumerate(environment.commands) if "-e" in command)
    assert asked == ([1] if requirements == "requirements-test.txt" else [])
    assert everything == len(asked) + 1  # and goes on where it cannot be had


def test_only_missing_browsers_are_installed(environment, monkeypatch):
    """One that cannot be had, as Firefox of that name on Ubuntu, keeps none of the others away."""
    here = {"apt-get", "google-chrome", "WebKitWebDriver", "java"}
    monkeypatch.setattr(environment.shutil, "which", lambda name: name if name in here else None)
    environment.install_browsers()
    assert [command[-1] for command in environment.commands] == [
        *("update", "chromium-headless-shell"),
        *("update", "firefox-esr"),
        *("update", "xvfb"),
    ]
    here |= {"chromium-headless-shell", "firefox", "Xvfb"}
    environment.commands.clear()
    environment.install_browsers()
    environment.install_chromium()
    assert environment.commands == []


def test_debians_packages_come_while_pip_works(environment, monkeypatch):
    """And nothing is ready before they are there."""
    done, apt_is_at_work, pip_has_ended = [], threading.Event(), threading.Event()

    def pip(requirements):
        assert apt_is_at_work.wait(10)
        pip_has_ended.set()

    def apt():
        apt_is_at_work.set()
        assert pip_has_ended.wait(10)
        done.append("apt")

    for name in ("check_machine", "create", "install_python_for_pages", "install_minifier", "install_tools"):
        monkeypatch.setattr(environment, name, lambda: None)
    monkeypatch.setattr(environment, "install", pip)
    monkeypatch.setattr(environment, "install_browsers", apt)
    monkeypatch.setattr(environment, "install_chromium", lambda: done.append("chromium"))
    environment.BIN = environment.VENV / "bin"
    environment.BIN.mkdir(parents=True)
    environment.prepare("test")
    assert done == ["apt", "chromium"]
    assert sorted(path.name for path in environment.BIN.iterdir()) == [".book-ready", ".test-ready"]


def test_no_tools_for_the_widgets_tests(environment):
    environment.VENV.mkdir()
    assert said(environment.install_tools) == (
        "npm could not fetch typescript@5.9.3 for the tests (its own words are above). Check the connection to the internet, "
        "then run the same command again."
    )


def test_tools_lie_where_the_tests_look(environment, monkeypatch):
    """A new archive takes the place of an old one, and Colab's widgets go apart from the environment's own."""
    environment.SHARE = environment.VENV / "share"
    (environment.SHARE / "typescript" / "old").mkdir(parents=True)
    commands = []

    def run(command, **options):
        commands.append([str(part) for part in command])
        if "pack" in command:
            folder = Path(command[command.index("--pack-destination") + 1])
            (folder / "package").mkdir()
            (folder / "package" / "package.json").write_text(command[-1])
            with tarfile.open(folder / "it.tgz", "w:gz") as archive:
                archive.add(folder / "package", "package")
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(environment.subprocess, "run", run)
    environment.install_tools()
    found = {name: (environment.SHARE / name / "package.json").read_text() for name in environment.NPM}
    assert found == environment.NPM
    assert not (environment.SHARE / "typescript" / "old").exists()
    assert (
        commands[-1][-4:-1] == ["--target", str(environment.SHARE / "colab-widgets"), "-r"]
        and Path(commands[-1][-1]).is_file()
    )
