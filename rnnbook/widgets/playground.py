"""One or two recurrent networks that train in the page, on a task that the reader chooses."""

from __future__ import annotations

from urllib.parse import urlencode

import traitlets as T

from . import train
from .live import Live
from .picture import Svg

TASKS = ("sine", "adding", "recall", "parity", "brackets", "text", "births", "cat", "reviews")

# What a chapter's link opens: a task and networks that its own cells speak of.
_SIMPLE = {"cell": "simple_rnn"}
CHAPTERS = {
    "01_dynamical_systems": {"task": "sine", "a": {"radius": 0.9}, "b": {"radius": 1.3}},
    "02_unfolding": {"task": "sine", "a": {"units": 4, "timesteps": 10}},
    "03_feeding_sequences": {"task": "cat", "a": {**_SIMPLE, "units": 64}},
    "04_imdb_simple_rnn": {"task": "reviews", "a": _SIMPLE},
    "05_stacked": {"task": "reviews", "a": {**_SIMPLE, "layers": 1}, "b": {**_SIMPLE, "layers": 3}},
    "06_bidirectional": {"task": "reviews", "a": _SIMPLE, "b": {**_SIMPLE, "bidirectional": True}},
    "07_dropout": {
        "task": "recall",
        "a": {**_SIMPLE, "timesteps": 20, "recurrentDropout": 0.5},
        "b": {**_SIMPLE, "timesteps": 20, "recurrentDropout": 0.5, "fresh": True},
    },
    "08_training": {"task": "adding", "a": {**_SIMPLE, "units": 16}, "b": {"cell": "lstm", "units": 16}},
    "09_lstm_gru": {
        "task": "recall",
        "a": {"cell": "lstm", "distractors": 1, "forgetBias": 5},
        "b": {**_SIMPLE, "distractors": 1},
    },
    "10_comparison": {"task": "reviews", "a": _SIMPLE, "b": {"cell": "lstm"}},
    "11_fast_training": {"task": "adding", "a": {"cell": "lstm"}, "b": {"cell": "diagonal"}},
    "12_language": {"task": "text", "a": {"cell": "gru"}, "b": _SIMPLE},
    "13_forecasting": {"task": "births", "a": {"cell": "gru"}, "b": _SIMPLE},
    "14_attention": {"task": "brackets", "a": {"units": 8}, "b": {"units": 32}},  # how much one state must hold
}


def link(task, a, b=None, seeds=3, seed=1):
    """Return the end of an address that opens the playground's page with these settings: ``#play?task=…``.

    task, a, b, seeds, seed: as of `Playground`; without `b` there is one network. As `toLink` in playground_page.js.
    """

    def side(settings):
        return ",".join(f"{key}:{str(value).lower()}" for key, value in settings.items())

    parts = {"task": task, "a": side(a), **({"b": side(b)} if b else {}), "seeds": seeds, "seed": seed}
    return f"#play?{urlencode(parts)}"


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

    @classmethod
    def assets(cls):
        return train.ASSETS

    @classmethod
    def asset(cls, name):
        return train.asset(name)

    def alt_text(self):
        return f"A playground in which recurrent networks train on the task {self.task!r}. It needs JavaScript."

    def picture(self):
        svg = Svg(680, 150)
        svg.text(340, 70, "Recurrent networks train here", anchor="middle", size=17, bold=True)
        return svg.text(340, 96, f"Task: {self.task}. JavaScript does the work.", "muted", "middle").svg()
