"""One of each kind that CONTRIBUTING names, added to a copy as it says: package, command line and book know it without another change."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnnbook.assignments import source
from rnnbook.publish.site import python_parts

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow

# (file, text that is there, text that takes its place): what CONTRIBUTING's table says under 'name it in'.
EDITS = [
    (
        "rnnbook/networks/architectures.py",
        '        Architecture("simple_rnn",',
        '        Architecture("added_rnn", "added GRU", "three GRU layers", {"cell": "gru", "depth": 3}, shipped=True),\n'
        '        Architecture("simple_rnn",',
    ),
    ("rnnbook/figures/__init__.py", "NAMES = (\n", 'NAMES = (\n    "added_figure",\n'),
]
FILES = {
    "rnnbook/figures/added_figure.py": '''"""An input and a state."""

from rnnbook.figures.vocabulary import Drawing

ALT = "A square, which is an added input."


def draw():
    d = Drawing(120, 80)
    d.input(60, 40, "$X$", size=40)
    return d
''',
    "rnnbook/widgets/added_widget.py": '''"""A number."""

import traitlets as T

from .live import Live
from .picture import Svg


class AddedWidget(Live):
    """A number to set."""

    number = T.Int(3).tag(sync=True)

    @classmethod
    def assets(cls):
        return ("added-data",)

    @classmethod
    def asset(cls, name):
        return b"added"

    @classmethod
    def on_paper(cls, settings):
        from docutils import nodes

        return [nodes.paragraph(text=f"On paper the number {settings['number']}.")]

    def alt_text(self):
        return f"The added number {self.number}."

    def picture(self):
        return Svg(100, 40).text(10, 20, str(self.number)).svg()
''',
    "rnnbook/widgets/added_widget.js": """import { h, live } from "./kit.js";

export default live("AddedWidget", (ui) => {
  ui.body.append(h("p", {}, "an added widget"));
});
""",
    "rnnbook/laboratory/studies/added_study.py": '''"""Squares."""

from ..study import Picture, Study

STUDY = Study(
    question="How large is an added square?",
    chapter=2,
    cases=lambda rows: [{"seed": seed} for seed in range(3)],
    measure=lambda case: {"size": (9 + case["seed"]) ** 2},
    picture=Picture("size", by="seed"),
    limits="Three squares.",
)
''',
    "rnnbook/laboratory/studies/added_study.toml": """[[claim]]
id = "added-claim"
chapter = 2
about = "size of squares against nothing"
first = {value = "size"}
against = 0
unit = "number"
higher = "Squares are larger than nothing {evidence}."
lower = "Squares are smaller than nothing {evidence}."
undecided = "Whether squares are larger than nothing is not decided {evidence}."
""",
    "book/laboratory.md": "# All studies\n\n```{include} ../_build/laboratory/studies.md\n```\n",
    "book/preface.md": "# Preface\n\nA small book, made for a test of what is added to it.\n",
    "book/references.bib": "",
    "_toc.yml": "format: jb-book\nroot: book/preface\nparts:\n- caption: Part\n  numbered: 1\n  chapters:\n"
    "  - file: notebooks/01_one\n  - file: notebooks/02_added\n- caption: Exercises\n  chapters:\n  - glob: book/exercises/*\n"
    "- caption: Laboratory\n  chapters:\n  - file: book/laboratory\n    sections:\n    - glob: book/laboratory/*\n",
}
# Executed in the copy. Outputs are stored as `python -m rnnbook notebooks` stores them, without the time for a kernel.
LOOK = """
import contextlib, io, json
from pathlib import Path
import nbformat.v4 as nb, nbformat
from rnnbook import __main__ as command, figures, widgets
from rnnbook.assignments import build as assignments
from rnnbook.networks import architectures, models, weights
from rnnbook.publish.site import printed
from rnnbook.laboratory import Run
from rnnbook.widgets import facts


def said(*words):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        command.main(list(words))
    return out.getvalue()


def data(shown):
    made = shown._repr_mimebundle_()
    return made[0] if isinstance(made, tuple) else made  # a widget adds metadata


drawn = said("figures", "added_figure")
listed = "How large is an added square?" in said("study")
recorded = "3 cases recorded, 0 missing" in said("study", "added_study", "--jobs", "1")
claim = '<span data-claim="added-claim"></span>'
for name, cells in {
    "01_one": [nb.new_markdown_cell("# One")],
    "02_added": [nb.new_markdown_cell("# The added chapter\\n\\n" + claim), *(
        nb.new_code_cell(code, execution_count=n, outputs=[nb.new_output("display_data", data=data(shown))])
        for n, (code, shown) in enumerate((("figure", figures.show("added_figure")), ("widget", widgets.AddedWidget())), 1)
    )],
}.items():
    Path("notebooks").mkdir(exist_ok=True)
    nbformat.write(nb.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}}), f"notebooks/{name}.ipynb")
print(json.dumps({
    "label": architectures.label("added_rnn"),
    "settings": Run("own", "added_rnn").config()["depth"],
    "layers": sum("gru" in layer.name for layer in models.build("added_rnn").layers),
    "shipped": "added_rnn" in weights.ARCHITECTURES and ["added_rnn", "added GRU"] in facts.facts()["networks"],
    "study": listed and recorded,
    "figure": drawn.split(),
    "claim": "added-claim" in said("claims", "--write") and "added-claim" in said("claims"),
    "assignment": [page.stem for page in assignments.pages(["13"])],
    "paper": [node.astext() for node in printed.on_paper(widgets.AddedWidget(number=4).html())],
}))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The package with the additions, beside a small book that shows them; and what the package says of them."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "rnnbook", folder / "rnnbook", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("_config.yml", "CITATION.cff", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder)
    for path in sorted((folder / "rnnbook" / "laboratory" / "studies").glob("*.toml")):
        path.unlink()  # the small book has none of their sentences
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for name, before, after in EDITS:
        text = (folder / name).read_text(encoding="utf-8")
        assert before in text, f"{name} is not as CONTRIBUTING says"
        (folder / name).write_text(text.replace(before, after, 1), encoding="utf-8")
    for place, name in (("book/exercises", "{}.md"), ("exercises", source.student_file("{}"))):
        (folder / place).mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / place / name.format("01_dynamical_systems"), folder / place / name.format("13_added"))
    done = run(folder, LOOK)
    return folder, json.loads(done.splitlines()[-1])


def run(folder, code):
    environment = {**os.environ, "PYTHONPATH": str(folder), "TF_CPP_MIN_LOG_LEVEL": "3"}
    if python_parts.BESIDE.is_dir():  # what lies beside the repository does not lie beside the copy
        environment.setdefault(python_parts.FOLDER, str(python_parts.BESIDE))
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_package_and_command_line_know_what_was_added(copy):
    folder, known = copy
    svg, png = known.pop("figure")
    assert (folder / svg).is_file() and (folder / png).is_file()
    assert known == {
        "label": "added GRU",
        "settings": 3,
        "layers": 3,
        "shipped": True,
        "study": True,
        "claim": True,
        "assignment": ["13_added"],
        "paper": ["On paper the number 4."],
    }


def test_the_book_shows_what_was_added(copy):
    folder, _ = copy
    run(folder, "from rnnbook.publish import build; build.build()")
    chapter = (folder / "_build/html/notebooks/02_added.html").read_text(encoding="utf-8")
    assert "A square, which is an added input." in chapter and "an added widget" in chapter
    assert "Squares are larger than nothing" in chapter
    link = re.search(r'href="\.\./(book/laboratory/added_study\.html)#(claim-added-claim)"', chapter)
    study = (folder / "_build/html" / link[1]).read_text(encoding="utf-8")
    assert (
        f'id="{link[2]}"' in study
        and "3 dots, one a row: size" in study
        and "notebooks/02_added.html#said-added-claim" in study
    )
    assert "How large is an added square?" in (folder / "_build/html/book/laboratory.html").read_text(encoding="utf-8")
    data = (folder / "_build/html/_static/rnnbook-weights/added-data.js").read_text(encoding="utf-8")
    assert data == 'rnnbookAsset("added-data","YWRkZWQ=");\n'
    for page in ("book/preface.html", "notebooks/01_one.html"):
        assert "The added chapter" in (folder / "_build/html" / page).read_text(encoding="utf-8")
    exercise = (folder / "_build/html/book/exercises/13_added.html").read_text(encoding="utf-8")
    assert (
        'data-question="q1"' in exercise
        and (folder / "_build/html/book/exercises" / source.student_file("13_added")).is_file()
    )
