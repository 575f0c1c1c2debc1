"""Mistakes that once got full marks: each must cost the question that it misunderstands."""

import json

import pytest

from rnnbook.assignments import grade

WRAP = "_right = {name}\ndef {name}(*args, **kw):\n    {body}\n"
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
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake(built, isolate, mistake):
    number, question, name, body = MISTAKES[mistake]
    _, folder = built(number)
    bundle = grade.load_bundle(folder / "autograder.zip")
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
