"""What can be got wrong across the parts: records by hand, papermill's strings, a full disk, missing tools, unsafe code."""

import ast
import errno
import json
import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnbook import __main__ as command
from rnnbook.errors import CourseError
from rnnbook.laboratory import Record, RecordError, store, study
from rnnbook.laboratory import command as study_command
from rnnbook.publish import build, links

ROOT = Path(__file__).resolve().parents[2]
A_RECORD = store.lines("comparison")[0]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(value, path=()):
    """Every place in a record, as a path of keys."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(inner, (*path, key))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(places(A_RECORD["rows"][0]))), ANYTHING, st.booleans())
def test_whatever_is_edited_in_a_record_is_still_true_or_refused_in_one_sentence(place, value, drop):
    made = json.loads(json.dumps(A_RECORD))
    *path, key = place
    within = made["rows"][0]
    for step in path:
        within = within[step]
    if drop:
        del within[key]
    else:
        within[key] = value
    try:
        record = Record.read("comparison", made)
    except RecordError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert record.epochs == len(record.history["val_loss"]) and 0 <= record.test_accuracy <= 1


@pytest.mark.parametrize(
    "error, sentence",
    [
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "rnnbook: The disk is full. Make room, then give the same command again: it goes on from what was finished.",
        ),
        (MemoryError("The memory is full."), "rnnbook: The memory is full."),
    ],
)
def test_the_command_line_says_what_ran_out(monkeypatch, capsys, error, sentence):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr(study, "run", fail)
    assert command.main(["study", "tuned"]) == 1
    assert capsys.readouterr().err.strip() == sentence


def test_other_errors_of_the_system_keep_their_trace(monkeypatch):
    def fail(*arguments, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(study, "run", fail)
    with pytest.raises(PermissionError):
        command.main(["study", "tuned"])


@pytest.mark.parametrize(
    "arguments, module, refused",
    [
        (["grade", "b.zip", "in", "--out", "file/more/g.csv"], "assignments._grade", "file/more"),
        (["grade", "b.zip", "in", "--out", "made/g.csv"], "assignments._grade", "made/g.journal"),
        (["page-data", "--out", "file/x.txt"], "widgets.train.page_data._command", "file/x.txt"),
        (["study", "tuned", "--folder", "file"], "laboratory.command.run", "file/tuned.jsonl"),
    ],
)
def test_a_place_that_cannot_be_written_to_is_named(tmp_path, monkeypatch, capsys, arguments, module, refused):
    """Where the command was told it; a place that the course chose is a fault of the course."""

    def fail(options):
        Path(where).mkdir()

    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    (tmp_path / "made" / "g.journal").mkdir(parents=True)
    monkeypatch.setattr(f"rnnbook.{module}", fail)
    where = refused
    assert command.main(arguments) == 1
    said = capsys.readouterr().err.strip()
    assert re.fullmatch(rf"rnnbook: {re.escape(refused)}: [A-Z][a-z ]+. Name another place.", said), said
    where = tmp_path.parent / "nowhere" / "of" / "the course"
    with pytest.raises(FileNotFoundError):
        command.main(arguments)


@pytest.mark.parametrize(
    "arguments, usage, unknown",
    [
        (["reading", "nope"], "usage: python -m rnnbook reading [-h] [--write]", "nope"),
        (["serve", "--only", "x"], "usage: python -m rnnbook serve [-h] [--port PORT]", "--only x"),
        (["--only", "serve"], "usage: python -m rnnbook [-h] COMMAND ...", "--only"),
    ],
)
def test_what_a_command_does_not_take_is_told_with_what_it_takes(capsys, arguments, usage, unknown):
    with pytest.raises(SystemExit):
        command.main(arguments)
    first, *_, last = capsys.readouterr().err.splitlines()
    assert first == usage and last.endswith(f"error: unrecognized arguments: {unknown}")


def test_commands_outside_a_clone_say_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(build, "ROOT", tmp_path)
    with pytest.raises(
        CourseError, match="^The book is built from a clone of its repository: no _config.yml lies beside the package.$"
    ):
        build.build()
    monkeypatch.setattr(links, "BOOK", tmp_path / "html")
    assert command.main(["links"]) == 1
    assert capsys.readouterr().err == "rnnbook: There is no built book yet: run `make book` first.\n"
    monkeypatch.chdir(tmp_path)
    for arguments, sentence in (
        (["notebooks"], "There is no notebooks/ folder here: call this from the root of the repository."),
        (["reading"], "There is no notebooks/ folder here: call this from the root of the repository."),
        (["notebooks", "none.ipynb"], "There is no notebook none.ipynb."),
        # nothing is written there: the address is none
        (
            ["configure", "nowhere"],
            f"You are in {tmp_path}, but the course that would be changed is in {ROOT}: go there first.",
        ),
    ):
        assert command.main(arguments) == 1
        assert capsys.readouterr() == ("", f"rnnbook: {sentence}\n")


def test_no_code_is_run_from_text():
    """No `eval` or `exec`, no shell, no pickle but the one that admits arrays alone."""
    found = []
    for path in (path for folder in ("rnnbook", "bench", ".ci") for path in sorted((ROOT / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            options = {word.arg: getattr(word.value, "value", None) for word in node.keywords}
            if (
                name in ("eval", "exec", "os.system", "os.popen", "pickle.load", "pickle.loads")
                or options.get("shell")
                or options.get("allow_pickle")
            ):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno} {name}")
    # Grading runs an instructor's tests, and in a sandbox a student's answers; the page runs what its own reader types; the
    # witness on Keras 2 goes on from the file that it wrote itself.
    assert {entry.split(":")[0] for entry in found} <= {
        "bench/witness.py",
        "rnnbook/assignments/grade.py",
        "rnnbook/assignments/sandbox.py",
        "rnnbook/assignments/serve.py",
        "rnnbook/assignments/trial.py",
        "rnnbook/publish/site/python/runner.py",
    }, found


def test_workflows_pin_their_actions_and_ask_for_little():
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        workflow = yaml.safe_load(path.read_text())
        pinned = re.findall(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", path.read_text(), re.M)
        assert len(pinned) == path.read_text().count("uses: "), path.name
        assert workflow["permissions"] == {"contents": "read"}, path.name
        for job in workflow["jobs"].values():
            assert set(job.get("permissions", {})) <= {"pages", "id-token"} and "timeout-minutes" in job, path.name
            for step in job["steps"]:
                # By the commit, since a tag may be moved; the release stands behind it.
                assert re.fullmatch(
                    r"(actions/[a-z-]+|pypa/gh-action-pypi-publish)@[0-9a-f]{40}",
                    step.get("uses", "actions/none@" + 40 * "0"),
                ), f"{path.name}: {step['uses']}"
                assert "${{ github.event" not in step.get("run", ""), f"{path.name}: text from outside in a shell"


def test_a_fault_of_the_course_keeps_its_traceback(monkeypatch):
    """Only what a person can mend is shown as one sentence; anything else, such as NumPy's own complaint, says where it is."""

    def broken(_):
        np.zeros(2) + np.zeros(3)

    monkeypatch.setattr(study_command, "run", broken)
    with pytest.raises(ValueError, match="could not be broadcast"):
        command.main(["study"])
