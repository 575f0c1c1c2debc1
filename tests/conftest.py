"""What tests of records in several folders share."""

import numpy as np
import pytest

from rnnbook.laboratory.choice import FINALISTS


@pytest.fixture
def assert_well_chosen():
    def check(name, rows, rates, seeds, error):
        """The rate of the chosen rows of one network is the best mean over all seeds, and lies inside the grid."""
        tried = {rate: [error(row) for row in rows if row["learning_rate"] == rate] for rate in rates}
        mean = {rate: np.mean(errors) for rate, errors in tried.items() if len(errors) == len(seeds)}
        assert len(mean) == FINALISTS
        (chosen,) = {row["learning_rate"] for row in rows if row["chosen"]}
        assert chosen == min(mean, key=mean.get)
        assert [row["chosen"] for row in rows] == [row["learning_rate"] == chosen for row in rows]
        assert chosen not in (rates[0], rates[-1]), f"the best rate of {name} is the first or last that was tried"

    return check
