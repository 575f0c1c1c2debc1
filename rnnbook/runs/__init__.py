"""The evidence: recorded training runs, and what follows from them.

from rnnbook import runs
frame = runs.load("comparison")       # a row a run
runs.summarize(frame, "test_accuracy")
"""

from .lengths import by_length
from .record import CURVES, Record, RecordError, unpacked
from .run import Run
from .statistics import summarize
from .store import RECORDED, identity, load, measurement, records, together

__all__ = [
    "CURVES",
    "RECORDED",
    "Record",
    "RecordError",
    "Run",
    "by_length",
    "identity",
    "load",
    "measurement",
    "records",
    "summarize",
    "together",
    "unpacked",
]
