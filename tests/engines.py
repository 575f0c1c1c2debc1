"""One door to three browsers: Chromium, Firefox and WebKit open a page, run JavaScript in it and press its keys.

The fixture `engine` has three values, so a test that asks for it runs in each of them (in Chromium at night):

    def test_…(engine, watched):
        view = engine.open(f"{watched}/index.html", width=390)
        view.run("return document.title")          # the body of an async function; what it returns comes back
        view.wait("return document.images.length > 2")
        view.click("button.theme")                 # where it is on the screen, with the mouse
        view.type("LSTM\\n")                        # into what has the focus
        assert view.errors() == []

Chromium is driven by Playwright. Playwright's own Firefox and WebKit cannot be had from a package registry, so Debian's are
asked in the languages that they speak themselves: WebDriver BiDi (w3.org/TR/webdriver-bidi) and WebDriver (w3.org/TR/webdriver2).
"""

import base64
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import websocket

NAMES = ("chromium", "firefox", "webkit")
# Put at the top of a page, keeps whatever goes wrong in it.
WATCH = """<script>
window.pageErrors = [];
addEventListener("error", (event) => pageErrors.push(event.message ?? `${event.target.src} did not load`), true);
addEventListener("unhandledrejection", (event) => pageErrors.push(String(event.reason)));
addEventListener("securitypolicyviolation", (event) => pageErrors.push(`${event.violatedDirective} forbids ${event.blockedURI}`));
console.error = (...words) => pageErrors.push(words.join(" "));
</script>"""
KEYS = {"\n": "\ue007", "\t": "\ue004", "\x1b": "\ue00c"}
SECONDS = 60  # for an answer of a browser
# What Firefox would ask of the network, or tell a new user, at its start.
QUIET = {
    "app.normandy.enabled": "false",
    "browser.startup.page": "0",
    "browser.aboutwelcome.enabled": "false",
    "datareporting.policy.dataSubmissionEnabled": "false",
    "network.captive-portal-service.enabled": "false",
    "network.connectivity-service.enabled": "false",
    "services.settings.server": '"http://127.0.0.1:9"',
}


class View:
    """An open page. Engines differ in `goto`, `evaluate`, `act` and `paper`, which is the page printed, a PDF as bytes."""

    def run(self, body, *arguments):
        """What the async function with this body returns, as JSON; it sees `arguments`."""
        given = ", ".join(map(json.dumps, arguments))
        return self.evaluate(f"(async (...arguments) => {{ {body} }})({given})")

    def wait(self, body, *arguments, seconds=30):
        """The first true value of `run`. Raises `AssertionError` where none comes."""
        end, failed = time.monotonic() + seconds, None
        while True:
            try:
                if found := self.run(body, *arguments):
                    return found
            except Exception as error:  # the page was just left for another one
                failed = error
            assert time.monotonic() < end, f"waited {seconds} s for: {body} {failed or ''} {self.state()}"
            time.sleep(0.1)

    def state(self):
        """What a page says of itself where it keeps one waiting."""
        try:
            return self.run(
                """let frames = 0;
                const count = () => { frames++; requestAnimationFrame(count); };
                count();
                await new Promise((done) => setTimeout(done, 1000));
                return { errors: window.pageErrors, visibility: document.visibilityState, frames,
                  widgets: [...document.querySelectorAll("[data-widget]")].map((root) => ({ ...root.dataset })) };"""
            )
        except Exception as error:
            return f"and the page no longer answers: {error}"

    def click(self, selector):
        """Press the middle of the first element that `selector` names, wherever it stands."""
        x, y = self.run(
            """const element = document.querySelector(arguments[0]);
            element.scrollIntoView({ block: "center", behavior: "instant" });
            await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            const { x, y, width, height } = element.getClientRects()[0];
            return [Math.round(x + width / 2), Math.round(y + height / 2)];""",
            selector,
        )
        press = [{"type": "pointerMove", "x": x, "y": y}, {"type": "pointerDown", "button": 0}]
        self.act("pointer", [*press, {"type": "pointerUp", "button": 0}])

    def type(self, text):
        """Press the keys of `text`; \\n, \\t and \\x1b are Enter, Tab and Escape."""
        keys = [KEYS.get(letter, letter) for letter in text]
        self.act("key", [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")])

    def errors(self):
        """What went wrong since the page was opened; it must have been served with `WATCH`."""
        return self.run("return window.pageErrors ?? ['this page is not watched']")


class Chromium:
    def __init__(self, browser):
        self.browser = browser

    def open(self, url, width=1280, height=800):
        return ChromiumView(self.browser.new_context(viewport={"width": width, "height": height}), url)

    def close(self):
        """The browser belongs to all tests."""


class ChromiumView(View):
    def __init__(self, context, url):
        self.context, self.page = context, context.new_page()
        self.goto(url)

    def goto(self, url):
        self.page.goto(url)

    def evaluate(self, expression):
        return self.page.evaluate(expression)

    def act(self, kind, actions):
        if kind == "pointer":
            self.page.mouse.click(actions[0]["x"], actions[0]["y"])
        for action in actions if kind == "key" else ():
            names = {"\ue007": "Enter", "\ue004": "Tab", "\ue00c": "Escape"}
            if action["type"] == "keyDown":
                self.page.keyboard.press(names.get(action["value"], action["value"]))

    def paper(self):
        return self.page.pdf(prefer_css_page_size=True, format="A4")  # as a European reader's; the style sheet decides

    def close(self):
        self.context.close()


class Firefox:
    """Talks to Firefox by WebDriver BiDi: one socket, a command at a time."""

    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        home = Path(self.profile.name)
        (home / "user.js").write_text("".join(f'user_pref("{name}", {value});\n' for name, value in QUIET.items()))
        command = [needed("firefox-esr", "firefox"), "--headless", "--no-remote", "--profile", home]
        # A home of its own: as root, Firefox refuses to run in somebody else's.
        environment = os.environ | {"HOME": str(home), "MOZ_CRASHREPORTER_DISABLE": "1"}
        with (home / "log").open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--remote-debugging-port", "0"], stdout=log, stderr=log, env=environment
            )
        found = soon(lambda: re.search(r"BiDi listening on (ws://\S+)", (home / "log").read_text(errors="replace")))
        self.socket = websocket.create_connection(f"{found[1]}/session", timeout=SECONDS, suppress_origin=True)
        self.number = 0
        self.ask("session.new", capabilities={})

    def ask(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while (answer := json.loads(self.socket.recv())).get("id") != self.number:
            pass  # an event
        if answer["type"] == "error":
            raise RuntimeError(f"Firefox: {answer['message']}")
        return answer["result"]

    def open(self, url, width=1280, height=800):
        return FirefoxView(self, url, {"width": width, "height": height})

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(SECONDS)
        self.profile.cleanup()


class FirefoxView(View):
    def __init__(self, firefox, url, viewport):
        self.firefox = firefox
        self.user = firefox.ask("browser.createUserContext")["userContext"]  # nothing stored is shared
        self.context = firefox.ask("browsingContext.create", type="tab", userContext=self.user)["context"]
        firefox.ask("browsingContext.setViewport", context=self.context, viewport=viewport)
        self.goto(url)

    def goto(self, url):
        self.firefox.ask("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def evaluate(self, expression):
        answer = self.firefox.ask(
            "script.evaluate",
            expression=f"{expression}.then((found) => JSON.stringify(found ?? null))",
            target={"context": self.context},
            awaitPromise=True,
            userActivation=True,
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def act(self, kind, actions):
        source = {"type": kind, "id": kind, "actions": actions}
        self.firefox.ask("input.performActions", context=self.context, actions=[source])

    def paper(self):
        return base64.b64decode(self.firefox.ask("browsingContext.print", context=self.context)["data"])

    def close(self):
        self.firefox.ask("browser.removeUserContext", userContext=self.user)


class WebKit:
    """Talks to WebKitGTK by its WebDriver: a request each. Every view is a small browser with a driver of its own, which
    takes one alone, on a screen that is not there."""

    def __init__(self):
        self.screen = subprocess.Popen(
            [needed("Xvfb"), "-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        display = f":{self.screen.stdout.readline().strip()}"
        self.environment = os.environ | {"DISPLAY": display, "GDK_BACKEND": "x11", "LIBGL_ALWAYS_SOFTWARE": "1"}
        # Root, as in a container, may not use the sandbox; the accessibility bus is not there.
        self.environment |= {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1", "NO_AT_BRIDGE": "1"}

    def open(self, url, width=1280, height=800):
        return WebKitView(self.environment, url, width, height)

    def close(self):
        self.screen.terminate()
        self.screen.wait(SECONDS)
        self.screen.stdout.close()


class WebKitView(View):
    def __init__(self, environment, url, width, height):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [needed("WebKitWebDriver"), f"--port={port}"]
        nowhere = subprocess.DEVNULL
        self.driver = subprocess.Popen(command, env=environment, stdout=nowhere, stderr=nowhere)
        self.address = f"http://127.0.0.1:{port}/session"
        soon(lambda: answers(port))
        places = Path("/usr/lib").glob("*/webkit*gtk-*/MiniBrowser")
        browser = shutil.which("MiniBrowser") or next(map(str, places), None) or needed("MiniBrowser")
        wanted = {"webkitgtk:browserOptions": {"binary": browser, "args": ["--automation"]}}
        session = self.ask("", {"capabilities": {"alwaysMatch": wanted}})
        self.address += f"/{session['sessionId']}"
        self.ask("/timeouts", {"script": SECONDS * 1000, "pageLoad": SECONDS * 1000})
        # The window has a frame, whose size is known once it is there; it cannot be narrower than its buttons, 447 px.
        self.ask("/window/rect", {"width": width, "height": height})
        inside = self.run("return [innerWidth, innerHeight]")
        self.ask("/window/rect", {"width": 2 * width - inside[0], "height": 2 * height - inside[1]})
        self.goto(url)

    def ask(self, path, body=None, method="POST"):
        data = None if method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"WebKit: {json.load(error)['value']['message']}") from None

    def goto(self, url):
        self.ask("/url", {"url": url})

    def evaluate(self, expression):
        script = (
            f"const [done] = [...arguments].slice(-1); {expression}.then((found) => done({{ found: found ?? null }}), "
            "(error) => done({ error: String(error) }))"
        )
        answer = self.ask("/execute/async", {"script": script, "args": []})
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["found"]

    def act(self, kind, actions):
        source = {"type": kind, "id": kind, "actions": actions}
        self.ask("/actions", {"actions": [source]})

    def close(self):
        self.ask("", method="DELETE")
        self.driver.terminate()
        self.driver.wait(SECONDS)


def soon(found):
    """The first true value of `found()`. Raises `AssertionError` where none comes."""
    end = time.monotonic() + SECONDS
    while not (value := found()):
        assert time.monotonic() < end, "a browser did not start"
        time.sleep(0.05)
    return value


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def needed(*names):
    """The path of a program; `make test` installs it on Debian and Ubuntu."""
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"{names[0]} is missing: apt-get install firefox-esr webkit2gtk-driver xvfb"
    return found
