"""Trained weights: small files that give back the same network, for all architectures that readers can try."""

import numpy as np
import pytest

from rnnbook.networks import weights

SETTINGS = {
    "simple_rnn": {},
    "stacked": {"depth": 4},
    "bidirectional": {"bidirectional": True},
    "dropout": {"dropout": 0.2, "recurrent_dropout": 0.2},
    "lstm": {"cell": "lstm"},
    "gru": {"cell": "gru"},
}


@pytest.mark.parametrize("mask_zero", [True, False])
@pytest.mark.parametrize("name", weights.ARCHITECTURES)
def test_a_packed_network_answers_as_keras_does(name, mask_zero):
    import keras

    from rnnbook.networks import models

    keras.utils.set_random_seed(3)
    model = models.build(name, num_words=200, mask_zero=mask_zero)
    model.set_weights([w + 0.05 * np.random.default_rng(0).normal(size=w.shape) for w in model.get_weights()])
    about = {
        "cell": "simple_rnn",
        "depth": 1,
        "bidirectional": False,
        "mask_zero": mask_zero,
        "maxlen": 12,
        **SETTINGS[name],
    }
    arrays, about = weights.unpack(weights.pack(weights.from_keras(model.get_weights(), about), about))
    layers = [{"cell": about["cell"], **{k: arrays[f"{k}{i}"] for k in "UWb"}} for i in range(about["depth"])]
    if about["bidirectional"]:
        layers[0]["backward"] = {k: arrays[f"{k}0_backward"] for k in "UWb"}
    network = {"E": arrays["E"], "layers": layers, "V": arrays["V"], "c": arrays["c"], "about": about}
    tokens = np.random.default_rng(1).integers(1, 200, size=(5, 9))
    expected = model.predict(np.pad(tokens, ((0, 0), (3, 0))), verbose=0)[:, 0]
    np.testing.assert_allclose(weights.probabilities(network, tokens), expected, atol=0.02)


def test_the_square_root_keeps_small_word_vectors_exact():
    rng = np.random.default_rng(0)
    E = rng.uniform(-0.05, 0.05, (500, 32))
    E[:50] += rng.normal(size=(50, 32))
    back, about = weights.unpack(weights.pack({"E": E}, {"seed": 4}))
    error = np.abs(back["E"] - E)
    assert about == {"seed": 4}
    assert error[50:].max() < 0.05 * 0.1 and error.max() < 0.015 * np.abs(E).max()


def test_an_embedding_of_zeros_survives():
    assert not weights.unpack(weights.pack({"E": np.zeros((4, 2))}, {}))[0]["E"].any()


def test_words_stand_at_their_rows():
    import zlib

    rows = zlib.decompress(weights.pack_words({"the": 1, "film": 3, "rare": 99}, 10), -15).decode().split("\n")
    assert rows == ["<padding>", "<start>", "<unknown>", "<unused>", "the", "", "film", "", "", ""]


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", weights.pack({"E": np.ones((2, 2))}, {})[:-4]])
def test_damaged_weights_get_a_sentence(content):
    with pytest.raises(weights.WeightsError, match="damaged.*rnnbook export"):
        weights.unpack(content)


def test_an_unknown_network_gets_a_sentence():
    with pytest.raises(
        weights.WeightsError, match="No trained weights of 'transformer' are shipped; there are simple_rnn"
    ):
        weights.load("transformer")
