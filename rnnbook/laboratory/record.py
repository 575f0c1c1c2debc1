"""What a run leaves behind: typed, and checked against itself."""

from __future__ import annotations

import base64
import math
import re
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from .store import RecordError

CURVES = ("loss", "accuracy", "val_loss", "val_accuracy")
PATHS = ("textbook", "fast")
DATASETS = ("imdb", "sample", "copy")
LATER = ("predictions", "commit")  # fields that older records do not have
BESIDE = ("versions", "processor", "commit")  # fields that a line keeps in `made`


@dataclass(frozen=True, eq=False)
class Record:
    """One recorded run. Raises RecordError where a field is missing, of another kind, or at odds with the others.

    history: loss, accuracy, val_loss, val_accuracy, one number an epoch. best_epoch: the epoch (from 1) of lowest
    validation loss; test_accuracy was measured there, last_test_accuracy after the last epoch. predictions: the verdicts
    at best_epoch on the test reviews, one bit each in their order (`unpacked`). commit: that of the code, see
    `files.commit`. Both are empty in records made before they were kept. config: the hyperparameters. Seconds are medians over the epochs after the first, which compiles.
    """

    study: str
    architecture: str
    config: dict[str, Any]
    seed: int
    dataset: str
    data_sha256: str
    n_train: int
    n_validation: int
    n_test: int
    epochs: int
    history: dict[str, list[float]]
    best_epoch: int
    best_val_accuracy: float
    test_accuracy: float
    last_test_accuracy: float
    parameters: int
    seconds_per_epoch: float
    first_epoch_seconds: float
    cpu_seconds_per_epoch: float
    path: str
    backend: str
    versions: dict[str, str]
    processor: str
    predictions: str = ""
    commit: str = ""

    @classmethod
    def read(cls, study: str, line: dict[str, Any]) -> Record:
        """From a line of a study's file."""
        (row,), made = line["rows"], line["made"]
        made = row | {"study": study} | {name: made[name] for name in BESIDE if name in made}
        known = {f.name for f in fields(cls)}
        if unknown := sorted(set(made) - known):
            raise RecordError(f"it has a field {unknown[0]!r}, which no record has")
        if missing := sorted(known - set(LATER) - set(made)):
            raise RecordError(f"it has no {missing[0]!r}")
        return cls(**made)

    def __post_init__(self):
        for field in fields(self):
            value, kind = getattr(self, field.name), str(field.type).split("[")[0]
            fits = {
                "str": isinstance(value, str),
                "dict": isinstance(value, dict),
                "int": type(value) is int and value >= 0,
                "float": isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value),
            }[kind]
            if not fits:
                raise RecordError(f"{field.name!r} is {str(value)[:60]!r}, not what a record has there")
        for name in ("n_train", "n_validation", "n_test", "epochs", "best_epoch", "parameters"):
            if getattr(self, name) < 1:
                raise RecordError(f"{name!r} is {getattr(self, name)}: it must be at least 1")
        for name in ("best_val_accuracy", "test_accuracy", "last_test_accuracy"):
            if not 0 <= getattr(self, name) <= 1:
                raise RecordError(f"{name!r} is {getattr(self, name)}: an accuracy lies between 0 and 1")
        if self.path not in PATHS or self.dataset not in DATASETS:
            raise RecordError(f"{self.path!r} on {self.dataset!r} is no path or data set of this course")
        if not re.fullmatch("[0-9a-f]{64}", self.data_sha256):
            raise RecordError("'data_sha256' is no SHA-256 digest")
        if not all(isinstance(v, str) for v in self.versions.values()):
            raise RecordError("'versions' maps packages to versions")
        self._check_curves()
        self._check_predictions()

    def _check_curves(self):
        if set(self.history) != set(CURVES) or not all(isinstance(curve, list) for curve in self.history.values()):
            raise RecordError(f"'history' must hold the curves {', '.join(CURVES)}")
        for name, curve in self.history.items():
            if len(curve) != self.epochs:
                raise RecordError(f"it says {self.epochs} epochs, but its curve {name!r} has {len(curve)}")
            for value in curve:
                if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
                    raise RecordError(f"'history' has {str(value)[:30]!r} in {name!r}, which is no finite number")
                if "accuracy" in name and not 0 <= value <= 1:
                    raise RecordError(f"'history' has {value} in {name!r}: an accuracy lies between 0 and 1")
        # Curves are rounded, so two epochs may tie where one was lower.
        losses, accuracies = self.history["val_loss"], self.history["val_accuracy"]
        if (
            self.best_epoch > self.epochs
            or losses[self.best_epoch - 1] != min(losses)
            or self.best_val_accuracy != max(accuracies)
        ):
            raise RecordError("it has a best epoch or accuracy that its curves do not show")

    def _check_predictions(self):
        if not self.predictions:
            return
        try:
            size = len(base64.b64decode(self.predictions, validate=True))
        except ValueError:
            raise RecordError("'predictions' is not base64") from None
        if size != -(-self.n_test // 8):
            raise RecordError(f"'predictions' has {size} bytes, but there are {self.n_test} test reviews")

    def as_dict(self) -> dict[str, Any]:
        """All fields; without the predictions or the commit where there is none."""
        return {key: value for key, value in asdict(self).items() if value or key not in LATER}

    def row(self) -> dict[str, Any]:
        """What its line holds of it beside `made`."""
        return {key: value for key, value in self.as_dict().items() if key not in (*BESIDE, "study")}


def packed(verdicts) -> str:
    """Verdicts (samples,) bool as text, one bit each."""
    return base64.b64encode(np.packbits(verdicts).tobytes()).decode()


def unpacked(record: Record) -> np.ndarray:
    """The verdicts (n_test,) bool of a record on its test reviews. Raises RecordError where it kept none."""
    if not record.predictions:
        raise RecordError(
            f"The record of {record.architecture}, seed {record.seed}, kept no predictions: record the run again."
        )
    return bits(record.predictions, record.n_test)


def bits(text, count) -> np.ndarray:
    """What `packed` made text of, (count,) bool."""
    return np.unpackbits(np.frombuffer(base64.b64decode(text), np.uint8), count=count).astype(bool)


def rounded(x, digits=5) -> float:
    """A float of so many significant digits."""
    return float(f"{float(x):.{digits}g}")
