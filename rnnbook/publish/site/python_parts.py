"""Where Python for the page comes from: Pyodide as npm has it, and the one NumPy wheel that Pyodide's lock file names.

Both are used unmodified. The wheel is taken only if its sha256 is the one below, which is also the lock file's. `.ci/environment.py`
calls `fetch` when it sets up `.venv`; the book's build only looks for what is there, and builds without buttons where something is missing.
"""

import hashlib
import json
import os
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path

from rnnbook.files import download

VERSION = "0.27.7"
WHEEL = "numpy-2.0.2-cp312-cp312-pyodide_2024_0_wasm32.whl"
SHA256 = "ebb61241d962b98b21597d7ce43b67668a6d5bab3acec4fbe958657320d7cd08"
INTERPRETER = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
FOLDER = "RNNBOOK_PYODIDE"  # names a folder that holds the wheel
SHARE = Path(sys.prefix) / "share"
BESIDE = Path(__file__).resolve().parents[4] / "shared" / "vendor"
RELEASE = f"https://github.com/pyodide/pyodide/releases/download/{VERSION}/pyodide-{VERSION}.tar.bz2"
PACKAGES = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/{WHEEL}"


class PartsError(RuntimeError):
    """A part of Python for the page is missing or is not what it should be; the message says which and where it was looked for."""


def verified(content, where):
    """`content` if it is the wheel, byte for byte. Raises `PartsError`."""
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise PartsError(f"{where} is not the NumPy wheel that Pyodide {VERSION} names: its sha256 differs.")
    return content


def wheel():
    """The wheel's bytes: from the folder that RNNBOOK_PYODIDE names, else beside the repository, else from `.venv`.

    Raises `PartsError` where it is in none of them, or is another file.
    """
    named = os.environ.get(FOLDER)
    folders = [Path(named)] if named else [BESIDE, SHARE / "pyodide-packages"]
    for folder in folders:
        if (folder / WHEEL).is_file():
            return verified((folder / WHEEL).read_bytes(), folder / WHEEL)
    raise PartsError(f"{WHEEL} is in none of {', '.join(map(str, folders))}.")


def interpreter():
    """{name: path} of Pyodide's files as npm has them. Raises `PartsError` where they are missing or of another version."""
    folder = SHARE / "pyodide"
    try:
        version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
        named = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]["numpy"]["sha256"]
    except (OSError, KeyError, ValueError):
        raise PartsError(f"npm's package pyodide@{VERSION} is not in {folder}.") from None
    files = {name: folder / name for name in INTERPRETER}
    if version != VERSION or named != SHA256 or not all(path.is_file() for path in files.values()):
        raise PartsError(f"{folder} holds Pyodide {version}, or only a part of it; the book needs {VERSION}.")
    return files


def missing():
    """Why the book has to do without Python in its pages: one sentence, or "" where everything is there."""
    try:
        interpreter()
        wheel()
    except PartsError as error:
        return str(error)
    return ""


def _from_release():
    with urllib.request.urlopen(RELEASE, timeout=60) as answer, tarfile.open(fileobj=answer, mode="r|bz2") as archive:
        for member in archive:
            if member.name.endswith(f"/{WHEEL}"):
                return archive.extractfile(member).read()
    raise PartsError(f"{RELEASE} does not hold {WHEEL}.")


def fetch():
    """Put the wheel into `.venv` unless it can be had already: from the package index of the official release, else from its archive (300 MB).

    Raises `PartsError` where neither can be reached; nothing is stored that has not the right sha256.
    """
    try:
        return wheel()
    except PartsError as error:
        if os.environ.get(FOLDER):
            raise
        reasons = [str(error)]
    for source, get in (
        (PACKAGES, lambda: download(PACKAGES, SHA256)),
        (RELEASE, lambda: verified(_from_release(), RELEASE)),
    ):
        try:
            content = get()
        except (OSError, ValueError, tarfile.TarError, PartsError) as error:
            reasons.append(f"{source}: {error}")
            continue
        folder = SHARE / "pyodide-packages"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as part:
            part.write(content)
        os.replace(part.name, folder / WHEEL)
        return content
    raise PartsError(" ".join(reasons))


if __name__ == "__main__":
    try:
        fetch()
    except PartsError as error:
        sys.exit(f"The book's pages will not run Python: {error}")
