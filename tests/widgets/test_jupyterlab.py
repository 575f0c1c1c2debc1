"""The hyperparameter lab in JupyterLab: it trains, draws while it trains, stops, and obeys the kernel's interrupt."""

import re

import pytest
from in_jupyterlab import open_notebook


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
        root.get_by_text(re.compile(r"A: \d+ updates?, loss")).wait_for(timeout=120_000)
        root.get_by_role("button", name="Reset").click()
