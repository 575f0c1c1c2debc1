"""A copy of the package to which a test adds a study; a few pages of the plays to learn from."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rnnbook

HOME = Path(rnnbook.__file__).parent


class Package:
    """A package like the course's, in a folder of its own: `add` puts a study there, `run` gives a command to it."""

    def __init__(self, root):
        self.root, self.folder = root, root / "records"
        self.studies = root / "rnnbook" / "laboratory" / "studies"
        for place in (HOME, HOME / "laboratory"):
            (root / "rnnbook" / place.relative_to(HOME)).mkdir()
            for entry in place.iterdir():
                if entry.name not in ("laboratory", "studies", "__pycache__"):
                    (root / "rnnbook" / entry.relative_to(HOME)).symlink_to(entry)
        shutil.copytree(HOME / "laboratory" / "studies", self.studies, ignore=shutil.ignore_patterns("__pycache__"))

    def add(self, name, code, claims=""):
        (self.studies / f"{name}.py").write_text(code)
        if claims:
            (self.studies / f"{name}.toml").write_text(claims)

    def start(self, *arguments, module="rnnbook"):
        home = {"RNNBOOK_CACHE": str(self.root / "cache"), "PYTHONPATH": str(self.root), "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [sys.executable, "-m", module, *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=os.environ | home, cwd=self.root, **pipes)

    def run(self, *arguments):
        """(status, what it said, what it complained about)"""
        process = self.start(*arguments)
        out, err = process.communicate()
        return process.returncode, out, err

    def python(self, code):
        """Let Python do something with the package."""
        done = subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(self.root)}, cwd=self.root
        )
        assert done.returncode == 0


@pytest.fixture
def package(tmp_path):
    return Package(tmp_path)


@pytest.fixture
def small(monkeypatch, tmp_path):
    """What the studies of character models learn from, of any text: the beginning of each part. With a cache of its own."""
    from rnnbook import text
    from rnnbook.laboratory.studies import counted_characters, language, language_all_works, roman_plays

    task = language.Task()
    task.ids = {part: ids[:6000] for part, ids in task.ids.items()}
    task.inputs, task.targets = (x[: 2 * language.BATCH] for x in (task.inputs, task.targets))
    task.works = {"hamlet": "to be or not to be. " * 20, roman_plays.ROMAN[1]: text.works()["macbeth"][:5000]}
    for module in (language, counted_characters, language_all_works, roman_plays):
        monkeypatch.setattr(module, "task", lambda of="race": task)
    monkeypatch.setattr(language, "EPOCHS", {"race": 2, "all": 2})
    monkeypatch.setenv("RNNBOOK_CACHE", str(tmp_path))
    return task
