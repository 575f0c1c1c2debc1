"""The diagrams: same bytes each time, described in words, legible, nothing clipped, committed as drawn."""

import itertools
import json
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from rnnbook import figures
from rnnbook.figures.inline import DRAWING, SMALLEST_TEXT, inline
from rnnbook.figures.lettering import typeset
from rnnbook.figures.vocabulary import COLOURS

ROOT = Path(__file__).parents[2]
PAGE = 358  # CSS pixels for a figure on a page 390 wide

each = pytest.mark.parametrize("name", figures.NAMES)


def drawing(name):
    return figures.show(name).drawing


@each
def test_same_bytes_twice_and_as_committed(name):
    assert figures.svg(name) == figures.svg(name)
    committed = (ROOT / "DL_images" / f"{name}.svg").read_text(encoding="utf-8")
    assert committed == figures.svg(name), f"redraw it: python -m rnnbook figures {name}"


def html(name):
    return figures.show(name)._repr_mimebundle_()[DRAWING]


def test_every_module_is_a_figure_and_every_file_is_drawn():
    modules = {p.stem for p in Path(figures.__file__).parent.glob("*.py")}
    shared = {"__init__", "inline", "lettering", "palette", "panels", "plots", "vocabulary"}
    assert modules - shared - {"both_ends", "stacks"} == set(figures.NAMES)  # these two draw a chapter's live curves
    drawn = set(figures.NAMES)
    assert {p.stem for p in (ROOT / "DL_images").glob("*.svg")} == drawn


@each
def test_alt_text_says_what_the_picture_shows(name):
    alt = figures.alt(name)
    assert len(alt.split()) >= 25 and alt.endswith(".")
    for text in (figures.svg(name), html(name)):
        image = next(e for e in ElementTree.fromstring(text).iter() if e.get("role") == "img")
        assert image.get("aria-label") == alt
    assert alt in repr(figures.show(name))


@each
def test_inline_svg_takes_the_ink_of_the_page(name):
    text = html(name)
    assert "<style" not in text and "currentColor" in text
    assert set(re.findall(r'"(#[0-9a-f]{6})"', text)) <= set(COLOURS.values())
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) == set(ids)


def test_ids_of_the_figures_do_not_collide():
    ids = [set(re.findall(r'\bid="([^"]+)"', html(name))) for name in figures.NAMES]
    assert sum(map(len, ids)) == len(set.union(*ids))


@each
def test_labels_stay_apart_and_inside(name):
    picture = drawing(name)
    for text, left, top, right, bottom in picture.labels:
        assert left >= 2 and top >= 2 and right <= picture.width - 2 and bottom <= picture.height - 2, text
    for (one, *a), (other, *b) in itertools.combinations(picture.labels, 2):
        assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1], f"{one} lies over {other}"


@each
def test_lettering_stays_legible_on_a_phone(name):
    picture = drawing(name)
    narrowest = float(re.search(r"min-width:(\d+)px", html(name)).group(1))
    assert picture.smallest * narrowest / picture.width >= SMALLEST_TEXT - 0.05
    assert narrowest <= PAGE + 4, "make the drawing narrower, so that a phone need not scroll"


@pytest.mark.parametrize("background", ["#ffffff", "#121212"])
@pytest.mark.parametrize("tone", [t for t in COLOURS if t != "ink"])
def test_colours_stand_out_in_both_themes(tone, background):
    assert contrast(COLOURS[tone], background) >= 3.6


def test_ink_is_readable_on_the_soft_fills():
    for background, ink in (("#ffffff", "#212529"), ("#121212", "#ced6dd")):
        for tone, colour in COLOURS.items():
            if tone != "ink":
                assert contrast(ink, mixed(colour, background, 0.16)) >= 7


def test_a_drawing_too_wide_for_a_phone_scrolls_and_the_keyboard_reaches_it():
    narrow = inline('<svg viewBox="0 0 300 10"></svg>', "A narrow picture.", 300, 16)
    wide = inline('<svg viewBox="0 0 900 10"></svg>', "A wide picture.", 900, 16)
    assert "tabindex" not in narrow
    assert 'tabindex="0"' in wide and 'role="group"' in wide and "overflow-x:auto" in wide


def test_mathematics_is_set_as_mathematics():
    glyphs, _ = typeset("$Z_{i+1} = \\tanh(W Z_i)$", 20)
    base, script = glyphs[0], glyphs[1]
    assert base.font == "italic" and script.y < 0 and script.size < base.size
    assert [g.font for g in typeset("$\\tanh$", 20)[0]] == ["upright"] * 4
    assert typeset("$\\rm i$", 20)[0][0].font == "upright"
    both = typeset("$Z_1^{(2)}$", 20)[0]
    assert both[1].y < 0 < both[2].y and abs(both[1].x - both[2].x) < 3
    with pytest.raises(ValueError, match="not in the font"):
        typeset("学", 20)


def test_unknown_name_gets_a_sentence():
    with pytest.raises(ValueError, match="no figure 'rnn99'; the figures are: rnn36"):
        figures.show("rnn99")


def test_command_line_redraws(tmp_path):
    import argparse

    parser = argparse.ArgumentParser()
    run = figures.add_figures(parser)
    assert run(parser.parse_args(["rnn36", "rnn1", f"--folder={tmp_path}/new", f"--pngs={tmp_path}/pngs"])) == 0
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["rnn1.svg", "rnn36.svg"]
    assert (tmp_path / "new" / "rnn1.svg").read_bytes() == (ROOT / "DL_images" / "rnn1.svg").read_bytes()
    assert (tmp_path / "pngs" / "rnn1.png").read_bytes() == figures.png("rnn1")


def test_works_outside_the_repository_from_what_a_wheel_holds(tmp_path):
    """Copy what the wheel ships, the modules and the declared data, and show the figures from there."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["rnnbook"]
    package = ROOT / "rnnbook"
    for file in {*package.rglob("*.py"), *(f for pattern in declared for f in package.glob(pattern))}:
        if file.is_file():
            (copy := tmp_path / file.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    code = (
        "import rnnbook.figures as f, json; "
        "print(json.dumps([f.__file__, all('<svg' in v for n in f.NAMES for k, v in f.show(n)._repr_mimebundle_().items() if 'figure' in k)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    where, works = json.loads(done.stdout)
    assert where.startswith(str(tmp_path)) and works


@pytest.mark.browser
def test_nothing_is_clipped_in_a_browser(chromium):
    """Everything drawn lies within the viewBox, and the picture within its place, wide and narrow."""
    measure = """svg => {
        const box = svg.getBBox({stroke: true}), view = svg.viewBox.baseVal
        const place = svg.parentElement
        return [box.x, box.y, view.width - box.x - box.width, view.height - box.y - box.height,
                place.clientWidth - svg.getBoundingClientRect().width]
    }"""
    pictures = {name: html(name) for name in figures.NAMES}
    for width in (900, 390):
        page = chromium.new_page(viewport={"width": width, "height": 600})
        page.set_content(f"<meta charset=utf-8><body style='margin:0 14px'>{''.join(pictures.values())}</body>")
        for name, svg in zip(pictures, page.query_selector_all("svg")):
            *margins, room = svg.evaluate(measure)
            assert min(margins) >= 1.5, (name, margins)
            assert room >= -0.5, (name, room)
        page.close()


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(colour, background, share):
    channels = [(int(colour[k : k + 2], 16), int(background[k : k + 2], 16)) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(c * share + b * (1 - share)):02x}" for c, b in channels)
