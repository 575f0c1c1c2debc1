"""Where the laboratory keeps what it measured: one file of JSON lines a study, ``recorded/NAME.jsonl``, a line a case.

A line has the ``case`` (what was asked), its ``rows`` (what came out, one or several), ``made`` (data, settings, versions,
processor, commit, seconds) and a ``digest`` of all that. Lines are added, never changed.
"""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path
from typing import Any

from .. import files
from ..errors import CourseError

RECORDED = Path(__file__).parent / "recorded"


class RecordError(CourseError):
    """A record that cannot be used, or a measurement that cannot be made; the message says why and what to do."""


def path(name, folder=None) -> Path:
    """The file of a study."""
    return Path(folder or RECORDED) / f"{name}.jsonl"


def lines(name, folder=None) -> list[dict[str, Any]]:
    """The lines of a study in the order they were recorded; none where nothing is recorded. Raises RecordError for a damaged one."""
    if folder is None or Path(folder) == RECORDED:
        files.note_use("recorded runs")
    target = path(name, folder)
    try:
        stat = target.stat()
    except OSError:
        return []
    return list(_read(target, stat.st_mtime_ns, stat.st_size))


@functools.lru_cache(maxsize=128)
def _read(target, changed, size):
    found = []
    for number, text in enumerate(target.read_text("utf-8").splitlines(), 1):
        try:
            line = json.loads(text)
            intact = line.pop("digest") == digest(line)
        except (ValueError, KeyError, AttributeError, TypeError):
            intact = False
        if not intact:
            raise RecordError(
                f"Line {number} of {target} is damaged or was changed by hand: restore the file from git, or remove the line "
                f"and give `python -m rnnbook study {target.stem}`."
            )
        found.append(line)
    return tuple(found)


def digest(line) -> str:
    """What shows that a line is as it was recorded. It finds accidents, not forgery."""
    return hashlib.sha256(json.dumps(line, sort_keys=True).encode()).hexdigest()[:12]


def add(name, line, folder=None) -> None:
    """Add a line, or put it in place of one with the same case; all of it or nothing, from any number of processes."""
    target = path(name, folder)
    with files.lock(target.with_suffix(".lock")):
        kept = [old for old in lines(name, folder) if old["case"] != line["case"]]
        write(name, [*kept, line], folder)


def write(name, made, folder=None) -> None:
    """Write the lines of a study, all or nothing."""
    text = "".join(json.dumps(line | {"digest": digest(line)}, separators=(",", ":")) + "\n" for line in made)
    files.replace(path(name, folder), lambda file: file.write(text.encode()))


def rows(name, folder=None) -> list[dict[str, Any]]:
    """Every row of a study, with its case beside it."""
    return [line["case"] | row for line in lines(name, folder) for row in line["rows"]]


def find(name, case, folder=None):
    """The line of a case, or None."""
    return next((line for line in lines(name, folder) if line["case"] == plain(case)), None)


def plain(value):
    """A value as it comes back from JSON: tuples are lists."""
    return json.loads(json.dumps(value))
