"""Complete programs: each runs alone to its end, in each library, with a few real reviews; at full length at night."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import harness
import numpy as np
import pytest

from rnnbook.publish.site import pieces

LONGEST = 70  # lines of the cell
REDUCED = {"EPOCHS": 1, "MAXLEN": 20, "REVIEWS": 64}  # in the place of the program's own numbers
NAMES = harness.of_kind("complete")
RUN = Path(__file__).parent / "run_complete.py"


def reduced(text):
    """The program with smaller settings: lines such as `EPOCHS = 5`."""
    for name, number in REDUCED.items():
        text = re.sub(rf"^{name} = [\d_]+", f"{name} = {number}", text, flags=re.M)
    return text


def downloads(imdb, home, reviews):
    """A home folder that has what the programs would download, with so many reviews."""
    folder = home / ".keras" / "datasets"
    folder.mkdir(parents=True)
    with np.load(imdb, allow_pickle=True) as data:
        np.savez(folder / "imdb.npz", **{name: data[name][:reviews] for name in data})
    words = imdb.with_name("imdb_word_index.json")
    index = words.read_text("utf-8") if words.exists() else json.dumps({"a": 3, "film": 19})
    (folder / "imdb_word_index.json").write_text(index, encoding="utf-8")
    return folder


def run(library, programs, imdb, tmp_path, reviews, timeout):
    """Run programs {name: text} of one library in one process; what they print."""
    folder = downloads(imdb, tmp_path / "home", reviews)
    files = [tmp_path / f"{name}.py" for name in programs]
    for file, text in zip(files, programs.values()):
        file.write_text(text, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "KERAS_HOME")}
    home = str(tmp_path / "home")
    done = subprocess.run(
        [sys.executable, RUN, library, folder, *files],
        cwd=tmp_path,
        env=environment | {"HOME": home, "USERPROFILE": home},
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-3000:]
    return done.stdout


def programs(library):
    versions = {name: harness.Piece(name) for name in NAMES}
    if library == "keras":
        return {name: piece.source for name, piece in versions.items()}
    return {name: piece.files[library].read_text("utf-8") for name, piece in versions.items() if library in piece.files}


@pytest.mark.parametrize("library", ["keras", *pieces.LIBRARIES])
def test_each_runs_alone_to_its_end(library, real_imdb, tmp_path):
    found = programs(library)
    said = run(library, {n: reduced(text) for n, text in found.items()}, real_imdb, tmp_path, reviews=64, timeout=300)
    assert re.findall(r"^ended (\w+)$", said, re.M) == list(found)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("library", ["keras", *pieces.LIBRARIES])
@pytest.mark.parametrize("name", NAMES)
def test_each_learns_at_full_length(library, name, real_imdb, tmp_path):
    said = run(library, {name: programs(library)[name]}, real_imdb, tmp_path, reviews=None, timeout=3600)
    assert re.findall(r"^ended (\w+)$", said, re.M) == [name]


def test_they_need_no_course_and_little_room():
    for library in ("keras", *pieces.LIBRARIES):
        for name, text in programs(library).items():
            assert "rnnbook" not in text, f"{name} in {library} needs the course"
    for name, text in programs("keras").items():
        assert len(text.splitlines()) <= LONGEST, f"{name} has more than {LONGEST} lines"
