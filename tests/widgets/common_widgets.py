"""The widgets that take the tests which all have in common; the others have tests of their own."""

from rnnbook import widgets

NAMES = [name for name in widgets.__all__ if name not in ("Quiz", "Playground", "TrainingRace")]
