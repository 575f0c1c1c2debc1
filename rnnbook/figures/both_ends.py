"""Chapter 6's figures and tables: what each direction has read, what padding leaves, and forecasts with and without a leak."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from ..networks import reference
from . import plots


def influence(X, forward, backward):
    """How far a changed input j moves each half of the state at input i: {half: (timesteps, timesteps)}, row i, column j."""
    units, before = len(forward[2]), reference.bidirectional_rollout(X, forward, backward)
    halves = {"forward": slice(units), "backward": slice(units, None), "both": slice(None)}
    moved = {name: np.zeros((X.shape[1], X.shape[1])) for name in halves}
    for j in range(X.shape[1]):
        changed = X.copy()
        changed[:, j] += 0.1
        difference = reference.bidirectional_rollout(changed, forward, backward) - before
        for name, half in halves.items():
            moved[name][:, j] = np.linalg.norm(difference[:, :, half], axis=2).mean(axis=0)
    return moved


def influence_maps(moved):
    """The three maps of `influence`, on a logarithmic scale of colors; light gray where the influence is exactly zero."""
    fig, axes = plt.subplots(1, 3, figsize=(6.4, 2.6), sharey=True, layout="constrained")
    colors = plt.get_cmap("viridis", 14).with_extremes(bad="0.92")
    for ax, (name, values) in zip(axes, moved.items()):
        shown = np.ma.masked_equal(values, 0)
        image = ax.imshow(shown, cmap=colors, norm="log", interpolation="none", vmin=1e-4, vmax=0.4)
        ax.set(title=name, xlabel="input changed, $j$", xticks=[0, 10])
        ax.grid(False)
    axes[0].set(ylabel="state looked at, $i$", yticks=[0, 10])
    bar = axes[2].inset_axes([1.08, 0, 0.07, 1])  # as high as the panel
    fig.colorbar(image, cax=bar, label="change of the state", format="{x:g}")
    bar.minorticks_off()
    plots.show(
        fig,
        alt="Three square maps: which input changes which state, on a logarithmic scale of colors; squares that are exactly zero "
        "are light. Forward: only states at and after the changed input. Backward: only states at and before it. "
        "Both together: all states, strongest on the diagonal and fading away from it.",
    )


def sensitivity(pulls, kinds):
    """The swap's effect on the logit against its place, a panel a kind: `pulls`, the study's frame; kinds {architecture: title}."""
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 2.9))
    fig.set_layout_engine("constrained", wspace=0.07)
    for ax, (kind, name), color in zip(axes, kinds.items(), (plots.BLUE, plots.ORANGE)):
        at = pulls[pulls.architecture == kind].groupby("place")[["low", "pull", "high"]].mean()
        middle = at.index + 4.5  # of ten words
        ax.fill_between(
            middle, at.low, at.high, color=color, alpha=0.28, linewidth=0, label="middle 80 % of the reviews"
        )
        ax.plot(middle, at.pull, color=color, label="median review")
        ax.set(title=name, xlabel="place", xlim=(0, 205), ylim=(-0.15, 4.6), xticks=[0, 100, 200], yticks=range(4))
        ax.legend(loc="upper center")
        ax.set_ylabel("change of the logit")
    plots.show(
        fig,
        alt="How far the logit moves when one word of a review is excellent instead of awful, against its place among 200 words: "
        "median of 75 reviews, and a band from their tenth to their ninetieth percentile, each a mean of ten networks. "
        "One direction: over most of the review the band begins at zero and the median lies near it; only at the last words is "
        "all of it above zero. Two directions: the whole band is above zero at both ends, and its lower edge is at zero in between.",
    )


def share_left(seed, padding, rho, turned=True, masked=False):
    """The share of the distance between two random reviews' last states that `padding` steps in front leave.

    A layer of 16 units with W = rho Q, Q random orthogonal; `turned`: it reads backward; `masked`: it skips the padding.
    """
    words = np.random.default_rng(0)
    embedding = words.uniform(-0.05, 0.05, size=(10_000, 8))  # as Keras starts it
    two_reviews = words.integers(1, 10_000, size=(2, 60))
    draw = np.random.default_rng(seed)
    U, W = 0.3 * draw.normal(size=(16, 8)), rho * reference.orthogonal(draw, 16)
    distances = []
    for zeros in (0, padding):
        tokens = np.pad(two_reviews, ((0, 0), (zeros, 0)))[:, :: -1 if turned else 1]
        states = reference.masked_rollout(embedding[tokens], (tokens > 0) | (not masked), U, W, np.zeros(16))
        distances.append(np.linalg.norm(states[0, -1] - states[1, -1]))
    return distances[1] / distances[0]


def ways_to_forecast(series, forward, backward):
    """States from which the next value is read, in five ways: {way: (samples, timesteps - 1, units)}; the last has no next."""
    units = len(forward[2])
    both = reference.bidirectional_rollout(series, forward, backward)
    anew = []
    for end in range(1, series.shape[1]):
        past = reference.bidirectional_rollout(series[:, :end], forward, backward)
        anew.append(np.concatenate([past[:, -1, :units], past[:, 0, units:]], axis=1))
    from_behind = reference.rollout(series[:, ::-1], *backward)[:, :-2]  # Z_0 … Z_{n-2}; turned, row i is Z_{n-2-i}
    draw = np.random.default_rng(0)
    second = 0.3 * draw.normal(size=(units, 2 * units)), 0.9 * reference.orthogonal(draw, units), np.zeros(units)
    return {
        "forward half only": both[:, :-1, :units],
        "both halves, one pass": both[:, :-1],
        "a forward layer on both halves": reference.rollout(both, *second)[:, 1:-1],
        "the prefix re-encoded from both ends": np.stack(anew, axis=1),
        "a gap, from both sides": np.concatenate([both[:, :-1, :units], from_behind[:, ::-1]], axis=2),
    }
