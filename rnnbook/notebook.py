"""What every notebook of the course needs first: a style, a word on versions, and checked parameters."""

import os
from hashlib import md5
from importlib.metadata import version

from .errors import CourseError
from .files import quiet

LIMITS = {
    "EPOCHS": (1, 1000),
    "REVIEWS": (50, 25_000),
    "NUMBERS": (50, 10_000),
    "SEQUENCES": (64, 100_000),
    "SEED": (0, 2**31 - 1),
}
DATASETS = ("auto", "imdb", "sample")


class ParameterError(CourseError):
    """A notebook parameter has the wrong type or lies outside its range."""


def parameters(**values):
    """Check the parameters of a notebook and return them in the order given.

    Papermill passes text, so `"3"` counts as 3. `EPOCHS`, `REVIEWS`, `NUMBERS`, `SEQUENCES` and `SEED` are
    whole numbers within `LIMITS`; `DATASET` is one of `DATASETS`. Returns one value for one parameter, else a tuple.
    Raises `ParameterError`, which says what was wrong and what is allowed.
    """
    checked = tuple(_checked(name, value) for name, value in values.items())
    return checked[0] if len(checked) == 1 else checked


def _checked(name, value):
    if name == "DATASET":
        if value not in DATASETS:
            raise ParameterError(f"DATASET is {value!r}, but must be one of {', '.join(map(repr, DATASETS))}.")
        return value
    if name not in LIMITS:
        raise ParameterError(f"{name} is no parameter of these notebooks; there are {', '.join([*LIMITS, 'DATASET'])}.")
    low, high = LIMITS[name]
    try:
        number = int(value) if isinstance(value, str) else value
        if isinstance(number, bool) or number != int(number):
            raise ValueError
        number = int(number)
    except (TypeError, ValueError, OverflowError):
        raise ParameterError(f"{name} is {value!r}, but must be a whole number from {low} to {high:,}.") from None
    if not low <= number <= high:
        raise ParameterError(f"{name} is {number:,}, but must lie between {low} and {high:,}.")
    return number


def start():
    """Set the plotting style, import Keras without the log of its backend, and print the versions in use.

    Call it in the set-up cell, before Keras is imported. A name used before the cell that makes it has run
    is answered with a hint to run the cells above.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # The matrices here are small: a second BLAS thread costs several times what it brings, and changes last digits.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Importing plots here keeps `parameters` light for the command line.
    from IPython import get_ipython

    from rnnbook.figures import plots

    plots.use()
    shell = get_ipython()
    if shell is not None:
        shell.set_custom_exc((NameError,), _hint_at_order)
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    with quiet():
        import keras  # noqa: F401

        if backend == "tensorflow":  # it warns of "retracing" where a cell compares several small models
            import tensorflow

            tensorflow.get_logger().setLevel("ERROR")
    from rnnbook.reviews import lending

    lending.lend()
    print(
        f"rnnbook {version('rnnbook')} · Keras {version('keras')} on {backend} {version(backend)} · NumPy {version('numpy')}"
    )


def _hint_at_order(shell, kind, error, trace, tb_offset=None):
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
    if name := getattr(error, "name", None):
        print(f"`{name}` does not exist yet. Run the cells above first (menu Run, or Runtime on Colab: run all above).")


def quiz(questions):
    """Show self-check questions below the cell; `rnnbook.widgets.Quiz` says how they are written.

    Options stand in an order that does not depend on how they were written down, but is the same on every run.
    """
    from rnnbook.widgets.quiz import Quiz

    return Quiz(questions=[_mixed(question) for question in questions])


def _mixed(question):
    if question.get("type") == "numeric":
        return question
    return {
        **question,
        "answers": sorted(question["answers"], key=lambda answer: md5(answer["answer"].encode()).digest()),
    }
