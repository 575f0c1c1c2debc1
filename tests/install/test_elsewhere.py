"""What starts the course elsewhere names files and commands that exist: the development container and Binder."""

import json
import re

import pytest


def test_the_development_container_makes_the_book(repo):
    container = json.loads((repo / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    command, target = container["postCreateCommand"].split()
    assert command == "make" and re.search(rf"^{target}:", (repo / "Makefile").read_text("utf-8"), re.M)
    assert re.fullmatch(r"mcr\.microsoft\.com/devcontainers/python:3\.1[123]", container["image"])
    assert container["forwardPorts"][0] == 8000  # that of `make serve`


@pytest.mark.parametrize("line", ["-c ../constraints.txt", "-e ."])
def test_binder_installs_the_course_of_its_own_folder(repo, line):
    """Files after -c lie beside the list, as pip reads it; the course is taken from where repo2docker runs pip, the root."""
    wanted = (repo / ".binder" / "requirements.txt").read_text("utf-8").splitlines()
    assert line in wanted
    place = repo / ".binder" / "../constraints.txt" if line.startswith("-c") else repo / "pyproject.toml"
    assert place.is_file()
    assert re.fullmatch(r"python-3\.1[123]\n?", (repo / ".binder" / "runtime.txt").read_text("utf-8"))
