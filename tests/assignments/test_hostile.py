"""Attacks, each beside an honest control, graded in one run as a class is."""

import pytest
from test_correct_work import FULL, corpus

from rnnbook.assignments import batch, box, grade

# What an honest reader would give each of them, of 16: the rest of the notebook is right, the answers that attack are not, or harm nobody.
EARNED = {
    9: ["c04_sys_exit_and_keyboardinterrupt"],
    10: [
        "a01_surrogate_in_error",
        "a04_forged_dtype_syntaxerror",
        "a05_forged_reply_then_real",
        "a06_forged_nonsense",
        "a07_forged_deep_json",
        "a08_forged_huge_length",
        "a09_channel_closed",
        "a10_channel_slow_drip",
        "a11_forged_json_amplification_64MiB",
        "a16_parser_attr",
        "a16_parser_call",
        "a16_parser_dict_unpack",
        "a16_parser_elif",
        "a16_parser_lambda",
        "a16_parser_minus",
        "a16_parser_not",
        "a16_parser_plus",
        "a16_parser_power",
        "a16_parser_subscript",
        "c01_endless_loop_top",
        "c03_os_exit",
        "c05_segfault",
        "c13_huge_return",
        "c15_ignore_signals",
        "c17_nice_and_priority",
        "c18_raise_rlimit",
        "n01_fallback_reads_hidden_tests",
        "n03_fallback_changes_other_submission",
        "n04_fallback_kills_grader",
    ],
    13: [
        "a02_surrogate_in_public_test_error",
        "a03_surrogate_string_returned",
        "a13_helper_chain_recursion",
        "c02_endless_loop_in_call",
        "c06_memory_bomb",
        "c07_shared_mmap_3GiB",
        "c08_400_children",
        "c09_children_keep_cpu_3x",
        "c14_fill_disk",
        "c16_recursion",
        "c19_shared_mmap_fast",
        "c20_children_multiply_memory",
        "c21_memfd",
    ],
    16: [
        "a12_redos_blank_lines",
        "a16_parser_chain_cmp",
        "a16_parser_fstring",
        "a16_parser_nested_def",
        "a16_parser_paren",
        "c10_threads_keep_running",
        "c11_double_fork_daemon_setsid",
        "c12_huge_output",
        "n02_fallback_daemon_survives",
    ],
}
MOST = {attack: total for total, attacks in EARNED.items() for attack in attacks}


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_hostile_corpus(bundle, tmp_path):
    """Each control gets its marks whatever was graded beside it, no attack gains any, and every file has a result."""
    folder = corpus() / "hostile"
    paths = {str(path.relative_to(folder)): path for path in sorted(folder.glob("*/*.ipynb"))}
    assert paths, f"THERE ARE NO ATTACKS in {folder}"
    limits = {"seconds": grade.SECONDS, "memory": 2 * 2**30, "isolate": grade.can_isolate()}
    found = dict(batch.run(bundle, paths, tmp_path / "journal", limits, 2))
    assert set(found) == set(paths)
    for name, result in found.items():
        attack, file = name.split("/")
        if file == "control.ipynb":
            assert result["points"] == FULL | {"q5": None}, name
        elif file.startswith("attack"):
            assert result["graded"], (name, result["status"])
            assert result["total"] <= MOST[attack], (name, result["points"])
        else:  # another student's file that an attack is to change: empty here
            assert not result["graded"] and result["total"] is None, name


IMPORT = "from rnnbook.networks import reference\n"
TAKEN = (
    "def linear_step(X, Z, U, W, b):\n{0}    return reference.rollout(X[:, None], U, W, b, Z, activation=lambda a: a)[:, -1]\n"
    "def rollout(X, U, W, b):\n{0}    return reference.rollout(X, U, W, b, activation=lambda a: a)\n"
)
WAYS = {
    "above the answer": IMPORT + TAKEN.format(""),
    "in the functions": TAKEN.format("    " + IMPORT),
    "from its folder": f"import sys\nsys.path.insert(0, {str(box.COURSE.parent)!r})\n" + IMPORT + TAKEN.format(""),
    "in a cell of its own": TAKEN.format(""),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_course_does_not_answer(bundle, mark, solution, isolate, way):
    """Its package has most of the answers. Only an assignment that names it among its packages has it there."""
    if not isolate:
        pytest.skip(
            "NOT TESTED: this system has no Linux namespaces for this user, so that student code sees all files"
        )
    if way == "in a cell of its own":
        solution.add(IMPORT)
    result = mark(solution.answer("q1", WAYS[way]))
    assert result["points"] == FULL | {"q1": 0, "q5": None}
    told = [note["message"] for note in result["notes"]["q1"] if not note["hidden"]]
    assert told and all("The course's package is not there when work is graded" in message for message in told)
    if way == "above the answer":
        assert "No module named 'rnnbook'" in result["status"]
    named = grade.grade(bundle | {"packages": ["rnnbook"]}, solution.data(), isolate=isolate)
    assert named["points"] == FULL | {"q5": None}
