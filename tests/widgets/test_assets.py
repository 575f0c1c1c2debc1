"""Heavy data from a kernel: asked for once, kept, and given up with a sentence where nobody answers."""

import json

MODEL = """
const asked = [], listeners = new Set();
const model = {
    on: (_, f) => listeners.add(f), off: (_, f) => listeners.delete(f),
    send: ({ name }) => asked.push(name),
};
const answer = (message) => [...listeners].forEach((f) => f({ type: "asset", ...message }, ["the data"]));
const said = (promise) => promise.then((data) => data, (error) => error.message);
"""


def test_an_asset_is_asked_for_once_and_kept(node):
    body = """
    const [first, second, other] = ["weights", "weights", "words"].map((name) => said(m.loadAsset(model, name)));
    answer({ name: "weights" });
    answer({ name: "words", error: "KeyError: 'words'" });
    const told = [await first, await second, await other, await said(m.loadAsset(model, "weights"))];
    const again = said(m.loadAsset(model, "words"));
    answer({ name: "words" });
    return { told: [...told, await again], asked, left: listeners.size };
    """
    found = node("assets", f"await (async () => {{ {MODEL} {body} }})()")
    failed = "The data “words” could not be loaded: KeyError: 'words'"
    assert found["told"] == ["the data", "the data", failed, "the data", "the data"]
    assert found["asked"] == ["weights", "words", "words"] and found["left"] == 0


def test_a_kernel_that_does_not_answer_is_given_up(node):
    """The clock is the test's own: it rings at once, and says how long it was to wait."""
    body = """
    const clocks = [];
    globalThis.setTimeout = (ring, milliseconds) => { clocks.push(milliseconds); queueMicrotask(ring); };
    globalThis.clearTimeout = () => {};
    return { told: await said(m.loadAsset(model, "weights")), clocks, left: listeners.size };
    """
    found = node("assets", f"await (async () => {{ {MODEL} {body} }})()")
    print(json.dumps(found))
    assert found["told"] == "The data “weights” could not be loaded: no kernel answers. Run the cell again."
    assert found["clocks"] == [30_000] and found["left"] == 0
