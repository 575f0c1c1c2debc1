"""What a run of the tests says where the real reviews cannot be had."""

import os
import shutil
import subprocess
import sys

import pytest

TESTS = """
import pytest

@pytest.mark.reviews
@pytest.mark.parametrize("i", range(2))
def test_on_whichever_there_are(i):
    assert i == 0

def test_of_something_else():
    pass

def test_of_the_real_ones(real_corpus):
    pass
"""


@pytest.mark.nightly
def test_names_what_ran_on_the_sample(repo, tmp_path):
    shutil.copy(repo / "conftest.py", tmp_path)
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -ra\nmarkers = reviews\n")
    nowhere = "http://127.0.0.1:9"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SLIPCOVER_")},
        "PYTHONPATH": str(repo),
        "RNNBOOK_CACHE": str(tmp_path / "cache"),
        "KERAS_HOME": str(tmp_path / "keras"),
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        "http_proxy": nowhere,
        "https_proxy": nowhere,
    }
    environment.pop("RNNBOOK_IMDB", None)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "1", "-p", "no:cacheprovider", tmp_path],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "reviews: IMDB could not be had" in done.stdout, done.stdout + done.stderr
    assert "NOT TESTED ON REAL REVIEWS" in done.stdout
    assert "ON THE SAMPLE IN PLACE OF IMDB: test_some.py, 2 tests" in done.stdout
    assert "THE REAL REVIEWS ARE MISSING" in done.stdout
    assert "1 failed, 2 passed, 1 skipped" in done.stdout
