"""Find the submissions: in a folder, or in a zip as Canvas, Moodle or Brightspace give it out."""

import contextlib
import datetime
import hashlib
import itertools
import json
import os
import re
import stat
import zipfile
from pathlib import Path

from ..errors import why
from .answers import NOT_UNPACKED
from .batch import LARGEST
from .grade import GradeError

UNPACKED = 4 * 2**30  # bytes that a zip may hold
LISTING = ".unpacked"  # in the folder that a zip was unpacked into: which files came from it
DEEPEST = 10  # folders in one another that are kept
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
    """Unpack a zip of submissions into `folder`, with the times that it gives. Raises `GradeError`.

    What an earlier zip left there goes, what a person put there stays. An entry that cannot be unpacked becomes a file that says why.
    """
    folder = Path(folder)
    try:
        with zipfile.ZipFile(archive) as source:
            entries = [entry for entry in source.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries if entry.file_size <= LARGEST) > UNPACKED:
                raise GradeError(f"{archive} holds more than {UNPACKED / 2**30:g} GiB. Unpack it yourself.")
            _clear(folder)
            with open(folder / LISTING, "a", encoding="utf-8") as listing:
                for entry in entries:
                    path = _place(folder, entry.filename)
                    print(json.dumps(path.relative_to(folder).as_posix()), file=listing, flush=True)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(_content(source, entry))
                    moment = _moment(entry)
                    os.utime(path, (moment, moment))
    except GradeError:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
        if not zipfile.is_zipfile(archive):
            raise GradeError(f"{archive} is no zip. Give a folder of submissions, or a zip of them.") from None
        raise GradeError(f"{archive} cannot be unpacked: {why(error)}.") from None
    return folder


def _clear(folder):
    """Remove what an earlier zip left in a folder, as its listing says. Raises `GradeError` for a folder that no zip was unpacked into."""
    listing = folder / LISTING
    if not listing.exists():
        if folder.exists() and any(folder.iterdir()):
            raise GradeError(
                f"{folder} is where the zip is to be unpacked, and has other files in it. Move it away, or name another --out."
            )
        folder.mkdir(parents=True, exist_ok=True)
        return
    for line in listing.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(OSError, ValueError):  # it is gone, or the line was cut off
            path = folder / json.loads(line)
            path.unlink()
            path.parent.rmdir()  # if it is empty now
    listing.unlink()


def _place(folder, name):
    """A free path in `folder` for an entry of a zip, as close to its name as a file system allows."""
    parts = [_short(part) for part in name.split("/") if part not in ("", ".", "..")] or ["unnamed"]
    if len(parts) > DEEPEST:
        parts = [parts[0], parts[-1]]
    for part in parts[:-1]:
        folder = _free(folder / part, lambda path: path.exists() and not path.is_dir())
    return _free(folder / parts[-1], Path.exists)


def _free(path, taken):
    """The path, or where that is taken, one with ` (2)` or the next free number before its ending."""
    others = (path.with_name(f"{path.stem} ({number}){path.suffix}") for number in itertools.count(2))
    return next(place for place in itertools.chain([path], others) if not taken(place))


def _short(part):
    """A name of at most 240 bytes: of a longer one the middle is left out, for whose it is stands first, and what it is last."""
    data = part.encode()
    if len(data) <= 240:
        return part
    return f"{data[:180].decode(errors='ignore')}-{hashlib.sha256(data).hexdigest()[:6]}{part[-12:]}"


def _content(source, entry):
    """The bytes of an entry, or in their place why it cannot be unpacked, which the grader then tells."""
    reason = "encrypted" if entry.flag_bits & 1 else "large" if entry.file_size > LARGEST else None
    if reason is None:
        try:
            return source.read(entry)
        except NotImplementedError:
            reason = "method"
        except Exception:  # each of the methods has its own
            reason = "damaged"
    return NOT_UNPACKED[reason][0].encode()


def _moment(entry):
    """The time of an entry in seconds since 1970; 0 where what it gives is no time."""
    try:
        return datetime.datetime(*entry.date_time).timestamp()
    except (ValueError, OverflowError):
        return 0


def handed_in(name, path):
    """When a submission came in, a `datetime`; None where its platform does not tell, or the file is gone."""
    if CANVAS.fullmatch(name) or MOODLE.fullmatch(name):
        return None
    try:
        if said := BRIGHTSPACE.fullmatch(name):
            return datetime.datetime.strptime("{}:{} {}".format(*said.groups()), "%b %d, %Y %I:%M %p")
        seconds = Path(path).stat().st_mtime
        return datetime.datetime.fromtimestamp(seconds) if seconds else None
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
