"""What a test looks at whenever tests run, and what at night only."""

import pytest


def often(some, values):
    """The values to parametrize a test with: `some` of them for every run of the tests, the others for the nightly one."""
    strange = [value for value in some if value not in values]
    assert not strange, f"not among the values: {strange}"
    return [value if value in some else pytest.param(value, marks=pytest.mark.nightly) for value in values]
