"""Chapter 7's figures and tables: memories under two kinds of mask, and what each rate of dropout cost."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from ..figures import plots
from . import tables


def memories(alone, shared):
    """Shares of memories that are still up, side by side: {kind of mask: (timesteps,)}, held by one unit or by many."""
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 3.0), sharey=True, layout="constrained")
    for ax, title, shares in zip(axes, ("each unit hears itself", "all units hear their mean"), (alone, shared)):
        for kind, values in shares.items():
            ax.plot(np.arange(1, len(values) + 1), values)
            low = values[-1] < 0.6
            ax.text(len(values), values[-1] + (0.03 if low else -0.03), kind, ha="right", va="bottom" if low else "top")
        ax.set(title=title, xlabel="timestep", ylim=(0, 1.05))
    axes[0].set_ylabel("share still up")
    told = "; ".join(
        f"{where}, {kind}: {values[-1]:.0%} up at the end"
        for where, shares in (("one unit a memory", alone), ("one memory shared by all", shared))
        for kind, values in shares.items()
    )
    plots.show(fig, alt=f"Share of memories still up over the timesteps, half of the state dropped: {told}.")


def costs(frame):
    """A Markdown table of a study that drops input and state: a row for each pair of rates, points against the first."""
    pairs = dict(list(frame.groupby(["dropout", "recurrent_dropout"])))
    plain = pairs[0, 0].test_accuracy.mean()
    rows = []
    for (on_input, on_state), runs in pairs.items():
        points = f"{100 * (runs.test_accuracy.mean() - plain):+.1f}".replace("-", "\N{MINUS SIGN}")
        epochs = f"{runs.best_epoch.min()} to {runs.best_epoch.max()}"
        gain = points if on_input or on_state else ""
        rows.append([f"{on_input:g}", f"{on_state:g}", tables.told(runs.test_accuracy), gain, epochs])
    return tables.markdown(["input", "state", "test accuracy", "points", "best epoch"], rows)
