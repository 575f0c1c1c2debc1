"""Find the submissions: in a folder, or in a zip as Canvas, Moodle or Brightspace give it out."""

import datetime
import os
import re
import stat
import zipfile
from pathlib import Path

from .grade import GradeError

UNPACKED = 4 * 2**30  # bytes that a zip may hold
# Canvas and Moodle give every file of a zip the time of the download; Brightspace writes the student's into the folder's name.
CANVAS = re.compile(r"(?:[^/]*?_)??(LATE_)?(?:\d+|anon_[^\W_]+)_\d+_[^/]*")
MOODLE = re.compile(r"[^/]*_\d+_assignsubmission_.*")
BRIGHTSPACE = re.compile(r"\d+-\d+ - .* - (\w{3} \d{1,2}, \d{4} \d{1,2})(\d\d) ([AP]M)/.*")


def collect(folder):
    """The submissions in a folder: a dict from name to path. Every file counts, also those that are no notebooks.

    A name is the file's place in the folder without `.ipynb`; where that would make two files one, the ending stays.
    Raises `GradeError` for a folder that is not there or empty.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise GradeError(f"There is no folder {folder}.")
    paths = sorted(p for p in folder.rglob("*") if _counts(p, folder))
    if not paths:
        raise GradeError(f"The folder {folder} has no submissions in it.")
    found = {os.fsencode(path.relative_to(folder)).decode("utf-8", "backslashreplace"): path for path in paths}
    short = [name.removesuffix(".ipynb") for name in found]
    return {
        (name.removesuffix(".ipynb") if short.count(name.removesuffix(".ipynb")) == 1 else name): path
        for name, path in found.items()
    }


def _counts(path, folder):
    inside = path.relative_to(folder).parts
    if any(part.startswith(".") or part in ("__MACOSX", "__pycache__") for part in inside):
        return False
    if inside == ("index.html",):  # Brightspace's list of what is in its zip
        return False
    try:
        return stat.S_ISREG(path.stat().st_mode)  # no pipe that nobody writes to, no endless device
    except OSError:
        return False


def unpack(archive, folder):
    """Unpack a zip of submissions into `folder`, with the times that it gives. Raises `GradeError`."""
    folder = Path(folder)
    try:
        with zipfile.ZipFile(archive) as source:
            if sum(entry.file_size for entry in source.infolist()) > UNPACKED:
                raise GradeError(f"{archive} holds more than {UNPACKED / 2**30:g} GiB. Unpack it yourself.")
            for entry in source.infolist():
                if not entry.is_dir():
                    path = source.extract(entry, folder)
                    moment = datetime.datetime(*entry.date_time).timestamp()
                    os.utime(path, (moment, moment))
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
        if isinstance(error, GradeError):
            raise
        raise GradeError(f"{archive} cannot be unpacked: {error}.") from None
    return folder


def handed_in(name, path):
    """When a submission came in, a `datetime`; None where its platform does not tell, or the file is gone."""
    if CANVAS.fullmatch(name) or MOODLE.fullmatch(name):
        return None
    try:
        if said := BRIGHTSPACE.fullmatch(name):
            return datetime.datetime.strptime("{}:{} {}".format(*said.groups()), "%b %d, %Y %I:%M %p")
        return datetime.datetime.fromtimestamp(Path(path).stat().st_mtime)
    except (OSError, ValueError):
        return None


def attempt(name, path):
    """What orders the files of one student: notebooks last, then by the number that Canvas adds to a name, then by time."""
    number = re.search(r"-(\d{1,3})$", name)
    moment = handed_in(name, path) or datetime.datetime.min
    return (Path(path).suffix == ".ipynb", int(number[1]) if number else 0, moment)


def lateness(name, path, due=None):
    """How late a submission is, for its column: days after `due`, else "yes" where its name says so (Canvas's LATE)."""
    moment = handed_in(name, path)
    if due is None or moment is None:
        said = CANVAS.fullmatch(name)
        return "yes" if said and said[1] else ""
    return f"{max(0, -(-(moment - due) // datetime.timedelta(days=1)))}"
