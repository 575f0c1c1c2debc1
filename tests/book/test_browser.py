"""Every page of the built book in Chromium, wide and light, narrow and dark, and what it promises to readers."""

from importlib.resources import files

import pytest

from tests.nightly import often

from .conftest import KINDS, chapters, page_names, pages_to_be, until

pytestmark = pytest.mark.browser  # a page in a setting is a test, so that processes share them
PAGES = pages_to_be()
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
SETTINGS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
OPTIONS = {
    "preload": False,
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "rules": {"label-content-name-mismatch": {"enabled": True}},  # who speaks a label must reach what it names
}

# Pages hold thousands of tokens, formulas and lines of drawings that look alike, and axe takes minutes to judge each of them.
# So it gets one of each look (same ink, ground and size, in each colour scheme noted) of code and formulas, and pictures as the
# one image that they are.
NOTE_LOOKS = """() => {
  const ground = (e) => { while (e && getComputedStyle(e).backgroundColor === "rgba(0, 0, 0, 0)") e = e.parentElement; return e ? getComputedStyle(e).backgroundColor : ""; };
  for (const element of document.querySelectorAll(".highlight span, math:not(th math)")) {
    const style = getComputedStyle(element);
    element.looks = [element.looks, element.tagName === "math", style.color, style.fontSize, style.fontWeight, ground(element)].join();
  }
}"""
ONE_OF_EACH_LOOK = """() => {
  const seen = new Set();
  const known = ({ looks }) => seen.has(looks) || !seen.add(looks);
  const tokens = [...document.querySelectorAll(".highlight span, math:not(th math)")].map((element) => [element, known(element)]);
  for (const [element, skip] of tokens) if (skip) element.tagName === "math" ? element.replaceChildren("x") : element.replaceWith(...element.childNodes);
  for (const picture of document.querySelectorAll("svg[role=img]")) if (!picture.querySelector("a, [tabindex]")) picture.replaceChildren();
}"""
# How text stands out depends on its look alone: ink, size, and all grounds and veils below it. So three of each look are judged for
# contrast, and the rest is marked as known; what is hidden, disabled or drawn is never marked.
MARK_KNOWN_LOOKS = """() => {
  const grounds = new Map(), count = {};
  const ground = (e) => {
    if (!e) return "";
    if (!grounds.has(e)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(e);
      const own = [backgroundColor, backgroundImage, opacity].join(" ");
      grounds.set(e, ground(e.parentElement) + (own === "rgba(0, 0, 0, 0) none 1" ? "" : own));
    }
    return grounds.get(e);
  };
  for (const element of document.querySelectorAll("body *")) {
    element.removeAttribute("data-known-look");
    const { width, height } = element.getBoundingClientRect();
    if (![...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())) continue;
    if (width < 2 || height < 2 || element.closest("svg, [aria-hidden=true], :disabled, [aria-disabled=true]")) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const look = [color, fontSize, fontWeight, ground(element)].join();
    count[look] = (count[look] ?? 0) + 1;
    if (count[look] > 3) element.setAttribute("data-known-look", "");
  }
}"""
SKIP_KNOWN_LOOKS = "axe.configure({ rules: [{ id: 'color-contrast', selector: '*:not([data-known-look])' }] })"
SCROLL_THROUGH = """async () => {
  for (let y = 0; y < document.body.scrollHeight; y += 700) { scrollTo(0, y); await new Promise((go) => { requestAnimationFrame(go); setTimeout(go, 100); }); }
  scrollTo(0, 0);
}"""


def violations(page, all_text=False):
    """What axe finds, one sentence each, with every fold of the page open; the contrast of all text, or of three pieces of each look."""
    page.evaluate(NOTE_LOOKS)
    page.evaluate(ONE_OF_EACH_LOOK)
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE)
        page.evaluate(SKIP_KNOWN_LOOKS)
    if not all_text:
        page.evaluate(MARK_KNOWN_LOOKS)
    found = page.evaluate("(options) => axe.run(document, options)", OPTIONS)["violations"]
    return [
        f"{violation['id']} ({violation['impact']}) at {node['target'][-1]}: {node['failureSummary'].splitlines()[-1].strip()}"
        for violation in found
        for node in violation["nodes"][:4]
    ]


def test_every_page_is_tested(book):
    assert page_names(book) == PAGES


def read_through(page):
    """Wake all that sleeps until it is near, with every fold open; nothing may be wider than the screen."""
    page.evaluate("document.querySelectorAll('details').forEach((element) => { element.open = true; })")
    page.evaluate(SCROLL_THROUGH)
    page.wait_for_timeout(150)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def change(page, width, scheme):
    """Give an open page another setting, as who turns a tablet or whose system goes dark in the evening."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    until(page, f"document.documentElement.dataset.theme === '{scheme}' && innerWidth === {width}")


def assert_clean(page, name):
    # A page that is not there answers with 404, which the browser reports as an error.
    assert page.foreign == [] and (page.errors == [] or name == "404.html")


@pytest.mark.parametrize("name", KINDS)
def test_no_violations_errors_or_foreign_requests(site, visit, name):
    """One page of each kind in all settings, as the rest share its styles; the nightly test below looks at every page."""
    page = visit(f"{site}/{name}", width=390, color_scheme="dark", reduced_motion="reduce")
    read_through(page)
    page.evaluate(NOTE_LOOKS)
    change(page, 1280, "light")
    read_through(page)
    for width, scheme in SETTINGS:
        change(page, width, scheme)
        assert violations(page) == []
    assert_clean(page, name)


@pytest.mark.nightly
@pytest.mark.parametrize(("width", "scheme"), SETTINGS)
@pytest.mark.parametrize("name", PAGES)
def test_no_violations_errors_or_foreign_requests_where_a_page_is_opened_in_any_setting(
    site, visit, name, width, scheme
):
    page = visit(f"{site}/{name}", width=width, color_scheme=scheme, reduced_motion="reduce")
    read_through(page)
    assert violations(page, all_text=True) == []
    assert_clean(page, name)


def test_axe_sees_a_violation(visit):
    page = visit(
        "data:text/html,<html lang=en><title>A</title><main><h1>A</h1><p style='color:%23bbb'>pale</p><img src='x'>"
        "<button aria-label='Send'>Go on</button></main>"
    )
    found = {found.split()[0] for found in violations(page)}
    assert found == {"color-contrast", "image-alt", "label-content-name-mismatch"}


def test_a_look_is_one_only_where_both_schemes_show_it_alike(visit):
    """Two tokens of one colour by day, of which the second is too pale at night: it must be there when axe looks at night."""
    page = visit(
        "data:text/html,<!doctype html><html lang=en><title>A</title><main><h1>A</h1><pre class=highlight><span>day</span> <span class=b>night</span>"
        "</pre></main><style>@media (prefers-color-scheme: dark) { body { background: black; color: white } .b { color: %23222 } }</style>",
        color_scheme="dark",
    )
    page.evaluate(NOTE_LOOKS)
    page.emulate_media(color_scheme="light")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert [found.split()[0] for found in violations(page)] == ["color-contrast"]


@pytest.mark.parametrize("spoiled", ["color: #bbb", "background: #555", "opacity: 0.4", "font-size: 8px; color: #888"])
def test_among_much_text_of_one_look_the_one_that_is_pale_is_found(visit, spoiled):
    """Whatever makes it pale is part of its look, on itself or on what holds it; hidden text of the same look stands in for nothing."""
    hidden = f"<div aria-hidden=true style='{spoiled}'>" + "<p>decoration</p>" * 3 + "</div>"
    text = "<p>clear</p>" * 9
    page = visit(
        "data:text/html,<!doctype html><html lang=en><title>A</title><main><h1>A</h1>"
        + f"{text}{hidden}<div style='{spoiled}'><p id=pale>pale</p></div>{text}</main>".replace("#", "%23")
    )
    found = [found for found in violations(page) if found.startswith("color-contrast")]
    assert any("#pale" in found for found in found)
    assert page.locator("[data-known-look]").count() == 15


def tab_stops(page, key="Tab", limit=400):
    """Where the keyboard goes from the top of the page until it has left it."""
    stops = []
    for _ in range(limit):
        page.keyboard.press(key)
        stop = page.evaluate("""() => {
          const e = document.activeElement;
          if (!e || e === document.body || e === document.documentElement) return null;
          e.dataset.reached = "yes";
          return e.outerHTML.slice(0, 80);
        }""")
        if stop is None:
            return stops
        stops.append(stop)
    raise AssertionError(f"the keyboard does not leave the page; it ends at {stops[-3:]}")


WALKED = [name for name in KINDS if name != "book/glossary.html"]  # whose links are too many to be walked
CHAPTERS = [name for name in PAGES if name.startswith("notebooks/")]


@pytest.mark.parametrize("name", often(WALKED, sorted({*WALKED, *CHAPTERS})))
def test_keyboard_reaches_and_leaves_everything(site, visit, name):
    page = visit(f"{site}/{name}")
    page.evaluate(SCROLL_THROUGH)
    page.wait_for_timeout(150)
    if name.startswith("book/exercises/"):  # its fields become editors when one of them is touched
        page.evaluate(
            "document.querySelector('.py-cell textarea').dispatchEvent(new Event('focusin', { bubbles: true }))"
        )
        page.locator(".cm-content").last.wait_for()
    assert "Skip to the text" in tab_stops(page)[0]
    missed = page.evaluate("""() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
      .filter((e) => e.checkVisibility() && !e.disabled && e.tabIndex >= 0 && !e.dataset.reached && !(e.type === "radio"))
      .map((e) => e.outerHTML.slice(0, 100))""")
    assert missed == []


def test_menu_on_a_phone_opens_and_closes_by_keyboard_and_without_script(site, visit):
    for script in (True, False):
        page = visit(f"{site}/notebooks/01_dynamical_systems.html", width=390, java_script_enabled=script)
        menu = page.locator("button.menu")
        assert not page.locator("#contents").is_visible()
        menu.focus()
        page.keyboard.press("Enter")
        assert page.locator("#contents a").first.is_visible()
        page.keyboard.press("Escape")
        assert not page.locator("#contents").is_visible()


def test_without_script_all_text_is_there_and_nothing_is_dead(site, book, visit):
    for name in chapters(book)[:3] + ["index.html"]:
        page = visit(f"{site}/{name}", java_script_enabled=False)
        assert page.locator("h1").is_visible() and page.locator("main a").count()
        assert not page.locator("button.theme, .mark, .copy").first.is_visible()


def search(page, words):
    """Look for `words` with the box of the page, and wait for the first result."""
    page.locator("#find").fill(words)
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results a")


def test_a_hit_is_marked_and_shown_until_it_is_cleared(site, book, visit):
    for home in (site, book.as_uri()):
        page = visit(f"{home}/index.html")
        search(page, "vanishing")
        page.locator("#search-results a", has_text="Why training is hard").first.click()
        first = page.locator("mark").first
        assert first.inner_text().lower().startswith("vanish")
        page.wait_for_load_state("load")
        shown = page.evaluate(
            "document.activeElement.tagName === 'MARK' && document.activeElement.getBoundingClientRect()"
        )
        assert 0 < shown["top"] < 900
        before = page.locator("article").evaluate("(e) => e.textContent")
        page.get_by_role("button", name="Clear").click()
        assert page.locator("mark").count() == 0 and "highlight" not in page.url
        assert page.locator("article").evaluate("(e) => e.textContent") == before
        assert page.evaluate("document.activeElement.id") == "main"
        assert page.errors == [] and page.foreign == []


def test_marks_spare_what_is_no_text_and_open_folds_only_when_they_must(site, visit):
    page = visit(f"{site}/notebooks/02_unfolding.html?highlight=state .*( <>")
    assert page.locator("mark").count() > 5
    assert {text[:5].lower() for text in page.locator("mark").all_inner_texts() if text} == {"state"}
    assert page.locator(":is(script, style, math, svg, button, .rnnbook-widget) mark, mark mark").count() == 0
    page.keyboard.press("Escape")
    assert page.locator("mark").count() == 0
    page.goto(f"{site}/book/exercises/01_dynamical_systems.html?highlight=batch")
    assert page.locator("details[open]").count() == 0
    page.goto(f"{site}/book/exercises/01_dynamical_systems.html?highlight=logarithms")
    assert page.locator("details[open]").count() == 1 and page.locator("mark").first.is_visible()
    assert page.errors == []


def test_a_closer_look_opens_by_its_button_by_a_link_and_for_paper(site, visit):
    chapter, folds = f"{site}/notebooks/04_imdb_simple_rnn.html", "details.closer"
    page = visit(chapter)
    many, opened = page.locator(folds).count(), page.locator(f"{folds}[open]")
    assert many > 1 and opened.count() == 0
    answer = page.locator(".closer-look > p").first
    assert answer.is_visible() and not page.locator(f"{folds} > p").first.is_visible()
    page.locator(f"{folds} > summary").first.press("Enter")
    assert opened.count() == 1 and page.locator(f"{folds} > p").first.is_visible()

    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.count() == many
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.count() == 1

    inside = page.locator(f"{folds} [id]").last.get_attribute("id")
    page = visit(f"{chapter}#{inside}")
    assert page.locator(f"[id='{inside}']").evaluate("(e) => e.closest('details.closer').open")
    assert page.locator(f"{folds}[open]").count() == 1

    page.get_by_role("button", name="Open all closer looks").click()
    assert page.locator(f"{folds}[open]").count() == many
    page.goto(f"{site}/notebooks/08_training.html")  # the reader's wish holds in the next chapter
    assert page.locator(f"{folds}:not([open])").count() == 0 < page.locator(folds).count()
    page.get_by_role("button", name="Fold all closer looks").click()
    assert page.locator(f"{folds}[open]").count() == 0
    assert page.errors == []


DRAWN = "[...document.querySelectorAll('.drawn')].every((box) => box.style.contentVisibility === 'visible')"
BOXES = """[...document.querySelectorAll('.drawn')].filter((box) => box.checkVisibility())
  .map((box) => [box.getBoundingClientRect(), box.firstElementChild.getBoundingClientRect()].map((r) => [r.width, r.height]))"""


@pytest.mark.parametrize("width", [1280, 390])
def test_pictures_far_off_wait_and_move_nothing_when_they_come(site, visit, width):
    chapter = f"{site}/notebooks/08_training.html"
    waiting = visit(chapter, width=width, java_script_enabled=False).evaluate(BOXES)
    page = visit(chapter, width=width)
    until(page, DRAWN)
    drawn = page.evaluate(BOXES)
    assert len(drawn) > 2 and [box for box, _ in waiting] == [box for box, _ in drawn]
    assert all(abs(a - b) < 0.1 for box, picture in drawn for a, b in zip(box, picture))


def test_code_uses_the_room_beside_the_text(site, visit):
    for width, room in ((1280, 20), (1440, 150), (1920, 180)):
        page = visit(f"{site}/notebooks/08_training.html", width=width)
        code, text, rest = (page.locator(name).first for name in (".cell_input:visible", "section > p", ".here"))
        code.locator("pre").evaluate("(code) => { code.textContent += 'x'.repeat(300); }")
        code, text, rest = (element.bounding_box() for element in (code, text, rest))
        assert (
            code["x"] == text["x"] and code["width"] >= text["width"] + room and code["x"] + code["width"] < rest["x"]
        )
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


# Of what may scroll sideways: what does, and what of that the keyboard cannot reach.
UNREACHED = """() => {
  const scrolling = [...document.querySelectorAll("pre, .math > .scroll, .table-scroll, .cell_output .output")]
    .filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== "visible");
  return [scrolling.length, scrolling.filter((e) => e.tabIndex < 0).map((e) => e.textContent.slice(0, 60))];
}"""


def test_a_phone_lays_out_what_is_unfolded_and_reaches_what_scrolls(site, visit):
    """A script that asks folded sections for their sizes makes a phone lay out all of them: a second before it answers a touch."""
    page = visit(f"{site}/notebooks/04_imdb_simple_rnn.html", width=390, reduced_motion="reduce")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")

    def laid_out():
        metrics = devtools.send("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "LayoutObjects")

    def reached():
        """How many elements scroll, once the keyboard reaches all of them: a busy machine takes its time."""
        for _ in range(100):
            scrolling, unreached = page.evaluate(UNREACHED)
            if scrolling and not unreached:
                break
            page.wait_for_timeout(200)
        assert scrolling and unreached == []
        return scrolling

    until(page, DRAWN)
    scrolling, folded = reached(), laid_out()
    page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    assert reached() > scrolling
    assert folded < 0.92 * laid_out()  # 0.84; 1.00 where the folded ones were laid out, too


def test_a_page_with_marks_is_for_everyone(site, visit):
    for scheme in ("light", "dark"):
        page = visit(f"{site}/notebooks/05_stacked.html?highlight=units", color_scheme=scheme, width=390)
        assert page.get_by_role("button", name="Clear").is_visible()
        assert violations(page) == []


def test_search_shows_excerpts(site, visit):
    page = visit(f"{site}/notebooks/01_dynamical_systems.html")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.locator("h1").click()
    page.keyboard.press("Control+k")
    page.keyboard.type("state")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results .context mark")
    assert page.errors == []


def test_theme_is_kept_and_follows_the_system_at_first(site, visit):
    page = visit(f"{site}/index.html", color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    button = page.get_by_role("button", name="Dark colours")
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    light = page.evaluate(background)
    assert light != dark
    page.goto(f"{site}/book/glossary.html")
    assert page.evaluate(background) == light


def test_read_chapters_are_marked(site, visit):
    page = visit(f"{site}/notebooks/02_unfolding.html")
    page.get_by_role("button", name="Mark this chapter as read").click()
    page.goto(f"{site}/index.html")
    assert page.locator("a.read").count() == 1
    assert "(read)" in page.locator("a.read").inner_text()
    page.goto(f"{site}/notebooks/02_unfolding.html")
    page.get_by_role("button", name="mark as unread").click()
    assert page.locator("a.read").count() == 0


def test_reading_works_where_storage_is_blocked(site, chromium):
    context = chromium.new_context()
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked'); } })"
    )
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{site}/notebooks/02_unfolding.html")
    page.get_by_role("button", name="Dark colours").click()
    assert not page.locator(".mark").is_visible()
    search(page, "state")
    page.locator("#search-results a").first.click()
    page.wait_for_selector("mark")
    assert errors == []
    context.close()


def test_stored_nonsense_does_no_harm(site, visit):
    page = visit(f"{site}/index.html")
    page.evaluate("localStorage.setItem('rnnbook-read', '{broken'); localStorage.setItem('rnnbook-theme', '<b>')")
    page.goto(f"{site}/notebooks/02_unfolding.html")
    assert page.get_by_role("button", name="Mark this chapter as read").is_visible()
    assert page.errors == []


def test_reduced_motion(site, visit):
    page = visit(f"{site}/notebooks/01_dynamical_systems.html", reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert page.evaluate("document.getAnimations().length") == 0


def test_paper_shows_the_text_alone(site, visit):
    page = visit(f"{site}/notebooks/01_dynamical_systems.html", color_scheme="dark")
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible()
    assert not page.locator("header.top, .side, .here, .neighbours, .launch").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_page_not_found(site, visit):
    page = visit(f"{site}/notebooks/99_nothing.html")
    assert "does not exist" in page.locator("h1").inner_text()
