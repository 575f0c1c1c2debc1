"""What chapter 13 says of the reader's own network that corrects last year's value, with every seed that it speaks of."""

import keras
import numpy as np
import pytest

from rnnbook.series import tasks, windows

SEEDS = [*range(6), 1000, 2000]
EPOCHS, BATCH, RATE = 4, 64, 1e-2  # as the chapter trains


@pytest.fixture(scope="module")
def task():
    return tasks.Births()


def corrector():
    asked, read = keras.Input((windows.HORIZON, 11)), keras.Input((windows.HISTORY, 11))
    _, state = keras.layers.SimpleRNN(32, return_state=True)(read)
    ahead = keras.layers.SimpleRNN(32, return_sequences=True)(asked, initial_state=state)
    return keras.Model([read, asked], asked[..., -1:] + keras.layers.Dense(1, kernel_initializer="zeros")(ahead))


def error(task, model, part):
    said = task.births(model.predict([task.past(part), task.future(part, "last year")], verbose=0)[..., 0], part)
    return np.abs(task.truth(part) - said).mean() / windows.naive_error(task.training)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_it_seldom_stays_ahead_of_its_start_while_its_years_are_old_and_does_once_they_are_new(task):
    """Seven of eight seeds, says the chapter, and one of them may hang on the last digits of a machine."""
    rises = {}
    for seed in SEEDS:
        before, after = {}, {}
        for years in ("train", "up to 1986"):
            keras.utils.set_random_seed(seed)
            model, wanted = corrector(), task.wanted(years)[..., None]
            before[years] = {part: error(task, model, part) for part in ("validation", "test")}
            rate = keras.optimizers.schedules.CosineDecay(RATE, EPOCHS * -(-len(wanted) // BATCH))
            model.compile(keras.optimizers.Adam(rate, global_clipnorm=1.0), loss="mae")
            read = [task.past(years), task.future(years, "last year")]
            model.fit(read, wanted, batch_size=BATCH, epochs=EPOCHS, verbose=0)
            after[years] = {part: error(task, model, part) for part in ("validation", "test")}
        print(seed, before["train"], after)
        assert after["train"]["validation"] < before["train"]["validation"]
        assert after["up to 1986"]["test"] < before["up to 1986"]["test"]
        rises[seed] = after["train"]["test"] > before["train"]["test"]
    assert sum(rises.values()) >= 6 and all(rises[seed] for seed in range(3)), rises
