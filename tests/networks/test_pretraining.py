"""The model of words: windows that line up, a loss that looks everywhere in turn, and a classifier that starts from it."""

import keras
import numpy as np
import pytest

from rnnbook.networks import models, pretraining


@pytest.fixture(scope="module")
def tokens():
    """A language of pairs: after an even number comes the next odd one, then any even one."""
    pairs = np.random.default_rng(0).integers(2, 10, 1200) * 2
    return np.stack([pairs, pairs + 1], axis=1).ravel().astype(np.uint16)


def test_targets_are_the_next_words_at_every_eighth_place(tokens):
    model = pretraining.word_model(4, 4, 24, batch=2, timesteps=16)
    inputs, targets = pretraining.windows(model, tokens, shift=3)
    assert inputs.shape[1] == 16 and targets.shape == (len(inputs), 2)
    np.testing.assert_array_equal(inputs[0], tokens[3:19])
    np.testing.assert_array_equal(targets[0], tokens[[3 + 8, 3 + 16]])
    assert model.predict(inputs[:2], batch_size=2, verbose=0).shape == (2, 2, 24)
    with pytest.raises(ValueError, match="multiple of 8"):
        pretraining.word_model(4, 4, 24, timesteps=20)


def test_a_word_model_learns_what_follows_what(tokens):
    keras.utils.set_random_seed(0)
    model = pretraining.word_model(16, 8, 24, batch=4, timesteps=16, learning_rate=2e-2)
    losses = pretraining.train_words(model, tokens, epochs=8)
    assert len(losses) == 8 and losses[-1] < losses[0] - 0.5
    # From place 0 the loss looks at words after an odd number, which are one of eight; from place 1 at the certain ones.
    perplexity = pretraining.word_perplexity(model, tokens[:500])
    assert perplexity == pytest.approx(
        pretraining.word_perplexity(model, tokens[:500])
    )  # it forgets what it read before
    assert pretraining.word_perplexity(model, tokens[1:500]) < 3 < perplexity < 12


def test_each_epoch_looks_at_other_words(tokens, monkeypatch):
    model = pretraining.word_model(2, 2, 24, batch=2, timesteps=8)
    seen, windows = [], pretraining.windows
    monkeypatch.setattr(pretraining, "windows", lambda m, t, shift=0: seen.append(shift) or windows(m, t, shift))
    pretraining.train_words(model, tokens[:200], epochs=9)
    assert seen == [0, 1, 2, 3, 4, 5, 6, 7, 0]


def test_a_classifier_starts_with_the_embedding_and_the_lstm_of_the_words():
    keras.utils.set_random_seed(1)
    words = pretraining.word_model(5, 4, 30, batch=2, timesteps=8)
    classifier = models.recurrent_classifier("lstm", 5, mask_zero=True, num_words=30, embedding=4)
    output = [w.copy() for w in classifier.layers[2].get_weights()]
    pretraining.start_from(classifier, words)
    for layer, name in zip(classifier.layers, ("embedding", "states"), strict=False):
        for ours, theirs in zip(layer.get_weights(), words.get_layer(name).get_weights(), strict=False):
            np.testing.assert_array_equal(ours, theirs)
    for now, before in zip(classifier.layers[2].get_weights(), output, strict=True):
        np.testing.assert_array_equal(now, before)
    # A copy: what the classifier learns changes nothing in the model of words.
    kept = words.get_layer("embedding").get_weights()[0].copy()
    classifier.layers[0].embeddings.assign(0 * kept)
    np.testing.assert_array_equal(words.get_layer("embedding").get_weights()[0], kept)
