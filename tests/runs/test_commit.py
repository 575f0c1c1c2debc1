"""A record names the commit of the code that made it, wherever the package lies in a clone."""

import importlib.util
import json
import shutil
import subprocess

import pytest

from rnnbook import files
from rnnbook.runs import RECORDED, Record, store

RECORD = next(RECORDED.glob("comparison/*.json"))


def git(folder, *arguments):
    named = ["-c", "user.name=t", "-c", "user.email=t@localhost"]
    return subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def package(tmp_path):
    """A small package with the module `files`, not in a clone yet."""
    folder = tmp_path / "rnnbook"
    (folder / "runs" / "recorded").mkdir(parents=True)
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
    (package / "runs" / "recorded" / "new.json").touch()
    (package.parent / "notes").touch()
    assert told(package) == short
    (package / "new.py").touch()
    assert told(package) == f"{short}+"


def test_without_git_there_is_no_commit(package, monkeypatch):
    monkeypatch.setenv("PATH", str(package))
    assert told(package) == ""


def test_a_record_made_before_names_none_and_stays_as_it_is(tmp_path):
    old = store.read(RECORD)
    assert old.commit == "" and "commit" not in old.as_dict()
    new = Record.read(old.as_dict() | {"commit": "1234567+"})
    assert new.as_dict()["commit"] == "1234567+"
    (tmp_path / "study").mkdir()
    for record, name in ((old, "old"), (new, "new")):
        (tmp_path / "study" / f"{name}.json").write_text(json.dumps(record.as_dict()))
    assert store.load(folder=tmp_path).commit.tolist() == ["1234567+", ""]
