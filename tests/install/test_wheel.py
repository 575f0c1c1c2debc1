"""What `pip install` brings: one version, every file of the package, and a widget that shows itself."""

import email
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
import yaml

NOT_SHIPPED = r"README\.md|jsconfig\.json|.*\.ts"  # for those who change the package


@pytest.fixture(scope="module")
def version(repo):
    return re.search(r'^version = "(.*)"', (repo / "pyproject.toml").read_text("utf-8"), re.M)[1]


@pytest.fixture(scope="module")
def wheel(repo, tmp_path_factory):
    """Built from a copy, without a network: setuptools writes beside pyproject.toml."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(repo / name, folder)
    shutil.copytree(repo / "rnnbook", folder / "rnnbook", ignore=shutil.ignore_patterns("__pycache__"))
    command = ["pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, folder]
    subprocess.run([sys.executable, "-m", *command], check=True)
    return next(folder.glob("*.whl"))


def test_its_metadata_is_that_of_the_project(repo, wheel, version):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        told = email.message_from_bytes(archive.read(name))
    project = tomllib.loads((repo / "pyproject.toml").read_text("utf-8"))["project"]
    assert (told["Name"], told["Version"]) == ("rnnbook", version)
    assert [need for need in told.get_all("Requires-Dist") if ";" not in need] == project["dependencies"]
    assert told["Description-Content-Type"] == "text/markdown" and told.get_payload().startswith("# rnnbook")


def test_it_holds_every_file_of_the_package(repo, wheel):
    listed = subprocess.run(["git", "ls-files", "rnnbook"], cwd=repo, capture_output=True, text=True, check=True).stdout
    with zipfile.ZipFile(wheel) as archive:
        missing = set(listed.splitlines()) - set(archive.namelist())
    assert [name for name in sorted(missing) if not re.fullmatch(NOT_SHIPPED, name.split("/")[-1])] == []


def test_it_shows_a_widget_in_an_environment_of_its_own(repo, wheel, version, tmp_path):
    """With this one's packages beside it, but for the course: tests have no network. The release asks PyPI for them."""
    venv.create(tmp_path / "own")
    python = tmp_path / "own" / ("Scripts" if os.name == "nt" else "bin") / "python"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

    def run(*command):
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", wheel)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    # Names in such a file are searched, but a .pth there is not read: this environment's own checkout stays out.
    Path(site, "beside.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    assert "shows a widget" in run(python, repo / "tests" / "install" / "shows_a_widget.py", version)


def test_a_release_has_no_more_rights_than_it_needs(repo):
    """It reads; the job that publishes may tell PyPI who it is, and runs nothing but what publishes. Actions are named by hash."""
    text = (repo / ".github" / "workflows" / "release.yml").read_text("utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    rights = {name: job.get("permissions") for name, job in workflow["jobs"].items()}
    assert rights == {"build": None, "publish": {"id-token": "write"}}
    assert not any("run" in step for step in workflow["jobs"]["publish"]["steps"])
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", used) for used in re.findall(r"uses: (\S+)", text))
