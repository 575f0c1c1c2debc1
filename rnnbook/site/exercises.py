"""What the book shows of an exercise page: the marks and the hidden tests for the grader stay in the source file."""

import re

RAW_CELL = re.compile(r"^```\{raw-cell\}\n(.*?)^```\n?", re.M | re.S)
SOLUTION = re.compile(r"^```\{raw-cell\}\n# BEGIN SOLUTION\n```\n.*?^```\{raw-cell\}\n# END SOLUTION\n```\n?", re.M | re.S)
TEST_CELL = re.compile(r'^```\{code-cell\}[^\n]*\n(?:(?!^```$).)*?^""" # BEGIN TEST CONFIG\n(.*?)^""" # END TEST CONFIG\n(.*?)^```\n?', re.M | re.S)
MARK = re.compile(r"^[ \t]*# (?:BEGIN|END) SOLUTION(?: NO PROMPT)?[ \t]*\n|[ \t]*# (?:SOLUTION(?: NO PROMPT)?|IGNORE)[ \t]*$", re.M)
FOLDED = '```{{code-cell}} ipython3\n---\ntags: [hide-input]\nmystnb:\n  code_prompt_show: "Show the public test"\n  code_prompt_hide: "Hide the public test"\n---\n{}```\n'


def reader_view(source, student=False):
    """The text of an exercise page as readers see it.

    Public tests are folded, hidden tests and the grader's marks are gone; `student` drops the solutions too.
    """
    if student:
        source = SOLUTION.sub("", source)
    source = TEST_CELL.sub(lambda test: "" if re.search(r"^hidden: *true", test[1], re.M) else FOLDED.format(test[2]), source)
    return MARK.sub("", RAW_CELL.sub("", source))


def _clean(app, docname, source):
    if docname.startswith("book/exercises/"):
        source[0] = reader_view(source[0], app.config.student_edition)


def setup(app):
    app.connect("source-read", _clean)
