"""What paper needs in another form: self-check questions with their options in print, and the answers below them."""

import json
import re
from html import escape
from string import ascii_lowercase

from rnnbook.publish.site import mathml

QUIZ = re.compile(
    r'<div data-widget="Quiz".*?</div>\n<script type="application/json" data-rnnbook-state="\w+">(.*?)</script>', re.S
)


def quizzes(body):
    """The HTML of a page with every quiz as a plain list."""
    return QUIZ.sub(lambda match: _quiz(json.loads(match[1])["state"]["questions"]), body)


def _quiz(questions):
    answers = " ".join(_answer(number, question) for number, question in enumerate(questions, start=1))
    return (
        f'<ol class="quiz">{"".join(map(_question, questions))}</ol>\n'
        f'<p class="answers"><strong>Answers.</strong> {answers}</p>\n'
    )


def _question(question):
    options = [answer["answer"] for answer in question["answers"] if "answer" in answer]
    listed = f'<ol type="a">{"".join(f"<li>{_words(option)}</li>" for option in options)}</ol>' if options else ""
    return f"<li><p>{_words(question['question'])}</p>{listed}</li>"


def _answer(number, question):
    right = [(place, answer) for place, answer in enumerate(question["answers"]) if answer.get("correct")]
    names = [ascii_lowercase[place] if "answer" in answer else _number(answer) for place, answer in right]
    return f"<strong>{number}: {' and '.join(names)}.</strong> {_words(right[0][1]['feedback'])}"


def _number(answer):
    return f"{answer['value']:,}" if answer["type"] == "value" else f"{answer['range'][0]:,} to {answer['range'][1]:,}"


def _words(text):
    """Text with `code` and $mathematics$ as HTML."""

    def part(match):
        if match["tex"]:
            return mathml.render(match["tex"], False)
        return f"<code>{escape(match['code'])}</code>" if match["code"] else escape(match[0])

    return re.sub(r"`(?P<code>[^`]+)`|\$(?P<tex>[^$]+)\$|[^`$]+|.", part, text, flags=re.S)
