"""While tests run, every call of an annotated function is checked: its arguments and what it returns have the shapes that they should.

`rnnbook.shapes` says which; jaxtyping and beartype check. The modules are changed when they are imported, so that a reader, who has
neither of the two packages, imports them as they are.
"""

import importlib.abc
import importlib.util
import re
import sys
from functools import wraps
from types import FunctionType

import numpy as np

CHECKED = (
    "rnnbook.networks.fast",
    "rnnbook.networks.numpy_training",
    "rnnbook.networks.recurrence",
    "rnnbook.networks.reference",
    "rnnbook.reviews.corpus",
)


MANY = 50  # of a longer list the checker looks at one element, and of which is left to it


def look(value):
    """All of a value that its annotation can speak of: types, shapes and kinds of numbers. None where that is too much to tell."""
    kind = type(value)
    if kind is np.ndarray:
        return value.shape, value.dtype
    if kind in (tuple, list, dict):
        if len(value) > MANY:
            return None
        inner = tuple(map(look, value.values() if kind is dict else value))
        return None if None in inner else (kind, inner, tuple(value) if kind is dict else ())
    return None if hasattr(value, "shape") else kind  # other arrays may not know theirs yet


def checked(function):
    """The function, refusing arrays of another shape. What else it may be given is its own affair: it says so in sentences.

    The checker takes longer than a step of a small network, and its answer depends on the looks of arguments and result alone: it
    is asked once for each.
    """
    from beartype import beartype
    from jaxtyping import jaxtyped

    shapes = {name: text for name, text in function.__annotations__.items() if re.search(r"\bof\.", str(text))}
    if not shapes:
        return function
    function.__annotations__ = shapes

    def hand_over(*arguments, **named):
        return handed.pop()

    known, handed = {}, []
    # The names in annotations are looked up among the globals of what has them.
    hand_over = FunctionType(hand_over.__code__, function.__globals__, closure=hand_over.__closure__)
    first, later = (jaxtyped(f, typechecker=beartype) for f in (function, wraps(function)(hand_over)))

    @wraps(function)
    def asked_once(*arguments, **named):
        given = look(arguments), look(named)
        if None in given:
            return first(*arguments, **named)
        if given not in known:
            result = first(*arguments, **named)
            known[given] = {look(result)}
            return result
        result = function(*arguments, **named)
        if (found := look(result)) is None or found not in known[given]:
            handed[:] = [result]
            later(*arguments, **named)
            known[given].add(found)
        return result

    return asked_once


def check(module):
    """Check all functions of a module from now on, and the methods of its classes."""
    from rnnbook import shapes

    module.of = shapes  # annotations are strings, which only a checker looks up
    for name, thing in list(vars(module).items()):
        if getattr(thing, "__module__", None) != module.__name__:
            continue
        if isinstance(thing, FunctionType):
            setattr(module, name, checked(thing))
        elif isinstance(thing, type):
            for method, value in list(vars(thing).items()):
                if isinstance(value, FunctionType):
                    setattr(thing, method, checked(value))
                elif isinstance(value, (classmethod, staticmethod)):
                    setattr(thing, method, type(value)(checked(value.__func__)))
                elif isinstance(value, property):
                    setattr(thing, method, property(checked(value.fget), doc=value.__doc__))


class Importer(importlib.abc.MetaPathFinder):
    """Finds the modules of CHECKED as usual, and checks their shapes once they have run."""

    asks = False

    def find_spec(self, name, path, target=None):
        if name not in CHECKED or self.asks:
            return None
        self.asks = True  # the others, among them the one that counts which lines run and asks all again
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self.asks = False
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            check(module)

        spec.loader.exec_module = exec_module
        return spec


def can():
    """Whether both packages are there: `make test` installs them, `make book` does not."""
    return all(map(importlib.util.find_spec, ("jaxtyping", "beartype")))


def install():
    assert not set(CHECKED) & set(sys.modules), "a module was imported before its shapes could be checked"
    sys.meta_path.insert(0, Importer())
