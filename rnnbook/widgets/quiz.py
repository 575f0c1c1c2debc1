"""Self-check questions that answer at once, in the page as in a notebook."""

import re
import textwrap

import traitlets as T

from ..errors import CourseError
from .live import Live
from .picture import Svg

SIGNS = {r"\odot": "⊙", r"\cdot": "·", r"\times": "×", r"\le": "≤", r"\ge": "≥", r"\approx": "≈", r"\to": "→"}
FUNCTIONS = r"\\(tanh|exp|log|max|min)\b *"


def _simple(text):
    """Text with TeX between dollars as widgets read it (`rich` in dom.js): letters, braced scripts, signs; names of functions are words."""

    def formula(found):
        tex = re.sub(r"\\mathbf\{(\w)\}", r"\1", found[1])
        tex = re.sub(r"([_^])(\w)", r"\1{\2}", tex)
        tex = re.sub(r"\\[a-z]+", lambda name: SIGNS.get(name[0], name[0]), tex)
        tex = re.sub(FUNCTIONS, r"$\1$", tex)
        if re.search(r"\\|[_^](?!\{)", tex):
            raise CourseError(
                f"A question can't show this formula; say it in words, or with fewer signs of TeX: {found[0]}"
            )
        return f"${tex}$".replace("$$", "")

    told = []
    for part in re.split(r"(`[^`]+`)", text):
        if not part.startswith("`"):
            part = re.sub(r"(?<![\w*])\*(?=[^\s*$])([^*$]*[^*$\s])\*(?![\w*])", r"\1", part)  # a widget has no italics
            part = re.sub(r"\$([^$]*)\$", formula, part)
        told.append(part)
    return "".join(told)


def _plain(text):
    return re.sub(r"[$`{}]", "", text)


class Quiz(Live):
    """A few questions; each answer brings its own feedback. Nothing is sent or stored.

    `questions` is a list of dictionaries in the format of JupyterQuiz. "multiple_choice" (one right answer) and
    "many_choice" (every right answer) take answers with `answer`, `correct` and `feedback`. "numeric" takes
    answers of `type` "value" (with `value`) or "range" (with `range` [low, high]), each with `correct` and
    `feedback`, and one of `type` "default" with the `feedback` for all other numbers.
    Texts may hold simple mathematics (`$Z_{i+1}$`) and code between backticks.
    Raises CourseError for a question that nobody could answer, and for a formula that cannot be shown.
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
        told = lambda value: _simple(value) if isinstance(value, str) else value
        return [
            {
                **{key: told(value) for key, value in question.items()},
                "answers": [{key: told(value) for key, value in answer.items()} for answer in question["answers"]],
            }
            for question in proposal["value"]
        ]

    @classmethod
    def on_paper(cls, settings):
        from . import quiz_on_paper  # which needs what only the book's build has

        return quiz_on_paper.nodes_of(settings["questions"])

    def alt_text(self):
        return "Questions to check yourself: " + " ".join(_plain(q["question"]) for q in self.questions)

    def picture(self):
        lines = []
        for number, question in enumerate(self.questions, start=1):
            lines += textwrap.wrap(f"{number}. {_plain(question['question'])}", 76, subsequent_indent="\u2003")
        svg = Svg(680, 40 + 24 * len(lines))
        svg.text(24, 32, "Questions to check yourself", bold=True)
        for i, line in enumerate(lines):
            svg.text(24, 60 + 24 * i, line)
        return svg.svg()
