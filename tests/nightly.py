"""What a test looks at whenever tests run, and what at night only."""

import pytest


def often(some, values):
    """The values to parametrize a test with: `some` of them for every run of the tests, the others for the nightly one."""
    assert set(some) <= set(values), f"not among the values: {set(some) - set(values)}"
    return [value if value in some else pytest.param(value, marks=pytest.mark.nightly) for value in values]
