"""Node for the widgets' numbers and types, and small pages for their looks and manners."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from common_widgets import NAMES

from rnnbook import widgets
from rnnbook.laboratory import store
from rnnbook.publish.site import pages
from rnnbook.widgets import hyperparameter_lab, live

FOLDER = Path(live.__file__).parent


@pytest.fixture(scope="session")
def node(tmp_path_factory, node_program):
    """Call `node(module, expression, data)`: the expression sees the widget's module as `m` and the data as `data`."""
    folder = tmp_path_factory.mktemp("node")

    def run(module, expression, data=None):
        (folder / f"{module}.mjs").write_text("".join(live.bundle(FOLDER / f"{module}.js")), "utf-8")
        main = folder / "main.mjs"
        main.write_text(
            f"""import * as m from "./{module}.mjs";
let text = ""; for await (const part of process.stdin) text += part;
const data = JSON.parse(text);
console.log(JSON.stringify(await (async () => ({expression}))()));""",
            "utf-8",
        )
        done = subprocess.run([node_program, main], input=json.dumps(data), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def page_text(*twins, theme="light", head=""):
    return (
        f'<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>Widgets</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>body{{max-width:760px;margin:0 auto;padding:12px}}html[data-theme=dark] body{{background:#121212}}</style>{head}</head>"
        f"<body><main>{live.share_scripts(''.join(twins))}</main></body></html>"
    )


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A folder with all that widgets may load, as a page finds it beside it."""
    folder = tmp_path_factory.mktemp("trained") / "_static"
    pages.write_assets(folder / "rnnbook-weights")
    return folder


def start_reading(page):
    """What a reader of ReviewReader does first; then it stands still before the first word."""
    start = page.get_by_role("button", name="Load the network and read")
    if start.count():
        start.evaluate("(button) => button.click()")
        page.get_by_role("button", name="Pause").evaluate("(button) => button.click()")
        page.get_by_role("button", name="Back to the start").last.evaluate("(button) => button.click()")


@pytest.fixture
def write_page(tmp_path, trained):
    """Call `write_page(twin, …)` for the address of a page on disk, with all that its widgets may load beside it."""
    written = []

    def write(*twins, **look):
        if not (tmp_path / "_static").exists():
            (tmp_path / "_static").symlink_to(trained)
        written.append(tmp_path / f"page{len(written)}.html")
        written[-1].write_text(page_text(*twins, **look), "utf-8")
        return written[-1].as_uri()

    return write


@pytest.fixture
def open_page(chromium, write_page):
    """Call `open_page(twin, …)` for a page opened from disk; anything it throws or logs as an error fails the test."""
    opened = []

    def run(*twins, width=800, theme="light", javascript=True, start=True, head="", expect_errors=False, **context):
        view = chromium.new_context(viewport={"width": width, "height": 900}, java_script_enabled=javascript, **context)
        page = view.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        opened.append((view, [] if expect_errors else errors))
        page.goto(write_page(*twins, theme=theme, head=head))
        if javascript:
            count = page.locator("[data-widget]").count()
            for i in range(count):
                page.locator("[data-widget]").nth(i).scroll_into_view_if_needed()
                page.locator("[data-widget]").nth(i).locator(
                    "xpath=self::*[@data-live='static' or @data-live='error']"
                ).wait_for()
            if start:
                start_reading(page)
        return page

    yield run
    for view, _ in opened:
        view.close()
    assert [errors for _, errors in opened if errors] == []


@pytest.fixture(scope="session")
def records(tmp_path_factory):
    """A copy of the runs that HyperparameterLab shows: a study under way may add to them while the tests run."""
    folder = tmp_path_factory.mktemp("recorded")
    shutil.copy(store.path(hyperparameter_lab.STUDY), folder)
    return folder


@pytest.fixture(scope="session")
def settings(records):
    """Name → settings with which each widget is tested: the usual ones."""
    return {name: {} for name in NAMES} | {"HyperparameterLab": {"recorded": hyperparameter_lab.recorded_runs(records)}}


@pytest.fixture(scope="session")
def twins(settings):
    """Name → static twin of every widget, in its first state."""
    return {name: getattr(widgets, name)(**given).html() for name, given in settings.items()}
