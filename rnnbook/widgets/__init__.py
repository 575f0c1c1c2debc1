"""The course's live widgets; each is the last expression of a cell, as in ``StateSpace()``. See live.py for how they work.

A module beside a script of its name holds a widget: its subclass of `Live` is found here under its own name.
"""

from importlib import import_module
from pathlib import Path

from .live import Live


def _found():
    """{name: widget} of every module beside a script of its name."""
    modules = [path.stem for path in sorted(Path(__file__).parent.glob("*.js")) if path.with_suffix(".py").exists()]
    things = [thing for name in modules for thing in vars(import_module(f"{__name__}.{name}")).values()]
    widgets = [thing for thing in things if isinstance(thing, type) and issubclass(thing, Live) and thing is not Live]
    return {widget.__name__: widget for widget in widgets if not widget.__name__.startswith("_")}


globals().update(_found())
__all__ = sorted(_found())
