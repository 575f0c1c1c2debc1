"""Which learning rate a network gets: the first seed tries all, the best two run with all seeds, their mean on validation chooses.

One seed alone may like a rate at which others come apart. A best rate at the edge of the grid is no choice: tests refuse it.

    CHOICE = Choice((0.01, 0.02, 0.04), error=lambda row: row["validation"][-1])
    cases = lambda rows: [case for cell in CELLS for case in CHOICE.cases({"cell": cell}, SEEDS, rows)]
    derived = lambda frame: frame.assign(chosen=CHOICE.chosen(frame, "cell"))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

FIRST_SEED = 0
FINALISTS = 2  # as a rule


@dataclass(frozen=True)
class Choice:
    """Rows are dictionaries with `seed` and `learning_rate`; `error` is what one says on validation, less is better.

    `kept` rates run with all seeds; with one, the first seed alone chooses.
    """

    rates: tuple[float, ...]
    error: Callable[[dict[str, Any]], float]
    kept: int = FINALISTS

    def cases(self, network, seeds, rows):
        """The cases of one network: every rate with the first seed and, once these are there, the finalists with all seeds.

        network: what its cases have beside seed and rate; rows: what is recorded, of others too.
        """
        mine = [row for row in rows if network.items() <= row.items()]
        runs = [(FIRST_SEED, rate) for rate in self.rates]
        if {(row["seed"], row["learning_rate"]) for row in mine} >= set(runs):
            last = self.finalists(mine)
            runs += [(seed, rate) for seed in seeds for rate in last if seed != FIRST_SEED]
        return [network | {"seed": seed, "learning_rate": rate} for seed, rate in runs]

    def finalists(self, rows):
        """The rates of one network that were best with the first seed, best first."""
        tried = [row for row in rows if row["seed"] == FIRST_SEED]
        return [row["learning_rate"] for row in sorted(tried, key=lambda row: self._mean([row]))[: self.kept]]

    def rate(self, rows):
        """The chosen rate of one network: of its finalists the best over the seeds that all of them have; None without rows."""
        if not (last := self.finalists(rows)):
            return None
        seeds = set.intersection(*({row["seed"] for row in rows if row["learning_rate"] == rate} for rate in last))
        return min(last, key=lambda rate: self._mean(_of(rows, rate, seeds)))

    def chosen(self, frame, *network):
        """Which rows of a frame ran at the chosen rate of their network, a list; network: the columns that tell networks apart."""
        rows = frame.to_dict("records")
        groups = {}
        for row in rows:
            groups.setdefault(tuple(row[key] for key in network), []).append(row)
        rates = {name: self.rate(mine) for name, mine in groups.items()}
        return [row["learning_rate"] == rates[tuple(row[key] for key in network)] for row in rows]

    def _mean(self, rows):
        """Mean error; infinite where one of the runs came apart."""
        return float(np.nan_to_num(np.mean([self.error(row) for row in rows]), nan=np.inf))


def _of(rows, rate, seeds):
    return [row for row in rows if row["learning_rate"] == rate and row["seed"] in seeds]
