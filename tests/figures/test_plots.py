"""The house style: alt text demanded, the same bytes each time, ink that follows the theme."""

import re
import xml.etree.ElementTree as ElementTree

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from rnnbook.figures import plots
from rnnbook.figures.inline import DRAWING

ALT = "A line that rises from the lower left to the upper right."


@pytest.fixture(autouse=True)
def house_style():
    with matplotlib.rc_context():
        plots.use()
        yield
    plt.close("all")


@pytest.fixture
def epochs():
    rng = np.random.default_rng(0)
    rows = [
        {"architecture": name, "seed": seed, "epoch": epoch, "loss": 1 / epoch, "accuracy": 1 - 0.5 / epoch,
         "val_loss": 0.3 + abs(epoch - best) / 10 + rng.normal(0, 0.01), "val_accuracy": 0.8 + 0.01 * epoch}
        for name, best in [("simple_rnn", 4), ("lstm", 6)] for seed in range(3) for epoch in range(1, 9)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def a_figure():
    fig, ax = plt.subplots()
    ax.plot([0, 1], [0, 1], label="$Z_{i+1}$")
    ax.legend()
    ax.set_xlabel("timestep")
    return fig


def html(fig, alt=ALT):
    fig.set_label(alt)
    return plots.to_html(fig)


def luminance(colour):
    parts = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(a, b):
    low, high = sorted([luminance(a), luminance(b)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("background", ["#ffffff", "#121212"])
@pytest.mark.parametrize("colour", plots.CYCLE)
def test_colours_stand_out_in_both_themes(colour, background):
    assert contrast(colour, background) >= 3.6


def test_lines_differ_in_more_than_colour():
    assert len(set(map(str, plots.LINESTYLES))) == len(set(plots.MARKERS)) == len(plots.CYCLE)
    fig, ax = plt.subplots()
    lines = [ax.plot([0, 1], [0, n])[0] for n in range(len(plots.CYCLE))]
    assert len({str(line._unscaled_dash_pattern) for line in lines}) == len(lines)


@pytest.mark.parametrize("alt", [None, "", "  ", "plot"])
def test_a_figure_without_alt_text_is_refused(alt):
    with pytest.raises(ValueError, match="needs alt text"):
        plots.show(a_figure(), alt=alt)


def test_same_bytes_each_time():
    first, again = a_figure(), a_figure()
    assert html(first) == html(first) == html(again)
    assert plots.to_png(first) == plots.to_png(again)


def test_ink_follows_the_theme_and_nothing_leaks_into_the_page():
    text = html(a_figure())
    ElementTree.fromstring(text)
    assert "currentColor" in text and plots.INK not in text
    assert "<style" not in text and "<?xml" not in text and "dc:date" not in text
    assert "#000000" not in text and "#ffffff" not in text
    assert f'aria-label="{ALT}"' in text and 'role="img"' in text


def test_alt_text_is_escaped():
    hostile = 'Loss "falls" <script>alert(1)</script> & rises'
    root = ElementTree.fromstring(html(a_figure(), hostile))
    svg = next(e for e in root.iter() if e.get("role") == "img")
    assert svg.get("aria-label") == hostile
    assert not list(root.iter("script"))


def test_two_figures_on_a_page_share_no_id():
    other, ax = plt.subplots()
    ax.plot([0, 1], [1, 0])
    ids = [set(re.findall(r'\bid="([^"]+)"', html(fig))) for fig in (a_figure(), other)]
    assert ids[0] and ids[1] and not ids[0] & ids[1]
    text = html(a_figure())
    named, asked = set(re.findall(r'\bid="([^"]+)"', text)), set(re.findall(r'(?:href="|url\()#([^")]+)', text))
    assert asked <= named
    assert [
        name for name in named - asked if not name.endswith("-figure_1")
    ] == []  # an id that nobody asks for only weighs


def test_show_displays_all_forms_and_closes(monkeypatch):
    shown = []
    monkeypatch.setattr(plots, "_shell", lambda: object())
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: shown.append(bundle))
    fig = a_figure()
    plots.show(fig, alt=ALT)
    assert set(shown[0]) == {"text/plain", "text/html", DRAWING}
    assert not plt.fignum_exists(fig.number)


def test_learning_curves_draw_mean_spread_and_best_epoch(epochs):
    one = epochs[epochs.architecture == "simple_rnn"]
    fig = plots.learning_curves(one)
    ax = fig.axes[0]
    training, validation, ring = ax.lines
    assert training.get_linestyle() != validation.get_linestyle()
    np.testing.assert_allclose(validation.get_ydata(), one.groupby("epoch").val_loss.mean())
    assert ring.get_xdata()[0] == one.groupby("epoch").val_loss.mean().idxmin()
    assert len(ax.collections) == 2  # the spread of both
    assert len(plots.learning_curves(one[one.seed == 0]).axes[0].collections) == 0


def test_learning_curves_take_a_keras_history():
    history = {"loss": [0.7, 0.5], "val_loss": [0.6, 0.65], "accuracy": [0.5, 0.8], "val_accuracy": [0.6, 0.6]}
    fig = plots.learning_curves(history)
    assert fig.axes[0].lines[2].get_xdata()[0] == 1


@pytest.mark.parametrize(
    "epochs, message",
    [
        (pd.DataFrame({"seed": [1]}), "one row an epoch"),
        ({"loss": []}, "no epoch to draw"),
        ({"loss": [1.0], "val_loss": [1.0]}, "'accuracy'"),
    ],
)
def test_learning_curves_say_what_is_missing(epochs, message):
    with pytest.raises(ValueError, match=message):
        plots.learning_curves(epochs)


def test_learning_curves_refuse_to_mix_settings(epochs):
    mixed = pd.concat([epochs.assign(units=32), epochs.assign(units=64)])
    with pytest.raises(ValueError, match="share a seed"):
        plots.learning_curves(mixed)
    assert len(plots.learning_curves(mixed[mixed.architecture == "lstm"], by="units").axes) == 2


def test_comparison_sorts_rows_and_checks_columns():
    summary = pd.DataFrame(
        {"architecture": ["simple_rnn", "gru"], "mean": [0.8, 0.9], "low": [0.7, 0.88], "high": [0.9, 0.92]}
    )
    runs = pd.DataFrame({"architecture": ["gru", "simple_rnn", "other"], "test_accuracy": [0.89, 0.82, 0.5]})
    ax = plots.comparison(summary, runs).axes[0]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["SimpleRNN", "GRU"]
    with pytest.raises(ValueError, match="'low' is missing"):
        plots.comparison(summary.drop(columns="low"))


def side_by_side(**options):
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 3), layout="constrained", **options)
    for ax, title in zip(axes, ("before", "after")):
        ax.plot([0, 1], [0, 1])
        ax.set_title(title)
    axes[0].set_ylabel("loss")
    return fig


def windows_of(drawing):
    """For each panel of the narrow variant the stretches of the drawing that it shows, as (left, width)."""
    panels = re.findall(
        r'<svg viewBox="0 0 [^"]*" style[^>]*>(.*?</svg>)</svg>', drawing.partition('class="panels"')[2]
    )
    return [[tuple(map(float, w)) for w in re.findall(r'viewBox="([\d.]+) 0 ([\d.]+) ', panel)] for panel in panels]


def test_panels_side_by_side_are_windows_on_one_drawing():
    """Together they show all of it; the second has its own axis, or the strip with the axis that it shares."""
    apart, shared = html(side_by_side()), html(side_by_side(sharey=True))
    whole = float(re.search(r'viewBox="0 0 ([\d.]+)', apart)[1])
    ((left, first),), ((middle, second),) = windows_of(apart)
    assert left == 0 and first == middle and first + second == pytest.approx(whole, abs=2)  # points
    (_,), (axis, rest) = windows_of(shared)
    assert axis[0] == 0 and 10 < axis[1] < 60 and rest[0] > 100
    for drawing in (apart, shared):
        assert len(re.findall(r'id="\w+-figure_1"', drawing)) == 1
        assert set(re.findall(r'<use href="#(\w+-figure_1)"', drawing)) == set(
            re.findall(r'id="(\w+-figure_1)"', drawing)
        )


def test_no_figure_is_wider_than_a_page():
    fig, ax = plt.subplots(figsize=(9, 3))
    ax.plot([0, 1])
    fig.set_label(ALT)
    drawing = plots.to_outputs(fig)[DRAWING]
    narrowest, widest = map(int, re.search(r"min-width:(\d+)px;max-width:(\d+)px", drawing).groups())
    assert widest < 620 and narrowest <= 350
