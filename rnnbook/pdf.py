"""The printable edition: all pages in one, printed to PDF by Chromium with an outline."""

import os
from pathlib import Path
import shutil
import subprocess
import tempfile

from .build import JUPYTER_BOOK, ROOT

PDF = ROOT / "_build" / "rnnbook.pdf"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium")


def chromium():
    """Path of Chromium or Chrome; the variable `CHROMIUM` names another. Raises `SystemExit` if there is none."""
    for name in filter(None, (os.environ.get("CHROMIUM"), *BROWSERS)):
        if found := shutil.which(name):
            return found
    raise SystemExit("The printable edition needs Chromium or Chrome, and neither was found. Install it (Debian and Ubuntu: "
                     "sudo apt install chromium; macOS: brew install --cask chromium), or name its path in the variable CHROMIUM.")


def build():
    """Build `_build/rnnbook.pdf` and return its path. Raises `SystemExit` where Sphinx or Chromium fails."""
    browser = chromium()
    output = ROOT / "_build" / "printed"
    command = [*JUPYTER_BOOK, "build", ROOT, "--path-output", output, "--builder", "singlehtml", "-W", "-n", "--keep-going", "-q"]
    _run(command, "The pages could not be joined into one")
    page = _printable(output / "_build" / "singlehtml")
    with tempfile.TemporaryDirectory() as profile:
        _run([browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", "--virtual-time-budget=20000",
              "--no-pdf-header-footer", "--generate-pdf-document-outline", f"--print-to-pdf={PDF}", page.as_uri()],
             "Chromium could not print the book")
    if not PDF.exists():
        raise SystemExit("Chromium ended without an error, but wrote no PDF. Is there room on the disk?")
    return PDF


def _printable(folder):
    """The joined page, beside its pictures and styles, with every fold open."""
    joined = next(path for path in folder.glob("*/*.html"))
    html = joined.read_text(encoding="utf-8").replace("<details", "<details open")
    html = html.replace(f'href="{joined.relative_to(folder).as_posix()}#', 'href="#')
    page = folder / "printed.html"
    page.write_text(html, encoding="utf-8")
    return page


def _run(command, complaint):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print(done.stdout[-4000:])
        raise SystemExit(f"{complaint}: its own words stand above.")


def add_commands(subparsers):
    """Register `pdf` on the command line."""
    command = subparsers.add_parser("pdf", help="print the book into _build/rnnbook.pdf")
    command.set_defaults(run=lambda arguments: print(f"The printable edition is ready: {build()}"))
