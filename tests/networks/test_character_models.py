"""Character models: carried state, bits, and the same network in NumPy."""

import keras
import numpy as np
import pytest

from rnnbook import text
from rnnbook.networks import adapting, characters, language, reference


@pytest.fixture(scope="module")
def ids():
    return text.encode(text.part("validation")[:9000])


def softmax_bits(logits, targets):
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    return -np.log2(np.take_along_axis(p, targets[..., None], axis=-1)[..., 0])


@pytest.mark.parametrize("cell", language.CELLS)
def test_a_stateful_network_reads_on_where_it_stopped_and_a_reset_makes_it_forget(cell, ids):
    keras.utils.set_random_seed(1)
    model = language.character_model(cell, 8, batch=2)
    whole = ids[:60].reshape(2, 30).astype("int32")
    at_once = language.stateless(model).predict(whole, verbose=0)
    pieces = [keras.ops.convert_to_numpy(model(whole[:, k : k + 10])) for k in (0, 10, 20)]
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), at_once, atol=1e-5)
    again = keras.ops.convert_to_numpy(model(whole[:, :10]))
    assert np.abs(again - pieces[0]).max() > 1e-4  # the state of the last piece was carried into this one
    language.FreshStates().set_model(model)
    model.get_layer("states").reset_state()
    np.testing.assert_allclose(keras.ops.convert_to_numpy(model(whole[:, :10])), pieces[0], atol=1e-5)


def test_training_carries_the_state_through_an_epoch_and_starts_the_next_one_fresh(ids):
    """With a learning rate of zero, each epoch's loss is that of a single pass over the whole streams."""
    keras.utils.set_random_seed(2)
    model = language.character_model("lstm", 8, batch=3, learning_rate=0.0)
    for weight in model.trainable_variables:
        weight.assign(2 * keras.ops.convert_to_numpy(weight))  # so that the state matters
    inputs, targets = text.streams(ids[:1000], 3, 16)
    losses = language.train(model, inputs, targets, epochs=2)
    streams, wanted = (x.reshape(-1, 3, 16).swapaxes(0, 1).reshape(3, -1).astype("int32") for x in (inputs, targets))
    once = softmax_bits(language.stateless(model).predict(streams, verbose=0), wanted).mean()
    np.testing.assert_allclose(losses, once, rtol=1e-4)


def test_an_evaluation_starts_fresh_after_training_and_after_another_one(ids):
    """As validation data of `fit` too; without the callback the second one goes on from the first."""
    keras.utils.set_random_seed(5)
    model = language.character_model("lstm", 8, batch=3, learning_rate=0.0)
    for weight in model.trainable_variables:
        weight.assign(2 * keras.ops.convert_to_numpy(weight))  # so that the state matters
    read, (inputs, targets) = text.streams(ids[:1000], 3, 16), text.streams(ids[2000:2400], 3, 16)
    streams, wanted = (x.reshape(-1, 3, 16).swapaxes(0, 1).reshape(3, -1).astype("int32") for x in (inputs, targets))
    once = softmax_bits(language.stateless(model).predict(streams, verbose=0), wanted).mean() * np.log(2)
    fitted = model.fit(
        *read, batch_size=3, epochs=2, shuffle=False, verbose=0, callbacks=[language.FreshStates()],
        validation_data=(inputs, targets), validation_batch_size=3,
    )  # fmt: skip
    np.testing.assert_allclose(fitted.history["val_loss"], once, rtol=1e-5)
    np.testing.assert_allclose(fitted.history["loss"][1], fitted.history["loss"][0], rtol=1e-5)
    fresh = [
        model.evaluate(inputs, targets, batch_size=3, verbose=0, callbacks=[language.FreshStates()]) for _ in range(2)
    ]
    np.testing.assert_allclose(fresh, once, rtol=1e-5)
    assert (
        abs(model.evaluate(inputs, targets, batch_size=3, verbose=0) - once) > 1e-5
    )  # goes on where the last one ended


def test_a_character_model_learns_and_bits_agree_by_three_routes(ids):
    keras.utils.set_random_seed(3)
    model = language.character_model("gru", 16, batch=4, learning_rate=1e-2)
    inputs, targets = text.streams(ids, 4, 32)
    losses = language.train(model, inputs, targets, epochs=2)
    assert losses[-1] < losses[0] - 0.1
    network = language.stateless(model)
    bits = language.surprise(network, ids, segments=5)
    assert bits.shape == (len(ids) - 128,)
    # The first segment starts from zero at its first character: a single pass over the same characters says the same.
    said = network.predict(ids[None, :400].astype("int32"), verbose=0)[0]
    np.testing.assert_allclose(bits[:200], softmax_bits(said[127:-1], ids[128:400].astype(int))[:200], atol=1e-4)
    x, y = ids[None, :-1].astype("int32"), ids[None, 1:]
    nats = network.evaluate(x, y, verbose=0)
    every = softmax_bits(network.predict(x, verbose=0).astype(float), y.astype(int))  # a product of fifty needs double
    assert 2 ** every.mean() == pytest.approx(np.exp(nats), rel=1e-4)
    assert np.prod(2 ** (every[0, :50] / 50)) == pytest.approx(2 ** every[0, :50].mean(), rel=1e-6)


def test_the_shipped_network_is_the_same_in_numpy_and_in_keras():
    trained = characters.Trained()
    line = text.part("test")[:300]
    logits, Z, C = trained.read(line)
    model = language.character_model("lstm", trained.units)
    U, W, b, V, c = (trained.weights[name] for name in "UWbVc")
    for variable, array in zip(model.trainable_variables, (U.T, W.T, b, V.T, c), strict=True):
        variable.assign(array)
    for name, array in language.letters(model).items():
        np.testing.assert_array_equal(array, trained.weights[name])
    np.testing.assert_allclose(model.predict(text.encode(line)[None].astype("int32"), verbose=0)[0], logits, atol=1e-4)
    assert Z.shape == C.shape == (300, trained.units)
    bits = softmax_bits(logits[:-1], text.encode(line)[1:].astype(int)).mean()
    untrained = language.untrained(trained.units).read(line)[0]
    assert bits < 3.2 < softmax_bits(untrained[:-1], text.encode(line)[1:].astype(int)).mean()
    np.testing.assert_allclose(reference.output_map(Z, V, c), logits, atol=1e-5)


def test_the_gradients_of_a_window_are_those_of_keras(ids):
    """From a state that was carried in, and not back through it."""
    keras.utils.set_random_seed(4)
    model = language.character_model("lstm", 7, batch=1)
    model.compile(
        optimizer=keras.optimizers.SGD(1.0), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    weights = {name: array.astype(float) for name, array in language.letters(model).items()}
    first, second = ids[None, :12].astype("int32"), ids[None, 12:25].astype("int32")
    zero = np.zeros(7)
    _, _, state = adapting.window(weights, first[0], ids[1:13].astype(int), zero, zero)
    bits, gradients, (Z, C) = adapting.window(weights, second[0, :-1], second[0, 1:], *state)
    model(first)  # carries the state
    loss = float(model.train_on_batch(second[:, :-1], second[:, 1:]))
    assert bits.mean() * np.log(2) == pytest.approx(loss, rel=1e-4)
    for name, after in language.letters(model).items():
        np.testing.assert_allclose(weights[name] - after, gradients[name], atol=2e-5, err_msg=name)
    whole = characters.Trained(weights).read(text.decode(ids[:24]))
    np.testing.assert_allclose(Z, whole[1][-1], atol=1e-6)
    np.testing.assert_allclose(C, whole[2][-1], atol=1e-6)


def test_adapting_begins_with_the_network_as_it_is_and_leaves_it_so(ids):
    trained = characters.Trained()
    before = {name: array.copy() for name, array in trained.weights.items()}
    frozen = adapting.surprise(trained, ids[:700], 0.0, timesteps=50)
    logits = trained.read(text.decode(ids[:699]))[0]
    np.testing.assert_allclose(frozen, softmax_bits(logits, ids[1:700].astype(int))[127:], atol=1e-3)
    adapted = adapting.surprise(trained, ids[:700], 0.1, timesteps=200)
    np.testing.assert_allclose(
        adapted[:73], frozen[:73], atol=1e-3
    )  # the first window is read before anything is learned
    assert np.abs(adapted[73:] - frozen[73:]).max() > 0.01
    for name, array in trained.weights.items():
        np.testing.assert_array_equal(array, before[name])


def test_a_network_that_goes_on_learning_is_less_surprised_by_what_comes_again():
    speech = text.encode("prospero.\ncome, my ariel, to thy element.\n\n" * 40)
    trained = characters.Trained()
    frozen, adapted = (adapting.surprise(trained, speech, rate) for rate in (0.0, 0.1))
    assert adapted[-200:].mean() < 0.5 * frozen[-200:].mean()
