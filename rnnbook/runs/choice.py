"""Which learning rate a network gets: the first seed tries all, the best two run with all seeds, their mean on validation chooses.

One seed alone may like a rate at which others come apart. A best rate at the edge of the grid is no choice: tests refuse it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

FINALISTS = 2  # as a rule


@dataclass(frozen=True)
class Choice:
    """Rows are dictionaries with `seed` and `learning_rate`; `error` is what one says on validation, less is better.

    `kept` rates run with all seeds; with one, the first seed alone chooses.
    """

    rates: tuple[float, ...]
    first_seed: int
    error: Callable[[dict], float]
    kept: int = FINALISTS

    def finalists(self, rows):
        """The rates that were best with the first seed, best first."""
        tried = [row for row in rows if row["seed"] == self.first_seed]
        return [row["learning_rate"] for row in sorted(tried, key=lambda row: self._mean([row]))[: self.kept]]

    def missing(self, networks, seeds):
        """The runs that are not there yet, as (network, seed, rate): every rate with the first seed, then the finalists.

        networks: the rows of each.
        """
        wanted = [(name, self.first_seed, rate) for name in networks for rate in self.rates]
        if not (left := self._not_in(networks, wanted)):
            last = [(name, rate) for name, rows in networks.items() for rate in self.finalists(rows)]
            left = self._not_in(networks, [(name, seed, rate) for seed in seeds for name, rate in last])
        return left

    def choose(self, rows):
        """Say of every row of one network whether it is `chosen`: at the finalist that is best over the seeds that both have."""
        if not (last := self.finalists(rows)):
            return
        seeds = set.intersection(*({row["seed"] for row in rows if row["learning_rate"] == rate} for rate in last))
        best = min(last, key=lambda rate: self._mean(_of(rows, rate, seeds)))
        for row in rows:
            row["chosen"] = row["learning_rate"] == best

    def _mean(self, rows):
        """Mean error; infinite where one of the runs came apart."""
        return float(np.nan_to_num(np.mean([self.error(row) for row in rows]), nan=np.inf))

    @staticmethod
    def _not_in(networks, wanted):
        done = {(name, row["seed"], row["learning_rate"]) for name, rows in networks.items() for row in rows}
        return [run for run in wanted if run not in done]


def _of(rows, rate, seeds):
    return [row for row in rows if row["learning_rate"] == rate and row["seed"] in seeds]
