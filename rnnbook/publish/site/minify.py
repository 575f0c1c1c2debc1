"""Scripts for the pages without the spaces and long names that only people need. Sources and notebooks keep theirs.

esbuild does it, which `make` puts into the environment. Without it the pages are larger and work as well; the test of
their weight then fails.
"""

import functools
import json
import re
import subprocess
import sys
from pathlib import Path

_MODULE = re.compile(r'(<script type="application/json" data-rnnbook-module="\w+">)(.*?)(</script>)', re.S)
_HOST = re.compile(r'(<script data-rnnbook-host="\w+">)(.*?)(</script>)', re.S)


@functools.cache
def _esbuild():
    """The path of esbuild's program, or None."""
    folder = Path(sys.prefix) / "share" / "esbuild"
    return next((path for path in (folder / "bin" / "esbuild", folder / "esbuild.exe") if path.is_file()), None)


@functools.cache
def script(text):
    """Return the JavaScript `text` minified; names at its top level stay. Raises ValueError where it is no JavaScript."""
    if _esbuild() is None:
        return text
    # Of the syntax, what WebAssembly with SIMD needs is the newest: browsers of 2021.
    return _minified(text, "--target=es2021")


def stylesheet(text):
    """Return the style sheet `text` without the spaces that only people need. Raises ValueError where it is none."""
    return _minified(text, "--loader=css") if _esbuild() else text


def only(sheet, used):
    """Return the rules of a style sheet, minified and without comments, that can hold where a page knows the classes `used` alone.

    Of those for sphinx-design, which colours buttons and badges that no page has, a fifth of the kilobytes is left.
    """
    kept = []
    for selectors, body in re.findall(r"([^{}]+)\{((?:[^{}]|\{[^{}]*\})*)\}", sheet):
        if selectors.startswith("@media"):
            body = only(body, used)
        if body and any(used.issuperset(re.findall(r"\.([\w-]+)", part)) for part in selectors.split(",")):
            kept.append(f"{selectors}{{{body}}}")
    return "".join(kept)


def _minified(text, *options):
    command = [_esbuild(), "--minify", "--charset=utf8", "--log-level=error", *options]
    done = subprocess.run(command, input=text.encode(), capture_output=True)
    if done.returncode:
        raise ValueError(f"What a page loads could not be minified. {done.stderr.decode()}")
    return done.stdout.decode()


def page(html):
    """Return the `html` of a page, or a part of it, with the modules and hosts of its widgets minified."""

    def module(found):
        text = json.dumps(script(json.loads(found[2])), ensure_ascii=False).replace("<", "\\u003c")
        return found[1] + text + found[3]

    html = _MODULE.sub(module, html)
    return _HOST.sub(lambda found: found[1] + script(found[2]).replace("</", "<\\/") + found[3], html)
