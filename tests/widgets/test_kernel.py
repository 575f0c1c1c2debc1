"""The widgets with a kernel: in JupyterLab, and with the versions of ipywidgets and anywidget that Colab preinstalls."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from in_jupyterlab import open_notebook

from rnnbook import widgets

# What make installed apart from the environment's own packages.
COLAB = dict(re.findall(r"^(\w+)==(.+)$", Path(__file__).with_name("colab.txt").read_text("utf-8"), re.M))


SCRIPT = """
import json, sys, anywidget, ipywidgets
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from rnnbook import widgets
report = {"versions": {"ipywidgets": ipywidgets.__version__, "anywidget": anywidget.__version__}}
for name, settings in json.load(sys.stdin).items():
    widget = getattr(widgets, name)(**settings)
    data, _ = widget._repr_mimebundle_()
    keys = widget.keys
    report[name] = [repr(widget), sorted(data), "_esm" in keys, set(widget.settings()) <= set(keys), widget.html()]
space = widgets.StateSpace()
seen = []
space.observe(lambda change: seen.append(change.new), "radius")
space.set_state({"radius": 0.5})  # what a message from the front end does
report["heard"] = seen
shell = InteractiveShell.instance()  # what a cell that ends in the widget stores
with capture_output() as stored:
    shell.display_formatter.format(space)
report["stored"] = [sorted(output.data) for output in stored.outputs]
print(json.dumps(report))
"""


def test_colab_s_versions(tool, settings, twins):
    path = os.pathsep.join([str(tool("colab-widgets")), str(Path(widgets.__file__).parents[2])])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(settings),
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report.pop("versions") == COLAB
    assert report.pop("heard") == [0.5]
    # A picture goes with the widget into the notebook that Colab stores, for whoever opens it without a kernel.
    assert report.pop("stored") == [["application/vnd.jupyter.widget-view+json", "text/html", "text/plain"]]
    assert sorted(report) == sorted(twins)
    for name, (text, mimes, has_esm, has_settings, html) in report.items():
        assert text == f"{name}()" and has_esm and has_settings
        assert {"application/vnd.jupyter.widget-view+json", "text/html"} <= set(mimes)
        assert html == twins[name]  # the same page, whichever versions made it


@pytest.mark.browser
def test_in_jupyterlab_python_and_the_widget_follow_each_other(chromium, tmp_path):
    cells = [
        "from rnnbook.widgets import StateSpace\nspace = StateSpace(radius=0.5)\nspace",
        "print('Python sees', space.radius)",
        "space.radius = 0.25",
    ]
    with open_notebook(chromium, tmp_path, cells, height=1600) as (page, execute):
        execute(0)
        root = page.locator("[data-widget=StateSpace][data-live=kernel]")
        root.wait_for(timeout=90_000)
        slider = root.get_by_role("slider", name="Spectral radius")
        slider.focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")  # JupyterLab takes arrow keys for itself unless the widget keeps them
        assert slider.input_value() == "0.53"
        page.wait_for_timeout(500)
        execute(1)
        page.get_by_text("Python sees 0.53").wait_for(timeout=30_000)
        execute(2)
        page.wait_for_function("(r) => r.value === '0.25'", arg=slider.element_handle(), timeout=30_000)
        root.locator("[aria-live]", has_text="Spectral radius 0.25").wait_for(
            state="attached", timeout=30_000
        )  # said a moment after it is drawn
        page.evaluate("document.body.dataset.jpThemeLight = 'false'")
        root.locator(".card[data-theme=dark]").wait_for(timeout=30_000)
