"""An epoch of a SimpleRNN of 16 to 128 units, in textbook Keras and in NumPy, taking turns; a row a counted epoch.

Every round starts new processes; each trains one epoch that is not counted (it compiles) and three that are.
"""

from __future__ import annotations

from ..study import Picture, Study

UNITS = (16, 32, 64, 128)
PATHS = ("textbook", "NumPy")

STUDY = Study(
    question="Does the price of starting operations slow textbook Keras?",
    chapter=11,
    cases=lambda rows: [{"path": path, "units": units} for units in UNITS for path in PATHS],
    settings={"reviews": 2500, "rounds": 5},
    picture=Picture("seconds", by="path", over="units", log=True),
    limits="One machine with two shared cores; textbook epochs differ by more than some sizes do.",
    command="python bench/units.py --record",
)
