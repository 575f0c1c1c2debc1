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
from rnnbook.widgets.live import asset_script

LINE = "but soft, what light through yonder window breaks?\n\njuliet.\n"
NETWORK = "m.unpack(new DataView(Uint8Array.from(atob(data.bytes), (c) => c.charCodeAt(0)).buffer), data.layout)"


def page_of_it(name, **more):
    content, layout = writer.packed(name)
    return {"bytes": base64.b64encode(content).decode(), "layout": layout, **more}


@pytest.mark.parametrize("name", ["small", "larger"])
def test_the_page_reads_as_numpy_does(node, name):
    logits = node(
        "writer",
        f"(() => {{ const net = {NETWORK}; let state = m.start(net); return [...data.text].map((c) => {{ const r = m.read(net, c, state); state = r.state; return r.logits; }}); }})()",
        page_of_it(name, text=LINE),
    )
    np.testing.assert_allclose(logits, writer.network(name).read(LINE)[0], atol=2e-4)


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


def test_the_larger_network_waits_until_it_is_chosen():
    layouts = Writer().layouts
    (name,) = Writer.assets()
    assert layouts["larger"]["asset"] == name and layouts["larger"]["units"] > layouts["small"]["units"]
    megabytes = len(asset_script(name, Writer.asset(name))) / 1e6
    assert f"(loads {megabytes:.1f} MB)" in layouts["larger"]["label"]
    with pytest.raises(KeyError, match="small"):
        Writer.asset("small")
    assert Writer(network="larger").alt_text() != Writer().alt_text()


LOADED = "() => [...document.scripts].map((s) => s.src.split('/').at(-1)).filter((name) => name)"


def told_of(model, read):
    """What the readout says of the reader's own text."""
    p = sampling.probabilities(model.read(read)[0])
    bits = -np.log2(p[np.arange(len(read) - 1), text.encode(read)[1:]]).mean()
    return f"Your text: {bits:.2f} bits a character"


@pytest.mark.browser
def test_the_larger_network_is_loaded_when_it_is_chosen_and_the_small_one_comes_back(open_page):
    read = "to be, or not to be"
    page = open_page(Writer(first=read).html())
    root, told = page.locator("[data-widget]"), page.locator("[data-widget] [aria-live]")
    assert page.evaluate(LOADED) == []
    small = told_of(writer.network("small"), read)
    told.filter(has_text=small).wait_for()
    for label, name in (("256", "larger"), ("64", "small")):
        root.get_by_role("radio", name=f"LSTM of {label} units").check(force=True)
        told.filter(has_text=told_of(writer.network(name), read)).wait_for()
        assert page.evaluate(LOADED) == ["characters-larger.js"]
    assert told_of(writer.network("larger"), read) != small


@pytest.mark.browser
def test_a_larger_network_that_cannot_be_had_is_named_in_place(open_page, tmp_path):
    (tmp_path / "_static").mkdir()
    page = open_page(Writer().html(), expect_errors=True)
    page.locator("[data-widget]").get_by_role("radio", name="LSTM of 256 units").click(force=True)
    page.locator("[data-widget]").get_by_text(
        "The data “characters-larger” could not be loaded", exact=False
    ).wait_for()
