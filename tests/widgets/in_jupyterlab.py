"""A notebook in a running JupyterLab, to click through.

RNNBOOK_TEST_JUPYTERLAB names the Python of another JupyterLab than this environment's, as of an older one.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from rnnbook import widgets


@contextlib.contextmanager
def open_notebook(chromium, folder, cells, height):
    """A page with a notebook of these code cells, its kernel idle, and `execute(number)`, which runs one of them.

    JupyterLab serves `folder` for as long as the block lasts. `height`, in pixels, must show all cells at once.
    """
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "live.ipynb")
    with (
        jupyterlab(folder) as address,
        contextlib.closing(chromium.new_page(viewport={"width": 1300, "height": height})) as page,
    ):
        page.goto(f"{address}/lab/tree/live.ipynb?reset")
        page.locator(".jp-Notebook-cell").nth(len(cells) - 1).wait_for(timeout=90_000)
        # The notebook's own indicator says "idle" before there is a kernel, and a cell executed then is lost.
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=90_000)

        def execute(cell):
            page.locator(".jp-Notebook-cell").nth(cell).locator(".cm-content, .CodeMirror").click()  # JupyterLab 4, 3
            page.keyboard.press("Control+Enter")

        yield page, execute


@contextlib.contextmanager
def open_untrusted(chromium, folder, stored, height=1600):
    """A page with a stored notebook in a JupyterLab that has not run it, and so trusts none of its outputs."""
    (folder / "stored.ipynb").write_bytes(stored.read_bytes())
    # All cells at once: else those that are out of sight are not there.
    settings = folder / "home" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"windowingMode": "none"}))
    with (
        jupyterlab(folder) as address,
        contextlib.closing(chromium.new_page(viewport={"width": 1300, "height": height})) as page,
    ):
        page.goto(f"{address}/lab/tree/stored.ipynb?reset")
        page.locator(".jp-Notebook-cell").first.wait_for(timeout=90_000)
        yield page


@contextlib.contextmanager
def jupyterlab(folder):
    """The address of a JupyterLab that serves a folder; it starts with no settings but its own and stops with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    python = os.environ.get("RNNBOOK_TEST_JUPYTERLAB", sys.executable)
    command = [
        python,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder}",
    ]
    home = str(folder / "home")
    env = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": home,
        "JUPYTER_DATA_DIR": home,
        "JUPYTERLAB_SETTINGS_DIR": home,
        "JUPYTERLAB_WORKSPACES_DIR": home,
        "PYTHONPATH": str(Path(widgets.__file__).parents[2]),
        "OMP_NUM_THREADS": "1",
    }
    with open(folder / "lab.log", "w") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(240):
                try:
                    urllib.request.urlopen(f"{address}/api/status", timeout=30)
                    break
                except OSError:
                    time.sleep(0.5)
            else:
                pytest.fail("JupyterLab did not start:\n" + (folder / "lab.log").read_text())
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)
