"""The playground opened from disk in Firefox, as test_playground.py does in Chromium: it trains and obeys, takes a reader's text."""

import pytest

from rnnbook.widgets import Playground
from tests.engines import WATCH

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["firefox"], indirect=True)]
SMALL = {"units": 8, "timesteps": 20}
# What the tests see of the page: the widget's root and what lies in it.
SEE = """
const root = document.querySelector("[data-widget=Playground]"), shadow = root.shadowRoot;
const button = (name) => [...shadow.querySelectorAll("button")].find((one) => one.textContent === name);
const press = (name) => button(name).click();
const updates = () => Number(root.dataset.updates), told = () => shadow.querySelector(".readout").textContent;
const problem = () => shadow.querySelector(".problem").textContent;
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const until = async (holds) => {
  const start = performance.now();
  while (!holds()) {
    if (performance.now() - start > 50_000) throw new Error(`waited 50 s for ${holds}; the page says: ${told()} ${problem()}`);
    await wait(30);
  }
};
"""


@pytest.fixture
def play(engine, write_page):
    """Call `play(link="", **settings)` for a playground that is open and ready; an error in its page fails the test."""
    views = []

    def opened(link="", **settings):
        views.append(engine.open(write_page(Playground(**settings).html(), head=WATCH) + link))
        views[-1].wait(f"{SEE} return Boolean(button('Start'));")
        return views[-1]

    yield opened
    errors = [view.errors() for view in views]
    for view in views:
        view.close()
    assert errors == [[]] * len(errors)


def test_it_trains_pauses_steps_and_starts_anew(play):
    view = play(task="sine", seeds=2, compare=False, a=SMALL)
    trained, paused, stepped, told, pictures = view.run(
        f"""{SEE}
        const trained = [], now = () => [updates(), Number(root.dataset.loss)];
        press("Start");
        for (const some of [5, 15]) {{
          const before = updates();
          await until(() => updates() >= before + some);
          trained.push(now());
        }}
        press("Pause");
        // On a busy machine the workers' last reports are late; networks that train on would never rest.
        const paused = [now()];
        do {{
          await wait(500);
          paused.push(now());
        }} while (paused.length < 60 && paused.at(-1)[0] !== paused.at(-2)[0]);
        const words = told(), pictures = [...shadow.querySelectorAll("svg[aria-label]")].map((svg) => svg.getAttribute("aria-label"));
        press("One step");
        await until(() => updates() > paused.at(-1)[0]);
        const stepped = updates();
        press("Reset");
        await until(() => updates() === 0);
        return [trained, paused, stepped, [words, told()], pictures];"""
    )
    assert trained[1][0] > trained[0][0] and trained[1][1] != trained[0][1] and trained[1][1] > 0
    assert paused[-1] == paused[-2] and stepped == paused[-1][0] + 1
    assert "over 2 seeds" in told[0] and "Start trains from new weights" in told[1]
    assert len(pictures) == 6 and not any("nothing" in words for words in pictures), pictures


# Hands a file to the field, as a reader's choice does, or drops it on the box for pasting.
HAND = """
const box = () => shadow.querySelector("textarea");
[...shadow.querySelectorAll("summary")].find((one) => one.textContent === "Your own data").click();
await until(box);
const hand = (content, drop) => {
  const files = new DataTransfer(), input = shadow.querySelector("input[type=file]");
  files.items.add(new File([content], "own.txt", { type: "text/plain" }));
  if (drop) return box().dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
  input.files = files.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
};
"""


def test_a_readers_own_text(play):
    """Nothing, too much, no text, and a text from right to left; chosen as a file, dropped, and pasted."""
    view = play(task="text", seeds=1, compare=False, a=SMALL)
    learned = view.run(
        f"""{SEE}{HAND}
        for (const [content, words] of [["", "nothing in it"], [new Uint8Array(6e6), "This has 6 MB"], [new Uint8Array(3000), "other than text"]]) {{
          hand(content);
          if (content.length === 3000) {{
            await until(() => shadow.textContent.includes("Yours is taken"));
            press("Start");
          }}
          await until(() => problem().includes(words));
        }}
        await until(() => button("Start"));
        const learned = [];
        for (const give of [(text) => hand(text, true), (text) => {{ box().value = text; press("Use this text"); }}]) {{
          give("\u05d0\u05d1\u05d2 \u05d3\u05d4".repeat(600));
          await until(() => !problem() && updates() === 0);
          press("Start");
          await until(() => updates() >= 3);
          press("Pause");
          await until(() => shadow.querySelector(".given"));
          learned.push(shadow.querySelector(".said").textContent);
        }}
        return learned;"""
    )
    assert all(set(text) <= set("\u05d0\u05d1\u05d2\u05d3\u05d4 ") and len(text) > 100 for text in learned)
