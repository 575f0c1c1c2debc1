"""Two or three recurrent networks that race in the page, after the reader has said what to expect."""

from __future__ import annotations

import traitlets as T

from ..errors import CourseError
from . import train
from .live import Live
from .picture import Svg
from .playground import TASKS

_LAGS = {"key": "timesteps", "label": "Timesteps", "options": [10, 20, 50, 100, 200]}
# What each shows is left to the run; `watch` says where to look.
RACES = {
    "backpropagation": {
        "task": "sine",
        "networks": [{"name": "Your network", "settings": {"cell": "simple_rnn", "units": 4, "timesteps": 10}}],
        "choose": {"key": "units", "label": "Units", "options": [2, 4]},
        "pictures": ["weights", "gradient", "answer"],
        "seeds": 1,
        "until": 600,
        "question": "A network with random weights reads a noisy wave and forecasts its next value. The first gradient "
        "comes back from the loss through all timesteps. In which matrix is it longest, counted over all entries?",
        "answers": ["U, from the inputs", "W, from state to state", "V, to the output"],
        "watch": "Press “One step” a few times. In the table each weight has its gradient below it: the weight moves "
        "against it. Then let it run and see the gradients shrink as the forecast gets better.",
    },
    "masks": {
        "task": "recall",
        "networks": [
            {"name": "One mask", "settings": {"cell": "simple_rnn", "recurrentDropout": 0.5, "timesteps": 20}},
            {"name": "Fresh masks", "settings": {"cell": "simple_rnn", "recurrentDropout": 0.5, "fresh": True}},
        ],
        "choose": {**_LAGS, "options": [10, 20, 50]},
        "pictures": ["gradient"],
        "until": 200,
        "question": "Two networks must keep a sign over 20 timesteps. Both drop half of the state: one keeps its mask "
        "for the whole sequence, the other draws a new mask at every timestep. Which learns it sooner?",
        "answers": ["one mask a sequence", "fresh masks", "no difference"],
        "watch": "With one mask, half of the units is never touched. With fresh masks, how likely is it that a unit is "
        "touched by none of 20? Try other numbers of timesteps.",
    },
    "adding": {
        "task": "adding",
        "networks": [
            {"name": "SimpleRNN", "settings": {"cell": "simple_rnn", "units": 16}},
            {"name": "LSTM", "settings": {"cell": "lstm", "units": 16}},
        ],
        "choose": _LAGS,
        "pictures": ["gradient", "answer"],
        "until": 600,
        "question": "Both networks must add two marked numbers of a sequence. How far back does the gradient reach in the "
        "SimpleRNN, before and while it learns?",
        "answers": ["to the first timestep, as long as at the last", "it shrinks on the way", "it grows on the way"],
        "watch": "Read the picture of the gradient from right to left: that is the way it travels. Where it is below a "
        "thousandth of its length at the end, those timesteps hardly teach anything. Change the number of timesteps.",
    },
    "lag": {
        "task": "recall",
        "networks": [
            {"name": "SimpleRNN", "settings": {"cell": "simple_rnn", "distractors": 1}},
            {"name": "LSTM", "settings": {"cell": "lstm", "distractors": 1}},
            {"name": "LSTM, forget bias 5", "settings": {"cell": "lstm", "distractors": 1, "forgetBias": 5}},
        ],
        "choose": {**_LAGS, "label": "Lag, in timesteps"},
        "pictures": ["gradient"],
        "until": 300,
        "question": "The first input is plus or minus one, then loud noise follows, and at the end the network must say "
        "which it was. Choose a lag. Which networks will be right?",
        "answers": ["all three", "both LSTMs", "only the LSTM with forget bias 5", "none"],
        "watch": "Compare the gradients at the first timestep, where all that matters was read. Then choose a longer lag.",
    },
    "characters": {
        "task": "text",
        "networks": [
            {"name": "SimpleRNN", "settings": {"cell": "simple_rnn", "units": 32, "timesteps": 32}},
            {"name": "LSTM", "settings": {"cell": "lstm", "units": 32}},
        ],
        "choose": {"key": "timesteps", "label": "Characters in a window", "options": [10, 20, 32, 50]},
        "pictures": ["answer"],
        "until": 300,
        "question": "A SimpleRNN and an LSTM, 32 units each, begin to read Shakespeare’s Sonnets: 300 batches of 32 streams, "
        "32 characters from each. Which needs fewer bits a character by then, on lines that it has not read?",
        "answers": ["the SimpleRNN", "the LSTM", "no difference"],
        "watch": "Compare the curves, and what the two write by the end. 300 batches are a beginning: would the order stay? "
        "The playground lets both go on.",
    },
    "births": {
        "task": "births",
        "networks": [
            {"name": "SimpleRNN", "settings": {"cell": "simple_rnn", "timesteps": 35}},
            {"name": "GRU", "settings": {"cell": "gru"}},
        ],
        "choose": {"key": "timesteps", "label": "Days in a window", "options": [10, 20, 35, 75]},
        "pictures": ["answer"],
        "until": 300,
        "question": "A SimpleRNN and a GRU, 32 units each, forecast the births of the next day at every day of a window of 35. "
        "Which has the smaller error by the end, on two years that it has not seen?",
        "answers": ["the SimpleRNN", "the GRU", "no difference"],
        "watch": "Compare them after fifty updates and at the end. In the picture they read their own forecasts from the rule "
        "on: what do they keep of the week? Then choose 10 days, where most days of a window have no whole week before them.",
    },
}


class TrainingRace(Live):
    """Networks that train in the page until a given update; the reader chooses an answer first.

    race: the name of one in `RACES`, whose settings are then the usual ones. Settings: the `task` (see `Playground`);
    `networks`, one to three dictionaries with a `name` and `settings` (names and values: train/settings.js,
    `CHOICES`); `choose`, one setting that the reader may choose for all networks: ``{"key", "label", "options"}``;
    the `question` with its `answers` and where to look while they train (`watch`); which `pictures` are shown, of
    "gradient", "answer" and "weights" (of a network with few); how many `seeds` of each, the first `seed`; `until`.
    """

    task = T.Enum(TASKS, "adding").tag(sync=True)
    networks = T.List(T.Dict(), minlen=1, maxlen=3).tag(sync=True)
    choose = T.Dict().tag(sync=True)
    question = T.Unicode().tag(sync=True)
    answers = T.List(T.Unicode()).tag(sync=True)
    watch = T.Unicode().tag(sync=True)
    pictures = T.List(T.Enum(("gradient", "answer", "weights")), ["gradient"]).tag(sync=True)
    seeds = T.Int(3, min=1, max=5).tag(sync=True)
    seed = T.Int(1, min=1, max=999_999).tag(sync=True)
    until = T.Int(300, min=1, max=100_000).tag(sync=True)

    def __init__(self, race="adding", **settings):
        if race not in RACES:
            raise CourseError(f"There is no race {race!r}; there are {', '.join(RACES)}.")
        super().__init__(**{**RACES[race], **settings})

    @classmethod
    def assets(cls):
        return train.ASSETS

    @classmethod
    def asset(cls, name):
        return train.asset(name)

    def alt_text(self):
        names = " and ".join(network["name"] for network in self.networks)
        return f"A race in the page between networks that train: {names}. It needs JavaScript. It asks first: {self.question}"

    def picture(self):
        svg = Svg(680, 150)
        svg.text(340, 58, "Networks train here, in the page", anchor="middle", size=17, bold=True)
        svg.text(340, 86, " · ".join(network["name"] for network in self.networks), "muted", "middle")
        return svg.text(340, 112, f"Task: {self.task}. JavaScript does the work.", "muted", "middle", 12).svg()
