"""The course's live widgets; each is the last expression of a cell, as in ``StateSpace()``. See live.py for how they work."""

from .state_space import StateSpace

__all__ = ["StateSpace"]
