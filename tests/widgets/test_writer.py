"""The network that writes in the page is the one of the book, but for the rounding of its weights, and that costs little."""

import base64
import json
import zlib

import numpy as np
import pytest

from rnnbook import text
from rnnbook.networks import characters
from rnnbook.text import sampling
from rnnbook.widgets import Writer, writer

LINE = "but soft, what light through yonder window breaks?\n\njuliet.\n"
NETWORK = "m.unpack(new DataView(Uint8Array.from(atob(data.bytes), (c) => c.charCodeAt(0)).buffer), data.layout)"


def page_of_it(**more):
    content, layout = writer.packed()
    return {"bytes": base64.b64encode(content).decode(), "layout": layout, **more}


def test_the_page_reads_as_numpy_does(node):
    logits = node(
        "writer",
        f"(() => {{ const net = {NETWORK}; let state = m.start(net); return [...data.text].map((c) => {{ const r = m.read(net, c, state); state = r.state; return r.logits; }}); }})()",
        page_of_it(text=LINE),
    )
    np.testing.assert_allclose(logits, writer.network().read(LINE)[0], atol=2e-4)


def test_rounding_costs_less_than_a_fiftieth_of_a_bit():
    piece = text.part("validation")[:3000]
    after = text.encode(piece[1:])
    exact, rounded = (
        -np.log2(sampling.probabilities(model.read(piece[:-1])[0])[np.arange(len(after)), after]).mean()
        for model in (characters.Trained(), writer.network())
    )
    assert abs(rounded - exact) < 0.02


@pytest.mark.parametrize(("temperature", "top_p"), [(1, 1), (0.4, 1), (1.5, 0.7), (1, 0.05)])
def test_the_page_samples_as_numpy_does(node, temperature, top_p):
    rng = np.random.default_rng(5)
    logits = rng.normal(0, 3, (20, 36))
    ours = node(
        "writer",
        "data.logits.map((y) => m.distribution(y, data.t, data.p))",
        {"logits": logits.tolist(), "t": temperature, "p": top_p},
    )
    np.testing.assert_allclose(ours, sampling.probabilities(logits, temperature, top_p), atol=1e-9)
    drawn = node(
        "writer", "data.u.map((u) => m.draw(data.p, u))", {"p": [0, 0.25, 0, 0.75, 0], "u": [0, 0.24, 0.26, 0.9999999]}
    )
    assert drawn == [1, 1, 3, 3]


def test_what_a_reader_types_is_brought_into_the_alphabet(node):
    typed = "To be — “or” not… 7!\n"
    ours = node("writer", "m.plain(data.text, data.alphabet)", {"text": typed, "alphabet": text.ALPHABET})
    assert ours == text.plain(typed) == "to be - 'or' not   !\n"


def test_the_weights_are_small_and_bad_settings_are_told():
    assert len(zlib.compress(base64.b64encode(writer.packed()[0]))) < 60_000
    assert "waits for first words" in Writer(first="").alt_text()
    Writer(first="").picture()
    with pytest.raises(TypeError, match="no setting 'top_k'"):
        Writer(top_k=3)
    state = json.loads(Writer().html().split('data-rnnbook-state="')[1].split(">", 1)[1].split("</script>")[0])
    assert set(state["bytes"]) == {"weights"}
