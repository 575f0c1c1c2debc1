"""One or two recurrent networks that train in the page, on a task that the reader chooses."""

from __future__ import annotations

import traitlets as T

from . import train
from .live import Live
from .picture import Svg

TASKS = ("sine", "adding", "recall", "parity", "brackets", "text", "births", "cat", "reviews")


class Playground(Live):
    """Train recurrent networks in the page, in a Jupyter notebook or in the static book: no kernel takes part.

    Settings: the `task`, one of `TASKS`; `a` and `b`, the settings of the two networks where they differ from the
    task's usual ones, such as ``{"cell": "simple_rnn", "timesteps": 100, "clip": 0}`` (names and values: train/settings.js,
    `CHOICES`); `compare`, whether there is a second network; how many `seeds` train at once; the first `seed`.
    With `page`, the settings are read from the page's address and written to it, so that a link holds them.
    """

    task = T.Enum(TASKS, "adding").tag(sync=True)
    a = T.Dict().tag(sync=True)
    b = T.Dict({"cell": "simple_rnn"}).tag(sync=True)
    compare = T.Bool(True).tag(sync=True)
    seeds = T.Int(3, min=1, max=5).tag(sync=True)
    seed = T.Int(1, min=1, max=999_999).tag(sync=True)
    page = T.Bool(False).tag(sync=True)

    def asset(self, name):
        """Return the engine or the data of a task, see `train.asset`."""
        return train.asset(name)

    def alt_text(self):
        return f"A playground in which recurrent networks train on the task {self.task!r}. It needs JavaScript."

    def picture(self):
        svg = Svg(680, 150)
        svg.text(340, 70, "Recurrent networks train here", anchor="middle", size=17, bold=True)
        return svg.text(340, 96, f"Task: {self.task}. JavaScript does the work.", "muted", "middle").svg()
