"""Trained networks in the page: they answer as Keras does with the weights before rounding, on real reviews."""

import base64
import json

import numpy as np
import pytest

from rnnbook import reviews
from rnnbook.networks import weights
from rnnbook.widgets import ReviewReader

RUN = """(async () => {
  const view = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const network = await m.readNetwork(view(data.network));
  return data.reviews.map((tokens) => m.read(network, tokens, data.last ? tokens.length : 0).probabilities);
})()"""


def in_the_page(node, architecture, some, last=False):
    packed = base64.b64encode(weights.content(architecture)).decode()
    return node("networks", f"await {RUN}", {"network": packed, "reviews": some, "last": last})


@pytest.mark.real
@pytest.mark.parametrize("architecture", weights.ARCHITECTURES)
def test_answers_on_real_reviews(node, real_corpus, architecture):
    exact = json.loads((weights.FOLDER / "exact.json").read_text())
    if real_corpus.sha256 != exact["data_sha256"]:
        pytest.skip("THE REVIEWS AT HAND ARE NOT THE FILE THAT THE NETWORKS WERE TRAINED ON")
    wanted = np.array(exact[architecture]["probabilities"])
    some = [real_corpus.test[i][-500:].tolist() for i in range(len(wanted))]
    found = np.concatenate(in_the_page(node, architecture, some, last=True))
    worst, same = np.abs(found - wanted).max(), np.mean((found > 0.5) == (wanted > 0.5))
    print(
        f"{architecture}: {len(wanted)} real reviews, largest difference {worst:.4f}, same label {same:.1%}, {exact[architecture]['bytes']:,} bytes"
    )
    assert len(wanted) == 200 and worst < 0.02 and same >= 0.99


@pytest.mark.parametrize("architecture", weights.ARCHITECTURES)
def test_every_prefix_is_answered_as_in_python(node, architecture):
    """The curve over the words is the answer that a review would get if it ended there."""
    network = weights.load(architecture)
    tokens = [1, 14, 22, 2, 16, 43, 530, 973, 1622]
    expected = [weights.probabilities(network, [tokens[:n]])[0] for n in range(1, len(tokens) + 1)]
    ((before, *found),) = in_the_page(node, architecture, [tokens])
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert 0 < before < 1


def test_words_are_cut_as_in_python(node):
    # Every character of the scripts that readers type, and some of others, between two letters.
    everything = [*range(0x20, 0x590), *range(0x2000, 0x2100), *range(0x3040, 0x3100), 0x4F60, 0x1F600]
    texts = [
        *(f"A{chr(code)}b" for code in everything),
        "It wasn\u2019t GOOD, was it?",
        "na\u00efve caf\u00e9 -- 10/10!",
        "under_score  \n tab\t",
        "\u4f60\u597d \u043f\u0440\u0438\u0432\u0435\u0442",
        "",
        "...",
        "'quoted'",
    ]
    assert node("tokenize", "data.map(m.tokenize)", texts) == [reviews.tokenize(t) for t in texts]


def test_every_shipped_file_is_small_enough_to_load():
    exact = json.loads((weights.FOLDER / "exact.json").read_text())
    for name in (*weights.ARCHITECTURES, "words"):
        assert len(base64.b64encode(weights.content(name))) <= weights.LARGEST
    assert set(exact) == {"data_sha256", *weights.ARCHITECTURES}


@pytest.mark.parametrize("text", ["", "...", "\u4f60\u597d", "good " * 3000, '<script>alert(1)</script> & "quotes"'])
def test_any_text_makes_a_picture_and_words_for_it(text):
    reader = ReviewReader(text=text[:2000])
    assert reader.picture().startswith("<svg") and "probability" in reader.alt_text()
    assert "<script>alert" not in reader.html().replace("\\u003c", "<")[:200]
