"""A trained network in the page: it starts when the reader says so, and answers what NumPy answers."""

import re

import numpy as np
import pytest

from rnnbook import reviews
from rnnbook.networks import weights
from rnnbook.widgets import ReviewReader
from rnnbook.widgets.review_reader import REVIEWS
from tests.nightly import often

pytestmark = pytest.mark.browser
TYPED = "I wasn't sure at first, but this zyzzyvoid film is NOT bad: it's one of the best, and I loved its ending!"
ANSWER = re.compile(r"^(?:Before the first word|After \d+ of \d+ words?): (\d\.\d\d)\.")


def start(root):
    return root.get_by_role("button", name="Load the network and read")


def expected(architecture, text):
    """What the network says before the first word and after every one, in NumPy with the shipped weights."""
    network = weights.load(architecture)
    row = {word: i for i, word in enumerate(network["words"])}
    tokens = [reviews.START, *(row.get(word, reviews.OOV) for word in reviews.tokenize(text))]
    return np.array([weights.probabilities(network, [tokens[: i + 1]])[0] for i in range(len(tokens))])


@pytest.mark.parametrize("architecture", often(["simple_rnn", "gru"], list(weights.ARCHITECTURES)))
def test_a_typed_review_is_answered_as_by_numpy(open_page, architecture):
    page = open_page(ReviewReader(architecture=architecture).html())
    root = page.locator("[data-widget]")
    root.get_by_role("textbox").fill(TYPED)
    wanted = expected(architecture, TYPED)
    root.get_by_text(f"of {len(wanted) - 1}", exact=False).first.wait_for()
    slider, told = root.get_by_role("slider", name="Words read"), root.locator("[aria-live]")
    found = []
    for step in range(len(wanted)):
        slider.fill(str(step))
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        found.append(float(ANSWER.match(told.inner_text())[1]))
    worst = np.abs(np.array(found) - wanted).max()
    print(f"{architecture}: {len(wanted)} answers in the page, largest difference {worst:.4f}, of which rounding 0.005")
    assert worst < 0.005 + 1e-4
    assert (
        "1 word is not in the vocabulary" in told.inner_text()
        and root.locator(".words .unknown").inner_text() == "zyzzyvoid"
    )


def test_what_the_reader_is_invited_to_find_is_there():
    last = {
        (name, title): ReviewReader(architecture=name, text=text).reading()[1][-1]
        for name in weights.ARCHITECTURES
        for title, text in REVIEWS.items()
    }
    assert last["simple_rnn", "A late turn"] < 0.5 < last["lstm", "A late turn"]
    assert min(last["simple_rnn", "Praise, then plot"], last["simple_rnn", "Plot, then praise"]) > 0.5
    assert [name for name in weights.ARCHITECTURES if last[name, "Praise, then plot"] < 0.5] == ["dropout"]


def test_nothing_is_loaded_before_the_reader_says_so(open_page):
    page = open_page(ReviewReader().html(), start=False)
    loaded = "() => [...document.scripts].map((s) => s.src.split('/').at(-1)).filter((name) => name)"
    assert page.evaluate(loaded) == []
    start(page).click()
    page.locator(".words button").first.wait_for()
    assert sorted(page.evaluate(loaded)) == ["simple_rnn.js", "words.js"]


def test_it_begins_to_read_and_the_keyboard_is_where_it_can_stop_it(open_page):
    page = open_page(ReviewReader(text="good " * 100).html(), start=False)
    root = page.locator("[data-widget]")
    start(root).press("Enter")
    root.get_by_text(re.compile(r"After \d+ of 100 words")).wait_for()
    assert root.evaluate("(r) => r.shadowRoot.activeElement.ariaLabel") == "Pause"
    page.keyboard.press("Space")
    assert root.get_by_role("button", name="Play").count() == 1
    # A review has hundreds of words: they are pressed by mouse or finger, the keyboard has the slider.
    assert root.locator(".words button:not([tabindex='-1'])").count() == 0


def test_a_network_chosen_while_another_one_loads_is_the_one_that_reads(open_page):
    page = open_page(ReviewReader(text="a good film").html(), start=False)
    root = page.locator("[data-widget]")
    root.evaluate("""(r) => {
        const gru = [...r.shadowRoot.querySelectorAll('label')].find((label) => label.textContent === 'GRU');
        const append = document.head.append;
        document.head.append = (script) => {
            if (script.src.includes('simple_rnn')) gru.click();
            append.call(document.head, script);
        };
    }""")
    start(root).click()
    root.get_by_text("After 3 of 3 words").wait_for()
    assert ANSWER.match(root.locator("[aria-live]").inner_text())[1] == f"{expected('gru', 'a good film')[-1]:.2f}"


def test_while_another_network_loads_no_answer_of_the_old_one_is_shown(open_page):
    page = open_page(ReviewReader().html())
    root = page.locator("[data-widget]")
    page.evaluate("""() => {
        const append = document.head.append;
        document.head.append = (script) => setTimeout(() => append.call(document.head, script), 400);
    }""")
    root.get_by_text("LSTM", exact=True).click()
    root.get_by_text("Loading the network …").wait_for()
    root.get_by_text(re.compile(r"^Before the first word: 0\.\d\d")).wait_for()


def test_weights_that_are_missing_are_named_in_place(open_page, tmp_path):
    (tmp_path / "_static").mkdir()
    page = open_page(ReviewReader().html(), start=False, expect_errors=True)
    root = page.locator("[data-widget]")
    start(root).click()
    assert "“words” could not be loaded" in root.get_by_role("alert").inner_text()
    assert root.get_attribute("data-live") == "error"


def test_an_empty_review_says_what_to_do(open_page):
    page = open_page(ReviewReader(text="").html(), start=False)
    root = page.locator("[data-widget]")
    start(root).click()
    root.get_by_text("There are no words to read yet").wait_for()
    root.get_by_role("textbox").fill("good")
    root.get_by_text("After 1 of 1 word:").wait_for()
