"""What the book reads of a notebook's drawings: letters once a page, every reference to something that is there."""

import re
from decimal import Decimal
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import pytest

from rnnbook.figures import plots
from rnnbook.publish.site import notebooks


def drawing(words):
    fig, ax = plt.subplots()
    ax.plot([0, 1], [0, 1], marker="o")
    ax.set_title(words)
    fig.set_label(f"A line from zero to one, called {words}.")
    return plots.to_html(fig)


def defined(html):
    return set(re.findall(r'<path id="([^"]+)"', html))


def referred(html):
    return set(re.findall(r'href="#([^"]+)"', html))


def test_letters_of_an_earlier_drawing_are_not_defined_again():
    first, second, shapes = drawing("state"), drawing("states, too"), {}
    shown = [notebooks.shared(html, shapes) for html in (first, second)]
    assert shown[0] == first
    assert len(shown[1]) < 0.8 * len(second)
    new = defined(shown[1])
    assert new and new < defined(second)  # the comma was not there before
    assert referred(shown[1]) <= defined(first) | new
    assert referred(shown[1]) & defined(first)


def followed(path):
    """Where the pen of a path of lines and moves stands after each of its pairs of numbers, exactly."""
    places, x, y = [], Decimal(0), Decimal(0)
    for command, rest in re.findall(r"([MLl])([^MLl]*)", path):
        numbers = [Decimal(n) for n in re.findall(r"-?[\d.]+", rest)]
        for right, down in zip(numbers[::2], numbers[1::2]):
            x, y = (x + right, y + down) if command == "l" else (right, down)
            places.append((command.upper(), x, y))
    return places


@pytest.mark.parametrize(
    "path",
    ["M 0 -0 L 3.6 -0.1 L 7.2 -0.1 L 7.2 10 M 100 5.5 L -0.4 5.5", "M1 2L3 4", "M 1 2", "M 1 2 3 4 L 5 6"],
)
def test_a_curve_told_by_its_steps_goes_where_it_went(path):
    short = re.search(' d="([^"]*)"', notebooks.shortened(f'<path d="{path}"/>'))[1]
    assert followed(short) == followed(path) and len(short) <= len(path)


def test_a_page_shows_the_same_shapes_as_before():
    """Every use refers to a shape with the outline that it had in the drawing alone."""
    shapes, outlines = {}, {}
    for html in (drawing("one"), drawing("two"), drawing("one more")):
        alone = dict(re.findall(r'<path id="([^"]+)" ([^>]*)/>', html))
        shown = notebooks.shared(html, shapes)
        outlines |= dict(re.findall(r'<path id="([^"]+)" ([^>]*)/>', shown))
        before, after = (re.findall(r'<use xlink:href="#([^"]+)"', page) for page in (html, shown))
        assert [alone[key] for key in before] == [outlines[key] for key in after]


def test_what_draws_nothing_is_not_sent_and_all_else_looks_as_before():
    """A group without an attribute, a shape without filling and stroke; a group that shifts or clips what is in it stays."""
    before = drawing("one")
    nothing = r'<g>|<path d="[^"]*" style="fill:none"/>'
    assert len(re.findall(nothing, before)) > 20
    after = notebooks.shortened(before)
    assert re.findall(nothing, after) == []
    with_attribute = [re.findall(r"<g \S[^>]*>", html) for html in (before, after)]
    assert with_attribute[0] == with_attribute[1] != []
    assert [after.count(mark) for mark in ("<use", "<path")] == [
        before.count("<use"),
        before.count("<path") - len(re.findall(nothing.split("|")[1], before)),
    ]
    ElementTree.fromstring(after)  # each group that opens also closes


def test_ids_are_short_and_lead_to_the_same_shapes():
    shapes, names = {}, {}
    pages = [notebooks.shared(html, shapes) for html in (drawing("one"), drawing("two"))]
    renamed = [notebooks.renamed(html, "4", names) for html in pages]
    before, after = ("".join(html) for html in (pages, renamed))
    old, new = (re.findall(r'(?:\bid="|href="#|url\(#)([^")]+)', html) for html in (before, after))
    assert len(set(zip(old, new))) == len(set(old)) == len(set(new))  # one to one
    assert set(new) == {f"f4-{k:x}" for k in range(len(names))} and referred(after) <= set(
        re.findall(r'id="([^"]+)"', after)
    )
    assert "url(#f4-" in after and "xlink:href" not in after and len(after) < 0.85 * len(before)


def test_every_picture_has_a_box_of_its_own_size():
    """What stands in a box is drawn when it comes near; the box must be as large before as after, also for each panel."""
    fig, axes = plt.subplots(1, 2, figsize=(8, 3))
    for ax in axes:
        ax.plot([0, 1], [0, 1])
    fig.set_label("Two panels, each with a line from zero to one.")
    before = plots.to_html(fig)
    after = notebooks.boxed(before)
    whole = re.findall(r'<svg\b[^>]*viewBox="\S+ \S+ (\S+) ([^"]+)"[^>]* style="display:block', before)
    boxes = re.findall(r'<div class="drawn" style="[^"]*aspect-ratio:([^/]+)/([^"]+)"><svg\b', after)
    assert len(whole) == 3 and boxes == whole
    sizes = [re.findall(r"(?:min|max)-width:\d+px", html) for html in (before, after)]
    assert sizes[0] == sizes[1] and "height:auto" not in after
    assert after.count("<div") == after.count("</div>") == before.count("<div") + 3


def test_code_is_called_by_what_it_shows():
    def named(shown, plain="", form="text/html"):
        return notebooks.kind(
            {"source": "show()", "metadata": {}, "outputs": [{"data": {form: shown, "text/plain": plain}}]}
        )

    assert named('<img alt="A line." src="data:,">', "[Figure: A line.]") == "code of this figure"
    assert named('<div data-widget="Unfolding"></div>') == "code of this widget"
    assert named('<table class="dataframe"></table>') == "code of this table"
    assert named('<div class="highlight"><pre>def step(x): …</pre></div>') == "code"
    assert named("Three runs:\n| seed |\n| ---: |\n| 1 |", form="text/markdown") == "code of this table"
    assert named("One | other.", form="text/markdown") == "code"
