"""*Edit and run* below a chapter's cells that need NumPy alone: found by reading the code, so that notebooks stay as they are.

A cell can run in the page if all that it names is NumPy, pyplot, the standard library, `rnnbook.networks.reference`, or made by such a
cell above. It gets the button if it also prints or draws something that the notebook keeps; a test compares what the page prints and
says of its pictures with that.
"""

import ast
import builtins
import functools
import importlib.util
import json
import sys
from pathlib import Path

from docutils import nodes

from rnnbook.publish.site.python_page import available, field, python_field

MODULES = {"numpy", "matplotlib", *sys.stdlib_module_names}
COURSE = {("rnnbook.networks", "reference"), ("rnnbook.figures", "plots")}
STANDIN = Path(__file__).parent / "python" / "standins" / "matplotlib" / "pyplot.py"
FIGURE = "application/vnd.rnnbook.figure+html"


def light(statement):
    """The part of an import statement whose modules are there in the page, as code; "" where none is."""
    if isinstance(statement, ast.Import):
        there = [alias for alias in statement.names if alias.name.split(".")[0] in MODULES]
    elif (statement.module or "").split(".")[0] in MODULES:
        there = statement.names
    else:
        there = [alias for alias in statement.names if (statement.module, alias.name) in COURSE]
    if not there:
        return ""
    kept = ast.Import(there) if isinstance(statement, ast.Import) else ast.ImportFrom(statement.module, there, 0)
    return ast.unparse(kept)


def names(code):
    """(names that a cell's top level or its functions take from elsewhere, names that it makes)."""
    tree = ast.parse(code)
    made, used, local = set(), set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else made).add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            made.add(node.name)
        elif isinstance(node, ast.arg):
            local.add(node.arg)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            made |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return used - made - local - set(dir(builtins)), made


@functools.cache
def undrawn():
    """The names of what Matplotlib's plots have and the page's have not."""
    from matplotlib import pyplot
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    spec = importlib.util.spec_from_file_location("pyplot_in_the_page", STANDIN)
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    there = {"axes", *vars(page), *dir(page.Axes), *dir(page.Figure)}
    there |= {name.removeprefix("set_") for name in there}  # plt.title is the set_title of the last plot
    return {name for real in (pyplot, Axes, Figure) for name in dir(real) if name[0] != "_"} - there


def draws_more(code):
    """Whether a cell draws more than curves: the page's stand-in for pyplot would stop it."""
    attributes = {node.attr for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Attribute)}
    return "plt" in names(code)[0] and bool(attributes & undrawn())


def runnable(notebook):
    """The cells of a notebook that can run in the page, in order, as [{"index", "code", "offered"}].

    The first may be the imports that the others need, cut out of the chapter's own.
    """
    known, cells = set(), []
    for index, cell in enumerate(notebook["cells"]):
        code = "".join(cell["source"])
        tags = cell["metadata"].get("tags", [])
        if cell["cell_type"] != "code" or "notebook.start()" in code:
            continue
        imports = [s for s in ast.parse(code).body if isinstance(s, (ast.Import, ast.ImportFrom))]
        there = [light(s) for s in imports]
        if there != [ast.unparse(s) for s in imports]:
            # What comes from a heavy import, or from a cell that cannot run here, is not known to later cells.
            known -= names(code)[1]
            code = "\n".join(filter(None, there))
            if not code:
                continue
        used, made = names(code)  # of a cell that imports something heavy, the light imports alone are left
        if not used <= known or draws_more(code):
            known -= made
            continue
        known |= made
        outputs = cell.get("outputs", [])
        shown = [output for output in outputs if output.get("name") == "stdout" or FIGURE in output.get("data", {})]
        offered = bool(shown) and shown == outputs and "nbval-ignore-output" not in tags
        cells.append({"index": index, "code": code, "offered": offered and "inspect" not in used})
    return cells


def _read(app, docname):
    path = Path(app.env.doc2path(docname))
    return json.loads(path.read_text(encoding="utf-8")) if path.suffix == ".ipynb" else None


def _add(app, doctree):
    """Put the button below each cell that can run here."""
    notebook = _read(app, app.env.docname)
    if notebook is None or not available(app):
        return
    offered = {cell["index"] for cell in runnable(notebook) if cell["offered"]}
    for node in list(doctree.findall(nodes.container)):
        if node.get("nb_element") == "cell_code" and node.get("cell_index") in offered:
            place = node.parent.index(node) + 1
            inner = (
                '<button type="button" class="py-open button" aria-expanded="false">Edit and run</button>'
                f'<div class="py-more" hidden>{field(str(node["cell_index"]), "Your version", "")}</div>'
            )
            html = f'<div class="py-try" data-cell="{node["cell_index"]}" data-seconds="60"><template>{inner}</template></div>'
            node.parent.insert(place, python_field("", html=html))


def _write(app, exception):
    if exception or not available(app):
        return
    for docname in app.env.found_docs:
        notebook = _read(app, docname)
        cells = runnable(notebook) if notebook else []
        if any(cell["offered"] for cell in cells):
            path = Path(app.outdir) / "_static" / "python" / f"{docname}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            content = [{"id": str(cell["index"]), "name": "A cell above", "code": cell["code"]} for cell in cells]
            path.write_text(json.dumps(content), encoding="utf-8")


def setup(app):
    app.connect("doctree-read", _add)
    app.connect("build-finished", _write)
