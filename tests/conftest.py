"""Which reviews the tests run on, said once at the top; fixtures for the reviews and the repository."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
BESIDE = REPOSITORY.parent / "shared" / "data" / "imdb.npz"


def _real_file():
    named = os.environ.get("RNNBOOK_IMDB")
    path = Path(named) if named else BESIDE
    return path.resolve() if path.is_file() else None


def pytest_report_header():
    path = _real_file()
    if path:
        return f"reviews: real IMDB from {path}"
    return "reviews: GENERATED SAMPLE ONLY (set RNNBOOK_IMDB to an imdb.npz to test on the real ones)"


def pytest_terminal_summary(terminalreporter):
    if _real_file() is None:
        terminalreporter.write_line("These tests ran on the generated sample, not on the real IMDB reviews.", yellow=True)


@pytest.fixture(scope="session")
def repo() -> Path:
    """The repository's root."""
    return REPOSITORY


@pytest.fixture(scope="session")
def real_imdb() -> Path:
    """An .npz of the real reviews."""
    path = _real_file()
    if path is None:
        pytest.skip("THE REAL REVIEWS ARE MISSING: set RNNBOOK_IMDB to an imdb.npz")
    return path


@pytest.fixture(scope="session")
def real_corpus(real_imdb):
    from rnnbook import data

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RNNBOOK_IMDB", str(real_imdb))
        return data.load("imdb")


@pytest.fixture(scope="session")
def sample_corpus():
    from rnnbook import data

    return data.load("sample")


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium: the system's, else Playwright's own."""
    import shutil

    from playwright.sync_api import sync_playwright

    system = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system, args=["--no-sandbox"])
        yield browser
        browser.close()
