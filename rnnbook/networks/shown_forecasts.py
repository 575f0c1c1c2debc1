"""What the page of chapter 13 forecasts with, and how it did: networks with rounded weights, baselines, intervals, errors.

All of it is computed here from the series and the shipped weights; the page gets weights, intervals and errors, and makes
the forecasts of any day itself.
"""

from __future__ import annotations

import copy
import functools

import numpy as np

from ..errors import CourseError
from ..series import baselines, windows
from ..series.tasks import Births
from . import shipped_forecasters as shipped

NETWORKS = {"lstm": "LSTM", "simple_rnn": "SimpleRNN", shipped.RECURSIVE: "SimpleRNN on its own answers"}
BASELINES = {
    "linear": "linear, holidays by name",
    "last_year": "same week last year",
    "same_weekday": "same weekday last week",
    "last_value": "every day as yesterday",
}
MODELS = NETWORKS | BASELINES
WITH_QUANTILES = ("lstm", "simple_rnn")  # trained to say an interval; the others take it from their errors


def rounded(name):
    """The shipped weights of a network as the page has them: letter → (int8 array, a scale for each row), or (float32 array, []) for biases."""
    made = {}
    for letter, array in shipped.stored()[name].items():
        if letter[0] in "UWV":
            scales = [float(f"{scale:.4g}") for scale in np.abs(array).max(axis=1)]
            made[letter] = np.round(127 * array / np.array(scales)[:, None]).clip(-127, 127).astype(np.int8), scales
        else:
            made[letter] = array.astype(np.float32), []
    return made


def network(name):
    """A `Forecaster` with what rounding did to its weights."""
    weights = {
        letter: a * np.array(scales)[:, None] / 127 if scales else a.astype(float)
        for letter, (a, scales) in rounded(name).items()
    }
    return shipped.Forecaster(name, weights)


@functools.cache
def task():
    """The series with its origins; and the linear rival of the chapter, told the holidays by name, fitted on the training part."""
    made = Births()
    return made, made.rival("train", named=True)


@functools.cache
def said(model, part):
    """Forecasts of a model for all origins of a part, in births: (origins, HORIZON, outputs)."""
    return _forecast(model, *task(), part)


def _forecast(model, series, linear, part):
    values, at = series.values, series.at[part]
    if model in NETWORKS:
        way = "recursive" if model == shipped.RECURSIVE else "last year"
        return series.births(network(model).forecast(series.past(part), series.future(part, way)), part)
    if model == "linear":
        return linear.forecast(values, series.with_names, at)[..., None]
    return getattr(baselines, model)(values, at)[..., None]


def middle(model, part):
    """One number a day, (origins, HORIZON): the forecast, or the middle quantile."""
    answers = said(model, part)
    return answers[..., answers.shape[-1] // 2]


@functools.cache
def around(model):
    """What is added to a forecast for its interval, (HORIZON, 2): the quantiles .1 and .9 of its errors in the validation years."""
    error = task()[0].truth("validation") - middle(model, "validation")
    return np.quantile(error, [(1 - windows.INSIDE) / 2, (1 + windows.INSIDE) / 2], axis=0).T


@functools.cache
def widening(model):
    """By how many births both ends of a network's interval must move to hold `windows.INSIDE` of the validation days.

    Conformalized quantile regression (Romano, Patterson and Candès, 2019): the quantile of how far the truth lies outside.
    """
    answers, truth = said(model, "validation"), task()[0].truth("validation")
    outside = np.maximum(answers[..., 0] - truth, truth - answers[..., -1])
    return float(np.quantile(outside, windows.INSIDE))


def interval(model, part, wider=False):
    """Lower and upper end for all origins of a part, each (origins, HORIZON)."""
    if model not in WITH_QUANTILES:
        low, high = around(model).T
        return middle(model, part) + low, middle(model, part) + high
    answers, more = said(model, part), widening(model) if wider else 0.0
    return answers[..., 0] - more, answers[..., -1] + more


def inside(model, wider=False):
    """The share of the test days that lie in their interval."""
    return windows.coverage(task()[0].truth("test"), *interval(model, "test", wider))


def errors(model):
    """Mean absolute error at every test origin, in births: (origins,)."""
    return np.abs(task()[0].truth("test") - middle(model, "test")).mean(axis=1)


def from_day(model, day, wider=False):
    """Lower end, forecast and upper end, (HORIZON, 3), from an origin so many days after the first day of the test years."""
    made, linear = task()
    origin = made.at["test"][:1] + day
    last = len(made.values) - windows.HORIZON - int(made.at["test"][0])
    if not 0 <= day <= last:
        raise CourseError(f"day is {day}: four weeks can be forecast from the days 0 to {last} of the test years.")
    alone = copy.copy(made)  # the task itself stays as it is for all others
    alone.at = {"validation": made.at["validation"], "one": origin}
    answers = _forecast(model, alone, linear, "one")
    if model in WITH_QUANTILES:
        more = widening(model) if wider else 0.0
        return answers[0] + np.array([-more, 0.0, more])
    return answers[0, :, -1:] + np.insert(around(model), 1, 0.0, axis=1)
