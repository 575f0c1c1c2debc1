"""Answers written and checked in the page: a field below each question, and Python for it, which loads when the reader first runs something.

What runs is the student notebook in `exercises/`, cell by cell, so that the page and the notebook give the same tests and the same words.
Where Pyodide or its NumPy cannot be had, the book is built without the fields.
"""

import gzip
import io
import json
import re
import shutil
import zipfile
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive

from rnnbook.assignments import source
from rnnbook.publish.site import python_parts
from rnnbook.widgets import live

HERE = Path(__file__).parent / "python"
PACKAGE = Path(__file__).resolve().parents[2]
ON_THE_PAGE = ("start.js", "cells.js", "notebook.js", "python.js", "worker.js", "editor.js", "python.css")
# What exercises import of the course, besides the stand-ins for what only a notebook needs.
COURSE = ("files.py", "networks/__init__.py", "networks/numpy_training.py", "networks/reference.py", "reviews")
BEFORE_SOLUTION = re.compile(r"^```\{raw-cell\}\n# BEGIN SOLUTION\n```\n", re.M)
NEEDS_KERAS = re.compile(r"^\s*(?:from|import)\s+(?:keras|tensorflow)\b", re.M)
LEAST_SECONDS = 30  # a run may take this long, or three times what the grader allows


class python_field(nodes.General, nodes.Element):
    """A field for Python in the HTML book; nothing in print."""


class AnswerCell(Directive):
    """`answer-cell` with a question's name: its fields. With `scratch`: a cell for experiments; with `notebook`: the line of buttons."""

    required_arguments = 1

    def run(self):
        env = self.state.document.settings.env
        page = env.docname.rsplit("/")[-1]
        path = Path(env.app.srcdir) / "exercises" / source.student_file(page)
        env.note_dependency(str(path))
        text = Path(env.doc2path(env.docname)).read_text(encoding="utf-8")
        html = _fields(self.arguments[0], json.loads(path.read_text(encoding="utf-8")), text, page)
        return [python_field("", html=html)]


def _fields(what, notebook, text, page):
    if what == "notebook":
        return _template("py-bar", "", _BAR, page)
    if what == "scratch":
        return _template(
            "py-cell", 'data-cell="scratch" data-seconds="60"', field("scratch", "Your own experiments", ""), page
        )
    question = next(q for q in source.parse(text, page).questions if q.name == what)
    if needs_keras(text, question):
        return (
            f'<p class="py-instead" data-question="{question.name}">This question trains with Keras, which does not run in a page: '
            f'answer it in <a href="{source.student_file(page)}" download>the notebook</a>, here or on Colab.</p>'
        )
    cells = [c for c in notebook["cells"] if _answers(c, question, notebook)]
    html = ""
    for cell in cells:
        name = f"Your answer to {question.name.upper()}"
        buttons = "" if question.manual else ("Run", "Check") if cell is cells[-1] else ("Run",)
        attributes = (
            f'data-question="{question.name}" data-cell="{escape(cell["id"])}" '
            f'data-seconds="{max(LEAST_SECONDS, 3 * question.seconds):g}"'
        )
        text = "" if question.manual else "".join(cell["source"])
        html += _template("py-cell", attributes, field(cell["id"], name, text, buttons), page)
    return html


def _answers(cell, question, notebook):
    """Whether a cell of the student notebook takes an answer to the question; a written one follows the question's title."""
    mark = cell["metadata"].get("rnnbook", {})
    if mark.get("role") == "answer":
        return mark["question"] == question.name
    if mark.get("role") != "written answer":
        return False
    titles = [
        match[1].lower()
        for c in notebook["cells"][: notebook["cells"].index(cell)]
        for match in re.finditer(r"^## (Q\w+)\. ", "".join(c["source"]), re.M)
    ]
    return titles[-1:] == [question.name]


def needs_keras(text, question):
    """Whether a question of the page cannot do without Keras: its own cells import it."""
    part = re.search(
        rf"^# BEGIN QUESTION\n(?:(?!```)[^\n]*\n)*?name: {re.escape(question.name)}\n.*?^# END QUESTION",
        text,
        re.M | re.S,
    )
    return bool(part and any(NEEDS_KERAS.search(cell["body"]) for cell in source.CELL.finditer(part[0])))


def _template(kind, attributes, inner, page):
    """Buttons come alive with the script alone; without it, from disk, and where workers are blocked, the notebook stands in their place."""
    instead = f'Write your answers in <a href="{source.student_file(page)}" download>the notebook</a>.'
    return (
        f'<div class="{kind}" {attributes}>'
        + (f'<p class="py-instead">{instead}</p>' if kind == "py-bar" else "")
        + f"<template>{inner}</template></div>\n"
    )


def field(name, label, text, buttons=("Run",)):
    rows = max(4, text.count("\n") + 2)
    field = (
        f'<div class="py-edit"><textarea id="py-{escape(name)}" rows="{rows}" aria-label="{label}" autocapitalize="off" autocomplete="off" '
        f'spellcheck="{"false" if buttons else "true"}">\n{escape(text)}</textarea></div>'
    )
    keys = '<span class="py-keys">Shift+Enter runs · Escape leaves the field</span>' if buttons else ""
    made = "".join(
        f'<button type="button" class="py-{b.lower()}{" button" if b == "Check" else ""}">{b}</button>' for b in buttons
    )
    reset = '<button type="button" class="py-reset">Reset</button>'
    return (
        f'<div class="py-head"><span>{label}</span>{keys}</div>{field}'
        f'<div class="py-buttons" role="group" aria-label="{label}">{made}{reset}<span class="py-said" role="status"></span></div>'
        '<div class="py-result"></div>'
    )


_BAR = """<p>Answer right here: Python runs in this page, with the same public tests as the notebook.
<span class="py-kept">Your answers are kept in this browser.</span></p>
<div class="py-buttons" role="group" aria-label="The whole assignment"><button type="button" class="py-check-all">Check all</button><button
 type="button" class="py-download">Download my notebook</button><label class="py-upload">Upload<input type="file" accept=".ipynb"></label></div>
<div class="py-start"><span class="py-said" role="status"></span></div>"""


def _insert(app, docname, text):
    """Put the fields into an assignment's page: before each solution, at its top and at its end."""
    if not docname.startswith("book/exercises/") or "# ASSIGNMENT CONFIG" not in text[0] or not available(app):
        return
    notebook = Path(app.srcdir) / "exercises" / source.student_file(docname.rsplit("/")[-1])
    if not notebook.is_file():
        return
    assignment = source.parse(text[0], docname)
    questions = iter(assignment.questions)
    directive = "```{{answer-cell}} {}\n```\n\n".format
    body = BEFORE_SOLUTION.sub(lambda match: directive(next(questions).name) + match[0], text[0])
    config = source.RAW.search(body)
    body = f"{body[: config.end()]}\n{directive('notebook')}{body[config.end() :]}"
    text[0] = f"{body.rstrip()}\n\n## Try something out\n\n{directive('scratch')}"


def available(app):
    """Whether this build's pages run Python."""
    return app.builder.name == "html" and not app.config.python_missing


def _visit(translator, node):
    if translator.builder.name == "html":
        translator.body.append(node["html"])
    raise nodes.SkipNode


def course_archive():
    """The course's own NumPy modules and their stand-ins, as one zip, the same bytes in every build."""
    files = {str(path.relative_to(HERE / "standins")): path for path in (HERE / "standins").rglob("*.py")}
    for name in COURSE:
        path = PACKAGE / name
        for file in sorted(path.glob("*")) if path.is_dir() else [path]:
            if file.suffix in (".py", ".json"):
                files[f"rnnbook/{file.relative_to(PACKAGE).as_posix()}"] = file
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(
                zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), files[name].read_bytes(), zipfile.ZIP_DEFLATED
            )
    return packed.getvalue()


def _copy(app, exception):
    """Put Python beside the pages. Schools block addresses that end in .whl, .py or .zip, so what is ours ends in .bin."""
    if exception or not available(app):
        return
    folder = Path(app.outdir) / "_static" / "python"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ON_THE_PAGE:
        shutil.copyfile(HERE / name, folder / name)
    for name, path in python_parts.interpreter().items():
        shutil.copyfile(path, folder / name)
    for name in ("pyodide", "codemirror"):
        shutil.copyfile(HERE.parent / "licences" / f"{name}.txt", folder / f"LICENSE-{name}.txt")
    for name, content in (
        ("numpy.bin", python_parts.wheel()),
        ("course.bin", course_archive()),
        ("runner.bin", (HERE / "runner.py").read_bytes()),
        ("curves.js", "".join(live.bundle(PACKAGE / "widgets" / "curves.js")).encode()),
    ):
        (folder / name).write_bytes(content)
    loaded = [*python_parts.INTERPRETER, "numpy.bin"]
    sizes = {name: len(gzip.compress((folder / name).read_bytes(), 6)) for name in loaded}
    (folder / "sizes.json").write_text(json.dumps(sizes), encoding="utf-8")


def _context(app, pagename, template, context, doctree):
    context["runs_python"] = re.search('class="py-(?:cell|try)"', context.get("body") or "")


def setup(app):
    app.add_config_value("python_missing", python_parts.missing(), "env", [str])
    app.add_node(
        python_field, html=(_visit, None), singlehtml=(_visit, None), latex=(_visit, None), text=(_visit, None)
    )
    app.add_directive("answer-cell", AnswerCell)
    app.connect("source-read", _insert, priority=400)  # before the marks of questions and solutions are taken out
    app.connect("html-page-context", _context, priority=980)
    app.connect("build-finished", _copy)
