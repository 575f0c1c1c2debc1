"""Execute the course's notebooks and store what they show, the same bytes wherever the results are the same."""

import json
import platform
import time
from importlib.metadata import version
from pathlib import Path

from ..errors import CourseError
from ..files import processor
from .reading import here, restate

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# Asked in the notebook's own kernel, when all of it has run: the data that it read, and its processor seconds, those of
# processes that it started and that have ended among them.
WHAT_IT_TOOK = """import json, os, sys
print(json.dumps([sys.modules["rnnbook.files"].used() if "rnnbook.files" in sys.modules else [], sum(os.times()[:4])]))"""
SHOWN_VERSIONS = ("rnnbook", "tensorflow", "keras", "numpy", "ipywidgets", "anywidget", "matplotlib")


def execute(path, timeout=1800):
    """Run the notebook at `path` from its first cell to its last and write the outputs into it.

    Takes away what differs from run to run without meaning (widget model ids, cell times, log lines on
    stderr), renews the reading time that the chapter states, and records seconds by the clock and of the processor, data,
    versions and processor in `metadata.rnnbook`, which the status page shows.
    Raises `nbclient.exceptions.CellExecutionError` where a cell fails; the file is then left as it was.
    Returns the seconds it took.
    """
    import nbformat

    path = Path(path)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(WHAT_IT_TOOK))
    started = time.perf_counter()
    run_cells(notebook, path, timeout)
    seconds = time.perf_counter() - started
    data, processor_seconds = json.loads(notebook.cells.pop().outputs[0]["text"])
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            cell.outputs = stored(cell.outputs)
    restate(notebook.cells)
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata["rnnbook"] = {
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor_seconds, 1),
        "data": data,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in SHOWN_VERSIONS},
        "machine": processor(),
    }
    nbformat.write(notebook, path)
    return seconds


def run_cells(notebook, path, timeout=1800, go_on=False):
    """Run the cells of a notebook in the folder of `path`; with `go_on`, also those after one that fails."""
    from nbclient import NotebookClient

    NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        allow_errors=go_on,
        resources={"metadata": {"path": str(Path(path).parent)}},
    ).execute()


def stored(outputs):
    """The outputs of a cell as the notebook keeps them."""
    return _joined(output for output in map(_stable, outputs) if output)


def _stable(output):
    """The output as it is stored; None for log lines and for a view without a twin, such as a progress bar that would stand at 0 %."""
    data = output.get("data", {})
    if output.get("name") == "stderr" or (WIDGET_VIEW in data and "text/html" not in data):
        return None
    data.pop(WIDGET_VIEW, None)  # a widget's view is tied to a kernel that is gone; its HTML twin stays
    return output


def _joined(outputs):
    """Outputs with lines that came in two pieces, as on a busy machine, put together."""
    joined = []
    for output in outputs:
        if joined and "name" in output and output["name"] == joined[-1].get("name"):
            joined[-1]["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def add_notebooks(parser):
    """The arguments of `notebooks`; returns what runs it."""
    parser.add_argument("paths", nargs="*", type=Path, help="which ones (default: all in notebooks/)")
    return _run


def _run(args):
    for path in args.paths or here():
        if not path.is_file():
            raise CourseError(f"There is no notebook {path}.")
        print(f"{path} … ", end="", flush=True)
        print(f"{execute(path):.0f} s")
