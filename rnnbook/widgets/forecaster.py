"""Forecasts of births from any day of the test years, made in the page by trained networks and by baselines."""

import functools

import numpy as np
import traitlets as T

from ..networks import shipped_forecasters as shipped
from ..networks import shown_forecasts as shown
from ..series import windows
from .live import Live
from .picture import Svg

BEFORE = 28  # days shown before the origin


@functools.cache
def packed():
    """The bytes that the page gets, and what they hold: weights, the linear fit, births, and the errors at all test origins."""
    series, linear = shown.task()
    first = int(series.at["test"][0])
    start = first - windows.YEAR - windows.LEVEL  # from where the level of a year ago is taken
    parts, networks = [], []
    for name in shown.NETWORKS:
        arrays = shown.rounded(name)
        shapes = [[letter, *np.atleast_2d(a).shape, scales] for letter, (a, scales) in arrays.items()]
        networks.append({"key": name, "cell": shipped.CELL.get(name, name), "arrays": shapes})
        parts += [a.tobytes() for a, _ in arrays.values()]
    coefficients = np.array(linear.weights)
    scales = np.array([_same(row) for row in np.abs(coefficients).max(axis=1)])
    days = series.series.index[start:]
    parts += [
        np.round(32767 * coefficients / scales[:, None]).astype("<i2").tobytes(),
        series.values[start:].astype("<u2").tobytes(),
        np.round([shown.errors(model) for model in shown.MODELS]).astype("<u2").tobytes(),
    ]
    layout = {
        "networks": networks,
        "linear": {"scales": scales.tolist(), "inputs": coefficients.shape[1], "mean": _same(linear.mean)},
        "first_day": f"{days[0]:%Y-%m-%d}",
        "days": len(days),
        "before": first - start,
        "origins": len(series.at["test"]),
        "step": windows.STEP,
        "horizon": windows.HORIZON,
        "history": windows.HISTORY,
        "year": windows.YEAR,
        "level": windows.LEVEL,
        "holidays": np.flatnonzero(series.calendar[start:, 7]).tolist(),
        "named_days": [np.flatnonzero(days_of_name).tolist() for days_of_name in series.names[start:].T],
        "scale": [_same(series.scale.mean), _same(series.scale.std)],
        "naive_error": _same(windows.naive_error(series.training)),
        "models": [_about(model) for model in shown.MODELS],
    }
    return b"".join(parts), layout


def _about(model):
    about = {"key": model, "name": shown.MODELS[model], "inside": _same(shown.inside(model))}
    if model in shown.WITH_QUANTILES:
        more = {"widening": shown.widening(model), "inside_widened": shown.inside(model, wider=True)}
        return about | {name: _same(value) for name, value in more.items()}
    return about | {"around": np.round(shown.around(model)).tolist()}


def _same(value):
    """A number without the digits in which processors differ: stored outputs are compared."""
    return float(f"{value:.6g}")


class Forecaster(Live):
    """Drag the origin over the test years, choose a model and a baseline, and only then look at what happened.

    `origin` counts days from 1 January 1987; `model` and `against` are keys of `shown_forecasts.MODELS` and `BASELINES`;
    `truth` shows the days that were forecast; `widened` moves the ends of a network's interval as the validation years ask.
    """

    origin = T.Int(326, min=0, max=703).tag(sync=True)
    model = T.Enum(list(shown.MODELS), "lstm").tag(sync=True)
    against = T.Enum(list(shown.BASELINES), "last_year").tag(sync=True)
    truth = T.Bool(False).tag(sync=True)
    widened = T.Bool(False).tag(sync=True)
    data = T.Bytes().tag(sync=True)
    layout_of_data = T.Dict().tag(sync=True)

    @T.default("data")  # asked for when the settings are found to be right: the linear fit takes seconds
    def _data(self):
        return packed()[0]

    @T.default("layout_of_data")
    def _layout(self):
        return packed()[1]

    def forecast(self, model):
        """Lower end, forecast and upper end of a model from this origin, in births: (HORIZON, 3)."""
        return shown.from_day(model, self.origin, self.widened)

    def _days(self):
        task = shown.task()[0]
        t = int(task.at["test"][0]) + self.origin
        return task.series.iloc[t - BEFORE : t + windows.HORIZON]

    def alt_text(self):
        days, said = self._days(), self.forecast(self.model)
        ahead = days.index[BEFORE:]
        text = (
            f"Births a day in the four weeks before {ahead[0]:%d %B %Y}, and what {shown.MODELS[self.model]} forecasts "
            f"for the four weeks from then on, from {said[:, 1].min():,.0f} to {said[:, 1].max():,.0f} a day, with an interval; "
            f"beside it the forecast of {shown.MODELS[self.against]}."
        )
        return text + (" The births that came are drawn as well." if self.truth else "")

    def picture(self):
        days, (said, other) = self._days(), (self.forecast(self.model), self.forecast(self.against))
        top = np.ceil(max(days.max(), said.max(), other.max()) / 1000)
        svg = Svg(680, 300)
        ahead = days.index[BEFORE:]
        at = svg.axes(
            48, 40, 610, 200, (-BEFORE, windows.HORIZON), (6, top),
            f"Thousand births a day, forecast on {ahead[0]:%d %B %Y}", "days from the origin",
        )  # fmt: skip
        for day, (low, _, high) in enumerate(said / 1000):
            (left, upper), (right, lower) = at(day, max(6, high)), at(day + 1, max(6, low))
            svg.rect(left, upper, right - left, lower - upper, "#f6dfc6")
        middle = np.arange(-BEFORE, windows.HORIZON) + 0.5
        svg.line([at(d, v) for d, v in zip(middle[:BEFORE], days[:BEFORE] / 1000, strict=True)], "muted", 1.5)
        if self.truth:
            svg.line([at(d, v) for d, v in zip(middle[BEFORE:], days[BEFORE:] / 1000, strict=True)], "y", 2)
        svg.line([at(d, v) for d, v in zip(middle[BEFORE:], other[:, 1] / 1000, strict=True)], "x", 1.5, "5 4")
        svg.line([at(d, v) for d, v in zip(middle[BEFORE:], said[:, 1] / 1000, strict=True)], "z", 2.5)
        svg.text(48, 284, f"{shown.MODELS[self.model]}, with its interval", "z")
        return svg.text(658, 284, f"dashed: {shown.MODELS[self.against]}", "x", "end").svg()
