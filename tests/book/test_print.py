"""What a reader's browser prints of a chapter, in Chromium and Firefox: all text, code that nothing cuts, widgets as their pictures."""

import io
import re
import unicodedata

import pytest
from pypdf import PdfReader

from rnnbook.widgets.live import HOW_ALIVE

from .conftest import pages_to_be

pytestmark = [pytest.mark.browser, pytest.mark.nightly]
CHAPTERS = [name for name in pages_to_be() if name.startswith("notebooks/")]
LINE = 105  # letters of code that a line of A4 can hold, at most; 93 on a machine with DejaVu

# What paper must show: pieces of text that stand in no fold but a closer look, which opens for paper, and the lines of the code.
# Firefox writes bold letters of a variable font as shapes, so that headings cannot be found as text.
TOLD = """
const folded = (element) => element.closest("details:not(.closer):not([open]), .rnnbook-widget, .hidden, [hidden], b, strong, table, .launch");
const whole = (text) => text.replace(/\\s+/g, " ").trim();
const paragraphs = [...document.querySelectorAll("article p, article li")].filter((p) => !folded(p));
const texts = paragraphs.flatMap((p) => [...p.childNodes]).filter((node) => node.nodeType === 3).map((node) => whole(node.textContent));
const code = [...document.querySelectorAll("article .cell_input pre")].filter((pre) => !folded(pre)).flatMap((pre) => pre.textContent.split("\\n"));
return { texts: texts.filter((text) => text.length > 30), code: code.map((line) => line.trimEnd()).filter((line) => line.trim().length > 3) };
"""


def bare(text):
    """Without spaces, for lines break anywhere on paper, and without what ligatures are made of: Firefox does not tell their letters."""
    return re.sub(r"[\sfijlt\N{REPLACEMENT CHARACTER}]+", "", unicodedata.normalize("NFKC", text))


def in_two(letters, text):
    """Whether a page ends within a piece of text: its beginning and its end are on paper, not always behind each other in the file."""
    return any(letters[:k] in text and letters[k:] in text for k in range(1, len(letters)))


@pytest.mark.parametrize("engine", ["chromium", "firefox"], indirect=True)  # WebKit's driver has no command for it
@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_prints_whole(engine, watched, name):
    view = engine.open(f"{watched}/{name}")
    told = view.run(TOLD)
    paper = PdfReader(io.BytesIO(view.paper()))
    view.close()
    numbered = enumerate(
        paper.pages, start=1
    )  # a line may go on on the next page: the number of the page is no part of it
    lines = [line for k, page in numbered for line in page.extract_text().splitlines() if line.strip() != str(k)]
    text, printed = bare("".join(lines)), {bare(line) for line in lines}
    assert len(told["texts"]) > 50 and len(told["code"]) > 50 and len(paper.pages) > 10
    sides = [(float(page.mediabox.width), float(page.mediabox.height)) for page in paper.pages]
    assert all(side == pytest.approx((595, 842), abs=1) for side in sides)  # A4
    ends = lambda piece: [end in text for end in (bare(piece)[:20], bare(piece)[-20:])]  # between them may end a page
    missing = [line for line in told["code"] if not all(ends(line)) and not in_two(bare(line), text)]
    missing += [words for words in told["texts"] if not any(ends(words)) and not in_two(bare(words), text)]
    assert missing == []
    beyond = [line for line in told["code"] if len(line) > LINE and bare(line) in printed]
    assert beyond == [], "these lines of code go on beside the paper"
    for furniture in ("Take the closer look", "On this page", HOW_ALIVE[:40]):
        assert bare(furniture) not in text
