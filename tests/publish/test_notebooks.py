"""What the book reads of a notebook's drawings: letters once a page, every reference to something that is there."""

import re

import matplotlib.pyplot as plt

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


def test_a_page_shows_the_same_shapes_as_before():
    """Every use refers to a shape with the outline that it had in the drawing alone."""
    shapes, outlines = {}, {}
    for html in (drawing("one"), drawing("two"), drawing("one more")):
        alone = dict(re.findall(r'<path id="([^"]+)" ([^>]*)/>', html))
        shown = notebooks.shared(html, shapes)
        outlines |= dict(re.findall(r'<path id="([^"]+)" ([^>]*)/>', shown))
        before, after = (re.findall(r'<use xlink:href="#([^"]+)"', page) for page in (html, shown))
        assert [alone[key] for key in before] == [outlines[key] for key in after]
