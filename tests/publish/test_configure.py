"""One command tells the course where it is published."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from rnnbook.publish.configure import configure, parse

ROOT = Path(__file__).resolve().parents[2]
FILES = ("_config.yml", "CITATION.cff", "pyproject.toml", "README.md")


@pytest.fixture
def clone(tmp_path):
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path)
    for folder in ("notebooks", "exercises"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns(".*"))
    return tmp_path


def test_address_is_written_everywhere_once_and_can_be_changed(clone):
    changed = configure("https://github.com/Owner/my.book.git/", clone)
    installing = {
        f"exercises/{path.name}" for path in (clone / "exercises").glob("*.ipynb") if "REPOSITORY" in path.read_text()
    }
    assert {*FILES, *installing, *(f"notebooks/{path.name}" for path in (clone / "notebooks").glob("*.ipynb"))} == set(
        changed
    )
    assert configure("https://github.com/Owner/my.book", clone) == []

    settings = yaml.safe_load((clone / "_config.yml").read_text())
    assert settings["repository"]["url"] == "https://github.com/Owner/my.book"
    assert settings["html"]["baseurl"] == "https://owner.github.io/my.book"
    for notebook in changed[len(FILES) :]:
        assert r"REPOSITORY = \"https://github.com/Owner/my.book\"" in (clone / notebook).read_text()
    citation = yaml.safe_load((clone / "CITATION.cff").read_text())
    assert citation["repository-code"] == "https://github.com/Owner/my.book"

    configure("https://github.com/other/course", clone)
    for name in changed:
        text = (clone / name).read_text()
        assert "other/course" in text and "Owner" not in text and "my.book" not in text, name


def test_there_is_a_way_back(clone):
    """Whatever address the course had, `none` leaves what stood there without one."""
    configure("none", clone)
    before = {path: path.read_bytes() for path in clone.rglob("*") if path.is_file()}
    configure("https://github.com/owner/name", clone)
    assert any(path.read_bytes() != content for path, content in before.items())
    configure("none", clone)
    assert before == {path: path.read_bytes() for path in clone.rglob("*") if path.is_file()}
    assert configure("none", clone) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        " ",
        "owner",
        "github.com/owner",
        "http://github.com/owner/name",
        "https://gitlab.com/owner/name",
        "https://github.com/owner",
        "https://github.com/owner/name/tree/main",
        "git@github.com:owner/name",
        "https://github.com/owner/..",
        'https://github.com/owner/na"me',
        "https://github.com/owner/name\nx",
    ],
)
def test_wrong_addresses_get_a_sentence_and_change_nothing(clone, wrong):
    before = {path: path.read_bytes() for path in clone.rglob("*") if path.is_file()}
    with pytest.raises(ValueError, match="REPO=https://github.com/owner/name"):
        configure(wrong, clone)
    assert before == {path: path.read_bytes() for path in clone.rglob("*") if path.is_file()}


def test_a_file_without_its_place_is_named_and_nothing_is_changed(clone):
    (clone / "_config.yml").write_text("title: mine\n")
    citation = (clone / "CITATION.cff").read_bytes()
    with pytest.raises(ValueError, match="_config.yml has no place"):
        configure("https://github.com/owner/name", clone)
    assert (clone / "CITATION.cff").read_bytes() == citation
    (clone / "README.md").unlink()
    with pytest.raises(ValueError, match="README.md is missing"):
        configure("https://github.com/owner/name", clone)


def test_the_name_alone_is_enough():
    """As GitHub itself writes it; a host is taken for no owner."""
    assert parse("owner/name") == parse("https://github.com/owner/name.git") == ("owner", "name")


def test_user_pages_live_at_the_root():
    assert parse("https://github.com/owner/owner.github.io") == ("owner", "owner.github.io")


def test_command_line_says_it_in_one_sentence():
    done = subprocess.run(
        [sys.executable, "-m", "rnnbook", "configure", "nonsense"], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 1
    assert (
        done.stderr.strip()
        == "rnnbook: 'nonsense' is not the address of a GitHub repository. Write it like this: make configure REPO=https://github.com/owner/name"
    )
