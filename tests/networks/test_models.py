"""Parameter counts and settings of the architectures."""

import numpy as np
import pytest

from rnnbook.errors import CourseError
from rnnbook.networks import architectures, models


@pytest.mark.parametrize(
    "name, settings, parameters",
    [
        ("simple_rnn", {}, 322_113),
        ("stacked", {"logit": False}, 328_320),
        ("stacked", {}, 328_353),
        ("bidirectional", {}, 324_225),
        ("dropout", {}, 322_113),
        ("lstm", {}, 10_000 * 32 + 4 * (32 * 32 + 32 * 32 + 32) + 33),
        ("gru", {}, 10_000 * 32 + 3 * (32 * 32 + 32 * 32 + 2 * 32) + 33),
        ("bidirectional_lstm", {}, 10_000 * 32 + 2 * 4 * (32 * 32 + 32 * 32 + 32) + 65),
        ("dense", {}, 10_000 * 32 + 32 * 32 + 32 + 33),
        ("conv", {}, 10_000 * 32 + 5 * 32 * 32 + 32 + 33),
    ],
)
def test_parameter_counts(name, settings, parameters):
    assert models.build(name, **settings).count_params() == parameters


@pytest.mark.parametrize("name", architectures.ARCHITECTURES)
def test_every_architecture_answers_with_a_probability(name):
    model = models.build(name, num_words=20, embedding=4, units=4)
    probability = model.predict(np.array([[0, 0, 3, 4], [5, 6, 7, 8]]), verbose=0)
    assert probability.shape == (2, 1) and ((probability > 0) & (probability < 1)).all()


def test_settings_reach_the_layers():
    model = models.recurrent_classifier(
        "gru",
        units=5,
        depth=2,
        bidirectional=True,
        dropout=0.1,
        recurrent_dropout=0.3,
        mask_zero=True,
        num_words=50,
        embedding=7,
        residual=True,
        normalize=True,
        clip=0.5,
        learning_rate=0.01,
    )
    embedding, first, normalization, added, dense = model.layers
    second = added.layer
    assert normalization.name.startswith("layer_normalization") and model.optimizer.global_clipnorm == 0.5
    assert embedding.mask_zero and embedding.output_dim == 7
    assert first.return_sequences and not second.return_sequences
    assert first.forward_layer.units == 5 and second.backward_layer.go_backwards
    assert first.forward_layer.dropout == 0.1 and second.backward_layer.recurrent_dropout == 0.3
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"cell": "elman"}, "Unknown cell 'elman'"),
        ({"depth": 5}, "depth must be between 1 and 4"),
        ({"clip": -1}, "clip is -1: it must be a number above 0"),
        ({"depth": "2"}, "depth is '2': it must be a whole number, at least 1"),
        ({"units": 0}, "units is 0: it must be a whole number, at least 1"),
        ({"units": 3.5}, "units is 3.5: it must be a whole number"),
        ({"embedding": None}, "embedding is None: it must be a whole number"),
        ({"dropout": 1.0}, "dropout is 1.0: it must be a number, at least 0 and less than 1"),
        ({"dropout": "0.2"}, "dropout is '0.2': it must be a number"),
        ({"recurrent_dropout": -0.1}, "recurrent_dropout is -0.1: it must be"),
        ({"num_words": "abc"}, "num_words is 'abc': it must be a whole number"),
        ({"learning_rate": -1}, "learning_rate is -1: it must be a number above 0"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        models.recurrent_classifier(**settings)


@pytest.mark.parametrize("name", ["lstm", "dense", "conv"])
@pytest.mark.parametrize("rate", [-1, 0, "abc", float("nan"), float("inf")])
def test_a_learning_rate_is_a_number_above_0(name, rate):
    with pytest.raises(CourseError, match=f"^learning_rate is {rate!r}: it must be a number above 0.$"):
        models.build(name, learning_rate=rate)


@pytest.mark.parametrize("name, setting", [("dense", "units"), ("dense", "num_words"), ("conv", "kernel_size")])
def test_sizes_of_the_baselines_are_whole_numbers(name, setting):
    with pytest.raises(CourseError, match=f"^{setting} is 0: it must be a whole number, at least 1.$"):
        models.build(name, **{setting: 0})


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="Unknown architecture 'transformer'"):
        models.build("transformer")
    with pytest.raises(ValueError, match="conv has no setting depth"):
        models.build("conv", depth=2)
