"""Mistakes that once got full marks: each must cost the question that it misunderstands. And care that the tests take themselves."""

import ast
import copy
import json

import numpy as np
import pytest

from rnnbook.assignments import build, grade, source
from rnnbook.assignments.bundle import load_bundle
from tests.nightly import often

WRAP = "_right = {name}\ndef {name}(*args, **kw):\n    {body}\n"
PAGES = build.pages()
# assignment, question, the function, what it does in place of the right thing (`_right` is the right one)
MISTAKES = {
    "the Frobenius norm": (
        "01",
        "q3",
        "layer_memory_length",
        "norm = np.linalg.norm\n    np.linalg.norm = lambda a, ord=None: norm(a)\n    try:\n        return _right(*args, **kw)\n"
        "    finally:\n        np.linalg.norm = norm",
    ),
    "a gradient spoiled in place": (
        "02",
        "q3",
        "bptt",
        "found = _right(*args, **kw)\n    args[2][...] = 0\n    return found",
    ),
    "reversed in place": ("06", "q2", "reverse_padded", "args[0][...] = _right(*args, **kw)\n    return args[0]"),
    "clipped in place": (
        "08",
        "q4",
        "clip_by_global_norm",
        "found, norm = _right(*args, **kw)\n    for old, new in zip(args[0], found):\n        old[...] = new\n    return args[0], norm",
    ),
    "token 0 has no vector": (
        "03",
        "q1",
        "look_up",
        "X = np.array(_right(*args, **kw))\n    X[args[0] == 0] = 0\n    return X",
    ),
    "axes of a square batch exchanged": (
        "03",
        "q1",
        "one_hot",
        "H = _right(*args, **kw)\n    return H.transpose(1, 0, 2) if H.shape[0] == H.shape[1] else H",
    ),
    "tokens of one byte": ("03", "q2", "pad", "return _right(*args, **kw).astype(np.uint8)"),
    "the spread of the mean": ("07", "q3", "spread", "return args[0].mean(axis=2).std(axis=0)"),
    "empty arrays": ("09", "q2", "lstm_step", "return np.zeros((0, 3)), np.zeros((0, 3))"),
    "long sequences are cut in place": (
        "03",
        "q2",
        "pad",
        "found = _right(*args, **kw)\n    for s in args[0]:\n        del s[: max(len(s) - args[1], 0)]\n    return found",
    ),
    "rows of a square batch exchanged": (
        "03",
        "q1",
        "look_up",
        "X = _right(*args, **kw)\n    return X.transpose(1, 0, 2) if X.shape[0] == X.shape[1] else X",
    ),
    "the longest power is not asked for": ("01", "q3", "layer_memory_length", "return _right(*args[:2])"),
    "the longest power left out": (
        "01",
        "q3",
        "layer_memory_length",
        "found = _right(*args)\n    return np.inf if found == dict(enumerate(args)).get(2, 10_000) else found",
    ),
    "three low norms in a row": (
        "01",
        "q3",
        "layer_memory_length",
        "W, left = args[0], dict(enumerate(args)).get(1, 0.01)\n"
        "    low = [np.linalg.norm(np.linalg.matrix_power(W, k), 2) <= left for k in range(60)]\n"
        "    return next((k for k in range(60) if all(low[k : k + 3])), _right(*args))",
    ),
    "all entries of W positive": ("01", "q3", "layer_memory_length", "return _right(np.abs(args[0]), *args[1:])"),
    "nan is as bad as the worst": (
        "04",
        "q1",
        "best_epoch",
        "return int(np.argmin(np.nan_to_num(args[0], nan=np.nanmax(args[0])))) + 1",
    ),
    "nan is 999": ("04", "q1", "best_epoch", "return int(np.argmin(np.nan_to_num(args[0], nan=999))) + 1"),
    "labels meet other logits": ("04", "q3", "binary_cross_entropy", "return _right(args[0], args[1][::-1])"),
    "one label for all": (
        "04",
        "q3",
        "binary_cross_entropy",
        "return _right(args[0], np.full_like(args[1], args[1][0]))",
    ),
    "equal scores count once": ("10", "q4", "expected_best", "return _right(np.unique(args[0]), args[1])"),
    "equal seeds count once": ("10", "q1", "mean_interval", "return _right(np.unique(args[0]))"),
    "the target must be passed": ("10", "q4", "trials_needed", "return _right(args[0], args[1] + 1e-9)"),
    "one more than the nucleus needs": (
        "12",
        "q4",
        "distribution",
        "return _right(args[0], args[1], np.nextafter(args[2], 2))",
    ),
    # Right results from arguments that are others afterwards, one of them alone, where a test looks at it no more.
    "sorts the lengths": ("03", "q3", "shortest_maxlen", "args[0].sort()\n    return _right(*args)"),
    "zeros under the mask": ("03", "q4", "masked_rollout", "args[0][~args[1]] = 0\n    return _right(*args)"),
    "uses the layers up": (
        "05",
        "q3",
        "stacked_rollout",
        "found = _right(*args)\n    args[1].clear()\n    return found",
    ),
    "reverses the input": (
        "06",
        "q3",
        "backward_rollout",
        "found = _right(*args)\n    args[0][...] = args[0][:, ::-1].copy()\n    return found",
    ),
    "the Jacobian in W": ("08", "q1", "jacobian", "args[1][...] = _right(*args)\n    return args[1]"),
    "orthogonal in place": ("08", "q4", "orthogonal", "args[0][...] = _right(*args)\n    return args[0]"),
    "sorts the scores": ("10", "q4", "trials_needed", "args[0].sort()\n    return _right(*args)"),
    # Answers that fit what the tests happened to ask.
    "products by heart": ("11", "q3", "products", "return 144, 120"),
    "words for features times units": (
        "11",
        "q3",
        "products",
        "n, batch, timesteps, features, units = args\n    return batch * timesteps * 2 * n * features * units // 20, n * features * units",
    ),
    "infinite where any is impossible": (
        "12",
        "q1",
        "bits",
        "return np.inf if (np.asarray(args[0]) == 0).any() else _right(*args)",
    ),
    "gives up after a hundred trials": (
        "10",
        "q4",
        "trials_needed",
        "k = _right(*args)\n    return k if k is None or k <= 20 else None",
    ),
    "trials from zero": ("10", "q4", "trials_needed", "return 0 if args[1] <= 0 else _right(*args)"),
    "nearly equal is equal": (
        "04",
        "q2",
        "early_stopping",
        "return _right([round(loss, 3) for loss in args[0]], args[1])",
    ),
    "ten low norms end it": (
        "01",
        "q3",
        "layer_memory_length",
        "W, left, longest = (*args, *[0.01, 10_000][len(args) - 1:])\n    P, last = np.eye(len(W)), 0\n"
        "    for k in range(1, longest + 1):\n        P = P @ W\n        if np.linalg.norm(P, 2) > left:\n            last = k\n"
        "        elif k - last == 10:\n            break\n    return np.inf if last == longest else last + 1",
    ),
    "ten thousand steps are for ever": (
        "01",
        "q2",
        "memory_length",
        "k = _right(*args, **kw)\n    return k if k < 10_000 else np.inf",
    ),
    "look-up by one-hot vectors": ("03", "q1", "look_up", "return np.eye(len(args[1]))[args[0]] @ args[1]"),
    "a softmax over the queries": (
        "14",
        "q1",
        "look_up",
        "powers = np.exp(args[0] @ args[1].swapaxes(-1, -2))\n    weights = powers / powers.sum(axis=-2, keepdims=True)\n"
        "    return (weights @ args[2], weights) if len(args[0]) > 1 else _right(*args)",
    ),
    "the largest score of all": (
        "14",
        "q1",
        "look_up",
        "scores = args[0] @ args[1].swapaxes(-1, -2)\n    powers = np.exp(scores - scores.max())\n"
        "    weights = powers / powers.sum(axis=-1, keepdims=True)\n    return weights @ args[2], weights",
    ),
    "masked after the softmax": (
        "14",
        "q2",
        "self_attention",
        "_, weights = _right(*args[:4])\n    if len(args) > 4 and args[4]:\n        weights = np.tril(weights)\n"
        "        weights = weights / weights.sum(axis=-1, keepdims=True)\n    return weights @ (args[0] @ args[3].T), weights",
    ),
    "a batch is looked at as one text": (
        "14",
        "q2",
        "self_attention",
        "if args[0].ndim == 2:\n        return _right(*args)\n    outputs, weights = _right(args[0].reshape(-1, args[0].shape[2]), *args[1:])\n"
        "    n = args[0].shape[1]\n    return outputs.reshape(*args[0].shape[:2], -1), weights[:n, :n] + np.zeros((len(args[0]), n, n))",
    ),
    "only the reversal is tried": (
        "14",
        "q3",
        "blind_to_order",
        "return bool(moved(*args, np.arange(len(args[1]))[::-1]).max() < 1e-4)",
    ),
    "shuffled again in place of back": (
        "14",
        "q3",
        "moved",
        "layer, X, order = args\n    return np.linalg.norm(run(layer, X[order])[order] - run(layer, X), axis=1)[order]",
    ),
    "the kind tells": (
        "14",
        "q3",
        "blind_to_order",
        "return args[0]['kind'] != 'recurrence' and 'positions' not in args[0] and not args[0].get('causal')",
    ),
    "the state in place": (
        "14",
        "q4",
        "attend_step",
        "output, args[0][...], args[1][...] = _right(*args)\n    return output, args[0], args[1]",
    ),
    "the whole text at every place": (
        "14",
        "q4",
        "linear_attention",
        "if len(args[0]) == 2:\n        return _right(*args)\n    weights = phi(args[0]) @ phi(args[1]).T\n"
        "    return weights @ args[2] / weights.sum(axis=1, keepdims=True)",
    ),
    "the cache has keys and values of ten places": (
        "14",
        "q4",
        "numbers_kept",
        "return 20 * args[1], args[1] * (args[1] + 1)",
    ),
}


@pytest.mark.parametrize("mistake", often(list(MISTAKES)[::6], list(MISTAKES)))
def test_mistake(built, isolate, mistake):
    number, question, name, body = MISTAKES[mistake]
    _, folder = built(number)
    bundle = load_bundle(folder / "autograder.zip")
    (path,) = (folder / "solution").glob("*.ipynb")
    notebook = json.loads(path.read_text())
    assert name in next(q for q in bundle["questions"] if q["name"] == question)["answers"]
    # Nothing tells where the questions were answered or checked, so that what stands at the end counts.
    cells = [c | {"metadata": {}} for c in notebook["cells"] if not "".join(c["source"]).startswith("grader.check")]
    code = WRAP.format(name=name, body=body)
    notebook["cells"] = [*cells, {"cell_type": "code", "metadata": {}, "source": code}]
    result = grade.grade(bundle, json.dumps(notebook).encode(), isolate=isolate)
    most = {q["name"]: q["points"] for q in bundle["questions"]}
    assert result["points"][question] < most[question], result["notes"][question]


def solved(built, number):
    """The assignment's description, and the names that its solution defines."""
    assignment, folder = built(number)
    names = {"__name__": "__main__"}
    for cell in json.loads((folder / "solution" / source.solution_file(assignment.name)).read_text())["cells"]:
        code = "".join(cell["source"])
        if cell["cell_type"] == "code" and not code.startswith("grader.check"):
            exec(code, names)
    return assignment, names


def failed(question, answers):
    """The question's tests that do not pass on these answers."""
    found = []
    for test in question.tests:
        scope = {}
        exec(test.code, scope)
        try:
            scope[test.name](*(answers[argument] for argument in test.arguments))
        except Exception:  # a wrong answer may fail in any way
            found.append(test.name)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_function_is_asked_by_a_hidden_test(page):
    """One that only the visible test asks can be answered by heart."""
    for question in source.parse(page.read_text("utf-8"), page.stem).questions:
        if not question.manual:
            asked = {argument for test in question.tests if test.hidden for argument in test.arguments}
            assert set(question.answers) <= asked, question.name


def spoil(value):
    """Change an argument where it can be changed; whether that was anywhere."""
    if isinstance(value, np.ndarray):
        value[...] = ~value if value.dtype.kind == "b" else value + 1
        return value.size > 0
    if not isinstance(value, (list, tuple)):
        return False
    inside = [spoil(item) for item in value]
    if isinstance(value, list):
        value.append(7)
    return isinstance(value, list) or any(inside)


def functions(assignment, names):
    return [(q, a) for q in assignment.questions if not q.manual for a in q.answers if callable(names[a])]


@pytest.mark.parametrize(
    "number", [page.stem[:2] for page in PAGES if "Leave arguments as they are" in page.read_text()]
)
def test_changed_arguments_cost_marks(built, number):
    """Right results, but the arguments are others afterwards."""
    assignment, names = solved(built, number)
    unseen = []
    for question, answer in functions(assignment, names):
        changed = []

        def spoiling(*args, right=names[answer], changed=changed):
            found = copy.deepcopy(right(*args))
            changed.extend([spoil(arg) for arg in args])
            return found

        if not failed(question, names | {answer: spoiling}) and any(changed):
            unseen.append(answer)
    assert unseen == []


@pytest.mark.parametrize(
    "number, answer", [("11", "rollout_by_table"), ("12", "bigram"), ("01", "rollout"), ("09", "gate")]
)
def test_lists_will_do_where_public_tests_take_them(built, number, answer):
    assignment, names = solved(built, number)
    (question,) = [question for question, name in functions(assignment, names) if name == answer]
    assert failed(question, names | {answer: lambda *args: np.asarray(names[answer](*args)).tolist()}) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_comparisons_leave_room_for_32_bits(page):
    """`assert_allclose` without a tolerance allows an error of 1e-7, which is less than the last place of 32 bits."""
    for question in source.parse(page.read_text("utf-8"), page.stem).questions:
        for test in question.tests:
            for node in ast.walk(ast.parse(test.code)):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("assert_allclose"):
                    assert {"rtol", "atol"} & {keyword.arg for keyword in node.keywords}, ast.unparse(node)


def test_changed_arguments_are_told(mark, solution):
    """A hidden test's own message does not know why it failed."""
    solution.answer("q1", "_step = lambda X, Z, U, W, b: Z @ W.T + X @ U.T + b\n")
    solution.cell("q1")["source"] += (
        "def linear_step(X, Z, U, W, b):\n    found = _step(X, Z, U, W, b)\n    Z[...] = 0\n    return found\n\n\n"
        "def rollout(X, U, W, b):\n    Z = [np.zeros((len(X), len(W)))]\n"
        "    for i in range(X.shape[1]):\n        Z.append(_step(X[:, i], Z[i], U, W, b))\n    return np.stack(Z, axis=1)\n"
    )
    notes = {note["test"]: note for note in mark(solution)["notes"]["q1"]}
    assert "changed what it was given" in notes["test_step_values"]["message"]
    assert notes["test_rollout_values"]["passed"]
