"""Read an assignment from its MyST page, and show that page in the book.

The format is described in README.md in this folder. Nothing heavy is imported here: the book's Sphinx extension
uses `clean` on every exercise page.
"""

import ast
import re
from dataclasses import dataclass, field

from ..errors import CourseError

RAW = re.compile(r"^```\{raw-cell\}\n# (?P<marker>[A-Z ]+)\n(?P<config>.*?)```\n", re.M | re.S)
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(?P<body>.*?)^```\n", re.M | re.S)
TEST_CONFIG = re.compile(r'^""" # BEGIN TEST CONFIG\n(?P<config>.*?)^""" # END TEST CONFIG\n', re.M | re.S)
SOLUTION_LINES = re.compile(r"^[ \t]*# (?:BEGIN|END) SOLUTION[^\n]*\n|[ \t]*# SOLUTION[ \t]*$", re.M)
EXERCISE = re.compile(
    r"^:::\{exercise\} *(?P<title>[^\n]*)\n(?P<options>(?::[\w-]+:[^\n]*\n)*)(?P<text>.*?)^:::[ ]*$", re.M | re.S
)
ADMONITION = re.compile(
    r"^:::\{(?P<kind>hint|note|warning)\}[ ]*\n(?P<options>(?::[\w-]+:[^\n]*\n)*)(?P<text>.*?)^:::[ ]*$", re.M | re.S
)
SOLUTION_FENCE = re.compile(r"^:::\{solution-(?:start|end)\}[^\n]*\n(?::[\w-]+:[^\n]*\n)*:::[ ]*\n?", re.M)


class SourceError(CourseError):
    """An assignment's page that breaks the format; the message names the page, the question and the cure."""


@dataclass
class Test:
    """One test of a question: what it is worth, whether students see it, and its code."""

    name: str
    code: str
    points: float
    hidden: bool
    message: str
    arguments: list[str]


@dataclass
class Question:
    """One question, with what its answer has to define."""

    name: str
    title: str = ""
    minutes: float = 0
    trains: str = ""
    manual: bool = False
    points: float = 0
    seconds: float = 30
    tests: list[Test] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    @property
    def facts(self):
        """The line under the question's title."""
        by_hand = ", graded by hand" if self.manual else ""
        return (
            f"*{plural(self.points, 'point')}{by_hand} · about {plural(self.minutes, 'minute')} · trains {self.trains}*"
        )


@dataclass
class Assignment:
    """A whole assignment as its page describes it."""

    name: str
    title: str
    trains: str
    questions: list[Question]
    packages: list[str] = field(default_factory=list)

    @property
    def points(self):
        return sum(question.points for question in self.questions)

    @property
    def minutes(self):
        return sum(question.minutes for question in self.questions)

    @property
    def facts(self):
        return (
            f"**{plural(self.points, 'point')} · {len(self.questions)} questions · about {plural(self.minutes, 'minute')}.** "
            f"Trains {self.trains}."
        )


def plural(number, word):
    return f"{number:g} {word}{'' if number == 1 else 's'}"


def parse_config(text):
    """The `key: value` lines of a marker, a dict. Raises `SourceError` where they are not YAML."""
    import yaml

    try:
        config = yaml.safe_load(text) or {}
        return dict(config)
    except (yaml.YAMLError, TypeError, ValueError):
        raise SourceError(
            f"These lines are not `key: value` (a value with a colon needs single quotes around it):\n{text}"
        ) from None


def parse_code(code, where):
    """The syntax tree of a cell. Raises `SourceError` with its place where it does not parse."""
    try:
        return ast.parse(code)
    except SyntaxError as error:
        raise SourceError(f"{where}: a cell does not parse: {error}.") from None


def parse_test(code, page, question):
    """A test cell: its configuration and one function `test_…`."""
    match = TEST_CONFIG.search(code)
    where = f"{page}, question {question}"
    if not match:
        raise SourceError(f"{where}: a test cell does not start with its BEGIN TEST CONFIG block.")
    config = parse_config(match["config"])
    code = TEST_CONFIG.sub("", code).strip()
    body = parse_code(code, where).body
    functions = [node for node in body if isinstance(node, ast.FunctionDef)]
    if len(functions) != 1 or len(body) != 1 or not functions[0].name.startswith("test_"):
        raise SourceError(f"{where}: a test cell must hold one function test_… and nothing else.")
    for key in ("points", "failure_message"):
        if key not in config:
            raise SourceError(f"{where}, {functions[0].name}: the test has no {key}.")
    if '"' in config["failure_message"] or "\n" in config["failure_message"].strip():
        raise SourceError(f"{where}, {functions[0].name}: the failure_message must be one line without double quotes.")
    return Test(
        functions[0].name,
        code,
        config["points"],
        bool(config.get("hidden")),
        config["failure_message"].strip(),
        [argument.arg for argument in functions[0].args.args],
    )


def defined_names(code):
    """Names that the top level of some code binds: functions, classes, variables, imports."""
    names = []
    for node in ast.parse(code).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.append(node.name)
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names += [(alias.asname or alias.name).split(".")[0] for alias in node.names]
            continue
        names += [part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
    return names


def parse(text, name):
    """Read a page.

    Parameters: `text`, the MyST source; `name`, the assignment's name, for messages.
    Returns an `Assignment`. Raises `SourceError` where the page breaks the format.
    """
    title = re.search(r"^# (.+)$", text, re.M)
    assignment, question, in_tests, in_solution = None, None, False, False
    for match in re.finditer(
        f"{RAW.pattern}|{CELL.pattern.replace('body', 'cell')}|{EXERCISE.pattern}", text, re.M | re.S
    ):
        marker = match["marker"]
        if marker == "ASSIGNMENT CONFIG":
            config = parse_config(match["config"])
            assignment = Assignment(
                name, title[1] if title else name, config.get("trains", ""), [], config.get("packages", [])
            )
        elif assignment is None:
            if marker:
                raise SourceError(f"{name}: the page must start with an ASSIGNMENT CONFIG cell.")
        elif marker == "BEGIN QUESTION":
            question = _question(parse_config(match["config"]), name)
            assignment.questions.append(question)
        elif marker in ("BEGIN SOLUTION", "END SOLUTION"):
            in_solution = marker == "BEGIN SOLUTION"
        elif marker in ("BEGIN TESTS", "END TESTS"):
            in_tests = marker == "BEGIN TESTS"
        elif marker == "END QUESTION":
            question = None
        elif match["title"] is not None and question:
            question.title = match["title"].strip()
        elif match["cell"] is not None and question:
            code = re.sub(r"\A(?:---\n.*?^---\n|(?::[\w-]+:[^\n]*\n)+)", "", match["cell"], flags=re.M | re.S)
            if in_tests:
                question.tests.append(parse_test(code, name, question.name))
            elif in_solution and not question.manual:
                _add_answer(question, code, name)
    if assignment is None:
        raise SourceError(f"{name}: the page has no ASSIGNMENT CONFIG cell.")
    for question in assignment.questions:
        _finish(question, assignment)
    return assignment


def _question(config, page):
    """A question as its BEGIN QUESTION cell announces it."""
    missing = {"name", "minutes", "trains"} - set(config)
    if missing or not isinstance(config.get("name"), str):
        raise SourceError(f"{page}: a question lacks {', '.join(sorted(missing)) or 'a name'}.")
    where = f"{page}, question {config['name']}"
    if config.get("manual") and not config.get("points"):
        raise SourceError(f"{where}: a manual question needs its points.")
    unknown = set(config) - {"name", "minutes", "trains", "manual", "points", "seconds"}
    if unknown or ("points" in config and not config.get("manual")):
        raise SourceError(
            f"{where}: remove {', '.join(sorted(unknown)) or 'points'}"
            + ("." if unknown else "; an autograded question is worth the sum of its tests.")
        )
    return Question(**config)


def _add_answer(question, code, page):
    """A solution's cell: the names it defines are what the question asks for."""
    where = f"{page}, question {question.name}"
    if not SOLUTION_LINES.search(code):
        raise SourceError(
            f"{where}: mark the solution's lines with # BEGIN SOLUTION and # END SOLUTION, or students would get them."
        )
    parse_code(code, where)
    question.answers += [n for n in defined_names(code) if n not in question.answers]


def _finish(question, assignment):
    """What is known of a question once the whole page is read: its points, and which names its tests take."""
    where = f"{assignment.name}, question {question.name}"
    if not question.title:
        raise SourceError(f"{where}: the text must be in an {{exercise}} directive with a title.")
    if question.manual:
        return
    question.points = sum(test.points for test in question.tests)
    # Only what the tests ask for has to be there; the rest of an answer cell is the student's own business.
    asked = {argument for test in question.tests for argument in test.arguments}
    question.answers = [n for n in question.answers if n in asked]
    strangers = asked - {n for q in assignment.questions for n in q.answers}
    if not question.tests or not question.answers or strangers:
        raise SourceError(
            f"{where}: its tests must take, as arguments, names that an answer "
            f"defines{' (unknown: ' + ', '.join(sorted(strangers)) + ')' if strangers else ''}."
        )


def student_file(name):
    """The file of an assignment's notebook for students: no chapter's and no solution's name, for all may land in one folder."""
    return f"assignment_{name}.ipynb"


def solution_file(name):
    """The file of an assignment's notebook with its solutions."""
    return f"solution_{name}.ipynb"


def clean(text, name, student_edition=False):
    """The page as the book shows it: no markers, no hidden test; in the student edition no solution either.

    Parameters: `text`, the MyST source of a page in book/exercises/; `name`, its name without a suffix.
    Returns the text for Sphinx. A page without an ASSIGNMENT CONFIG cell comes back as it is.
    """
    if "# ASSIGNMENT CONFIG" not in text:
        return text
    assignment = parse(text, name)
    if student_edition:
        text = re.sub(
            r"^```\{raw-cell\}\n# BEGIN SOLUTION\n```\n.*?^```\{raw-cell\}\n# END SOLUTION\n```\n",
            "",
            text,
            flags=re.M | re.S,
        )
    text = CELL.sub(_test_cell, text)
    text = EXERCISE.sub(_titled(iter(assignment.questions)), text)
    text = RAW.sub(lambda m: assignment.facts + "\n" if m["marker"] == "ASSIGNMENT CONFIG" else "", text)
    return SOLUTION_LINES.sub("", text)


def _titled(questions):
    """Give each exercise its question's name, which notebooks and marks use as well, in place of a number through the book."""

    def replace(match):
        question = next(questions)
        return (
            f":::{{exercise}} {question.name.upper()}. {match['title']}\n{match['options']}:nonumber:\n\n"
            f"{question.facts}\n{match['text']}:::"
        )

    return replace


def _test_cell(match):
    config = TEST_CONFIG.search(match["body"])
    if not config:
        return match[0]
    if parse_config(config["config"]).get("hidden"):
        return ""
    code = TEST_CONFIG.sub("", match["body"]).strip()
    return (
        "```{code-cell} ipython3\n---\ntags: [hide-input]\nmystnb:\n"
        '  code_prompt_show: "Show the public test"\n  code_prompt_hide: "Hide the public test"\n---\n'
        f"{code}\n```\n"
    )


def to_notebook_markdown(text, question):
    """Turn the MyST directives of a Markdown cell into what Colab and JupyterLab show."""
    text = SOLUTION_FENCE.sub("", text)
    text = EXERCISE.sub(
        lambda m: f"## {question.name.upper()}. {m['title'].strip()}\n\n{question.facts}\n\n{m['text'].strip()}", text
    )
    return ADMONITION.sub(
        lambda m: f"<details><summary>{m['kind'].title()}</summary>\n\n{m['text'].strip()}\n\n</details>", text
    )
