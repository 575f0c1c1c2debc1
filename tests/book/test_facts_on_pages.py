"""What the pages beside the chapters say can be computed again: answers, hours, settings, commands and recorded runs."""

import itertools
import json
import math
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

from rnnbook import laboratory
from rnnbook.__main__ import COMMANDS
from rnnbook.laboratory import study

ROOT = Path(__file__).resolve().parents[2]
PAGES = {path.name: path.read_text("utf-8") for path in sorted((ROOT / "book").glob("*.md"))}
GUIDE = PAGES["instructors.md"]


def sigmoid(a):
    return 1 / (1 + math.exp(-a))


def test_the_answers_to_the_exam_are_right():
    first_copy, second_copy = (0.5 - 1) * 0.5 * 0, (0.5 - 1) * 1.0  # dL/dZ_2 = Z_2 - 1, back through w to Z_0 and Z_1
    gru, lstm = 2 * 3 * (16 * 8 + 16**2 + 2 * 16), 4 * (10 * 32 + 10**2 + 10)
    twice = 0.1 * 0.5, 0.1 * 1 + 2
    for answer in (
        rf"$\ln 100 / -\ln 0.9 = {math.log(100) / -math.log(0.9):.1f}$",
        f"the copies give 0 and ${first_copy + second_copy}$",
        f"{gru:,}, {lstm:,} and {10 + 1}.",
        f"{100 * math.sqrt(0.88 * 0.12 / 2500):.2f} points",
        rf"$\sigma(3)^{{50}} = {sigmoid(3) ** 50:.3f}$",
        rf"$\sigma(1)^{{50}} = {sigmoid(1) ** 50 * 1e7:.1f} \cdot 10^{{-7}}$",
        f"{math.log(20):.1f}, {math.log(100):.1f}, {math.log(500):.1f}; {sigmoid(math.log(500)) ** 500:.2f} is left, or a little more",
        f"{(1 + 2 + 3 + 3) / 4} bits; $2^{{2.25}} = {2**2.25:.2f}$",
        f"{0.8 * (65 - 50):.0f} and {0.2 * (50 - 40):.0f};",
        rf"$Z_2 = {twice[0]:.2f}\, Z_0 + {twice[1]}$",
        f"1,024 such steps be done in {math.log2(1024):.0f} rounds",
        f"({4}; {0.5 * (0.5 * 4)}.)".replace(".0", ""),
        rf"$2^{{-10}} \approx {0.5**10:.3f}$; $\frac12$",
    ):
        assert answer.replace("-", "−") in GUIDE.replace("-", "−"), answer


def test_the_hours_of_the_course_add_up():
    row = r"^\| \[\d+[^\]]*\]\(\.\./notebooks/[^)]+\) \| ([\d.]+) h \| ([\d.]+) h \|"
    main, whole = (sum(map(float, hours)) for hours in zip(*re.findall(row, GUIDE, re.M), strict=True))
    told = re.search(
        r"Lectures take (\d+) hours, the fourteen assignments about (\d+), and the reading about (\d+), or (\d+) with "
        r"every closer look. So this is a course of (\d+) to (\d+) hours",
        GUIDE,
    )
    lectures, assignments, path, looks, least, most = map(int, told.groups())
    assert lectures == 14 * 2 and assignments == 14 * 2
    minutes = [
        sum(map(int, re.findall(r"^minutes: (\d+)", page.read_text("utf-8"), re.M)))
        for page in ROOT.glob("book/exercises/*.md")
    ]
    assert f"The assignments name {min(minutes)} to {max(minutes)} minutes each" in GUIDE
    assert abs(path - main) <= 1 and abs(looks - whole) <= 1
    assert abs(least - (lectures + assignments + main)) <= 2 and abs(most - (lectures + assignments + whole)) <= 2


def test_the_learning_rates_are_those_that_validation_chose():
    tuned = laboratory.load(study="tuned")
    told = re.search(
        r"for reviews it chose ([\d.]+) to ([\d.]+) \(both ends of the grid\), for births ([\d.]+) to ([\d.]+) ",
        PAGES["cheatsheet.md"],
    )
    rates = laboratory.load(study="rates")
    of_births = laboratory.frame("forecasts").query("chosen").learning_rate
    grid = [rates.learning_rate.min(), rates.learning_rate.max()]
    assert [tuned.learning_rate.min(), tuned.learning_rate.max()] == grid
    chosen = [min(tuned.learning_rate), max(tuned.learning_rate), min(of_births), max(of_births)]
    assert [float(rate) for rate in told.groups()] == chosen
    best = rates.groupby(["architecture", "learning_rate"]).best_val_accuracy.mean().unstack().idxmax(axis=1)
    at_edge = best.isin([rates.learning_rate.min(), rates.learning_rate.max()]).sum()
    words = {6: "six", 9: "nine"}
    assert f"For {words[at_edge]} of the {words[len(best)]} architectures of chapter 10" in GUIDE


def test_one_seed_on_two_processors():
    """`reproducibility.md` counts such pairs of runs, and says how far apart they ended."""
    told = re.search(
        r"(\w+) runs were recorded twice with one seed .*? differ by ([\d.]+) to ([\d.]+) points",
        PAGES["reproducibility.md"],
    )
    twice = {}
    for name in (name for name in study.names() if study.get(name).runs):
        for record in laboratory.records(name):
            setting = (record.architecture, record.seed, record.backend, json.dumps(record.config))
            twice.setdefault(setting, {})[record.processor] = record.test_accuracy
    assert len({processor for found in twice.values() for processor in found}) == 2  # "two kinds of machine"
    apart = [100 * np.ptp(list(found.values())) for found in twice.values() if len(found) > 1]
    assert {4: "Four", 5: "Five", 6: "Six"}[len(apart)] == told[1]
    assert [f"{min(apart):.1f}", f"{max(apart):.1f}"] == [told[2], told[3]]


def test_the_chapters_that_call_tensorflow_are_named():
    calls = [
        int(path.name[:2])
        for path in sorted(ROOT.glob("notebooks/*.ipynb"))
        if "import tensorflow" in path.read_text("utf-8")
    ]
    told = re.search(r"cells that call TensorFlow themselves, in chapters ([\d, and]+),", PAGES["pytorch.md"])
    assert [int(number) for number in re.findall(r"\d+", told[1])] == calls


@pytest.mark.parametrize("name", PAGES)
def test_commands_that_pages_name_exist(name):
    text = PAGES[name]
    asked = re.findall(r"python -m rnnbook ([a-z][\w-]*)", text)
    assert set(asked) <= set(COMMANDS), set(asked) - set(COMMANDS)
    studies = re.findall(r"(?:rnnbook |`)study ([a-z]\w*)", text)
    assert set(studies) <= set(study.names()), set(studies) - set(study.names())
    scripts = set(re.findall(r"\bbench/\w+\.py", text))
    assert all((ROOT / script).is_file() for script in scripts), scripts
    targets = re.search(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text("utf-8"), re.M)[1].split()
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.M)) <= set(targets)


def test_the_two_plans_name_every_chapter_once():
    plan = GUIDE.split("## One term")[1].split("\n## ")[0]
    chapters = re.findall(r"^\| \d+ \| \[(\d+)", plan, re.M)
    once = [int(chapter) for chapter, _ in itertools.groupby(chapters)]
    assert sorted(once) == list(range(1, 15))
    outcomes = re.findall(r"^\| [^|]+ \| ([\d, ]+) \| [^|]*assign", GUIDE, re.M)
    assert [int(n) for cell in outcomes for n in re.findall(r"\d+", cell)] == list(range(1, 15))


def test_a_page_is_made_anew_where_its_widget_has_changed(book):
    """An edited playground_page.js once left the playground as it was, and its mend unseen."""
    environment = pickle.loads((book.parent / ".doctrees" / "environment.pickle").read_bytes())
    assert {"playground.py", "playground_page.js"} <= {
        Path(file).name for file in environment.dependencies["book/playground"]
    }
