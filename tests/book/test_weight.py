"""How heavy chapters are and how soon they can be read on a slow line: kilobytes as sent, by resource."""

import pytest

from .conftest import chapters, page_names, until

pytestmark = pytest.mark.browser
SEARCH_INDEX = 245  # kB; with its script the first query stays below 250
TOTAL = 230  # kB a page, weights of trained networks aside
# What each kind may take of it; scripts are the book's and, where the page runs Python, the one that starts it. Raise one of them only with a reason: a test then names what grew.
SHARES = {"html": 140, "style": 14, "script": 5, "font": 75, "image": 20, "other": 1}
READY = 2.5  # seconds at 1.6 Mbit/s and a processor four times slower


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


def seconds_until_ready(site, chromium, name):
    """When the page has loaded and run its scripts, over a slow line on a slow processor, as a first visit."""
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 40, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8},
    )
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(f"{site}/{name}", wait_until="load")
    until(page, "performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
    ready = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000
    context.close()
    return round(ready, 2)


def test_ready_on_a_slow_line(site, book, chromium):
    times = {name: seconds_until_ready(site, chromium, name) for name in chapters(book)}
    # A busy machine only ever adds time, so a slow page gets four more tries.
    for name in [name for name, time in times.items() if time > READY]:
        times[name] = min(times[name], *(seconds_until_ready(site, chromium, name) for _ in range(4)))
    print(times)
    assert {name: time for name, time in times.items() if time > READY} == {}


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
    assert sorted(sizes) == ["train-engine.js", "train-page.js", "train-playground.js", "train-simd.js"]
    assert sum(sizes.values()) <= 25
