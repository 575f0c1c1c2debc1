"""How heavy chapters are and how soon they can be read on a slow line: kilobytes as sent, by resource."""

import re

import pytest

from .conftest import chapters, page_names

pytestmark = pytest.mark.browser
SEARCH_INDEX = 245  # kB; with its script the first query stays below 250
TOTAL = 230  # kB a page, weights of trained networks aside
# What each kind may take of it; scripts are the book's and, where the page runs Python, the one that starts it. Raise one of them only
# with a reason: a test then names what grew. (5.5: a link opens the closer look that it leads into, and one button opens all of them;
# 144: chapter 4 with its controls folded away is sent with them.)
SHARES = {"html": 144, "style": 14, "script": 5.5, "font": 75, "image": 20, "other": 1}
STEPS = 3  # the page, what it names, what that names (a font by a style sheet)


def kind_of(address):
    ending = address.split("?")[0].rsplit(".", 1)[-1]
    return {"html": "html", "css": "style", "js": "script", "woff2": "font", "svg": "image", "png": "image"}.get(
        ending, "other"
    )


def resources(visit, site, name):
    """{address: kB as sent} of all that a page loads until it has been scrolled through."""
    page = visit("about:blank")
    sizes = {}
    page.on(
        "response",
        lambda answer: sizes.__setitem__(
            answer.url.removeprefix(site + "/"), int(answer.headers.get("content-length", 0)) / 1000
        ),
    )
    page.goto(f"{site}/{name}", wait_until="networkidle")
    page.evaluate(
        "async () => { for (let y = 0; y < document.body.scrollHeight; y += 700) { scrollTo(0, y); await new Promise(requestAnimationFrame); } }"
    )
    page.wait_for_timeout(200)
    page.context.close()
    # A blob: is made in the page from what it has already received.
    sent = {address: size for address, size in sizes.items() if not address.startswith("blob:")}
    return {address: size for address, size in sent.items() if "_static/rnnbook-weights/" not in address}


def test_weight_of_every_page(site, book, visit):
    report, wrong = [], []
    for name in page_names(book):
        sizes = resources(visit, site, name)
        by_kind = {
            kind: round(sum(size for address, size in sizes.items() if kind_of(address) == kind), 1) for kind in SHARES
        }
        total = sum(by_kind.values())
        report.append(f"{name}: {total:.0f} kB, {by_kind}")
        for kind, allowed in SHARES.items():
            if name == "search.html" and kind == "script":  # which alone loads the index of the book
                allowed += SEARCH_INDEX
            if by_kind[kind] > allowed:
                heaviest = max((a for a in sizes if kind_of(a) == kind), key=sizes.get)
                wrong.append(
                    f"{name}: {kind} grew to {by_kind[kind]} kB (allowed {allowed}); the heaviest is {heaviest} with {sizes[heaviest]:.1f} kB"
                )
        if total > TOTAL + (SEARCH_INDEX if name == "search.html" else 0):
            wrong.append(
                f"{name}: {total:.0f} kB in all (allowed {TOTAL}); heaviest: {sorted(sizes.items(), key=lambda item: -item[1])[:3]}"
            )
    print("\n".join(report))
    assert wrong == []


def steps_to(site, chromium, name):
    """{address: requests that are answered one after the other until the page has it}, for all that it loads by itself."""
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    page, asked_by = context.new_page(), {}
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")

    def note(event):
        initiator = event["initiator"]
        calls = initiator.get("stack", {}).get("callFrames", [])
        by = initiator.get("url") or next((call["url"] for call in calls if call["url"]), None)
        asked_by.setdefault(event["request"]["url"], by)

    devtools.on("Network.requestWillBeSent", note)
    page.goto(f"{site}/{name}", wait_until="networkidle")
    context.close()

    def steps(address):
        by = asked_by.get(address)
        return 1 if by is None or by == address else 1 + steps(by)

    return {address.removeprefix(site + "/"): steps(address) for address in asked_by if address.startswith(site)}


def test_nothing_waits_behind_many_answers(site, book, chromium):
    """On a slow line each answer that another waits for costs a delay: a page asks for all it needs, or what that names does.

    The seconds themselves are measured by `bench/ready.py`: they depend on the machine.
    """
    found = {name: steps_to(site, chromium, name) for name in chapters(book)}
    assert all(len(steps) > 3 for steps in found.values())
    late = {(name, address): n for name, steps in found.items() for address, n in steps.items() if n > STEPS}
    assert late == {}


def test_no_script_holds_a_page_up(book):
    holding = re.compile(r"<script(?![^>]*\b(?:defer|async|type=\"(?:module|application/json)\"))[^>]*\bsrc=[^>]*>")
    assert holding.search('<script src="a.js"></script>') and not holding.search('<script defer src="a.js"></script>')
    assert {name: holding.findall((book / name).read_text("utf-8")) for name in chapters(book)} == {
        name: [] for name in chapters(book)
    }


def test_training_comes_when_asked_for_and_weighs_little(site, visit):
    """The playground's page loads its own code, and with Start the engine; together they weigh no more than 25 kB."""
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
    assert sum(sizes.values()) <= 25
