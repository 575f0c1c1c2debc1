"""In JupyterLab: a chapter as stored, and the hyperparameter lab, which trains, draws while it trains, stops, and obeys the
kernel's interrupt."""

import json
import re
from pathlib import Path

import pytest
from in_jupyterlab import open_notebook, open_untrusted

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
# The words of every picture that an output shows.
SHOWN = """[...document.querySelectorAll(".jp-OutputArea-output img")]
  .filter((img) => img.complete && img.naturalWidth > 1 && img.checkVisibility()).map((img) => img.alt)"""


@pytest.mark.browser
@pytest.mark.nightly  # tests/notebooks/test_viewers.py looks at what is stored for that
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_shows_its_pictures_before_it_is_trusted(chromium, tmp_path, path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    outputs = [json.dumps(output["data"]) for cell in cells for output in cell.get("outputs", []) if "data" in output]
    widgets = sum("data-widget=" in output for output in outputs)
    pictures = sum(any(mark in output for mark in ("data-widget=", "<svg", "<img", "image/png")) for output in outputs)
    with open_untrusted(chromium, tmp_path, path) as page:
        page.wait_for_function(f"(wanted) => {SHOWN}.length >= wanted", arg=pictures, timeout=60_000)
        words = page.evaluate(SHOWN)
        assert len(words) == pictures > widgets > 0
        assert all(len(alt.split()) >= 3 for alt in words)
        assert page.get_by_text("This is a picture of an interactive figure.").count() == widgets
        assert page.locator("[data-live=static], [data-live=kernel], .jp-OutputArea-output script").count() == 0


@pytest.mark.nightly  # the panel trains in test_hyperparameter_lab.py, and JupyterLab and Python follow each other in test_kernel.py
@pytest.mark.browser
def test_training_runs_and_stops_in_jupyterlab(chromium, tmp_path):
    cells = [
        "from rnnbook.widgets import training_panel as panel\npanel.load = lambda name, load=panel.load: load('sample')\n"
        "from rnnbook.widgets import HyperparameterLab\nlab = HyperparameterLab()\nlab",
        "lab.panel.take({'units': 8, 'maxlen': 20, 'reviews': 500, 'epochs': 2})",
        "print('not blocked:', 6 * 7)",
        "import os, signal\nlab.panel.take({'epochs': 20})\nlab.panel.start()",
        "print('thread alive:', lab.panel.thread.join(60) or lab.panel.thread.is_alive())",
    ]
    with open_notebook(chromium, tmp_path, cells, height=3200) as (page, execute):
        execute(0)
        root = page.locator("[data-widget=HyperparameterLab][data-live=kernel]")
        root.wait_for(timeout=90_000)
        execute(1)
        train = page.get_by_role("button", name="Train", exact=True)
        train.click()
        stop = page.get_by_role("button", name="Stop", exact=True)
        page.wait_for_function("(b) => !b.disabled", arg=stop.element_handle(), timeout=30_000)
        execute(2)
        page.get_by_text("not blocked: 42").wait_for(timeout=60_000)
        said = root.locator(".own .readout")
        said.get_by_text(re.compile("Trained for 2 epochs")).wait_for(timeout=180_000)
        assert root.locator(".own svg polyline").count() >= 4

        execute(3)
        said.get_by_text(re.compile("Epoch 1 of 20")).first.wait_for(timeout=60_000)
        stop.click()
        said.get_by_text(re.compile("Stopped after")).wait_for(timeout=60_000)

        execute(3)
        said.get_by_text(re.compile("Epoch 1 of 20")).first.wait_for(timeout=60_000)
        page.get_by_title(re.compile("Interrupt the kernel")).click()
        said.get_by_text(re.compile("Stopped after")).wait_for(timeout=60_000)
        execute(4)
        page.get_by_text("thread alive: False").wait_for(timeout=60_000)

        # Where a kernel runs, what trains in the page comes from it.
        root.get_by_role("button", name="Train both in this page").click()
        root.get_by_role("button", name="no difference").click()
        root.get_by_text(re.compile(r"A: \d+ updates?, loss")).wait_for(timeout=120_000)
        root.get_by_role("button", name="Reset").click()
