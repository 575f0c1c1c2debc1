"""The playground in a real browser, opened from disk: it trains, tells, takes what readers bring, and stays reachable."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from rnnbook.widgets import Playground, playground

pytestmark = pytest.mark.browser
ONE = {"seeds": 1, "compare": False, "a": {"units": 8, "timesteps": 20}}


def train(page, updates=3):
    page.get_by_role("button", name="Start").click()
    page.wait_for_function(f"() => document.querySelector('[data-widget]').dataset.updates >= {updates}", timeout=60000)
    return page.locator("[data-widget]")


@pytest.mark.parametrize("task", playground.TASKS)
def test_every_task_trains_and_answers(open_page, task):
    page = open_page(Playground(task=task, **ONE).html())
    root = train(page)
    page.get_by_role("button", name="Pause").click()
    assert float(root.get_attribute("data-loss")) > 0
    assert "updates, loss" in page.locator(".readout").inner_text()
    page.get_by_role("button", name="Start").wait_for()


def described(page, words):
    """The words of the picture that begin so."""
    return page.locator(f'svg[aria-label^="{words}"]').get_attribute("aria-label")


def test_the_metric_has_curves_as_the_loss_has(open_page):
    page = open_page(Playground(task="reviews", seeds=2, compare=False, a={"units": 8}).html())
    train(page, 2)
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Right on reviews not trained on", exact=True).wait_for()
    page.locator('svg[aria-label^="Right on reviews not trained on over"]').wait_for()
    assert "Network A, mean of 2: " in described(page, "Right on reviews")


def test_answers_stand_below_the_truth_and_wrong_ones_are_marked(open_page):
    page = open_page(Playground(task="brackets", **ONE).html())
    page.get_by_role("button", name="One step").click()
    answers = page.get_by_role("region", name="What the networks say")
    answers.get_by_text("Network A").wait_for()
    # In one look: between two, the next update may bring other answers.
    text, underlined = answers.evaluate(
        "(box) => [box.innerText, Array.from(box.querySelectorAll('u'), (u) => u.textContent)]"
    )
    reads, following, answer = text.splitlines()
    assert reads[10:].strip("()[]") == "" and following[10:-1] == reads[11:]
    truth = [sign if sign in ")]" else "·" for sign in following[10:]]
    wrong = sum(given != right for given, right in zip(answer[10:], truth, strict=True))
    assert len("".join(underlined)) == wrong
    assert all((given == "·") == (right == "·") for given, right in zip(answer[10:], truth))


def test_what_cannot_matter_is_not_shown(open_page):
    page = open_page(Playground(task="sine", **ONE).html())
    page.get_by_text("More settings").click()
    masks, state = (page.get_by_label(f"{name}, network A") for name in ("Dropout masks", "State before a batch"))
    assert masks.count() == state.count() == 0
    page.get_by_label("Dropout of inputs, network A").select_option("0.2")
    masks.wait_for()
    page.get_by_label("Task").select_option("characters of a text")
    state.wait_for()


def test_two_networks_three_seeds_then_reset(open_page):
    page = open_page(Playground(task="parity", a={"units": 8}, b={"cell": "gru", "units": 8}).html())
    root = train(page)
    page.get_by_role("button", name="Pause").click()
    told = page.locator(".readout").inner_text()
    assert "Network A" in told and "Network B" in told and "over 3 seeds" in told
    page.get_by_role("button", name="Reset").click()
    page.wait_for_function("() => document.querySelector('[data-widget]').dataset.updates === '0'")
    assert "Start trains from new weights" in page.locator(".readout").inner_text()
    page.get_by_role("button", name="One step").click()
    page.wait_for_function("() => document.querySelector('[data-widget]').dataset.updates === '1'", timeout=60000)
    assert root.get_attribute("data-live") == "static"


def test_divergence_is_said_and_ends_the_training(open_page):
    wild = {
        "cell": "simple_rnn",
        "rate": 1,
        "optimizer": "sgd",
        "clip": 0,
        "radius": 2,
        "scale": 5,
        "units": 128,
        "timesteps": 20,
    }
    page = open_page(Playground(task="sine", seeds=1, compare=False, a=wild).html())
    page.get_by_role("button", name="Start").click()
    page.get_by_text("The training diverged at update").wait_for(timeout=60000)
    page.get_by_role("button", name="Start").wait_for()


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "nothing in it"),
        ("a", "This text has 1 characters"),
        ("a" * 3000, "repeats a single character"),
        ("\0" * 3000, "something other than text"),
    ],
)
def test_data_that_cannot_be_used_is_answered_in_a_sentence(open_page, text, said):
    page = open_page(Playground(task="text", **ONE).html())
    page.get_by_text("Your own data", exact=True).click()
    name = {"name": "own.txt", "mimeType": "text/plain", "buffer": text.encode()}
    page.get_by_label("A text file").set_input_files(name)
    if text:
        page.get_by_role("button", name="Start").click()
    page.get_by_role("alert").get_by_text(said).wait_for(timeout=60000)


@pytest.mark.parametrize(
    "text",
    [
        "".join(chr(0x20000 + i) + chr(0x10000 + i) for i in range(50_000)),
        "\u05d0\u05d1\u05d2 \u05d3\u05d4" * 600,
        "<img src=x onerror=alert(1)></script>" * 100,
    ],
    ids=["many characters", "right to left", "hostile"],
)
def test_any_text_can_be_learned(open_page, request, text):
    assert "many characters" not in request.node.callspec.id or len(set(text)) == 100_000
    page = open_page(Playground(task="text", **ONE).html())
    page.get_by_text("Your own data", exact=True).click()
    page.get_by_label("A text file").set_input_files(
        {"name": "own.txt", "mimeType": "text/plain", "buffer": text.encode()}
    )
    train(page)
    assert page.locator(".readout").is_visible()


def test_a_file_of_50_megabytes_is_declined(open_page, tmp_path):
    page = open_page(Playground(task="text", **ONE).html())
    page.get_by_text("Your own data", exact=True).click()
    (tmp_path / "big.txt").write_bytes(b"a" * 50_000_000)
    page.get_by_label("A text file").set_input_files(tmp_path / "big.txt")
    page.get_by_role("alert").get_by_text("This has 50 MB").wait_for()


def test_seeds_are_compared_at_the_same_update(node):
    """Between two points a curve is straight; where one of them ends, the mean ends."""
    curves = [[[0, 1], [10, 3], [20, 5]], [[0, 0], [4, 8], [14, 18]]]
    found = node("playground_pictures", "m.spread(data)", curves)
    assert found == {"mean": [[0, 0.5], [10, 8.5]], "low": [[0, 0], [10, 3]], "high": [[0, 1], [10, 14]]}


def test_all_workers_together_leave_the_page_a_processor(node):
    """Each works one part in 1 + rest of its time."""
    asked = [(1, 2), (3, 2), (6, 2), (3, 4), (6, 4), (10, 8), (1, 8), (3, 1), (3, None)]
    rests = node("playground_training", "data.map(([n, of]) => m.restOf(n, of ?? undefined))", asked)
    assert rests == [0, 2, 5, 0, 1, pytest.approx(3 / 7), 0, 2, 2]


def test_a_link_holds_the_settings(node):
    state = {
        "task": "recall",
        "a": {"cell": "gru", "clip": 0},
        "b": {"fresh": True},
        "compare": True,
        "seeds": 2,
        "seed": 7,
    }
    assert node("playground_page", "m.fromLink(m.toLink(data))", state) == state
    assert node("playground_page", "m.fromLink('#play?task=x&a=cell:evil,units:8&seeds=99&seed=-1')") == {
        "a": {"units": 8},
        "b": {},
        "compare": False,
    }


@pytest.mark.parametrize("chapter", playground.CHAPTERS)
def test_every_chapters_link_opens_its_networks(node, repo, chapter):
    assert (repo / "notebooks" / f"{chapter}.ipynb").is_file()
    settings = playground.CHAPTERS[chapter]
    found = node("playground_page", "m.fromLink(data)", playground.link(**settings))
    assert found == {"b": {}, **settings, "compare": "b" in settings, "seeds": 3, "seed": 1}


def test_an_experiment_asks_before_it_starts(open_page):
    page = open_page(Playground(**ONE).html())
    page.get_by_role("button", name="Make it vanish").click()
    page.get_by_role("button", name="the LSTM").click()
    page.get_by_text("You expect: the LSTM.").wait_for()
    page.get_by_role("button", name="Pause").click()


@pytest.mark.parametrize("width, theme", [(390, "dark"), (1280, "light")])
def test_it_is_reachable_and_fits_a_phone(open_page, theme, width):
    page = open_page(Playground(task="text", seeds=1, a={"units": 8}, b={"units": 4}).html(), width=width, theme=theme)
    train(page, 1)
    page.get_by_role("button", name="Pause").click()
    for closed in page.locator("summary").all():
        closed.click()
    page.get_by_label("A text file").wait_for()
    page.get_by_role("button", name="Copy the link").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [
        (v["id"], [n["html"][:90] for n in v["nodes"]])
        for v in found
        if v["id"] not in ("page-has-heading-one", "region")
    ] == []


@pytest.mark.parametrize(
    ("without", "kernels"),
    [
        ("", "train-fused.js"),
        # as in a browser without relaxed SIMD: a product and a sum in one instruction are not valid there
        (
            "const valid = WebAssembly.validate; WebAssembly.validate = (b) => !String(b).includes('253,133,2') && valid(b)",
            "train-simd.js",
        ),
        ("delete globalThis.WebAssembly", "train-plain.js"),
    ],
)
def test_it_trains_with_the_fastest_kernels_that_the_browser_knows(open_page, without, kernels):
    page = open_page(Playground(task="sine", **ONE).html(), start=False)
    page.evaluate(f"() => {{ {without} }}")
    train(page)
    loaded = page.evaluate("[...document.scripts].map((script) => script.src.split('/').pop())")
    assert [name for name in loaded if name in ("train-fused.js", "train-simd.js", "train-plain.js")] == [kernels]


@pytest.mark.parametrize("network", ["Network A", "Network B"])
def test_each_network_can_be_taken_home(open_page, network, tmp_path):
    page = open_page(Playground(task="sine", seeds=1, a={"cell": "gru", "units": 8}, b={"units": 4}).html())
    train(page)
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Take it with me").click()
    page.get_by_label("Which network").select_option(network)
    with page.expect_download() as code:
        page.get_by_role("button", name="Code", exact=True).click()
    text = code.value.path().read_text("utf-8")
    assert ("keras.layers.GRU(8" in text) == (network == "Network A") and code.value.suggested_filename.endswith(".py")
    with page.expect_download() as weights:
        page.get_by_role("button", name="Weights").click()
    shapes = [weight["shape"] for weight in json.loads(weights.value.path().read_text("utf-8"))]
    assert shapes == (
        [[1, 24], [8, 24], [1, 24], [1, 24], [8, 1], [1, 1]]
        if network == "Network A"
        else [[1, 4], [4, 4], [1, 4], [4, 1], [1, 1]]
    )


def test_on_paper_it_is_a_still_picture_with_its_settings(open_page):
    page = open_page(Playground(task="sine", seeds=2, a={"units": 8}, b={"units": 4, "clip": 0}).html())
    train(page)
    page.get_by_role("button", name="Pause").click()
    page.emulate_media(media="print")
    printed = page.locator(".printed").inner_text()
    assert "noisy sine" in printed and "seeds 1 to 2" in printed
    assert "Network A: layer SimpleRNN, units 8" in printed and "clip the gradient at never" in printed
    assert not page.get_by_role("button", name="Start").is_visible() and page.locator(".plot svg").first.is_visible()


def test_a_hidden_page_pauses(open_page):
    page = open_page(Playground(task="sine", **ONE).html())
    train(page)
    page.evaluate(
        "Object.defineProperty(document, 'hidden', { value: true }); document.dispatchEvent(new Event('visibilitychange'))"
    )
    page.get_by_role("button", name="Start").wait_for()


def test_by_keyboard_alone(open_page):
    """From the top of the page: to a setting and change it, to Start, and stop again."""
    page = open_page(Playground(task="sine", **ONE).html())
    page.get_by_role("button", name="Start").wait_for()
    focused = "document.querySelector('[data-widget]').shadowRoot.activeElement?.{}"
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(focused.format("textContent")))
        if page.evaluate(focused.format("getAttribute('aria-label')")) == "Units, network A":
            page.keyboard.press("ArrowDown")
        if seen[-1] == "Start":
            break
    assert seen[-1] == "Start"
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('[data-widget]').dataset.updates >= 2", timeout=60000)
    assert page.evaluate(focused.format("textContent")) == "Pause"
    page.keyboard.press("Space")
    page.get_by_role("button", name="Start").wait_for()
    assert page.get_by_label("Units, network A").input_value() == "16"


def test_with_less_motion_the_cat_stands_still(open_page):
    page = open_page(Playground(task="cat", seeds=1, compare=False).html(), reduced_motion="reduce")
    train(page, 2)
    page.get_by_role("button", name="Pause").click()
    picture = "document.querySelector('[data-widget]').shadowRoot.querySelector('.frames').toDataURL()"
    page.wait_for_function(f"new Set([{picture}]).size && {picture}.length > 600")
    page.wait_for_timeout(300)  # the worker's last picture
    before = page.evaluate(picture)
    page.wait_for_timeout(500)
    assert page.evaluate(picture) == before
