"""Chapter 5's figures: a stack that reads phrases, how long its layers are moved by a word, and every recorded run."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from . import plots


def two_layers(words, names, on, balance):
    """Below, which unit of the quick layer is on at each word; above, the slow layer's balance.

    words: a list of length timesteps; names: of the units; on (timesteps, units), Boolean; balance (timesteps,).
    """
    fig, (top, bottom) = plt.subplots(2, 1, figsize=(5, 4.6), sharex=True, layout="constrained", height_ratios=[1, 1.1])
    x = np.arange(len(words))
    top.axhline(0, color=plots.GREY, linewidth=0.8)
    top.plot(x, balance, "-o", color="C0", markersize=4)
    top.set(ylabel="balance, in phrases", ylim=(-2.5, 2.5), yticks=range(-2, 3), title="layer 2: slow")
    for row, unit in enumerate(on.T):
        bottom.plot(x[unit], np.full(unit.sum(), row), "s", color="C1", markersize=8)
    bottom.set_yticks(range(len(names)), names)
    bottom.set(ylim=(len(names) - 0.4, -0.6), title="layer 1: quick (a square: the unit is on)")
    bottom.set_xticks(x, words, rotation=90)
    plots.show(
        fig,
        alt="The quick layer names phrases, the slow one keeps their balance. Below, the five units of the first layer over the words "
        "of the sentence: each is on for single words only. Above, the unit of the second layer: it rises at not bad and good, "
        "falls at not good and bad, stays level in between, and ends at zero.",
    )


def effects(panels, alt):
    """Effect of a perturbation on each layer by the words since, every curve divided by its own peak.

    panels: {title: (layers, words)}, side by side.
    """
    fig, axes = plt.subplots(1, len(panels), figsize=(6.4, 3.4), sharey=True, layout="constrained")
    for ax, (title, curves) in zip(axes, panels.items()):
        drawn = np.r_[:9, 9 : curves.shape[1] : 3]
        for level, curve in enumerate(curves):
            ax.plot(
                drawn,
                (curve / curve.max())[drawn],
                marker=plots.MARKERS[level],
                markevery=4,
                markersize=4,
                label=f"layer {level + 1}",
            )
        ax.set(xlabel="words since", ylim=(0, 1.05), title=title)
    axes[0].set_ylabel("effect on the state (peak = 1)")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncol=4)
    plots.show(fig, alt=alt)


def cascade(curves):
    """Impulse responses of the layers of a cascade, every one divided by its own peak: curves (layers, timesteps)."""
    fig, ax = plt.subplots(figsize=(5, 2.8), layout="constrained")
    for level, curve in enumerate(curves):
        ax.plot(curve / curve.max(), label=f"layer {level + 1}")
    ax.set(xlabel="steps since the impulse", ylabel="response (peak = 1)", ylim=(0, 1.05))
    ax.legend()
    peaks = ", ".join(str(curve.argmax()) for curve in curves)
    plots.show(
        fig,
        alt=f"Impulse responses of {len(curves)} equal leaky units, each fed by the one before. They peak after {peaks} steps "
        "and are the broader, the higher the layer.",
    )


def every_run(groups, floor=80):
    """A dot a run: {heading: {layers: test accuracies}}; an arrow and a number for those below `floor` percent."""
    fig, axes = plt.subplots(
        1,
        len(groups),
        figsize=(6, 3.2),
        sharey=True,
        layout="constrained",
        width_ratios=[len(depths) for depths in groups.values()],
    )
    for ax, (heading, depths) in zip(axes, groups.items()):
        for place, accuracies in enumerate(depths.values()):
            values = 100 * np.asarray(accuracies)
            ax.plot(place + np.linspace(-0.25, 0.25, len(values)), values, "o", color=plots.BLUE)
            for low in values[values < floor]:
                ax.annotate(
                    f"{low:.1f}",
                    xy=(place, floor - 0.4),
                    xytext=(place, floor + 0.6),
                    ha="center",
                    color=plots.ORANGE,
                    arrowprops={"arrowstyle": "->", "color": plots.ORANGE},
                )
        ax.set_xticks(range(len(depths)), list(depths))
        ax.set(xlim=(-0.6, len(depths) - 0.4), ylim=(floor - 0.5, 89), xlabel="layers", title=heading)
    axes[0].set_ylabel("test accuracy, %")
    told = "; ".join(
        f"{heading}, {layers} {'layer' if layers == 1 else 'layers'}: {', '.join(f'{100 * a:.1f}' for a in sorted(accuracies))} %"
        for heading, depths in groups.items()
        for layers, accuracies in depths.items()
    )
    plots.show(fig, alt=f"Test accuracy of every recorded run, a dot each. {told}.")
