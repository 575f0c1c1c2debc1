"""The networks that the playground offers learn their tasks, and in how many updates: a number that no machine changes."""

import base64
import math

import pytest

from rnnbook.laboratory import store
from rnnbook.laboratory.studies.races import SEEDS
from rnnbook.widgets import train
from rnnbook.widgets.training_race import RACES
from tests.nightly import often

LEARN = """
const bytes = data.bytes && Uint8Array.from(atob(data.bytes), (c) => c.charCodeAt(0)).buffer;
const read = tasks.readData(data.task, bytes);
const config = { ...settings.complete(data.task, {}), seed: data.seed };
if (read.tokens) config.tokens = read.tokens;
if (data.task === "text") config.outputs = read.tokens;
const net = new network.Network(config, rooms.fused);
const put = ({ x, y }) => { config.tokens ? net.setTokens(x) : net.setInputs(x); net.setTargets(y); };
const losses = [];
for (let k = 0; k < data.updates; k++) {
    const batch = tasks.makeBatch(data.task, config, read, k);
    put(batch);
    losses.push(net.train(false, batch.begins));
}
put(tasks.makeBatch(data.task, config, read, tasks.HELD_OUT));
net.forget();
net.forward(false);
return { training: losses.slice(-20).reduce((a, b) => a + b) / 20, heldOut: net.loss() };
"""


def learn(engine, task, updates, seed=1):
    content = train.asset(f"train-{task}") if task in ("text", "reviews") else b""
    data = {"task": task, "seed": seed, "updates": updates, "bytes": base64.b64encode(content).decode()}
    return engine(LEARN, data)


@pytest.mark.parametrize("seed", often([1], [1, 2, 3]))
def test_the_adding_problem_over_50_steps_is_solved_in_800_updates(engine, seed):
    assert learn(engine, "adding", 800, seed)["heldOut"] < 0.01


@pytest.mark.parametrize("seed", often([1], [1, 2, 3]))
def test_the_sample_reviews_are_overfitted_in_800_updates(engine, seed):
    found = learn(engine, "reviews", 800, seed)
    assert found["training"] < 0.05 and found["heldOut"] > 4 * found["training"]


@pytest.mark.slow
def test_shakespeares_characters_take_less_than_3_bits_after_600_updates(engine):
    assert learn(engine, "text", 600)["training"] < 3 * math.log(2)


RACE = """
return data.seeds.map((seed) => {
    const config = { ...settings.complete("recall", data.settings), seed };
    const net = new network.Network(config, rooms[data.kernels]);
    const put = ({ x, y }) => { net.setInputs(x); net.setTargets(y); };
    for (let k = 0; k < data.updates; k++) {
        put(tasks.makeBatch("recall", config, {}, k));
        net.train();
    }
    put(tasks.makeBatch("recall", config, {}, tasks.HELD_OUT));
    net.forget();
    net.forward(false);
    return net.loss();
});
"""


KERNELS = [
    "WebAssembly",
    "fused",
]  # of browsers without and with relaxed SIMD: they round differently; the second at night


def race(engine, name, timesteps, kernels, body=RACE):
    """What `body` gives for each network of a race, six seeds each."""
    for network in RACES[name]["networks"]:
        chosen = network["settings"] | {"timesteps": timesteps}
        yield engine(body, {"seeds": SEEDS, "updates": RACES[name]["until"], "settings": chosen, "kernels": kernels})


def stored(race, network, timesteps, kernels, value):
    """What `bench/races.py` recorded of the six seeds, which the chapter shows."""
    wanted = {"race": race, "network": network, "timesteps": timesteps, "kernels": kernels}
    return [row[value] for row in store.rows("races") if wanted.items() <= row.items()]


def learned_the_sign(losses):
    return sum(loss < 0.5 * math.log(2) for loss in losses)


MASKS = [(10, [[6, 6]] * 2), (20, [[6, 0]] * 2), (50, [[2, 0], [3, 0]])]


def assert_as_told(engine, name, timesteps, told, kernels):
    """`told`: how many of six seeds of each network learn with the kernels of KERNELS; a processor without fused sums rounds as the first."""
    found = [learned_the_sign(losses) for losses in race(engine, name, timesteps, kernels)]
    assert found in told[: 1 + KERNELS.index(kernels)], found


@pytest.mark.parametrize("kernels", often(KERNELS[:1], KERNELS))
@pytest.mark.parametrize("case", often(MASKS[1:2], MASKS), ids=str)
def test_the_race_of_chapter_7_comes_out_as_the_chapter_says(engine, case, kernels):
    """One mask and fresh ones, after the race's 200 updates."""
    timesteps, told = case
    assert_as_told(engine, "masks", timesteps, told, kernels)


ADDING = """
return data.seeds.map((seed) => {
    const config = { ...settings.complete("adding", data.settings), seed };
    const net = new network.Network(config, rooms[data.kernels]);
    const put = ({ x, y }) => { net.setInputs(x); net.setTargets(y); };
    const reach = [];
    for (let k = 0; k < data.updates; k++) {
        put(tasks.makeBatch("adding", config, {}, k));
        net.train(true);
        const norms = net.top[0].gradientNorms;
        reach.push(norms[0] / norms[config.timesteps - 1]);
    }
    put(tasks.makeBatch("adding", config, {}, tasks.HELD_OUT));
    net.forget();
    net.forward(false);
    return { loss: net.loss(), first: reach[0], fiftieth: reach[49], last: reach[data.updates - 1] };
});
"""


@pytest.mark.parametrize("kernels", often(KERNELS[:1], KERNELS))
def test_the_race_of_chapter_8_comes_out_as_the_chapter_says(engine, kernels):
    """Over 50 timesteps every LSTM learns to add and no SimpleRNN; over 10 both learn, over 100 none."""
    blind = 2 / 12
    simple, lstm = race(engine, "adding", 50, kernels, ADDING)
    if kernels == "WebAssembly":  # the chapter's table; these round alike everywhere
        for name, six in (("SimpleRNN", simple), ("LSTM", lstm)):
            for value in ("loss", "first", "fiftieth", "last"):
                kept = stored("adding", name, 50, kernels, value)
                assert [run[value] for run in six] == pytest.approx(kept, rel=0.01), (name, value)
    assert all(run["loss"] > 0.7 * blind and run["fiftieth"] < 1e-4 for run in simple)
    assert all(run["loss"] < 0.3 * blind and run["first"] < 1e-3 and run["last"] > 0.1 for run in lstm)
    if kernels == "fused":  # neither is near a border
        assert all(run["loss"] < 0.3 * blind for runs in race(engine, "adding", 10, kernels, ADDING) for run in runs)
        assert all(run["loss"] > 0.7 * blind for runs in race(engine, "adding", 100, kernels, ADDING) for run in runs)


LAGS = [(20, [[6, 6, 6]] * 2), (50, [[5, 0, 6]] * 2), (100, [[2, 0, 4], [2, 0, 1]])]


@pytest.mark.parametrize("kernels", often(KERNELS[:1], KERNELS))
@pytest.mark.parametrize("case", often(LAGS[:1], LAGS), ids=str)
def test_the_race_of_chapter_9_comes_out_as_the_chapter_says(engine, case, kernels):
    """SimpleRNN, LSTM and an LSTM with forget bias 5, after the race's 300 updates."""
    timesteps, told = case
    names = [network["name"] for network in RACES["lag"]["networks"]]
    kept = [learned_the_sign(stored("lag", name, timesteps, kernels, "loss")) for name in names]
    assert kept == told[KERNELS.index(kernels)]
    assert_as_told(engine, "lag", timesteps, told, kernels)
