"""Lettering for the diagrams: words and mathematics as outlines, the same on every machine.

Words are set in Course Sans (beside this file), mathematics in STIX (which comes with matplotlib): letters italic,
digits and names of functions upright. Only what the diagrams need: subscripts, superscripts, and a few signs.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

from ..errors import CourseError

SIGNS = {
    "tanh": "tanh", "diag": "diag", "sigma": "σ", "partial": "∂", "ell": "ℓ", "odot": "⊙", "times": "×", "cdot": "·",
    "top": "⊤", "dots": "…", "minus": "−", "tilde": "˜", "to": "→", "in": "∈", "lambda": "λ", "prime": "′", "approx": "≈",
}  # fmt: skip
SPACED = "=+−×⊙·→∈≈"  # relations and operations, with a little air on either side
MATH_SCALE = 1.14  # STIX has a smaller x-height than Course Sans


class Glyph(NamedTuple):
    font: str
    name: str
    x: float
    y: float  # upwards from the baseline
    size: float


@cache
def font(key: str) -> Any:  # a TTFont, whose tables have no types
    if key in ("regular", "bold"):
        file = {"regular": "CourseSans-Regular.ttf", "bold": "CourseSans-SemiBold.ttf"}[key]
        return TTFont(Path(__file__).parent / "fonts" / file)
    from matplotlib import get_data_path

    file = {"italic": "STIXGeneralItalic.ttf", "upright": "STIXGeneral.ttf"}[key]
    return TTFont(Path(get_data_path()) / "fonts" / "ttf" / file)


@cache
def outline(key: str, name: str) -> str:
    glyphs = font(key).getGlyphSet()
    pen = SVGPathPen(glyphs, ntos=lambda number: str(round(number)))
    glyphs[name].draw(pen)
    return pen.getCommands()


@cache
def bounds(key: str, name: str) -> Any:
    """Left, bottom, right, top of a glyph's ink in ems; None for a space."""
    glyphs = font(key).getGlyphSet()
    pen = BoundsPen(glyphs)
    glyphs[name].draw(pen)
    em = font(key)["head"].unitsPerEm
    return tuple(value / em for value in pen.bounds) if pen.bounds else None


def typeset(text: str, size: float, bold: bool = False) -> tuple[list[Glyph], float]:
    """Glyphs of a line and its width; `$…$` holds mathematics, as in `"the state $Z_{i+1}$"`."""
    glyphs, x = [], 0.0
    for place, part in enumerate(text.split("$")):
        if place % 2:
            x = _mathematics(_tokens(part), size * MATH_SCALE, x, 0.0, glyphs)
        else:
            x = _run("bold" if bold else "regular", part, size, x, 0.0, glyphs)
    return glyphs, x


def _run(key, text, size, x, y, glyphs):
    face = font(key)
    em, cmap, metrics = face["head"].unitsPerEm, face.getBestCmap(), face["hmtx"].metrics
    pairs = face["kern"].kernTables[0].kernTable if "kern" in face and key in ("regular", "bold") else {}
    previous = None
    for character in text:
        try:
            name = cmap[ord(character)]
        except KeyError:
            raise CourseError(f"{character!r} is not in the font of the diagrams; choose another sign.") from None
        x += pairs.get((previous, name), 0) * size / em
        glyphs.append(Glyph(key, name, x, y, size))
        x += metrics[name][0] * size / em
        previous = name
    return x


def _tokens(text):
    return re.findall(r"\\[a-z]+|\\,|[_^]|[{}]|[^\s]", text)


def _mathematics(tokens, size, x, y, glyphs):
    place, start = 0, len(glyphs)
    while place < len(tokens):
        token = tokens[place]
        place += 1
        if token in "_^":
            # one script or two, one above the other
            ends, leaning = [], token
            while True:
                group, place = _group(tokens, place)
                drop = -0.22 if leaning == "_" else 0.38
                shift = 0.02 if leaning == "_" else 0.08
                ends.append(_mathematics(group, size * 0.72, x + shift * size, y + drop * size, glyphs))
                if place < len(tokens) and tokens[place] in "_^":
                    leaning = tokens[place]
                    place += 1
                else:
                    break
            x = max(ends) + 0.03 * size
            continue
        if token == "\\,":
            x += 0.17 * size
            continue
        upright = token == "\\rm"  # the letter that follows, as for a gate
        if upright:
            token = tokens[place]
            place += 1
        sign = SIGNS[token[1:]] if token.startswith("\\") else "−" if token == "-" else token
        if token == "\\tilde":  # a wave above the letter that follows
            letter = tokens[place]
            place += 1
            end = _run("italic", letter, size, x, y, glyphs)
            left, _, right, top = bounds("italic", glyphs[-1].name)
            wave = font("upright").getBestCmap()[ord("˜")]
            wave_left, wave_low, wave_right, _ = bounds("upright", wave)
            centre = x + size * ((left + right) / 2 + 0.06) - size * (wave_left + wave_right) / 2
            glyphs.append(Glyph("upright", wave, centre, y + size * (top - wave_low + 0.06), size))
            x = end
            continue
        air = 0.24 * size if sign in SPACED and len(glyphs) > start else 0.0
        if y:  # scripts are set tight
            air *= 0.15
        italic = not upright and len(sign) == 1 and (sign.isascii() and sign.isalpha() or sign in "σλ")
        if len(sign) > 1 and len(glyphs) > start:
            x += 0.12 * size
        x = _run("italic" if italic else "upright", sign, size, x + air, y, glyphs) + air
        if len(sign) > 1:
            x += 0.10 * size
        if sign == ",":
            x += 0.16 * size
    return x


def _group(tokens, place):
    if tokens[place] != "{":
        return [tokens[place]], place + 1
    depth, end = 1, place + 1
    while depth:
        depth += {"{": 1, "}": -1}.get(tokens[end], 0)
        end += 1
    return tokens[place + 1 : end - 1], end
