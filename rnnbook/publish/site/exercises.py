"""What the book shows of an exercise page: the marks and the hidden tests for the grader stay in the source file.

That file holds the solution, too, so where no book is built, links lead to the student notebook instead; the book turns them to the page.
"""

import re

from rnnbook.assignments.source import clean, student_file

LINK = re.compile(r"\]\(\.\./exercises/" + re.escape(student_file("NAME")).replace("NAME", r"(\w+)") + r"\)")


def _clean(app, docname, source):
    source[0] = LINK.sub(r"](../book/exercises/\1.md)", source[0])
    if docname.startswith("book/exercises/"):
        source[0] = clean(source[0], docname.rsplit("/")[-1], app.config.student_edition)


def setup(app):
    app.connect("source-read", _clean)
