"""The Keras code that the playground gives away runs, and draws the curve that the page has drawn."""

import base64
import contextlib
import io

import numpy as np
import pytest

from rnnbook.widgets import train
from rnnbook.widgets.playground import TASKS
from tests.nightly import often

FILES = {"text": "text.txt", "births": "births.u16", "cat": "cat.u8", "reviews": "reviews.txt"}
UPDATES = 40
PAGE = """
const bytes = data.bytes && Uint8Array.from(atob(data.bytes), (c) => c.charCodeAt(0)).buffer;
const read = tasks.readData(data.task, bytes);
const config = { ...settings.complete(data.task, data.settings), seed: 3 };
if (read.tokens) config.tokens = read.tokens;
if (data.task === "text") config.outputs = read.tokens;
const net = new network.Network(config, rooms.WebAssembly);
const losses = [];
for (let k = 0; k < data.updates; k++) {
    const { x, y, begins } = tasks.makeBatch(data.task, config, read, k);
    config.tokens ? net.setTokens(x) : net.setInputs(x);
    net.setTargets(y);
    losses.push(net.train(false, begins));
}
return { losses, code: take_along.kerasCode(data.task, config, 3, data.updates) };
"""
OTHERS = [
    ("sine", {"cell": "diagonal", "layers": 2}),
    ("adding", {"cell": "gru", "bidirectional": True, "layers": 2, "optimizer": "rmsprop", "rate": 0.001}),
    ("text", {"cell": "simple_rnn", "units": 16, "carry": False}),
    ("adding", {"cell": "diagonal", "layers": 2, "bidirectional": True}),
    ("recall", {"cell": "lstm", "forgetBias": 3, "radius": 0.7, "scale": 0.5, "clip": 0, "optimizer": "sgd"}),
    ("text", {"cell": "diagonal", "layers": 2}),
]


def curves(engine, folder, task, given, content):
    """The losses of the page, those of its Keras code run in `folder`, and what that printed."""
    data = {"task": task, "settings": given, "updates": UPDATES, "bytes": base64.b64encode(content).decode()}
    ours = engine(PAGE, data)
    if task in FILES:
        (folder / FILES[task]).write_bytes(content)
    space, said = {"__name__": "take_along"}, io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(said):
        exec(compile(ours["code"], "network.py", "exec"), space)
    return np.array(ours["losses"]), np.array(space["losses"]), said.getvalue()


@pytest.mark.parametrize("of", often(OTHERS[:3], [(task, {}) for task in TASKS] + OTHERS), ids=lambda of: of[0])
def test_the_code_draws_the_pages_curve(engine, tmp_path, of):
    task, given = of
    content = train.asset(f"train-{task}") if task in FILES else b""
    ours, theirs, said = curves(engine, tmp_path, task, given, content)
    worst = np.abs(ours - theirs).max()
    print(f"{task} {given}: loss {ours[0]:.4f} to {ours[-1]:.4f}, largest difference {worst:.1e}")
    assert worst < 1e-2
    assert f"update {UPDATES}: loss" in said


@pytest.mark.parametrize("cell", often(["lstm"], ["lstm", "diagonal"]))
def test_both_forget_where_a_stream_begins_anew(engine, tmp_path, cell):
    """After five batches each row has read its part of this short text; 40 updates come back to its beginning seven times."""
    given, content = {"cell": cell, "timesteps": 10, "units": 8, "rate": 0.03}, train.asset("train-text")[:2100]
    (ours, theirs, _), (whole, *_) = (
        curves(engine, tmp_path, "text", given | more, content) for more in ({}, {"carry": False})
    )
    begins = np.arange(UPDATES) % 5 == 0
    worst = np.abs(ours - theirs).max()
    print(f"{cell}: largest difference {worst:.1e}; with no state carried {np.abs(ours - whole).max():.1e}")
    assert worst < 1e-4 and ours[0] == whole[0] and np.abs(ours - whole)[~begins].max() > 1e-3


def test_settings_that_cannot_matter_for_a_task_are_not_applied(engine):
    """A reader who comes from another task brings its settings along."""
    chosen = {"carry": True, "timesteps": 100, "bidirectional": True, "distractors": 1, "fresh": True, "units": 8}
    given = engine(
        "return Object.fromEntries(['sine', 'cat', 'recall'].map((task) => [task, settings.complete(task, data)]))",
        chosen,
    )
    assert [given["sine"][key] for key in chosen] == [False, 100, False, 0.3, False, 8]
    assert given["cat"]["timesteps"] == 24 and given["recall"]["bidirectional"] and given["recall"]["distractors"] == 1
