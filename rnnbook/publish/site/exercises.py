"""What the book shows of an exercise page: the marks and the hidden tests for the grader stay in the source file."""

from rnnbook.assignments.source import clean


def _clean(app, docname, source):
    if docname.startswith("book/exercises/"):
        source[0] = clean(source[0], docname.rsplit("/")[-1], app.config.student_edition)


def setup(app):
    app.connect("source-read", _clean)
