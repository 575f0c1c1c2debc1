"""Files that nobody sees half written, downloads that are what they should be, locks, the cache, a log unheard, and what a result was made with."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.client
import os
import platform
import subprocess
import sys
import tempfile
import urllib.request
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import filelock

_used: list[str] = []


def note_use(data: str) -> None:
    """Keep in mind that this process has read some data, told in a few words: what a notebook rests on is stored with it."""
    if data not in _used:
        _used.append(data)


def used() -> list[str]:
    """The data that were read so far, in the order of first use, each in a few words."""
    return list(_used)


def cache_folder() -> Path:
    """RNNBOOK_CACHE, else ~/.cache/rnnbook."""
    return Path(os.environ.get("RNNBOOK_CACHE") or Path.home() / ".cache" / "rnnbook").expanduser()


def replace(path: Path, write) -> None:
    """Let ``write(file)`` fill a file beside the target, then rename it: readers see all of a file or none of it.

    Where writing fails (OSError on a full disk), the old file stays and nothing is left beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.stem, suffix=".part", delete=False) as file:
        temporary = Path(file.name)
        try:
            write(file)
            file.close()
            temporary.chmod(0o644)  # a cache may be shared, e.g. on a JupyterHub
            temporary.replace(path)
        finally:
            file.close()  # Windows removes no file that is open
            temporary.unlink(missing_ok=True)


def download(url: str, digest: str, algorithm: str = "sha256", timeout: float = 60) -> bytes:
    """The file at an address, whose digest is known; an answer may pause for ``timeout`` seconds. Raises OSError where it cannot be had, ValueError where it is another file."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            content = answer.read()
    except http.client.HTTPException as error:  # such as an answer that breaks off
        raise OSError(str(error)) from None
    if hashlib.new(algorithm, content).hexdigest() != digest:
        raise ValueError(f"{url} is not the file that was known here: its {algorithm} differs.")
    return content


@contextlib.contextmanager
def lock(path: Path):
    """Wait for, then hold, a lock between processes; the system releases it when the process ends, however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(path):
        yield


@contextlib.contextmanager
def quiet():
    """Drop what is written to the process's error stream: TensorFlow logs to it before its own settings are read.

    Python's errors are raised as ever. The lines look like a failure to a beginner: no GPU was found, sums may be rounded.
    """
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def made_with(*more: str) -> dict[str, Any]:
    """What a record names of its making: `versions` with those of ``more``, `processor` and `commit`."""
    return {"versions": versions(*more), "processor": processor(), "commit": commit()}


def versions(*more: str) -> dict[str, str]:
    """Versions of Python and of the packages that a result depends on, with those of ``more``."""
    found = {"python": platform.python_version()}
    for package in ("rnnbook", "keras", "tensorflow", "jax", "numpy", *more):
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


@functools.cache
def commit() -> str:
    """The short hash of the commit that the package is at, with "+" where its code differs; "" where it lies in no clone.

    Told once a process, so ask before the work begins. New records beside the code do not count as changes of it.
    """
    package = Path(__file__).parent

    def git(*arguments):
        command = ["git", "--no-optional-locks", "-C", package, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()

    try:
        git("ls-files", "--error-unmatch", "__init__.py")  # fails inside a clone of something else
        changed = git("status", "--porcelain", ".", ":!laboratory/recorded")
        return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.SubprocessError):  # no git, no clone, or one that git does not trust
        return ""


def processor() -> str:
    """The processor's name and its number of cores."""
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as lines:
        for line in lines:
            if line.startswith("model name"):
                return f"{line.split(':', 1)[1].strip()}, {os.cpu_count()} cores"
    return f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
