"""Questions on paper: a list with options, and the answers below it."""

import re
from string import ascii_lowercase

from docutils import nodes


def nodes_of(questions):
    """The nodes of a list of questions, and of the paragraph with their answers."""
    listed = nodes.enumerated_list("", *map(_question, questions), enumtype="arabic", classes=["quiz"])
    answers = nodes.paragraph("", "", nodes.strong(text="Answers."), classes=["answers"])
    for number, question in enumerate(questions, start=1):
        answers += _answer(number, question)
    return [listed, answers]


def _question(question):
    item = nodes.list_item("", nodes.paragraph("", "", *_words(question["question"])))
    if options := [answer["answer"] for answer in question["answers"] if "answer" in answer]:
        item += nodes.enumerated_list(
            "", *(nodes.list_item("", nodes.paragraph("", "", *_words(o))) for o in options), enumtype="loweralpha"
        )
    return item


def _answer(number, question):
    right = [(place, answer) for place, answer in enumerate(question["answers"]) if answer.get("correct")]
    names = [ascii_lowercase[place] if "answer" in answer else _number(answer) for place, answer in right]
    called = nodes.strong(text=f"{number}: {' and '.join(names)}.")
    return [nodes.Text(" "), called, nodes.Text(" "), *_words(right[0][1]["feedback"])]


def _number(answer):
    return f"{answer['value']:,}" if answer["type"] == "value" else f"{answer['range'][0]:,} to {answer['range'][1]:,}"


def _words(text):
    """Text with `code` and $mathematics$ as nodes."""
    made = []
    for part in re.findall(r"`[^`]+`|\$[^$]+\$|[^`$]+|.", text, re.S):
        if len(part) > 2 and part[0] == part[-1] == "`":
            made.append(nodes.literal(text=part[1:-1]))
        elif len(part) > 2 and part[0] == part[-1] == "$":
            made.append(nodes.math(text=part[1:-1]))
        else:
            made.append(nodes.Text(part))
    return made
