"""What the networks of chapter 12 write: plays and sonnets of William Shakespeare, in 36 characters.

from rnnbook import text
training = text.part("train")        # one string
ids = text.encode(training)          # uint8, (characters,)

The text is that of Project Gutenberg, by way of the Python package `shakespeare`; `prepare.py` says what was changed.
The split is by play: no line of a held-out play is seen in training.
"""

from __future__ import annotations

import bz2
import functools
import json
import re
from pathlib import Path

import numpy as np

from .. import files
from ..errors import CourseError

ALPHABET = "\n !',-.:;?abcdefghijklmnopqrstuvwxyz"
PARTS = {
    "train": (
        "as_you_like_it", "comedy_of_errors", "merchant_of_venice", "much_ado_about_nothing", "othello",
        "taming_of_the_shrew", "twelfth_night", "winters_tale", "sonnets",
    ),
    "validation": ("julius_caesar",),
    "test": ("macbeth", "tempest"),
}  # fmt: skip
_PLAIN = str.maketrans({"\r": None, "\t": " ", "’": "'", "‘": "'", "“": "'", "”": "'", '"': "'", "–": "-", "—": "-"})


class TextError(CourseError):
    """A character, or a name, that the course does not know."""


@functools.cache
def works() -> dict[str, str]:
    """Every work by its name, in the order of PARTS; a line ends with a newline, a speech with an empty line."""
    files.note_use("plays of Shakespeare")
    return json.loads(bz2.decompress((Path(__file__).parent / "shakespeare.json.bz2").read_bytes()))


def part(name: str) -> str:
    """All works of "train", "validation" or "test", one after the other."""
    if name not in PARTS:
        raise TextError(f"There is no part {name!r}: use {', '.join(PARTS)}.")
    return "\n".join(works()[work] for work in PARTS[name])


def plain(text: str) -> str:
    """Any text in the characters of the course: lower case, straight quotes; what is still unknown becomes a blank."""
    return "".join(c if c in ALPHABET else " " for c in text.lower().translate(_PLAIN))


def encode(text: str) -> np.ndarray:
    """Character → its place in ALPHABET, uint8 (characters,). Raises TextError for one that is not there."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    table = np.full(128, 255, np.uint8)
    table[[ord(c) for c in ALPHABET]] = np.arange(len(ALPHABET))
    ids = table[np.minimum(codes, 127)]
    if (ids == 255).any():
        stranger = text[int(np.argmax(ids == 255))]
        raise TextError(
            f"The character {stranger!r} is not among the {len(ALPHABET)} of the course: use text.plain first."
        )
    return ids


def decode(ids) -> str:
    """The text of ids (characters,)."""
    return "".join(ALPHABET[i] for i in ids)


KINDS = "names", "new words", "the rest"
SPEAKER = r"[^\n]{1,23}\."  # a speaker's name, alone on the line above the speech


def kinds(written: str, known: set[str]) -> np.ndarray:
    """Of what kind each character of a play is, as its place in KINDS, (characters,).

    Names: a line that names the speaker, with the point behind it. New words: those that are not among the ``known`` ones.
    """
    kind = np.full(len(written), KINDS.index("the rest"))
    for word in re.finditer("[a-z]+", written):
        if word[0] not in known:
            kind[word.start() : word.end()] = KINDS.index("new words")
    for line in re.finditer(rf"(?:^|(?<=\n\n)){SPEAKER}(?=\n)", written):
        kind[line.start() : line.end()] = KINDS.index("names")
    return kind


def spoken(written: str) -> list[str]:
    """The lines of plays that are spoken: not the speaker's name above a speech, nor the first and the last line, which may be cut."""
    lines = written.split("\n")
    return [
        line
        for above, line in zip(lines, lines[1:-1], strict=False)
        if line and (above or not re.fullmatch(SPEAKER, line))
    ]


def streams(ids: np.ndarray, batch: int, timesteps: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets for training with carried state, each (windows * batch, timesteps).

    The text is cut into ``batch`` long streams. Batch k holds window k of every stream, so row b of the next batch goes on
    where row b of this one ended: fit with ``shuffle=False, batch_size=batch``. A target is the next character. What
    does not fill a window at the end of a stream is left out.
    """
    windows = (len(ids) - 1) // (batch * timesteps)
    if windows < 1:
        raise TextError(
            f"{len(ids)} tokens are too few for {batch} streams of {timesteps} timesteps: use at least {batch * timesteps + 1}."
        )
    used = windows * batch * timesteps

    def cut(x):
        return x.reshape(batch, windows, timesteps).swapaxes(0, 1).reshape(-1, timesteps)

    return cut(ids[:used]), cut(ids[1 : used + 1])
