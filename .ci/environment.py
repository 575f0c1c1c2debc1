"""Create .venv and install what the book (`book`) or the tests (`test`) need, with clear words where that fails.

Called by make with the system's Python, so it uses the standard library alone.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
SHARE = VENV / "share"
NEEDED_GB = 5
OLDEST, NEWEST = (3, 11), (3, 13)  # of the Python versions that TensorFlow is made for
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# What the tests of pages call: any of these programs, and the packages of Debian and Ubuntu that have it.
BROWSERS = (
    (CHROMIUM, ["chromium"]),
    (
        ("chromium-headless-shell",),
        ["chromium-headless-shell"],
    ),  # half the work; without it the tests take the whole one
    (("firefox-esr", "firefox"), ["firefox-esr"]),
    (("WebKitWebDriver",), ["webkit2gtk-driver", "dbus"]),
    (("Xvfb",), ["xvfb"]),
    (("java",), ["default-jre-headless"]),  # for the checker of HTML
)
# The book's pages run Python with the first; the other, a program for this machine, makes their scripts small.
NPM_BOOK = {"pyodide": "pyodide@0.27.7"}
ARCHITECTURE = "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x64"
NPM_SMALL = {"esbuild": f"@esbuild/{sys.platform}-{ARCHITECTURE}@0.28.2"}
# Each is one archive; those that AssemblyScript needs lie in it. The first checks the widgets' types, the last two check pages.
NPM = {
    "typescript": "typescript@5.9.3",
    "assemblyscript": "assemblyscript@0.28.9",
    "assemblyscript/node_modules/binaryen": "binaryen@123.0.0-nightly.20250530",
    "assemblyscript/node_modules/long": "long@5.3.2",
    "vnu-jar": "vnu-jar@26.9.27",
    "accessibility-checker-engine": "accessibility-checker-engine@4.0.34",
}


def stop(sentence):
    sys.exit(f"\n{sentence}\n")


def check_machine():
    if not OLDEST <= sys.version_info[:2] <= NEWEST:  # this file runs before anything is installed
        first, last = (".".join(map(str, version)) for version in (OLDEST, NEWEST))
        stop(
            f"The course needs Python {first} to {last}, for which TensorFlow is made; this is {sys.version.split()[0]}. "
            "Name another: make book PYTHON=python3.12"
        )
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < NEEDED_GB and not PYTHON.exists():
        stop(
            f"Only {free:.1f} GB are free on this disk; the packages of the course need about {NEEDED_GB} GB. Make room, then try again."
        )


def create():
    if PYTHON.exists() and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0:
        return
    print("Creating .venv …", flush=True)
    # Debian ships Python without ensurepip, so pip comes from its own wheel in that case.
    if subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True).returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", "--without-pip", VENV], capture_output=True, text=True)
    if made.returncode:
        stop(f"Python could not create a virtual environment in {VENV}: {(made.stderr or made.stdout).strip()[-300:]}")
    with tempfile.TemporaryDirectory() as folder:
        try:
            with urllib.request.urlopen("https://pypi.org/pypi/pip/json", timeout=60) as answer:
                wheel = next(f for f in json.load(answer)["urls"] if f["filename"].endswith(".whl"))
            path = Path(folder) / wheel["filename"]
            with urllib.request.urlopen(wheel["url"], timeout=120) as answer:
                path.write_bytes(answer.read())
        except (urllib.error.URLError, OSError):
            stop(
                "This Python has no pip and PyPI cannot be reached. Connect to the internet, or install python3-venv, then try again."
            )
        subprocess.run([PYTHON, f"{path}/pip", "install", "--quiet", "--no-index", path], check=True)


def pip(*arguments):
    """Run pip; returns its exit status and what it wrote to its error stream, which is also shown."""
    # Without PYTHONWARNINGS, setuptools warns for ten lines of every editable installation.
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    command = [PYTHON, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True)
    print(done.stderr, end="", file=sys.stderr, flush=True)
    return done.returncode, done.stderr


def why(words):
    """The sentence for a reader about what pip said."""
    if "Read-only file system" in words or "Permission denied" in words:
        return f"pip may not write into {VENV}. Make it writable, or take a copy of the course elsewhere."
    if "No space left" in words:
        return f"The disk is full; the packages of the course need about {NEEDED_GB} GB. Make room, then try again."
    reached = not any(sign in words for sign in ("NewConnectionError", "NameResolutionError", "Retrying", "timed out"))
    if reached and "No matching distribution found for tensorflow" in words:
        return (
            f"TensorFlow is not made for this machine ({platform.system()} on {platform.machine()}, Python "
            f"{platform.python_version()}). Read the book, or run the notebooks on Colab; the README says how."
        )
    return (
        "pip could not install the packages (its own words are above). Check the connection to the internet, then run the same "
        "command again: it goes on where it stopped."
    )


def pip_install(*what):
    failed, words = pip("install", "--quiet", *what)
    if failed:
        stop(why(words))


def install_torch_without_cuda():
    """PyTorch for processors alone, 160 MB; where it cannot be had, `install` takes PyPI's, which for Linux has CUDA and 3 GB."""
    from_pytorch = [
        "--index-url",
        "https://download.pytorch.org/whl/cpu",
        "--retries",
        "0",
        "--timeout",
        "20",
        "--no-deps",
    ]
    command = [PYTHON, "-m", "pip", "install", "--quiet", *from_pytorch, "-c", ROOT / "constraints.txt", "torch"]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def install(requirements):
    """The packages of `requirements` and the course with all it depends on, in the versions of the last green run."""
    print(f"Installing {requirements} (a few minutes the first time) …", flush=True)
    pip_install("-c", ROOT / "constraints.txt", "--upgrade", "pip", "setuptools")
    if requirements == "requirements-test.txt" and sys.platform == "linux":
        install_torch_without_cuda()
    pip_install("-c", ROOT / "constraints.txt", "-r", ROOT / requirements, "-e", ROOT)
    if pip("check")[0]:
        stop(
            "The packages in .venv do not fit together; pip says above how. Delete .venv and run the same command again."
        )
    # Once, not in each of the hundreds of processes of a test run where the environment keeps Python from writing what it compiled.
    subprocess.run([PYTHON, "-m", "compileall", "-q", ROOT / "rnnbook"])


def apt_install(*packages):
    """Debian's packages, where there is apt-get; whether they came is for the caller to see. Without a network this ends in seconds."""
    if not shutil.which("apt-get"):
        return
    print(f"Installing {packages[-1]} with apt-get …", flush=True)
    sudo = ["sudo", "-n"] if shutil.which("sudo") else []
    patience = ["-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=20", "-o", "DPkg::Lock::Timeout=120"]
    for command in (["update"], ["install", "-y", *packages]):
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([*sudo, "apt-get", "-qq", *patience, *command], **quiet)


def install_browsers():
    """Browsers for the tests: the system's, else Debian's packages.

    Firefox and WebKit are tested on Linux alone, where packages of both can be had.
    """
    for programs, packages in BROWSERS:
        if not any(
            map(shutil.which, programs)
        ):  # one after the other: what cannot be had keeps none of the others away
            apt_install("--no-install-recommends", *packages)


def install_chromium():
    """Where neither the system nor Debian has Chromium: Playwright's own download."""
    if any(map(shutil.which, CHROMIUM)):
        return
    if subprocess.run([PYTHON, "-m", "playwright", "install", "chromium"]).returncode:
        stop(
            "The browser tests need Chromium. Install it (Debian and Ubuntu: sudo apt-get install chromium; macOS: brew install chromium), then try again."
        )


def npm_install(packages):
    """Unpack each of `packages` (folder: name@version) into .venv/share. Returns npm's failures as a list of package names."""
    npm, failed = shutil.which("npm") or BIN / "npm", []
    for name, package in packages.items():
        with tempfile.TemporaryDirectory(dir=VENV) as folder:
            if subprocess.run(
                [npm, "pack", "--loglevel=error", "--no-update-notifier", "--pack-destination", folder, package],
                stdout=subprocess.DEVNULL,
            ).returncode:
                failed.append(package)
                continue
            shutil.unpack_archive(next(Path(folder).glob("*.tgz")), folder)
            shutil.rmtree(SHARE / name, ignore_errors=True)
            (SHARE / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / "package").rename(SHARE / name)
    return failed


def install_python_for_pages():
    """Pyodide and its NumPy, with which the book's pages run Python. Without them the book is built all the same, and says so."""
    if failed := npm_install(NPM_BOOK):
        print(f"npm could not fetch {failed[0]}: the book's pages will not run Python.", flush=True)
        return
    subprocess.run([PYTHON, ROOT / "rnnbook" / "publish" / "site" / "python_parts.py"])


def install_minifier():
    """esbuild. Without it the book is built all the same, with larger pages."""
    if failed := npm_install(NPM_SMALL):
        print(f"npm could not fetch {failed[0]}: the scripts of the book's pages will not be made small.", flush=True)


def install_tools():
    """What the widgets' tests use apart from this environment's packages, in .venv/share: from here on no test needs a network."""
    if failed := npm_install(NPM):
        stop(
            f"npm could not fetch {failed[0]} for the tests (its own words are above). Check the connection to the internet, "
            "then run the same command again."
        )
    pip_install(
        "--no-deps", "--upgrade", "--target", SHARE / "colab-widgets", "-r", ROOT / "tests" / "widgets" / "colab.txt"
    )


def prepare(what):
    """All that the book (`book`) or the tests (`test`) need, with a file that says so to make."""
    check_machine()
    create()
    debian = threading.Thread(target=install_browsers)  # while pip works
    if what == "test":
        debian.start()
    install("requirements.txt" if what == "book" else "requirements-test.txt")
    install_python_for_pages()
    install_minifier()
    if what == "test":
        install_tools()
        debian.join()
        install_chromium()
    for stamp in ["book", "test"] if what == "test" else ["book"]:
        (BIN / f".{stamp}-ready").touch()


if __name__ == "__main__":
    prepare(sys.argv[1])
