"""What paper needs in another form: questions with options and answers, and the way from a widget's picture to the live one."""

import json
import re
from html import escape
from html.parser import HTMLParser
from string import ascii_lowercase

import segno
from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform


class _State(HTMLParser):
    """The settings that the HTML of a quiz holds, `.questions`; None in all other HTML."""

    def __init__(self, html):
        super().__init__()
        self.quiz = self.inside = False
        self.questions = None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        self.quiz = self.quiz or names.get("data-widget") == "Quiz"
        self.inside = "data-rnnbook-state" in names

    def handle_data(self, text):
        if self.quiz and self.inside:
            self.questions, self.inside = json.loads(text)["state"]["questions"], False


class PrintQuizzes(SphinxPostTransform):
    """In the printed edition every quiz is a list with its answers."""

    default_priority = 100
    builders = ("singlehtml",)

    def run(self, **kwargs):
        for raw in list(self.document.findall(nodes.raw)):
            if raw.get("format") == "html" and (questions := _State(raw.astext()).questions):
                raw.replace_self(quiz(questions))


class PrintAddresses(SphinxPostTransform):
    """In the printed edition of a published book every widget's picture tells where it is alive, in words and for a camera."""

    default_priority = 110  # after the quizzes, which are no widgets in print
    builders = ("singlehtml",)

    def run(self, **kwargs):
        base = self.config.html_baseurl.rstrip("/")
        for raw in list(self.document.findall(nodes.raw)) if base else ():
            if raw.get("format") == "html" and "data-widget=" in raw.astext():
                page, section = _place(raw)
                after = nodes.raw("", alive(f"{base}/{page}.html{section}"), format="html")
                raw.parent.insert(raw.parent.index(raw) + 1, after)


def _place(node):
    """The page that a node stands on and its section there, as `#id`; "" where it has none."""
    section, page = "", ""
    while node := node.parent:
        if isinstance(node, nodes.section):
            page = node.get("docname", page)  # which Sphinx notes where it joins the pages
            if not section and isinstance(node.parent, nodes.section):
                section = f"#{node['ids'][0]}"
    return page, section


def alive(address):
    """HTML that leads from paper to the live figure at `address`."""
    code = segno.make(address, error="m", micro=False).svg_inline(scale=2, border=2)
    address = escape(address)
    return f'<p class="alive">{code}<span>This figure is alive at <a href="{address}">{address}</a></span></p>'


def quiz(questions):
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


def setup(app):
    app.add_post_transform(PrintQuizzes)
    app.add_post_transform(PrintAddresses)
