"""Self-check questions that answer at once, in the page as in a notebook."""

import re
import textwrap

import traitlets as T

from ..errors import CourseError
from .live import Live
from .picture import Svg


class Quiz(Live):
    """A few questions; each answer brings its own feedback. Nothing is sent or stored.

    `questions` is a list of dictionaries in the format of JupyterQuiz. "multiple_choice" (one right answer) and
    "many_choice" (every right answer) take answers with `answer`, `correct` and `feedback`. "numeric" takes
    answers of `type` "value" (with `value`) or "range" (with `range` [low, high]), each with `correct` and
    `feedback`, and one of `type` "default" with the `feedback` for all other numbers.
    Texts may hold mathematics as other widgets do (`$Z_{i+1}$`) and code between backticks.
    Raises CourseError for a question that nobody could answer.
    """

    questions = T.List(T.Dict()).tag(sync=True)

    @T.validate("questions")
    def _checked(self, proposal):
        for question in proposal["value"]:
            name, kind, answers = question.get("question"), question.get("type"), question.get("answers", [])
            if not name or kind not in ("multiple_choice", "many_choice", "numeric"):
                raise CourseError(
                    f"A question needs a text and the type multiple_choice, many_choice or numeric: {question!r}."
                )
            right = [a for a in answers if a.get("correct")]
            if not right or (kind == "multiple_choice" and len(right) > 1):
                raise CourseError(
                    f"{'Exactly one answer' if kind == 'multiple_choice' else 'At least one answer'} must be correct: {name!r}."
                )
            if not all(a.get("feedback") for a in answers):
                raise CourseError(f"Every answer needs feedback: {name!r}.")
            if kind == "numeric" and not any(a.get("type") == "default" for a in answers):
                raise CourseError(f"A numeric question needs an answer of type default: {name!r}.")
        return proposal["value"]

    @classmethod
    def on_paper(cls, settings):
        from . import quiz_on_paper  # which needs what only the book's build has

        return quiz_on_paper.nodes_of(settings["questions"])

    def alt_text(self):
        return "Questions to check yourself: " + " ".join(q["question"] for q in self.questions)

    def picture(self):
        lines = []
        for number, question in enumerate(self.questions, start=1):
            text = re.sub(r"\\[a-z]+\{([^}]*)\}", r"\1", question["question"]).replace("$", "").replace("`", "")
            lines += textwrap.wrap(f"{number}. {text}", 88, subsequent_indent="\u2003")
        svg = Svg(680, 40 + 24 * len(lines))
        svg.text(24, 32, "Questions to check yourself", bold=True)
        for i, line in enumerate(lines):
            svg.text(24, 60 + 24 * i, line)
        return svg.svg()
