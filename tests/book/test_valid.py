"""Pages are valid HTML (the Nu checker), and accessible to a second engine (IBM's) beside axe, with every widget alive."""

import json
import shutil
import subprocess

import pytest

from .conftest import page_names

pytestmark = [pytest.mark.browser, pytest.mark.nightly]

AWAKE = """async () => {
  document.querySelectorAll("details").forEach((fold) => { fold.open = true; });
  for (let y = 0; y < document.body.scrollHeight; y += 500) { scrollTo(0, y); await new Promise((go) => { requestAnimationFrame(go); setTimeout(go, 100); }); }
  for (let tries = 0; tries < 100 && document.querySelector("[data-live=waiting]"); tries++) await new Promise((done) => setTimeout(done, 50));
  scrollTo(0, 0);
}"""
FAILURES = """async () => (await new ace.Checker().check(document, ["WCAG_2_2"])).results
  .filter(({ value }) => value[0] === "VIOLATION" && value[1] === "FAIL")
  .map(({ ruleId, message, path, snippet }) => `${ruleId}: ${message} ${path.dom.slice(-80)} ${snippet.slice(0, 120)}`)"""


def checked(jar, path):
    """The errors that the Nu HTML checker finds in a page or a folder, one line each."""
    java = shutil.which("java")
    assert java, "java is missing: apt-get install default-jre-headless"
    done = subprocess.run(
        [java, "-Xss4m", "-jar", jar, "--errors-only", "--format", "json", "--skip-non-html", path],
        capture_output=True,
        text=True,
    )
    found = json.loads(done.stderr)["messages"]
    return [f"{m.get('url', '')}:{m.get('lastLine')}: {m['message']} … {m.get('extract', '').strip()}" for m in found]


def test_every_page_is_valid_html(book, tool):
    assert checked(tool("vnu-jar") / "build" / "dist" / "vnu.jar", book) == []


def test_the_checker_sees_an_error(tool, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        "<!doctype html><html lang=en><title>A</title><details><summary><p>A</p></summary></details></html>"
    )
    found = checked(tool("vnu-jar") / "build" / "dist" / "vnu.jar", page)
    assert len(found) == 1 and "Element “p” not allowed" in found[0]


def ibm(page, tool):
    """What IBM's engine calls a failure on a page, one line each."""
    page.evaluate(AWAKE)
    page.evaluate((tool("accessibility-checker-engine") / "ace.js").read_text("utf-8"))
    return page.evaluate(FAILURES)


def test_no_failures_of_a_second_engine(site, book, visit, tool):
    problems = []
    for name in page_names(book):
        page = visit(f"{site}/{name}", reduced_motion="reduce", bypass_csp=True)
        problems += [f"{name}: {failure}" for failure in ibm(page, tool)]
        page.context.close()
    assert problems == [], "\n".join(problems)


def test_the_second_engine_sees_a_failure(visit, tool):
    page = visit("data:text/html,<html lang=en><title>A</title><main><h1>A</h1><input><img src='x'></main>")
    assert {found.split(":")[0] for found in ibm(page, tool)} >= {"img_alt_valid", "input_label_exists"}
