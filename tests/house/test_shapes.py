"""Documented shapes are checked: while tests run, a call with another shape ends in an error that names it."""

import inspect
import subprocess
import sys

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from rnnbook import reviews, shapes
from rnnbook.networks import numpy_training, reference
from tests.checked_shapes import CHECKED

rng = np.random.default_rng(0)
X, U, W, b = rng.normal(size=(2, 5, 3)), rng.normal(size=(4, 3)), np.eye(4), np.zeros(4)


@pytest.mark.parametrize(
    "call",
    [
        lambda: reference.rollout(X, U.T, W, b),
        lambda: reference.rollout(X[0], U, W, b),
        lambda: reference.simple_rnn_step(X[:, 0], np.zeros((1, 4)), U, W, b),  # NumPy itself would broadcast it
        lambda: reference.backpropagation_through_time(X, np.zeros((2, 6, 4)), np.zeros((2, 5, 4)), U, W),
        lambda: reference.masked_rollout(X, np.ones((2, 5)), U, W, b),  # numbers are no mask
        lambda: numpy_training.loss_and_accuracy(np.zeros(3), np.zeros((3, 1))),
        lambda: reviews.Reviews(np.zeros((1, 3), np.uint16), np.array([0, 3]), np.zeros(1, np.uint8)),
    ],
)
def test_another_shape_is_refused(call):
    with pytest.raises(TypeCheckError):
        call()


def test_a_result_of_another_shape_is_refused():
    """As if a rollout forgot the first state."""
    spoiled = inspect.unwrap(reference.rollout)
    code = inspect.getsource(spoiled).replace("np.stack(Z, axis=1)", "np.stack(Z[1:], axis=1)")
    scope = {**vars(reference)}
    exec(compile(f"from __future__ import annotations\n{code}", "<spoiled>", "exec"), scope)
    from tests.checked_shapes import checked

    with pytest.raises(TypeCheckError, match="return"):
        checked(scope["rollout"])(X, U, W, b)


def test_what_was_fine_once_is_refused_with_another_shape_or_result():
    """The checker is asked once for each look of arguments and result, so another look of either is news."""
    from tests.checked_shapes import checked

    results = [X[:, 0], X[:, 0], X[:, 0, 0], X[:, 0]]

    def step(X: "of.Inputs", more: "dict | None" = None) -> "of.Inputs":  # noqa: F821
        return results.pop()

    step.__globals__["of"] = shapes
    run = checked(step)
    assert run(X[:, 0]).shape == (2, 3)
    with pytest.raises(TypeCheckError, match="return"):
        run(X[:, 0])
    with pytest.raises(TypeCheckError, match="parameter"):
        run(X)
    with pytest.raises(TypeCheckError, match="parameter"):
        run(X[:, 0].astype(str))
    assert run(X[:, 0]).shape == run(X[:, 0], more={"a": [X, None]}).shape == (2, 3) and results == []


def test_every_module_named_is_checked():
    for name in CHECKED:
        module = sys.modules.get(name)
        if module:
            assert module.of is shapes
    functions = [f for f in vars(reference).values() if inspect.isfunction(f) and f.__module__ == reference.__name__]
    unchecked = {f.__name__ for f in functions if not hasattr(f, "__wrapped__")}
    assert unchecked <= {"dropout_mask"}, "a function of reference.py says nothing about shapes"


def test_readers_need_neither_package():
    code = "import sys; sys.modules.update(jaxtyping=None, beartype=None)\nimport rnnbook.reviews\nfrom rnnbook.networks import "
    code += "reference, numpy_training\nassert 'rnnbook.shapes' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
