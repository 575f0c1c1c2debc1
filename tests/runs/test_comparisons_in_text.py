"""A sentence that compares results stands in a claim, or in `unclaimed.toml` with the reason why not."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from rnnbook.publish.reading import without_tags
from rnnbook.runs.claims.command import ROOT
from rnnbook.runs.claims.text import SPAN

COMPARES = re.compile(
    r"\b(better|worse|faster|slower|higher|lower|ahead of|falls? behind|beats?|outperforms?|no different|"
    r"(more|less) accurate|(gains?|loses?|costs?) (more|less|nothing|accuracy)|within the noise|by more than the noise|"
    r"(fewer|more|less) than half|far (more|less|fewer)|(large|small) part of|(more|less) harmful|most of the (time|steps|gain|points))\b"
)
RESULT = re.compile(
    r"\b(accura\w+|seeds?|validation|test reviews|epochs?|noise|LSTM|GRU|SimpleRNN|average of|recorded|trained|"
    r"steps?|errors?|forecasts?|mechanism|gain)\b"
)
LIST = Path(__file__).with_name("unclaimed.toml")


def comparisons(text):
    """The sentences of a text that compare results, without claims, code, formulas and tables' rules."""
    for gone in (SPAN, re.compile(r"```.*?```", re.S), re.compile(r"\$\$.*?\$\$", re.S)):
        text = gone.sub(" ", text)
    text = re.sub(r"\]\([^)]*\)", "]", without_tags(text))
    sentences = re.split(r"(?<=[.!?:;])\s+|\n\s*\n|\n[-*|] |\|", text)
    told = (" ".join(sentence.split()).strip("*[]- ") for sentence in sentences)
    return [sentence for sentence in told if COMPARES.search(sentence) and RESULT.search(sentence)]


SOURCES = ("claims.md", "references.md")  # claims themselves, and what others found


def found():
    for path in sorted(set(Path(ROOT).glob("book/*.md")) - {Path(ROOT) / "book" / name for name in SOURCES}):
        for sentence in comparisons(path.read_text("utf-8")):
            yield path.name, sentence
    for path in sorted(Path(ROOT).glob("notebooks/*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                for sentence in comparisons("".join(cell["source"])):
                    yield path.name, sentence


@pytest.mark.parametrize(
    "text, compares",
    [
        ("Here the LSTM is ahead of the SimpleRNN. It is red.", ["Here the LSTM is ahead of the SimpleRNN."]),
        ('So <span data-claim="a-b">the LSTM is better, over 5 seeds</span>.', []),
        ("A longer review costs time.", []),
        (
            "On padded words it takes fewer than half of the steps.",
            ["On padded words it takes fewer than half of the steps."],
        ),
        (
            "With $\\rho < 1$ the LSTM is better. **See** <b>here</b>: $a > 0$.",
            ["With $\\rho < 1$ the LSTM is better."],
        ),
        ("`x = 1`\n\nThe validation accuracy is **higher** then.", ["The validation accuracy is **higher** then."]),
    ],
)
def test_comparisons_are_found(text, compares):
    assert comparisons(text) == compares


def test_every_comparison_is_a_claim_or_has_a_reason():
    known = {(entry["notebook"], entry["sentence"]) for entry in tomllib.loads(LIST.read_text("utf-8"))["unclaimed"]}
    new = [f"{notebook}: {sentence}" for notebook, sentence in found() if (notebook, sentence) not in known]
    assert not new, "Make these claims (CONTRIBUTING.md, 'Add a claim'), or list them with a reason:\n" + "\n".join(new)


def test_every_exception_is_still_needed_and_has_a_reason():
    listed = tomllib.loads(LIST.read_text("utf-8"))["unclaimed"]
    here = set(found())
    assert [e for e in listed if (e["notebook"], e["sentence"]) not in here] == []
    assert all(len(entry["why"]) > 10 for entry in listed)
