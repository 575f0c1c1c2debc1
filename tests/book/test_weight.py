"""How heavy chapters are and how soon they can be read on a slow line: kilobytes as sent, by resource."""

import re

import pytest

from .conftest import chapters, often_of_pages

pytestmark = pytest.mark.browser
SEARCH_INDEX = 238  # kB; with its script the first query stays below 245
TOTAL = 257  # kB a page, weights of trained networks aside
# What each kind may take of it; scripts are the book's and, where the page runs Python, the one that starts it. Raise one of them only
# with a reason: a test then names what grew. (5.6: a link opens the closer look that it leads into, and one button opens all of them;
# 171: chapter 4 opens its sections with pictures, and its folded controls and the intervals of its figures are sent with it.)
SHARES = {"html": 171, "style": 14, "script": 5.6, "font": 75, "image": 20, "other": 1}
STEPS = 3  # the page, what it names, what that names (a font by a style sheet)


def kind_of(address):
    ending = address.split("?")[0].rsplit(".", 1)[-1]
    return {"html": "html", "css": "style", "js": "script", "woff2": "font", "svg": "image", "png": "image"}.get(
        ending, "other"
    )


def loaded(visit, site, name):
    """What a page loads, twice: {address: kB as sent} until it has been scrolled through, and
    {address: requests that are answered one after the other until the page has it} of what it asks for by itself."""
    page, sizes, asked_by = visit("about:blank"), {}, {}
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")

    def note_size(answer):
        sizes[answer.url.removeprefix(site + "/")] = int(answer.headers.get("content-length", 0)) / 1000

    def note_who_asked(event):
        initiator = event["initiator"]
        calls = initiator.get("stack", {}).get("callFrames", [])
        by = initiator.get("url") or next((call["url"] for call in calls if call["url"]), None)
        asked_by.setdefault(event["request"]["url"], by)

    def steps(address):
        by = asked_by.get(address)
        return 1 if by is None or by == address else 1 + steps(by)

    page.on("response", note_size)
    devtools.on("Network.requestWillBeSent", note_who_asked)
    page.goto(f"{site}/{name}", wait_until="networkidle")
    waited = {address.removeprefix(site + "/"): steps(address) for address in asked_by if address.startswith(site)}
    page.evaluate(
        "async () => { for (let y = 0; y < document.body.scrollHeight; y += 700) { scrollTo(0, y); await new Promise((go) => { requestAnimationFrame(go); setTimeout(go, 100); }); } }"
    )
    page.wait_for_timeout(200)
    # A blob: is made in the page from what it has already received.
    not_sent = ("blob:", "_static/rnnbook-weights/")
    return {address: size for address, size in sizes.items() if not address.startswith(not_sent)}, waited


def too_heavy(name, sizes):
    """A sentence for each kind of resource that takes more than its share, and for the whole."""
    wrong, of_index = [], SEARCH_INDEX if name == "search.html" else 0  # which alone loads the index of the book
    by_kind = {
        kind: round(sum(size for address, size in sizes.items() if kind_of(address) == kind), 1) for kind in SHARES
    }
    print(f"{name}: {sum(by_kind.values()):.0f} kB, {by_kind}")
    for kind, allowed in SHARES.items():
        allowed += of_index if kind == "script" else 0
        if by_kind[kind] > allowed:
            heaviest = max((a for a in sizes if kind_of(a) == kind), key=sizes.get)
            wrong.append(
                f"{kind} grew to {by_kind[kind]} kB (allowed {allowed}); the heaviest is {heaviest} with {sizes[heaviest]:.1f} kB"
            )
    if (total := sum(by_kind.values())) > TOTAL + of_index:
        wrong.append(
            f"{total:.0f} kB in all (allowed {TOTAL + of_index}); heaviest: {sorted(sizes.items(), key=lambda item: -item[1])[:3]}"
        )
    return wrong


@pytest.mark.parametrize("name", often_of_pages())
def test_a_page_is_light_and_a_chapter_waits_for_few_answers(site, visit, name):
    """On a slow line each answer that another waits for costs a delay: a page asks for all it needs, or what that names does.

    The seconds themselves are measured by `bench/ready.py`: they depend on the machine.
    """
    sizes, steps = loaded(visit, site, name)
    assert too_heavy(name, sizes) == []
    if name.startswith("notebooks/"):
        assert len(steps) > 3
        assert {address: n for address, n in steps.items() if n > STEPS} == {}


def test_no_script_holds_a_page_up(book):
    holding = re.compile(r"<script(?![^>]*\b(?:defer|async|type=\"(?:module|application/json)\"))[^>]*\bsrc=[^>]*>")
    assert holding.search('<script src="a.js"></script>') and not holding.search('<script defer src="a.js"></script>')
    assert {name: holding.findall((book / name).read_text("utf-8")) for name in chapters(book)} == {
        name: [] for name in chapters(book)
    }


def test_training_comes_when_asked_for_and_weighs_little(site, visit):
    """The playground's page loads its own code, and with Start the engine; together they weigh no more than 25.5 kB."""
    page, sizes = visit("about:blank"), {}

    def note(answer):
        if "rnnbook-weights/" in answer.url:
            sizes[answer.url.rsplit("/", 1)[-1]] = int(answer.headers["content-length"]) / 1000

    page.on("response", note)
    page.goto(f"{site}/book/playground.html")
    page.locator("[data-widget=Playground]").scroll_into_view_if_needed()
    start = page.get_by_role("button", name="Start", exact=True)
    start.wait_for()
    assert sorted(sizes) == ["train-page.js", "train-playground.js"]
    start.click()
    page.locator("[data-widget=Playground]:not([data-updates='0'])").wait_for(timeout=60000)
    print(sizes)
    assert sorted(sizes) == ["train-engine.js", "train-fused.js", "train-page.js", "train-playground.js"]
    assert sum(sizes.values()) <= 25.5
