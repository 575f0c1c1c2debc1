"""The evidence: recorded training runs, and what follows from them.

from rnnbook import runs
frame = runs.load("comparison")       # a row a run
runs.summarize(frame, "test_accuracy")
"""

from .lengths import by_length
from .record import CURVES, Record, RecordError, unpacked
from .run import Run
from .statistics import rank_test, summarize
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
    "rank_test",
    "records",
    "summarize",
    "together",
    "unpacked",
]
