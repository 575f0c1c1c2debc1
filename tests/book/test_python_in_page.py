"""Exercises solved and checked in the page, in Chromium: assignments with right, empty and wrong answers, and what can go wrong."""

import json

import nbformat
import pytest

from tests.nightly import often

from . import python_in_page as in_page
from .conftest import ROOT, until
from .test_browser import SETTINGS, change, tab_stops, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
FIRST = "book/exercises/01_dynamical_systems.html"
IDLE = "!document.querySelector('.py-stop')"


@pytest.fixture
def open_assignment(site, visit):
    """`open_assignment(name)` opens the page of an assignment; nothing may be asked of another host, nothing may fail."""
    pages = []

    def open_page(name="01_dynamical_systems", **options):
        pages.append(visit(f"{site}/book/exercises/{name}.html", **options))
        return pages[-1]

    yield open_page
    for page in pages:
        assert page.foreign == [] and page.errors == []


def place(cell):
    return f':is(.py-cell[data-cell="{cell}"], .py-cell[data-question="{cell}"])'


def button(page, cell, name):
    return page.locator(place(cell)).get_by_role("button", name=name, exact=True)


def press(page, cell, name):
    """Press a button of a cell and wait for what comes of it."""
    page.locator(place(cell)).evaluate("(cell) => cell.removeAttribute('aria-busy')")
    button(page, cell, name).click()
    page.wait_for_selector(f"{place(cell)}[aria-busy='false']", timeout=120_000)


def upload(page, notebook, name="mine.ipynb"):
    content = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    page.get_by_label("Upload").set_input_files(
        {"name": name, "mimeType": "application/x-ipynb+json", "buffer": content}
    )
    page.wait_for_selector(".py-bar .py-said:not(:empty)")
    return page.locator(".py-bar .py-said").inner_text()


def check_all(page):
    """{question: (passed, total, the graders' words)} after *Check all*."""
    page.get_by_role("button", name="Check all").click()
    until(page, in_page.CHECKED, 120)
    return page.evaluate(f"() => {in_page.RESULTS}")


def write(page, cell, code):
    """Put code into a cell as a reader does, by the keyboard."""
    page.locator(f'.py-cell[data-cell="{cell}"] textarea, .py-cell[data-cell="{cell}"] .cm-content').click()
    page.wait_for_selector(f'.py-cell[data-cell="{cell}"] .cm-content')
    page.locator(f'.py-cell[data-cell="{cell}"] .cm-content').click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)


@pytest.mark.parametrize("name", often(["01_dynamical_systems"], in_page.ASSIGNMENTS))
def test_answers_are_checked_as_in_the_notebook(open_assignment, name):
    page = open_assignment(name)
    for answers in ({}, in_page.worked_answers(name), in_page.wrong_answers(name)):
        if answers:
            assert "read from mine.ipynb" in upload(page, in_page.answered(in_page.student_notebook(name), answers))
        in_page.judge(name, answers, check_all(page))


def test_an_answer_typed_in_the_page_is_checked_and_kept(open_assignment):
    page = open_assignment()
    write(page, "q1-answer-5", in_page.worked_answers("01_dynamical_systems")["q1"])
    press(page, "q1", "Check")
    result = page.locator('.py-result[data-question="q1"]')
    assert result.get_attribute("data-passed") == result.get_attribute("data-total") == "3"
    assert "All public tests pass" in result.inner_text()
    page.locator(".py-cell[data-question='q5'] textarea").fill("It remembers longer.")
    page.wait_for_timeout(500)
    page.reload()
    assert "Z @ W.T" in page.locator(".py-cell[data-question='q1'] textarea").input_value()
    assert page.locator(".py-cell[data-question='q5'] textarea").input_value() == "It remembers longer."
    button(page, "q1", "Reset").click()
    page.wait_for_selector(".py-undo")
    assert "..." in page.locator(".py-cell[data-question='q1'] .cm-content").inner_text()
    page.get_by_role("button", name="Undo").click()
    assert "Z @ W.T" in page.locator(".py-cell[data-question='q1'] .cm-content").inner_text()


def test_an_error_names_the_readers_own_line(open_assignment):
    page = open_assignment()
    write(page, "q1-answer-5", "def rollout(X, U, W, b):\n    return nothing\n\n\nrollout(1, 2, 3, 4)")
    press(page, "q1", "Run")
    said = page.locator(".py-cell[data-question='q1'] .py-error").inner_text()
    assert said.splitlines() == [
        "Q1, line 5", "    rollout(1, 2, 3, 4)", "Q1, line 2, in rollout", "    return nothing",
        "NameError: name 'nothing' is not defined",
    ]  # fmt: skip
    assert page.locator(".py-wrong").inner_text().strip() == "return nothing"


def experiment(page, code):
    """What the page says below the cell for experiments after it has run `code`."""
    write(page, "scratch", code)
    press(page, "scratch", "Run")
    # Nothing that was typed is lost, whatever became of Python.
    assert page.locator('[data-cell="scratch"] .cm-content').inner_text().startswith(code.splitlines()[0])
    return page.locator('[data-cell="scratch"] .py-result').inner_text()


def test_a_loop_that_does_not_end_is_stopped_with_a_sentence(open_assignment):
    page = open_assignment()
    page.evaluate("document.querySelector('.py-cell[data-cell=scratch]').dataset.seconds = 2")
    said = experiment(page, "while True:\n    pass")
    assert "Stopped after 2 seconds, in Your cell: is there a loop that does not end?" in said


def test_what_goes_too_far_is_stopped_with_a_sentence(open_assignment):
    """What the browser's Python does by itself; test_python_parts.py asks the runner for the other sentences."""
    page = open_assignment()
    said = {}
    for code in ("import numpy as np\nnp.ones((40_000, 40_000))", "import os\nos._exit(1)", "print(6 * 7)"):
        said[code.splitlines()[-1]] = experiment(page, code)
    for code, words in zip(said, ("is an array larger than you meant?", "", "42")):
        assert words in said[code], (code, said[code])


def test_stop_ends_a_run_at_once(open_assignment):
    page = open_assignment()
    write(page, "scratch", "while True:\n    pass")
    button(page, "scratch", "Run").click()
    page.get_by_role("button", name="Stop").click()
    until(page, IDLE)
    assert "Stopped. What you typed is kept" in page.locator('[data-cell="scratch"] .py-result').inner_text()


def test_the_downloaded_notebook_is_ready_to_hand_in(open_assignment, tmp_path):
    page = open_assignment()
    own = in_page.student_notebook("01_dynamical_systems")
    answers = in_page.worked_answers("01_dynamical_systems")
    upload(page, in_page.answered(own, answers))
    page.locator(".py-cell[data-question='q5'] textarea").fill("It remembers longer.\nIndeed.")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download my notebook").click()
    assert download.value.suggested_filename == "assignment_01_dynamical_systems.ipynb"
    notebook = nbformat.read(download.value.path(), 4)
    nbformat.validate(notebook)
    expected = in_page.answered(own, answers)
    for cell, wanted in zip(notebook.cells, expected["cells"], strict=True):
        if wanted["metadata"].get("rnnbook", {}).get("role") == "written answer":
            assert cell.source == "It remembers longer.\nIndeed."
        else:
            assert cell.source == "".join(wanted["source"])


def test_a_notebook_without_its_marks_is_read_by_the_places_of_its_answers(open_assignment):
    page = open_assignment()
    notebook = in_page.answered(
        in_page.student_notebook("01_dynamical_systems"), in_page.worked_answers("01_dynamical_systems")
    )
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id")
    notebook["metadata"] = {}
    assert upload(page, notebook).startswith("4 answers read")
    assert "Z @ W.T" in page.locator(".py-cell[data-question='q1'] .cm-content").inner_text()


def test_a_wrong_file_is_refused_with_a_sentence(open_assignment):
    page = open_assignment()
    for content, sentence in (
        (b"not a notebook", "This file is not a notebook"),
        (b"[]", "it has no cells"),
        (json.dumps(in_page.student_notebook("02_unfolding_bptt")).encode(), "This is the notebook of assignment 02"),
        (json.dumps(in_page.student_notebook("01_dynamical_systems")).encode(), "holds no answer yet"),
    ):
        assert sentence in upload(page, content)
        page.locator(".py-bar .py-said").evaluate("(e) => { e.textContent = ''; }")


def test_nothing_loads_until_a_field_is_touched_nor_python_until_it_runs(open_assignment, visit):
    page = visit("about:blank")
    asked = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    served = open_assignment().url
    page.goto(served, wait_until="networkidle")
    assert {"start.js", "python.css"} <= set(asked)
    assert not {"cells.js", "editor.js", "worker.js", "pyodide.asm.wasm"} & set(asked)
    page.locator(".py-cell textarea").first.focus()
    page.wait_for_selector(".cm-content")
    assert "editor.js" in asked and "worker.js" not in asked


def test_from_disk_and_without_script_the_notebook_stands_in_place_of_the_buttons(site, book, visit):
    for page in (visit((book / FIRST).as_uri()), visit(f"{site}/{FIRST}", java_script_enabled=False)):
        assert page.get_by_role("button", name="Check").count() == 0 and page.locator("textarea").count() == 0
        link = page.locator(".py-instead a")
        assert link.is_visible() and link.get_attribute("href") == "assignment_01_dynamical_systems.ipynb"


@pytest.mark.parametrize("how", ["no such thing", "refused", "fails"])
def test_where_workers_are_blocked_the_notebook_stands_in_place_of_the_buttons(site, chromium, how):
    context = chromium.new_context()
    if how == "fails":
        context.route("**/pyodide.asm.wasm", lambda route: route.abort())
    else:
        context.add_init_script(
            "delete window.Worker"
            if how == "no such thing"
            else "window.Worker = class { constructor() { throw new Error('refused'); } }"
        )
    page = context.new_page()
    page.goto(f"{site}/{FIRST}")
    if how != "no such thing":
        write(page, "q1-answer-5", "x = 1")
        button(page, "q1", "Check").click()
        page.wait_for_selector(".py-cell .py-instead", timeout=30_000)
        assert page.locator(".py-cell[data-question='q1'] .cm-content").inner_text().strip() == "x = 1"
    assert page.get_by_role("button", name="Check").count() == 0
    assert page.locator(".py-instead a").first.get_attribute("href") == "assignment_01_dynamical_systems.ipynb"
    context.close()


def fail_in_a_long_line(page):
    write(
        page,
        "q2-answer-8",
        "def memory_length(w, left=0.01):\n    return 'a very long line of text ' + 'that goes on and on and on' + str(w) + oops",
    )
    press(page, "q2", "Check")


def test_fields_are_for_everyone(open_assignment):
    page = open_assignment(width=390, color_scheme="dark", reduced_motion="reduce")
    fail_in_a_long_line(page)
    for width, scheme in reversed(SETTINGS):  # from the setting in which it was opened on
        change(page, width, scheme)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert violations(page) == []


def test_the_keyboard_enters_and_leaves_an_editor(open_assignment):
    page = open_assignment()
    page.locator(".py-cell textarea").first.focus()
    page.wait_for_selector(".cm-focused")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Run"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("def f():")
    page.keyboard.press("Enter")
    page.keyboard.type("x = 1")
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    assert page.locator(".cm-content").first.inner_text().splitlines()[:2] == ["def f():", "        x = 1"]
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "Run"
    page.evaluate("scrollTo(0, 0); document.activeElement.blur()")
    page.locator("body").press("Tab")
    tab_stops(page)


@pytest.mark.parametrize("name", often(["01_dynamical_systems"], ["01_dynamical_systems", "09_lstm_gru"]))
def test_a_chapters_cells_can_be_edited_and_print_what_the_book_shows(site, visit, name):
    notebook = json.loads((ROOT / f"notebooks/{name}.ipynb").read_text(encoding="utf-8"))
    page = visit(f"{site}/notebooks/{name}.html")
    page.get_by_role("button", name="Open all closer looks").click()
    cells = page.locator(".py-try").all()
    assert cells
    for cell in cells:
        cell.get_by_role("button", name="Edit and run").click()
        cell.locator(".cm-content").wait_for()
        cell.get_by_role("button", name="Run", exact=True).click()
        page.wait_for_selector(
            f".py-try[data-cell='{cell.get_attribute('data-cell')}'][aria-busy='false']", timeout=120_000
        )
        outputs = notebook["cells"][int(cell.get_attribute("data-cell"))]["outputs"]
        if printed := "".join("".join(output.get("text", "")) for output in outputs):
            assert cell.locator("[aria-label='What the cell printed']").text_content() == printed
        for alt in ("".join(output["data"]["text/plain"]) for output in outputs if "data" in output):
            figure = cell.get_by_role("img", name=alt.removeprefix("[Figure: ").removesuffix("]"), exact=True)
            figure.wait_for()
            drawn = figure.evaluate("(host) => host.shadowRoot.querySelectorAll('polyline, circle').length")
            assert drawn and figure.bounding_box()["height"] > 150
    assert page.locator(".py-figure").count() >= 1
    assert violations(page) == []
    assert page.errors == [] and page.foreign == []


def test_a_readers_own_curve_is_drawn_in_the_colours_of_the_page(open_assignment):
    page = open_assignment(width=390, color_scheme="dark")
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2, 4], label='mine')\nplt.xlabel('step')\nplt.legend()"
    write(page, "scratch", code)
    press(page, "scratch", "Run")
    figure = page.locator(".py-figure")
    figure.wait_for()
    look = """(host) => {
      const line = host.shadowRoot.querySelector("polyline");
      return [line.getAttribute("points").split(" ").length, getComputedStyle(line).stroke, host.shadowRoot.querySelector(".card").innerText.trim().split("\\n").slice(-2)];
    }"""
    points, dark, words = figure.evaluate(look)
    assert points == 3 and words == ["step", "mine"]
    page.get_by_role("button", name="Dark colours").click()
    until(page, "document.querySelector('.py-figure').shadowRoot.querySelector('.card').dataset.theme === 'light'")
    assert figure.evaluate(look)[1] != dark
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_no_page_can_ask_another_host(site, visit):
    page = visit(f"{site}/{FIRST}")
    asked = page.evaluate("fetch('https://example.org/').then(() => 'answered', (error) => error.constructor.name)")
    assert asked == "TypeError" and page.foreign == []
    assert any("Content Security Policy" in error for error in page.errors)
