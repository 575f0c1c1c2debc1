"""The laboratory: what the course measured, and what follows from it.

from rnnbook import laboratory
runs = laboratory.load("comparison")       # training runs, a row a run
rows = laboratory.frame("marks")           # what any study measured
laboratory.summarize(runs, "test_accuracy")
"""

from .record import CURVES, Record, unpacked
from .run import Run
from .statistics import rank_test, summarize
from .store import RecordError
from .study import Picture, Study, frame
from .training import load, records, together

__all__ = [
    "CURVES",
    "Picture",
    "Record",
    "RecordError",
    "Run",
    "Study",
    "frame",
    "load",
    "rank_test",
    "records",
    "summarize",
    "together",
    "unpacked",
]
