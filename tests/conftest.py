"""Which reviews the tests run on, said at the top and at the end; fixtures for the reviews and the repository.

The real ones where they can be had: RNNBOOK_IMDB, else a file beside the checkout, else the cache or a download. The
variable is set to an absolute path, so that notebooks and subprocesses read the same file from any folder.
"""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
BESIDE = REPOSITORY.parent / "shared" / "data" / "imdb.npz"
REVIEWS = pytest.StashKey()


def pytest_configure(config):
    # What tests need is installed before they start; one that fetches more fails here too, not first where there is no network.
    os.environ.update(PIP_NO_INDEX="1", npm_config_offline="true")
    named = os.environ.get("RNNBOOK_IMDB") or (BESIDE if BESIDE.is_file() else None)
    if named:
        os.environ["RNNBOOK_IMDB"] = os.path.abspath(named)
    from rnnbook import data

    try:
        config.stash[REVIEWS] = data.load("imdb" if named else "auto")
    except data.DataError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_report_header(config):
    return f"reviews: {config.stash[REVIEWS].describe()}"


def pytest_terminal_summary(terminalreporter, config):
    if config.stash[REVIEWS].name == "sample":
        terminalreporter.write_line(f"NOT TESTED ON REAL REVIEWS. {config.stash[REVIEWS].describe()}", yellow=True, bold=True)


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
    from rnnbook import data

    return data.load("sample")


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium for all browser tests, since a process can hold only one: the system's, else Playwright's own."""
    import shutil

    from playwright.sync_api import sync_playwright

    system = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system, args=["--no-sandbox", "--disable-background-networking"])
        yield browser
        browser.close()
