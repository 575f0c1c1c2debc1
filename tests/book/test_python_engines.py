"""Exercises checked in Firefox and WebKit: right, empty and wrong answers get what they get in the notebook, word for word.

Chromium is in test_python_in_page.py, with every assignment and all that can go wrong. The interpreter and the graders are the
same bytes in each browser, so the others check them at night.
"""

import json

import pytest

from . import python_in_page as in_page

pytestmark = [pytest.mark.browser, pytest.mark.nightly, pytest.mark.timeout(400)]
# A reader's file comes from a dialogue that no driver opens in all three browsers; what the page gets is the same.
UPLOAD = """
const input = document.querySelector(".py-upload input"), files = new DataTransfer();
files.items.add(new File([arguments[0]], "mine.ipynb", { type: "application/x-ipynb+json" }));
input.files = files.files;
input.dispatchEvent(new Event("change", { bubbles: true }));
"""


def check(engine, watched, name):
    view = engine.open(f"{watched}/book/exercises/{name}.html")
    for answers in ({}, in_page.worked_answers(name), in_page.wrong_answers(name)):
        if answers:
            view.run(UPLOAD, json.dumps(in_page.answered(in_page.student_notebook(name), answers)))
            view.wait("return document.querySelector('.py-bar .py-said').textContent.includes('read from mine.ipynb')")
        view.click(".py-check-all")
        view.wait(f"return {in_page.CHECKED}", seconds=180)
        in_page.judge(name, answers, view.run(f"return {in_page.RESULTS}"))
    assert view.errors() == []
    view.close()


@pytest.mark.parametrize("name", in_page.ASSIGNMENTS)
@pytest.mark.parametrize("engine", ["firefox"], indirect=True)
def test_answers_are_checked_as_in_the_notebook(engine, watched, name):
    check(engine, watched, name)


@pytest.mark.parametrize("engine", ["webkit"], indirect=True)
def test_answers_are_checked_in_webkit_too(engine, watched):
    check(engine, watched, in_page.ASSIGNMENTS[0])
