"""What is claimed: entries of ``studies/NAME.toml``, checked."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ...errors import CourseError

FOLDER = Path(__file__).parents[1] / "studies"
VERDICTS = ("higher", "lower", "undecided")


class ClaimError(CourseError):
    """A claim that cannot be decided, or a sentence that the data do not choose; the message says which."""


@dataclass(frozen=True)
class Unit:
    """How numbers of a kind are told: scaled, with so many digits, and with a word behind a difference."""

    scale: float
    digits: int
    word: str
    level: str  # how a mean is written


UNITS = {
    "points": Unit(100, 1, "points", "{:.1f}\N{NO-BREAK SPACE}%"),
    "epochs": Unit(1, 1, "epochs", "{:.1f}"),
    "loss": Unit(1, 2, "", "{:.2f}"),
    "seconds": Unit(1, 2, "s", "{:.2f} s"),
    "correlation": Unit(1, 2, "", "{:.2f}"),
    "births": Unit(1, 0, "births", "{:.0f} births"),
    "number": Unit(1, 2, "", "{:.2f}"),
    "powers of ten": Unit(1, 1, "powers of ten", "{:.1f}"),
}


@dataclass(frozen=True)
class Claim:
    """One comparison, and a sentence for each way in which it can come out.

    first, against: which runs; see `data.sample`. ``against`` may also be a number. one_run: this number is the
    outcome of one run of others, which would vary from run to run as ours do, and no threshold. pair: columns that tell which two
    values belong to one network; only values of one network are ever paired, never two runs that share a seed.
    per: a column that tells kinds of network apart, such as "cell": each kind counts once, by the mean over its runs, and the
    two values of a kind are paired. The interval then speaks of other such kinds.
    over: "seeds" compares means over runs, "reviews" the verdicts of runs on the same test reviews.
    family: claims that are corrected together (Holm), as the rows of one table must be. unit: a key of `UNITS`.
    higher, lower, undecided: the sentence for each verdict on first minus against. Places in it: {first} and {against}
    (means), {size} (the difference without its sign), {evidence} (difference, interval and seeds, in brackets).
    """

    id: str
    study: str
    chapter: int
    about: str
    first: dict[str, Any]
    against: dict[str, Any] | float
    higher: str
    lower: str
    undecided: str
    pair: tuple[str, ...] = ()
    per: str = ""
    one_run: bool = False
    over: str = "seeds"
    family: str = ""
    unit: str = "points"
    common: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.id):
            raise ClaimError(f"{self.id!r} is no identifier: use small letters, digits and hyphens.")
        if self.unit not in UNITS:
            raise ClaimError(f"{self.id}: unknown unit {self.unit!r}: use one of {', '.join(UNITS)}.")
        if self.over not in ("seeds", "reviews"):
            raise ClaimError(f'{self.id}: over is {self.over!r}: use "seeds" or "reviews".')
        if self.one_run and (isinstance(self.against, dict) or self.over == "reviews" or self.pair or self.per):
            raise ClaimError(f"{self.id}: one_run needs a number in 'against', runs on the other side, and no pairs.")
        if self.per and (self.pair or not isinstance(self.against, dict)):
            raise ClaimError(f"{self.id}: per pairs kinds by itself, with runs on both sides: leave out pair.")
        for verdict in VERDICTS:
            text = getattr(self, verdict)
            if not text.endswith((".", "!", "?", ":", ";", "}", ",")) and not text[-1].isalnum():
                raise ClaimError(f"{self.id}: the sentence for {verdict!r} ends oddly: {text[-20:]!r}")
            try:
                text.format(first="", against="", size="", evidence="")
            except (KeyError, IndexError, ValueError) as error:
                raise ClaimError(
                    f"{self.id}: the sentence for {verdict!r} has a place {error} that is not known."
                ) from None

    def side(self, name: str) -> dict[str, Any] | float:
        """The selection of one side, with what both have in common."""
        chosen = getattr(self, name)
        return {"study": self.study, **self.common, **chosen} if isinstance(chosen, dict) else float(chosen)


def entries(folder: Path | str | None = None) -> list[Claim]:
    """All claims, by study and in the order of the files. Raises ClaimError."""
    claims, known = [], {f.name for f in fields(Claim)}
    for path in sorted(Path(folder or FOLDER).glob("*.toml")):
        try:
            made = tomllib.loads(path.read_text("utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise ClaimError(f"{path.name} is no valid TOML: {error}.") from None
        for entry in made.get("claim", []):
            told = f"{path.name}, {entry.get('id', 'a claim without an id')}"
            unknown = sorted(set(entry) - (known - {"study"}))
            missing = sorted({"id", "chapter", "about", "first", "against", *VERDICTS} - set(entry))
            if unknown or missing:
                raise ClaimError(
                    f"{told}: " + (f"no claim has {unknown[0]!r}" if unknown else f"it has no {missing[0]!r}")
                )
            claims.append(Claim(**{**entry, "study": path.stem, "pair": tuple(entry.get("pair", ()))}))
    ids = [claim.id for claim in claims]
    if twice := {name for name in ids if ids.count(name) > 1}:
        raise ClaimError(f"Two claims are called {min(twice)!r}.")
    return claims
