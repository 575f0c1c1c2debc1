"""What starts the course elsewhere names files and commands that exist: the development container and Binder."""

import json
import re

import pytest
import yaml


def test_the_development_container_makes_the_book(repo):
    container = json.loads((repo / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    command, target = container["postCreateCommand"].split()
    assert command == "make" and re.search(rf"^{target}:", (repo / "Makefile").read_text("utf-8"), re.M)
    assert re.fullmatch(r"mcr\.microsoft\.com/devcontainers/python:3\.1[123]", container["image"])
    assert container["forwardPorts"][0] == 8000  # that of `make serve`


def test_what_takes_long_is_a_command_of_make_that_the_workflow_calls(repo):
    makefile = (repo / "Makefile").read_text("utf-8")
    workflow = yaml.safe_load((repo / ".github" / "workflows" / "drift.yml").read_text("utf-8"))
    called = set(workflow["jobs"]["environments"]["strategy"]["matrix"]["check"])
    assert called == set(re.findall(r"^(test-\w+):", makefile, re.M)) - {"test-quick"}
    scripts = (repo / "tests" / "install" / "environments.py").read_text("utf-8")
    modes = re.findall(r"environments\.py (\w+)", scripts)
    assert len(modes) == 6 and all(f"environments.py {mode}\n" in makefile for mode in modes)


def test_other_systems_get_the_commands_that_need_no_make(repo):
    """And the workflow runs them there."""
    workflow = yaml.safe_load((repo / ".github" / "workflows" / "test.yml").read_text("utf-8"))
    job = workflow["jobs"]["chapters"]
    steps = [step.get("run", "") for step in job["steps"]]
    readme = (repo / "README.md").read_text("utf-8")
    for system in job["strategy"]["matrix"]["include"]:
        programs = system["programs"].replace("/", "\\") if "windows" in system["system"] else system["programs"]
        assert programs in readme
    for command in (".ci/environment.py book", "python -m rnnbook book"):
        assert command in readme and any(command in step for step in steps)


@pytest.mark.parametrize("line", ["-c ../constraints.txt", "-e ."])
def test_binder_installs_the_course_of_its_own_folder(repo, line):
    """Files after -c lie beside the list, as pip reads it; the course is taken from where repo2docker runs pip, the root."""
    wanted = (repo / ".binder" / "requirements.txt").read_text("utf-8").splitlines()
    assert line in wanted
    place = repo / ".binder" / "../constraints.txt" if line.startswith("-c") else repo / "pyproject.toml"
    assert place.is_file()
    assert re.fullmatch(r"python-3\.1[123]\n?", (repo / ".binder" / "runtime.txt").read_text("utf-8"))
