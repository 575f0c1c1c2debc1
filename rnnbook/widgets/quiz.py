"""Self-check questions that answer at once, in the page as in a notebook."""

import traitlets as T

from .live import Live
from .picture import Svg


class Quiz(Live):
    """A few questions; each answer brings its own feedback. Nothing is sent or stored.

    `questions` is a list of dictionaries in the format of JupyterQuiz. "multiple_choice" (one right answer) and
    "many_choice" (every right answer) take answers with `answer`, `correct` and `feedback`. "numeric" takes
    answers of `type` "value" (with `value`) or "range" (with `range` [low, high]), each with `correct` and
    `feedback`, and one of `type` "default" with the `feedback` for all other numbers.
    Texts may hold mathematics as other widgets do (`$Z_{i+1}$`) and code between backticks.
    Raises ValueError for a question that nobody could answer.
    """

    questions = T.List(T.Dict()).tag(sync=True)

    @T.validate("questions")
    def _checked(self, proposal):
        for question in proposal["value"]:
            name, kind, answers = question.get("question"), question.get("type"), question.get("answers", [])
            if not name or kind not in ("multiple_choice", "many_choice", "numeric"):
                raise ValueError(f"A question needs a text and the type multiple_choice, many_choice or numeric: {question!r}.")
            right = [a for a in answers if a.get("correct")]
            if not right or (kind == "multiple_choice" and len(right) > 1):
                raise ValueError(f"{'Exactly one answer' if kind == 'multiple_choice' else 'At least one answer'} must be correct: {name!r}.")
            if not all(a.get("feedback") for a in answers):
                raise ValueError(f"Every answer needs feedback: {name!r}.")
            if kind == "numeric" and not any(a.get("type") == "default" for a in answers):
                raise ValueError(f"A numeric question needs an answer of type default: {name!r}.")
        return proposal["value"]

    def alt_text(self):
        return "Questions to check yourself: " + " ".join(q["question"] for q in self.questions)

    def picture(self):
        svg = Svg(680, 40 + 28 * len(self.questions))
        svg.text(24, 32, "Questions to check yourself", bold=True)
        for i, question in enumerate(self.questions):
            text = question["question"].replace("$", "").replace("`", "")
            svg.text(24, 62 + 28 * i, f"{i + 1}. {text if len(text) < 90 else text[:88] + '…'}")
        return svg.svg()
