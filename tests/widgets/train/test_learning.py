"""The networks that the playground offers learn their tasks, and in how many updates: a number that no machine changes."""

import base64
import math

import pytest

from rnnbook.widgets import train
from rnnbook.widgets.training_race import RACES

LEARN = """
const bytes = data.bytes && Uint8Array.from(atob(data.bytes), (c) => c.charCodeAt(0)).buffer;
const read = tasks.readData(data.task, bytes);
const config = { ...settings.complete(data.task, {}), seed: data.seed };
if (read.tokens) config.tokens = read.tokens;
if (data.task === "text") config.outputs = read.tokens;
const net = new network.Network(config, rooms.WebAssembly);
const put = ({ x, y }) => { config.tokens ? net.setTokens(x) : net.setInputs(x); net.setTargets(y); };
const losses = [];
for (let k = 0; k < data.updates; k++) {
    put(tasks.makeBatch(data.task, config, read, k));
    losses.push(net.train());
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


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_adding_problem_over_50_steps_is_solved_in_800_updates(engine, seed):
    assert learn(engine, "adding", 800, seed)["heldOut"] < 0.01


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_sample_reviews_are_overfitted_in_800_updates(engine, seed):
    found = learn(engine, "reviews", 800, seed)
    assert found["training"] < 0.05 and found["heldOut"] > 4 * found["training"]


@pytest.mark.slow
def test_shakespeares_characters_take_less_than_3_bits_after_600_updates(engine):
    assert learn(engine, "text", 600)["training"] < 3 * math.log(2)


RACE = """
return data.seeds.map((seed) => {
    const config = { ...settings.complete("recall", data.settings), seed };
    const net = new network.Network(config, rooms.WebAssembly);
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


@pytest.mark.parametrize(
    "timesteps, one_mask, fresh_masks",
    [(10, 6, 6), (20, 6, 0), (50, 2, 0)],
)
def test_the_race_of_chapter_7_comes_out_as_the_chapter_says(engine, timesteps, one_mask, fresh_masks):
    """How many of six seeds have learned the sign after the race's 200 updates."""
    learned = []
    for network in RACES["masks"]["networks"]:
        chosen = network["settings"] | {"timesteps": timesteps}
        data = {"seeds": [1, 2, 3, 101, 102, 103], "updates": RACES["masks"]["until"], "settings": chosen}
        losses = engine(RACE, data)
        print(chosen, losses)
        learned.append(sum(loss < 0.5 * math.log(2) for loss in losses))
    assert learned == [one_mask, fresh_masks]
