"""A record names the commit of the code that made it, wherever the package lies in a clone."""

import importlib.util
import shutil
import subprocess

import pytest

from rnnbook import files


def git(folder, *arguments):
    named = ["-c", "user.name=t", "-c", "user.email=t@localhost"]
    return subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def package(tmp_path):
    """A small package with the module `files`, not in a clone yet."""
    folder = tmp_path / "rnnbook"
    (folder / "laboratory" / "recorded").mkdir(parents=True)
    (folder / "__init__.py").touch()
    shutil.copy(files.__file__, folder / "files.py")
    return folder


def told(package):
    spec = importlib.util.spec_from_file_location("files_elsewhere", package / "files.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.commit()


def test_the_commit_of_a_clone_and_whether_its_code_differs(package):
    assert told(package) == ""
    git(package.parent, "init")
    assert told(package) == "", "a package that is not part of the clone"
    git(package.parent, "add", "."), git(package.parent, "commit", "-m", "one")
    short = git(package, "rev-parse", "--short", "HEAD").strip()
    assert told(package) == short
    (package / "laboratory" / "recorded" / "new.json").touch()
    (package.parent / "notes").touch()
    assert told(package) == short
    (package / "new.py").touch()
    assert told(package) == f"{short}+"


def test_without_git_there_is_no_commit(package, monkeypatch):
    monkeypatch.setenv("PATH", str(package))
    assert told(package) == ""
