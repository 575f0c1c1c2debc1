"""The course's live widgets; each is the last expression of a cell, as in ``StateSpace()``. See live.py for how they work.

A module beside a script of its name holds a widget, which is found here under its own name.
"""

from importlib import import_module
from pathlib import Path

from .live import Live


def _widgets():
    """Each widget by its name: the subclass of `Live` that a module beside a script of its name defines."""
    for script in sorted(Path(__file__).parent.glob("*.js")):
        if script.with_suffix(".py").exists():
            module = import_module(f"{__name__}.{script.stem}")
            for name, thing in vars(module).items():
                if isinstance(thing, type) and issubclass(thing, Live) and thing.__module__ == module.__name__:
                    yield name, thing


_found = dict(_widgets())
globals().update(_found)
__all__ = list(_found)
