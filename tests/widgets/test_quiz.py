"""The self-check questions: what they refuse, and how they answer in a page."""

import pytest

from rnnbook.widgets.quiz import Quiz

ONE = {
    "question": "One?",
    "type": "multiple_choice",
    "answers": [
        {"answer": "<b>yes</b>", "correct": True, "feedback": "Right for $Z_{0}$."},
        {"answer": "no", "feedback": "No: <i>why</i>."},
    ],
}
MANY = {
    "question": "Many?",
    "type": "many_choice",
    "answers": [
        {"answer": "a", "correct": True, "feedback": "a belongs."},
        {"answer": "b", "correct": False, "feedback": "b does not."},
    ],
}
NUMBER = {
    "question": "Number?",
    "type": "numeric",
    "answers": [
        {"type": "value", "value": 6208, "correct": True, "feedback": "Exactly."},
        {"type": "range", "range": [-1, 1], "feedback": "Too small."},
        {"type": "default", "feedback": "Count again."},
    ],
}


@pytest.mark.parametrize(
    "question, words",
    [
        ({"question": "", "type": "numeric", "answers": []}, "needs a text and the type"),
        ({**ONE, "type": "guess"}, "needs a text and the type"),
        ({**ONE, "answers": ONE["answers"][1:]}, "Exactly one answer must be correct"),
        ({**ONE, "answers": [ONE["answers"][0]] * 2}, "Exactly one answer must be correct"),
        ({**MANY, "answers": [{"answer": "a", "correct": True}]}, "Every answer needs feedback"),
        ({**NUMBER, "answers": NUMBER["answers"][:2]}, "needs an answer of type default"),
    ],
)
def test_a_question_nobody_could_answer_is_refused(question, words):
    with pytest.raises(ValueError, match=words):
        Quiz(questions=[question])


def test_formulas_are_told_in_signs_that_a_widget_shows():
    told = lambda text: Quiz(questions=[{**ONE, "question": text}]).questions[0]["question"]
    assert told(r"Is $Z_{i+1} = \mathbf{f}_{i+1} \odot Z_i$?") == "Is $Z_{i+1} = f_{i+1} ⊙ Z_{i}$?"
    assert told(r"$\tanh(W Z_i)$") == "tanh$(W Z_{i})$"
    assert told("at *every* step, and `a * b * c`") == "at every step, and `a * b * c`"
    for as_it_is in ("2*3*4 steps", r"`a\nb` costs $3, `c\nd` costs $4"):
        assert told(as_it_is) == as_it_is
    for formula in (r"$\frac{1}{2}$", "$10^-3$"):
        with pytest.raises(ValueError, match="can't show this formula"):
            told(formula)


@pytest.mark.browser
def test_answers_are_judged_in_the_page(tmp_path, chromium):
    page_file = tmp_path / "quiz.html"
    page_file.write_text(
        f"<!doctype html><meta charset=utf8><title>Quiz</title>{Quiz(questions=[ONE, MANY, NUMBER]).html()}", "utf-8"
    )
    page = chromium.new_page()
    page.goto(page_file.as_uri())
    verdict = lambda n: page.locator(f'[data-question="{n}"] [role=status]').inner_text()
    page.get_by_label("no", exact=True).check()
    assert verdict(0) == "✗ Not quite. No: <i>why</i>."  # markup in a question stays text
    page.get_by_label("<b>yes</b>").check()
    assert verdict(0).startswith("✓ Right. Right for Z")
    check = page.get_by_role("button", name="Check")
    check.nth(0).click()
    assert "a belongs." in verdict(1) and verdict(1).startswith("✗")
    page.get_by_label("a", exact=True).check()
    check.nth(0).click()
    assert verdict(1).startswith("✓")
    entry = page.get_by_label("Your answer to question 3")
    for typed, answer in (
        ("6,208", "✓ Right. Exactly."),
        ("−0.5", "✗ Not quite. Too small."),
        ("7", "✗ Not quite. Count again."),
        ("x", "Type a number"),
    ):
        entry.fill(typed)
        entry.press("Enter")
        assert verdict(2).startswith(answer)
    page.close()
