"""Room for widgets: each is as high before it is alive as afterwards, at the widths of a phone and of a desk."""

import re

import pytest

from bench import heights as measuring
from rnnbook.publish.site import heights
from tests.nightly import often

from .conftest import ROOT, page_names

AGAIN = "run python bench/heights.py --record, and build the book again"
PAGES = sorted(heights.recorded()["pages"])


def test_a_widget_gets_the_heights_of_its_own_record():
    """In the order of the page; one that was never measured gets none, and takes none from those after it."""
    html = '<div class="rnnbook-widget">\n<div data-widget="{}" data-live="picture"></div></div>'
    room = heights.Room("notebooks/01_dynamical_systems")
    known = [room.keep(html.format(name)) for name in ("Quiz", "Nobody", "StateSpace", "Quiz")]
    widths = heights.recorded()["widths"]
    for made, has in zip(known, (True, False, True, False), strict=True):
        assert [int(width) for width in re.findall(r"--w(\d+):\d+px", made)] == (widths if has else [])
    assert known[0] != known[2].replace("StateSpace", "Quiz") and known[1] == html.format("Nobody")


def test_the_style_sheet_knows_every_width():
    sheet = (ROOT / "rnnbook/publish/site/theme/static/book.css").read_text("utf-8")
    assert [int(width) for width in re.findall(r"min-height: var\(--w(\d+)\)", sheet)] == list(measuring.WIDTHS)
    steps = re.findall(r"room \(width >= (\d+)px\) \{[^}]*min-height: var\(--w(\d+)\)", sheet)
    assert steps == [(str(width),) * 2 for width in measuring.WIDTHS[1:]]
    assert heights.recorded()["widths"] == list(measuring.WIDTHS)


@pytest.mark.browser
def test_every_widget_of_the_book_is_recorded(book):
    there = {}
    for name in page_names(book):
        if found := re.findall(r'data-widget="(\w+)" data-live="picture"', (book / name).read_text("utf-8")):
            there[name.removesuffix(".html")] = found
    recorded = {page: [name for name, _ in widgets] for page, widgets in heights.recorded()["pages"].items()}
    assert recorded == there, AGAIN


@pytest.mark.browser
@pytest.mark.parametrize("width", often([390], [1280, 390]))
@pytest.mark.parametrize("page", often(["index", "book/playground", "notebooks/01_dynamical_systems"], PAGES))
def test_a_widget_is_as_high_before_it_is_alive(site, visit, page, width):
    view = visit("about:blank", width=width, reduced_motion="reduce")
    view.add_init_script(measuring.ASLEEP)
    view.goto(f"{site}/{page}.html")
    before = view.evaluate("highs()")
    view.evaluate("wake()")
    alive = view.evaluate(f"settled({measuring.AWAKE})")
    view.evaluate(measuring.FREED)
    free = view.evaluate(f"settled({measuring.RESIZED})")
    moved = [
        f"{name} has room for {kept:.0f} px at {width} px, and is {high:.0f} px high, by itself {own:.0f} px"
        for (name, kept), (_, high), (_, own) in zip(before, alive, free, strict=True)
        if max(abs(kept - high), abs(kept - own)) > measuring.CLOSE
    ]
    assert before and moved == [], AGAIN
