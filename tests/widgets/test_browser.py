"""The static twins in a real browser, opened from disk: alive, reachable, legible, and honest when they fail."""

import re
import shutil
import statistics
import time
from importlib.resources import files

import pytest
import traitlets as T
from common_widgets import NAMES

from rnnbook import widgets
from rnnbook.figures import palette
from rnnbook.widgets import SequenceTensor, StateSpace, Unfold
from rnnbook.widgets.live import HERE, Live, asset_script, bundle
from tests.nightly import often

pytestmark = pytest.mark.browser

HOSTILE = "</script><img src=x onerror=alert(1)> <!-- $Z$ \u2028 ' \" & the end"
# Everything drawn: shapes, tables, canvases, coloured words; not the controls themselves.
DRAWN = """(root) => [...root.shadowRoot.querySelectorAll('.plot svg, table, .shown, .fact, .words')].map((n) => n.outerHTML).join('')
    + [...root.shadowRoot.querySelectorAll('canvas')].map((c) => c.toDataURL()).join('')"""
# In words: the read-outs, and what the plots say of themselves.
SAID = """(root) => [...root.shadowRoot.querySelectorAll('[aria-live]')].map((n) => n.textContent).join('')
    + [...root.shadowRoot.querySelectorAll('.plot svg')].map((n) => n.ariaLabel).join('')"""


def settle(page):
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def shown(root):
    settle(root.page)
    return root.evaluate(DRAWN), root.evaluate(SAID)


def use(control):
    """Do with a control what it is made for, and enough of it to matter; return how to take it back, where that can be."""
    kind = control.get_attribute("type") or control.evaluate("(c) => c.tagName.toLowerCase()")
    if kind == "range":
        value = control.input_value()
        control.press("End" if value == control.get_attribute("min") else "Home")
        return lambda: control.fill(value)
    if kind == "g":
        before = control.get_attribute("aria-valuetext")
        for there, back in (("Shift+ArrowLeft", "Shift+ArrowRight"), ("Shift+ArrowRight", "Shift+ArrowLeft")):
            control.press(there)
            settle(control.page)
            if control.get_attribute("aria-valuetext") != before:
                return lambda: control.press(back)
    if kind in ("text", "textarea"):
        value = control.input_value()
        control.fill("a good film\nnot a good film at all but a very very bad one, such a waste of my precious time")
        return lambda: control.fill(value)
    if kind == "select":
        index = control.evaluate("(menu) => menu.selectedIndex")
        control.select_option(index=(index + 1) % control.evaluate("(menu) => menu.length"))
        return lambda: control.select_option(index=index)
    control.press("Space" if kind in ("radio", "checkbox") else "Enter")
    return (lambda: control.press("Space")) if kind == "checkbox" else lambda: None


CONTROL = ":is(input, button, select, textarea, [role=slider])"
NOTHING_TO_DO = """(c) => !c.getClientRects().length || c.disabled || c.ariaDisabled === 'true' || c.ariaCurrent === 'true'
    || (c.type === 'radio' && c.checked)"""


@pytest.mark.parametrize("name", NAMES)
def test_every_control_changes_picture_and_read_out(open_page, twins, name):
    page = open_page(twins[name])
    root = page.locator("[data-widget]")
    assert root.get_attribute("data-live") == "static" and root.get_attribute("data-widget") == name
    tried, wrong = [], []

    def works(control):
        if not control.count() or control.evaluate(NOTHING_TO_DO):  # a text typed anew has other words to press
            return
        label = control.evaluate("(c) => c.ariaLabel ?? c.labels?.[0]?.textContent ?? c.textContent")
        before = shown(root)
        undo = use(control)
        deadline = time.monotonic() + 30  # of a machine that draws nothing for seconds, which happens under load
        while (changed := [a != b for a, b in zip(before, shown(root))]) != [
            True,
            True,
        ] and time.monotonic() < deadline:
            pass
        undo()
        settle(page)
        tried.append(label)
        if changed != [True, True]:
            wrong.append(
                f"{label}: picture {'changes' if changed[0] else 'stays'}, read-out {'changes' if changed[1] else 'stays'}"
            )

    for control in root.locator(f".try {CONTROL}").all():
        works(control)
    step = root.locator(".player input")
    if step.count():
        step.press("End")  # where everything has been computed
    for control in root.locator(f".card {CONTROL}:not(.try *, .player *)").all():
        works(control)
    for control in root.locator(f".player {CONTROL}").all():
        works(control)
        if (pause := root.get_by_role("button", name="Pause")).count():
            pause.click()
    print(f"{name}: {len(tried)} controls used")
    assert wrong == [] and len(tried) >= 8


@pytest.mark.parametrize("name", NAMES)
def test_every_control_has_a_name(open_page, twins, name):
    page = open_page(twins[name])
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    controls = [
        n
        for n in tree
        if n.get("role", {}).get("value")
        in ("slider", "button", "radio", "checkbox", "textbox", "combobox", "group", "region")
    ]
    assert len(controls) > 8
    assert [
        n["role"]["value"] for n in controls if not n.get("name", {}).get("value", "").strip() and not n.get("ignored")
    ] == []
    root = page.locator("[data-widget]")
    assert root.locator("[aria-live=polite]").count() >= 1
    assert "Try this." in root.locator(".try").inner_text()
    assert all(
        size >= 11
        for size in root.evaluate(
            "(r) => [...r.shadowRoot.querySelectorAll('text')].map((t) => parseFloat(getComputedStyle(t).fontSize))"
        )
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_shows_all_of_it(open_page, twins, name):
    page = open_page(twins[name], width=390, has_touch=True)
    outside = page.locator("[data-widget]").evaluate("""(root) => {
        const card = root.shadowRoot.querySelector('.card').getBoundingClientRect();
        return [...root.shadowRoot.querySelectorAll('.card *')]
            .filter((n) => n.checkVisibility() && !n.closest('.scroll') && !n.closest('.hidden') && n.getBoundingClientRect().width > 0)
            .filter((n) => n.getBoundingClientRect().right > card.right - 1 || n.getBoundingClientRect().left < card.left + 1)
            .map((n) => n.outerHTML.slice(0, 120));
    }""")
    assert outside == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_page_too_narrow_to_draw_on_throws_nothing(open_page, twins):
    open_page(*twins.values(), width=60)


def test_a_handle_is_dragged_by_mouse_and_moved_by_arrow_keys(open_page):
    page = open_page(StateSpace().html())
    root = page.locator("[data-widget]")
    handle = root.get_by_role("slider", name="Complex eigenvalue")
    handle.scroll_into_view_if_needed()
    box = handle.locator(".dot").bounding_box()
    page.mouse.move(box["x"] + 7, box["y"] + 7)
    page.mouse.down()
    page.mouse.move(box["x"] - 73, box["y"] - 33, steps=4)
    page.mouse.up()
    dragged = handle.get_attribute("aria-valuetext")
    assert dragged != "radius 0.94, angle 24 degrees"
    assert "outline" in root.evaluate("(r) => getComputedStyle(r.shadowRoot.activeElement).outlineStyle + 'outline'")
    page.keyboard.press("Shift+ArrowLeft")
    shown(root)
    assert handle.get_attribute("aria-valuetext") != dragged
    assert "Spectral radius" in root.locator("[aria-live]").first.inner_text()


def test_a_handle_follows_a_finger(open_page):
    page = open_page(StateSpace().html(), width=390, has_touch=True)
    root = page.locator("[data-widget]")
    handle = root.get_by_role("slider", name="Complex eigenvalue")
    handle.scroll_into_view_if_needed()
    box = handle.locator(".dot").bounding_box()
    x, y = box["x"] + 7, box["y"] + 7
    touch = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x - 40, "y": y - 10}]),
        ("touchEnd", []),
    ):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_timeout(60)
    shown(root)
    assert handle.get_attribute("aria-valuetext") != "radius 0.94, angle 24 degrees"


def test_keys_stay_inside(open_page):
    page = open_page(StateSpace().html())
    page.evaluate("window.heard = []; document.addEventListener('keydown', (e) => heard.push(e.key))")
    page.locator("[data-widget] input[type=range]").first.press("ArrowLeft")
    assert page.evaluate("heard") == []


def test_copies_on_a_page_live_apart(open_page):
    page = open_page(Unfold().html(), Unfold().html(), StateSpace().html())
    first, second, third = page.locator("[data-widget]").all()
    assert [r.get_attribute("data-live") for r in (first, second, third)] == ["static"] * 3
    before = shown(second)
    slider = first.get_by_label("W, state to state")
    slider.press("ArrowRight")
    assert "0.95" in slider.get_attribute("aria-valuetext") and shown(second) == before


def test_outputs_that_share_nothing_work_as_well(open_page, tmp_path, chromium):
    """As in JupyterLab, where every output keeps its own scripts."""
    file = tmp_path / "apart.html"
    file.write_text(f"<!doctype html><meta charset=utf-8><title>x</title>{Unfold().html()}{Unfold().html()}", "utf-8")
    page = chromium.new_page()
    page.goto(file.as_uri())
    page.locator("[data-live=static]").nth(1).wait_for()
    assert page.locator("[data-live=static]").count() == 2
    page.close()


THEMES = {
    "the book": ("document.documentElement.dataset.theme = '{}'", "dark", "light"),
    "JupyterLab": ("document.body.dataset.jpThemeLight = '{}'", "false", "true"),
    "VS Code": (
        "document.documentElement.removeAttribute('data-theme'); document.body.dataset.vscodeThemeKind = 'vscode-{}'",
        "dark",
        "light",
    ),
    "Colab": (
        "document.documentElement.removeAttribute('data-theme'); document.documentElement.setAttribute('theme', '{}')",
        "dark",
        "light",
    ),
}


@pytest.mark.parametrize("place", THEMES)
def test_the_theme_is_followed_as_it_is_switched(open_page, place):
    script, dark, light = THEMES[place]
    page = open_page(StateSpace().html())
    card = page.locator("[data-widget] .card")
    ground = lambda: card.evaluate("(c) => getComputedStyle(c).backgroundColor")
    assert ground() == "rgb(255, 255, 255)"
    page.evaluate(script.format(dark))
    page.locator(".card[data-theme=dark]").wait_for()
    assert ground() == "rgb(22, 27, 34)"
    page.evaluate(script.format(light))
    page.locator(".card[data-theme=light]").wait_for()
    assert ground() == "rgb(255, 255, 255)"


def test_without_a_named_theme_the_system_decides(open_page):
    page = open_page(StateSpace().html(), theme="auto")
    page.locator(".card[data-theme=light]").wait_for()
    page.emulate_media(color_scheme="dark")
    page.locator(".card[data-theme=dark]").wait_for()


AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


@pytest.mark.parametrize("theme", often(["dark"], ["light", "dark"]))
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(open_page, twins, name, theme):
    page = open_page(twins[name], theme=theme)
    step = page.locator("[data-widget] .player input")
    if step.count():
        step.press("End")  # with all words coloured and every mark drawn
    settle(page)
    page.evaluate(AXE)
    rules = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    found = page.evaluate("(runOnly) => axe.run('[data-widget]', { runOnly, resultTypes: ['violations'] })", rules)
    assert found["passes"]
    assert [
        f"{v['id']}: {n['html'][:100]} {n['failureSummary']}" for v in found["violations"] for n in v["nodes"][:3]
    ] == []


def luminance(colour):
    channels = [
        int(c * 2 if len(colour) == 4 else c, 16) / 255
        for c in re.findall("." if len(colour) == 4 else "..", colour[1:])
    ]
    return sum(
        w * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
        for w, c in zip((0.2126, 0.7152, 0.0722), channels)
    )


@pytest.mark.parametrize("theme", [0, 1])
def test_colours_of_text_are_legible(theme):
    """At least 4.5 : 1 against the card and the read-out, in both themes."""
    colours = (palette.LIGHT, palette.DARK)[theme]
    for name in ("ink", "muted", "x", "z", "y", "w", "g", "c"):
        for ground in ("surface", "soft"):
            a, b = sorted(luminance(colours[key]) for key in (name, ground))
            assert (b + 0.05) / (a + 0.05) >= 4.5, (name, ground)


@pytest.mark.parametrize("name", NAMES)
def test_without_javascript_there_is_a_picture_and_a_word(open_page, twins, name):
    page = open_page(twins[name], javascript=False)
    picture = page.locator("[data-widget] img")
    box = picture.bounding_box()
    assert len(picture.get_attribute("alt")) > 40 and box["width"] > 300 and box["height"] > 80
    note = page.locator("[data-widget] > p")
    assert "comes alive in the book, where JavaScript is on" in note.inner_text() and note.bounding_box()["height"] > 10


def test_hostile_text_stays_text(open_page):
    page = open_page(SequenceTensor(text=HOSTILE).html())
    page.on("dialog", lambda dialog: pytest.fail("a script ran"))
    root = page.locator("[data-widget]")
    assert root.locator("textarea").input_value() == HOSTILE
    assert root.locator(".tensor td span").all_inner_texts()[-2:] == ["the", "end"]
    root.locator("textarea").fill("<b>bold</b> $W$")
    page.wait_for_timeout(50)
    assert root.locator(".tensor b b, .tensor img").count() == 0


class Bare(Live):
    """A widget with JavaScript of its own, to see the host at work."""

    text = T.Unicode("hello").tag(sync=True)
    data = T.Bytes(bytes(range(4))).tag(sync=True)
    _esm = """
    export default async () => ({
      initialize({ model }) { window.log = ["initialize"]; return () => log.push("end of initialize"); },
      render({ model, el, signal }) {
        log.push("render");
        el.textContent = `${model.get("text")} ${model.get("data").getUint8(3)} ${model.get("data").byteLength}`;
        signal.addEventListener("abort", () => log.push("abort"));
        return () => log.push("end of render");
      },
    });"""

    def picture(self):
        return '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'


def test_initialize_render_and_their_clean_ups(open_page):
    page = open_page(Bare(text="hé <b>").html())
    root = page.locator("[data-widget]")
    assert root.inner_text() == "hé <b> 3 4"
    assert page.evaluate("log") == ["initialize", "render"]
    root.evaluate("(r) => r.remove()")
    page.wait_for_function("log.length === 5")
    assert page.evaluate("log") == ["initialize", "render", "abort", "end of render", "end of initialize"]


FAILURES = {
    "render throws": ("export default { render() { throw new Error('no luck'); } };", "no luck"),
    "initialize rejects": ("export default { async initialize() { throw new Error('too early'); } };", "too early"),
    "syntax": ("export default {", "Unexpected"),
    "nothing exported": ("const a = 1;", "undefined"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_shown_in_place_beside_the_picture(open_page, failure):
    source, words = FAILURES[failure]
    page = open_page(type("Broken", (Bare,), {"_esm": source})().html(), StateSpace().html(), expect_errors=True)
    broken, other = page.locator("[data-widget]").all()
    assert broken.get_attribute("data-live") == "error" and other.get_attribute("data-live") == "static"
    assert words in broken.get_by_role("alert").inner_text() and broken.locator("img").count() == 1


def test_a_drawing_that_fails_later_says_so(open_page, tmp_path):
    for module in HERE.glob("*.js"):
        shutil.copy(module, tmp_path)
    (tmp_path / "late.js").write_text(
        'import { live } from "./kit.js";\nexport default live("Late", (ui) => {\n  ui.title("Late");\n  ui.body.append(ui.button("Break", () => ui.set("text", "x")));\n'
        '  ui.draw(() => {\n    if (ui.get("text") === "x") throw new Error("broke later");\n  });\n});\n',
        "utf-8",
    )
    Late = type("Late", (Bare,), {"_esm": "".join(bundle(tmp_path / "late.js"))})
    page = open_page(Late().html(), expect_errors=True)
    root = page.locator("[data-widget]")
    root.get_by_role("button", name="Break").click()
    assert "broke later" in root.get_by_role("alert").inner_text()
    assert root.get_attribute("data-live") == "error"


ASKING = """import { h, live } from "./kit.js";
export default live("Asking", (ui) => {
  ui.title("Asking");
  const said = h("p", { class: "said" });
  ui.body.append(said, ui.button("Load", async () => { const data = await ui.asset(ui.get("text")); said.textContent = `${data.byteLength} bytes, last ${data.getUint8(2)}`; }));
});
"""


def test_heavy_data_comes_when_asked_for_also_from_disk(open_page, tmp_path):
    for module in HERE.glob("*.js"):
        shutil.copy(module, tmp_path)
    (tmp_path / "asking.js").write_text(ASKING, "utf-8")
    (tmp_path / "_static" / "rnnbook-weights").mkdir(parents=True)
    (tmp_path / "_static" / "rnnbook-weights" / "toy.js").write_text(asset_script("toy", b"ab\xff"), "utf-8")
    Asking = type("Asking", (Bare,), {"_esm": "".join(bundle(tmp_path / "asking.js"))})
    page = open_page(Asking(text="toy").html(), Asking(text="absent").html(), expect_errors=True)
    here, absent = page.locator("[data-widget]").all()
    assert here.locator(".said").inner_text() == ""
    here.get_by_role("button", name="Load").click()
    here.get_by_text("3 bytes, last 255").wait_for()
    absent.get_by_role("button", name="Load").click()
    absent.get_by_text("“absent” could not be loaded").wait_for()


def test_a_widget_far_below_waits_for_its_reader(open_page, tmp_path, chromium):
    file = tmp_path / "long.html"
    file.write_text(
        f'<!doctype html><meta charset=utf-8><title>x</title><div style="height:6000px"></div>{StateSpace().html()}',
        "utf-8",
    )
    page = chromium.new_page()
    page.goto(file.as_uri())
    page.wait_for_timeout(300)
    root = page.locator("[data-widget]")
    assert root.get_attribute("data-live") == "waiting" and root.locator("img").count() == 1
    page.evaluate("scrollTo(0, 5000)")
    page.locator("[data-live=static]").wait_for()
    page.close()


@pytest.mark.nightly
@pytest.mark.parametrize("name", [*NAMES, "ReviewReader with 400 words"])
def test_a_frame_takes_less_than_a_screen_refresh(open_page, twins, name):
    """Under 16 ms at the 95th percentile while a slider is dragged: script, style and layout, by the browser's metrics.

    They count the thread's own time, so that other programs on the machine do not matter.
    """
    page = open_page(twins[name] if name in twins else widgets.ReviewReader(text="good film " * 200).html())
    slider = page.locator("[data-widget] input[type=range]").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    browser = page.context.new_cdp_session(page)
    browser.send("Performance.enable", {"timeDomain": "threadTicks"})
    drawn = f"performance.getEntriesByName('rnnbook:{name.split()[0]}').length"

    def spent():
        metrics = {m["name"]: m["value"] for m in browser.send("Performance.getMetrics")["metrics"]}
        return 1000 * sum(metrics[key] for key in ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration"))

    def drag(frames):
        """Milliseconds of every frame that drew anew: a slider of ten steps does not in each."""
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] / 2)
        page.mouse.down()
        times = []
        for i in range(frames):
            before, count = spent(), page.evaluate(drawn)
            page.mouse.move(box["x"] + box["width"] * (0.1 + 0.8 * i / frames), box["y"] + box["height"] / 2)
            page.evaluate("() => new Promise(requestAnimationFrame)")
            time = spent() - before
            if page.evaluate(drawn) > count:
                times.append(time)
        page.mouse.up()
        return times

    drag(15)  # a browser compiles what runs often
    drags = [sorted(drag(40)) for _ in range(3)]
    assert all(len(times) > 5 and times[0] > 0 for times in drags)
    slow = [times[int(0.95 * (len(times) - 1))] for times in drags]
    medians = ", ".join(f"{statistics.median(times):.1f}" for times in drags)
    print(f"{name}: medians {medians} ms, 95th percentiles {', '.join(f'{time:.1f}' for time in slow)} ms")
    assert min(slow) < 16  # what else shares the core's caches only adds to a drag
