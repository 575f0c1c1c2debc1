"""The book in Chromium, Firefox and WebKit: nothing fails, widgets come alive, links land, search, theme, quiz and training work.

A handful of pages each time and all of them at night. Motion is as readers have it, never reduced.
"""

import pytest

from .conftest import chapters, page_names

pytestmark = pytest.mark.browser
FEW = ["index.html", "notebooks/01_dynamical_systems.html", "notebooks/09_lstm_gru.html", "book/notation.html"]
TOP = 72  # px from the top of the screen, where the header ends and a section begins
CLOSE = 8

# Goes down the page as a reader does and waits until every widget that came near is alive or has failed.
READ = """
for (let y = 0; y < document.body.scrollHeight; y += 600) {
  scrollTo({ top: y, behavior: "instant" });
  await new Promise((done) => setTimeout(done, 20));
}
const asleep = () => [...document.querySelectorAll("[data-live]")].filter((root) => !["static", "error"].includes(root.dataset.live));
for (const root of asleep()) {
  root.scrollIntoView({ behavior: "instant" });
  for (let tries = 0; tries < 200 && asleep().includes(root); tries++) await new Promise((done) => setTimeout(done, 50));
}
return {
  wide: document.documentElement.scrollWidth - innerWidth,
  widgets: [...document.querySelectorAll("[data-live]")].map((root) => `${root.dataset.widget}: ${root.dataset.live}`),
  foreign: performance.getEntriesByType("resource").map((entry) => entry.name)
    .filter((name) => !name.startsWith(location.origin) && !/^(data|blob):/.test(name)),
};
"""
# Where the section of the address stands, once nothing moves any more.
LANDED = """
const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
let before = NaN;
for (let tries = 0; tries < 60; tries++) {
  await new Promise((done) => setTimeout(done, 100));
  const now = target.getBoundingClientRect().top;
  if (now === before && tries > 4) break;
  before = now;
}
const end = Math.ceil(scrollY + innerHeight) >= document.documentElement.scrollHeight - 1;
return { top: before, end };
"""


def read(view, name):
    """What is wrong on a page that is read to its end."""
    found = view.run(READ)
    problems = [f"{name}: {error}" for error in view.errors()]
    problems += [f"{name}: asks {address}" for address in found["foreign"]]
    problems += [f"{name}: {widget}" for widget in found["widgets"] if not widget.endswith(": static")]
    if found["wide"] > 0:
        problems.append(f"{name}: {found['wide']} px wider than the screen")
    return problems, len(found["widgets"])


def read_all(engine, watched, names):
    view = engine.open(f"{watched}/{names[0]}")
    problems, widgets = [], 0
    for name in names:
        view.goto(f"{watched}/{name}")
        found, alive = read(view, name)
        problems, widgets = problems + found, widgets + alive
    view.close()
    return problems, widgets


def test_pages_are_whole_and_their_widgets_alive(engine, watched):
    problems, widgets = read_all(engine, watched, FEW)
    assert problems == [] and widgets > 5


@pytest.mark.nightly
def test_every_page_is_whole_and_its_widgets_alive(engine, watched, book):
    problems, widgets = read_all(engine, watched, [name for name in page_names(book) if name != "404.html"])
    assert problems == [] and widgets > 25


def landed(view, where):
    found = view.run(LANDED)
    # The last sections of a short page cannot go up to the header.
    fine = abs(found["top"] - TOP) <= CLOSE or (found["end"] and found["top"] > TOP)
    return [] if fine else [f"{where}: {found['top']:.0f} px from the top"]


def section_links(view):
    return view.run(
        "return [...document.querySelectorAll('.here a')].map((link) => link.hash).filter((hash) => hash !== '#')"
    )


def test_links_to_sections_land_there(engine, watched):
    """Opened from outside and pressed in the page, past widgets that are still asleep."""
    page = f"{watched}/notebooks/01_dynamical_systems.html"
    view = engine.open(f"{page}#summary")
    problems = landed(view, "opened")
    view.goto(f"{watched}/index.html")
    view.goto(page)
    view.click(".here a[href='#summary']")
    problems += landed(view, "pressed")
    view.close()
    assert problems == []


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("width", [1280, 390])
def test_every_link_to_a_section_lands_there(engine, watched, book, width):
    """All of a page are pressed, from the last to the first, so that the first way leads past every widget while it sleeps.
    Opened from outside are one in the middle and the last."""
    view, problems = engine.open(f"{watched}/index.html", width=width), []
    for name in chapters(book):
        view.goto(f"{watched}/{name}")
        hashes = section_links(view)
        for hash in reversed(hashes):
            view.run("document.querySelector(`.here a[href='${arguments[0]}']`).click()", hash)
            problems += landed(view, f"{name}{hash}, pressed")
        for hash in (hashes[len(hashes) // 2], hashes[-1]):
            view.goto(
                f"{watched}/{name}?from=outside{hash}"
            )  # another address, or the page would stay, with its widgets awake
            problems += landed(view, f"{name}{hash}, opened")
            view.goto(f"{watched}/index.html")
    view.close()
    assert problems == []


def test_search_finds_while_one_types(engine, watched):
    view = engine.open(f"{watched}/search.html")
    view.click("#find")
    view.type("vanishing gradient")
    view.wait("return document.querySelectorAll('#search-results > li').length > 3")
    assert "vanishing" in view.run("return document.querySelector('#search-results > li').textContent.toLowerCase()")
    view.click("#search-results a")
    view.wait(
        "return !location.pathname.endsWith('search.html') && document.querySelector('article mark')?.checkVisibility()"
    )
    assert view.errors() == []
    view.close()


def test_theme_is_chosen_and_kept(engine, watched):
    colour = "return getComputedStyle(document.body).backgroundColor"
    view = engine.open(f"{watched}/index.html")
    before = view.run(colour)
    view.click("button.theme")
    after = view.run(colour)
    view.goto(f"{watched}/book/glossary.html")
    assert before != after == view.run(colour)
    assert view.errors() == []
    view.close()


def test_a_term_shows_its_meaning_to_the_keyboard(engine, watched):
    view = engine.open(f"{watched}/notebooks/09_lstm_gru.html")
    view.run("document.querySelector('article a.term').focus()")
    note = view.run("""const note = document.getElementById("preview");
      return note && { words: note.textContent, role: note.role ?? note.getAttribute("role"), told: document.activeElement.getAttribute("aria-describedby") };""")
    assert note["role"] == "tooltip" and note["told"] == "preview" and len(note["words"]) > 20
    view.type("\x1b")
    assert view.run("return document.getElementById('preview') === null")
    view.close()


# The first widget of a kind, alive, and in it the first element of a kind whose words match.
INSIDE = """
const host = document.querySelector(`[data-widget="${arguments[0]}"]`);
host.scrollIntoView({ block: "center", behavior: "instant" });
for (let tries = 0; tries < 200 && host.dataset.live !== "static"; tries++) await new Promise((done) => setTimeout(done, 50));
const named = (kind, words) => [...host.shadowRoot.querySelectorAll(kind)].find((element) => element.textContent.includes(words));
"""


def test_a_quiz_tells_right_from_wrong(engine, watched):
    view = engine.open(f"{watched}/notebooks/01_dynamical_systems.html")
    told = view.run(
        f"""{INSIDE}
        const question = host.shadowRoot.querySelector("fieldset");
        const said = [];
        for (const option of question.querySelectorAll("input")) {{
          option.click();
          question.querySelector("button")?.click();
          await new Promise((done) => setTimeout(done, 50));
          said.push(host.shadowRoot.querySelector(".verdict").textContent);
        }}
        return said;""",
        "Quiz",
    )
    assert len(told) > 2
    assert sum("Right" in verdict for verdict in told) == 1 and all(len(verdict) > 20 for verdict in told)
    assert view.errors() == []
    view.close()


def test_a_network_trains_in_the_page(engine, watched):
    view = engine.open(f"{watched}/book/playground.html")
    start = f"{INSIDE} const button = named('button', 'Start'); button?.click(); return Boolean(button);"
    view.wait(start, "Playground", seconds=60)  # what trains comes by a script of its own
    view.wait("return document.querySelector('[data-widget=Playground]').dataset.updates >= 1", seconds=180)
    assert view.run("return Number(document.querySelector('[data-widget=Playground]').dataset.loss)") > 0
    view.run(f"{INSIDE} named('button', 'Pause').click();", "Playground")
    assert view.errors() == []
    view.close()
