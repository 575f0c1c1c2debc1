"""The race in a chapter: it asks first, brings its code with the answer, ends, and says no more than the seeds do."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from rnnbook.widgets import TrainingRace
from rnnbook.widgets.training_race import RACES
from tests.nightly import often

UPDATES = "Number(document.querySelector('[data-widget]').dataset.updates)"


def answer(page):
    """The first answer that is offered."""
    page.locator(".acts button").first.click()
    page.get_by_role("button", name="Reset").wait_for()


def finished(page, until):
    page.wait_for_function(f"{UPDATES} >= {until}", timeout=60000)
    page.get_by_role("button", name="Again, other seeds").wait_for()


@pytest.mark.browser
@pytest.mark.parametrize("name", often(["backpropagation", "lag"], list(RACES)))
def test_a_race_asks_then_runs_to_its_end(open_page, name):
    page = open_page(TrainingRace(name, until=4).html())
    assert page.get_by_text(RACES[name]["question"]).is_visible()
    loaded = "[...document.scripts].filter((script) => script.src.includes('train-')).length"
    assert page.evaluate(loaded) == 0
    answer(page)
    if name == "backpropagation":
        page.get_by_role("button", name="Start").click()
    finished(page, 4)
    told = page.locator(".readout").inner_text()
    for network in RACES[name]["networks"]:
        assert f"{network['name']}: 4 updates, loss" in told
    assert ("seed" in told) == (len(RACES[name]["networks"]) > 1)
    with_data = RACES[name]["task"] in ("text", "births")
    assert page.evaluate(UPDATES) == 4 and page.evaluate(loaded) == 4 + with_data


@pytest.mark.browser
def test_the_reader_chooses_for_all_networks(open_page):
    page = open_page(TrainingRace("lag", seeds=1, until=2).html())
    answer(page)
    finished(page, 2)
    page.get_by_label("Lag, in timesteps").first.select_option("10")
    page.get_by_role("button", name="Start").click()
    finished(page, 2)
    words = "document.querySelector('[data-widget]').shadowRoot.innerHTML"
    page.wait_for_function(f"{words}.includes('Length of the gradient by timestep. SimpleRNN')")
    assert page.evaluate(f"{words}.match(/>10<.text>/g).length") >= 1


@pytest.mark.browser
def test_every_weight_of_a_small_network_has_its_gradient(open_page):
    page = open_page(TrainingRace("backpropagation").html())
    answer(page)
    page.get_by_role("button", name="One step").click()
    page.wait_for_function(f"{UPDATES} === 1")
    page.locator(".weights").first.wait_for()
    captions = page.locator(".weights caption").all_inner_texts()
    assert [caption[0] for caption in captions] == list("UWbVc")
    # One matrix from states to states of four units, one row from one input, one column to one output.
    assert [table.locator("td").count() for table in page.locator(".weights").all()] == [4, 16, 4, 4, 1]


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_phone_and_is_reachable(open_page, theme):
    page = open_page(TrainingRace("lag", seeds=1, until=2).html(), width=390, theme=theme)
    for state in ("asked", "raced"):
        if state == "raced":
            answer(page)
            finished(page, 2)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        found = Axe().run(page).response["violations"]
        assert [v["id"] for v in found if v["id"] not in ("page-has-heading-one", "region")] == [], state


@pytest.mark.parametrize(
    "values, low, said",
    [
        ([[0.1, 0.2, 0.15], [0.3, 0.4, 0.5]], True, "In every seed: A ahead of B."),
        ([[0.1, 0.2, 0.15], [0.3, 0.4, 0.5]], False, "In every seed: B ahead of A."),
        ([[0.1, 0.35, 0.15], [0.3, 0.4, 0.5]], True, "The seeds of the networks overlap"),
        ([[0.3, 0.3, 0.3], [0.3, 0.3, 0.3]], True, "The seeds of the networks overlap"),
        ([[0.1, 0.2], [0.3, 0.4]], True, ""),
        ([[0.1, 0.2, 0.3]], True, ""),
    ],
)
def test_the_race_decides_only_what_all_seeds_say(node, values, low, said):
    found = node("training_race_page", "m.verdict(data.values, ['A', 'B'], data.low)", {"values": values, "low": low})
    assert found.startswith(said) and bool(found) == bool(said)


def test_an_unknown_race_is_named():
    with pytest.raises(ValueError, match="There is no race 'sprint'"):
        TrainingRace("sprint")
