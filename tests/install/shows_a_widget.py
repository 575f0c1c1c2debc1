"""Every widget of the installed package, as a notebook shows it: alive, and as HTML for readers without a kernel.

python tests/install/shows_a_widget.py VERSION      with the Python of an environment that has the wheel and no checkout
"""

import sys
from importlib.metadata import version
from pathlib import Path

import rnnbook
from rnnbook import widgets
from rnnbook.widgets import live

assert version("rnnbook") == sys.argv[1], f"this is {version('rnnbook')}, not {sys.argv[1]}"
assert not (Path(rnnbook.__file__).parents[1] / "pyproject.toml").exists(), "this is a checkout"
assert (
    all(issubclass(getattr(widgets, name), live.Live) for name in widgets.__all__) and "StateSpace" in widgets.__all__
)
data, _ = widgets.StateSpace()._repr_mimebundle_()
assert "application/vnd.jupyter.widget-view+json" in data and 'data-widget="StateSpace"' in data["text/html"]
print(f"rnnbook {sys.argv[1]} shows a widget, of {len(widgets.__all__)}")
