"""Two recorded configurations side by side; in a kernel, a panel below that trains one more."""

import functools

import traitlets as T

from .. import laboratory
from ..errors import CourseError
from . import train
from .facts import LAB as USUAL
from .live import Live
from .picture import Svg
from .training_panel import TrainingPanel

STUDY = "hyperparameters"


class HyperparameterLab(Live):
    """Explore what units, layers, direction, dropout, learning rate and maxlen do to a SimpleRNN on IMDB.

    `a` and `b` are the two configurations, e.g. ``HyperparameterLab(b={"depth": 4})``: of units, depth, bidirectional,
    dropout, recurrent_dropout, learning_rate and maxlen, whatever differs from `USUAL`. `epoch` is the marked one.
    `recorded` holds the runs of the study "hyperparameters", see `recorded_runs`; where a configuration was not
    recorded, the nearest one is shown, and the widget says so. Raises CourseError for an unknown setting.
    """

    a = T.Dict(USUAL).tag(sync=True)
    b = T.Dict({**USUAL, "dropout": 0.2, "recurrent_dropout": 0.2}).tag(sync=True)
    epoch = T.Int(10, min=0).tag(sync=True)
    recorded = T.List(T.Dict()).tag(sync=True)
    _run = T.Dict().tag(sync=True)  # of the panel; the name keeps it out of the static twin

    def __init__(self, **settings):
        settings.setdefault("recorded", recorded_runs())
        super().__init__(**settings)

    @T.validate("a", "b")
    def _complete(self, proposal):
        if unknown := sorted(set(proposal["value"]) - set(USUAL)):
            raise CourseError(f"A configuration has no {unknown[0]!r}: choose among {', '.join(USUAL)}.")
        return {**USUAL, **proposal["value"]}

    @functools.cached_property
    def panel(self):
        """The `TrainingPanel` that a kernel shows below the explorer."""
        return TrainingPanel(self, self.a)

    def _repr_mimebundle_(self, **kwargs):
        bundled = super()._repr_mimebundle_(**kwargs)
        if bundled is None:
            return None
        bundle, metadata = bundled
        mime = "application/vnd.jupyter.widget-view+json"
        return {**bundle, mime: {**bundle[mime], "model_id": self.panel.box.model_id}}, metadata

    @classmethod
    def assets(cls):
        return train.ASSETS

    @classmethod
    def asset(cls, name):
        return train.asset(name)

    def shown(self):
        """Return the recorded configurations that stand for `a` and `b`, or two times None where there is none."""
        return nearest(self.recorded, self.a), nearest(self.recorded, self.b)

    def alt_text(self):
        said = [f"{name} with {_words(item['config'])}" for name, item in zip("AB", self.shown()) if item]
        return "Training and validation accuracy of a SimpleRNN after each epoch, for two recorded configurations" + (
            ": " + "; ".join(said) + "." if said else ". None has been recorded yet."
        )

    def picture(self):
        svg = Svg(680, 270)
        for name, item, left in zip("AB", self.shown(), (52, 385)):
            epochs = len(item["runs"][0]["loss"]) if item else 10
            at = svg.axes(left, 40, 255, 180, (1, max(2, epochs)), (0.5, 1), f"{name}: accuracy", "epoch")
            for run in item["runs"] if item else ():
                svg.line([at(i + 1, v) for i, v in enumerate(run["accuracy"])], "x", 1.5, "5 4")
                svg.line([at(i + 1, v) for i, v in enumerate(run["val_accuracy"])], "z", 2)
        svg.text(
            340,
            258,
            "blue, dashed: training; brown: validation" if self.recorded else "No run has been recorded yet.",
            "muted",
            "middle",
            12,
        )
        return svg.svg()


def _words(config):
    return ", ".join(
        f"{key} {config[key]:g}" if key != "bidirectional" else f"bidirectional {config[key]}" for key in USUAL
    )


def recorded_runs(folder=None):
    """Return the runs of the study "hyperparameters", a dictionary for each configuration in the order of its settings.

    Keys: config, parameters, train (number of reviews) and runs: for each seed its test accuracy at the best epoch, the
    best epoch (from 1), and the curves loss, accuracy, val_loss, val_accuracy, rounded to four digits.
    """
    frame = laboratory.load(STUDY, per="epoch", folder=folder)
    if frame.empty:
        return []
    items = []
    for values, group in frame.groupby(list(USUAL), sort=True):
        items.append(
            {
                # of the usual value's type, so that every version of pandas gives the same text
                "config": {key: type(USUAL[key])(value) for key, value in zip(USUAL, values)},  # pyright: ignore[reportArgumentType]
                "parameters": int(group["parameters"].iloc[0]),
                "train": int(group["n_train"].iloc[0]),
                "runs": [
                    {"best": int(run["best_epoch"].iloc[0]), "test": round(float(run["test_accuracy"].iloc[0]), 4)}
                    | {name: [round(float(v), 4) for v in run[name]] for name in laboratory.CURVES}
                    for _, run in group.groupby("seed", sort=True)
                ],
            }
        )
    return items


def nearest(recorded, wanted):
    """Return the recorded configuration that is nearest to `wanted`: with the fewest settings that differ.

    Among equals, the one whose values are the fewest places away in the list of the values that were recorded, then
    the first. None where nothing was recorded. As `nearest` in hyperparameter_lab.js.
    """
    values = {key: sorted({item["config"][key] for item in recorded} | {wanted[key]}) for key in USUAL}

    def distance(item):
        steps = [abs(values[key].index(item["config"][key]) - values[key].index(wanted[key])) for key in USUAL]
        return sum(s > 0 for s in steps), sum(steps)

    return min(recorded, key=distance, default=None)
