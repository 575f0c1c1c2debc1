import json
import re
from pathlib import Path
from urllib.request import urlretrieve

import jax
import jax.numpy as jnp
import numpy as np
import optax

VOCABULARY = 10_000  # the most frequent words; all others are one word, number 2
MAXLEN = 100  # words of a review that are read, its last ones
DROPOUT = 0.2  # of the word vectors that come in
RECURRENT_DROPOUT = 0.2  # of the state that is carried over
REVIEWS = 25_000  # for training, and as many for the test
EPOCHS = 6
PATIENCE = 2  # epochs without a better validation loss, then training stops
rng = np.random.default_rng(1)
keys = jax.random.split(jax.random.key(1), 5)


# Data: 25,000 reviews to learn from, 25,000 to test with, from where Keras has them.
def file(name):
    path = Path.home() / ".keras" / "datasets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        place = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
        urlretrieve(place + name, path)
    return path


def padded(reviews):  # of ranks; numbers are ranks + 3: 0 is padding, 1 starts a review
    x = np.zeros((len(reviews), MAXLEN), "int32")
    for row, ranks in zip(x, reviews):
        numbers = [1, *(rank + 3 if rank + 3 < VOCABULARY else 2 for rank in ranks)]
        row[: len(numbers)] = numbers[-MAXLEN:]
    return x


data = np.load(file("imdb.npz"), allow_pickle=True)
x, y = padded(data["x_train"][:REVIEWS]), data["y_train"][:REVIEWS]
x_test, y_test = padded(data["x_test"][:REVIEWS]), data["y_test"][:REVIEWS]
held_out, kept = np.split(rng.permutation(len(x)), [len(x) // 5])

# Network: 322,113 parameters.
glorot = jax.nn.initializers.glorot_uniform()
params = {
    "embedding": 0.03 * jax.random.normal(keys[0], (VOCABULARY, 32)),
    "kernel": glorot(keys[1], (32, 32)),
    "recurrent_kernel": jax.nn.initializers.orthogonal()(keys[2], (32, 32)),
    "bias": jnp.zeros(32),
    "dense": glorot(keys[3], (32, 1)),
    "dense_bias": jnp.zeros(1),
}


def mask(key, rate, shape):  # 0 with probability rate, else 1 / (1 - rate)
    return jax.random.bernoulli(key, 1 - rate, shape) / (1 - rate)


@jax.jit
def model(params, tokens, key=None):  # with a key: training
    shape, on_input, on_state = (len(tokens), 32), 1.0, 1.0
    if key is not None:  # one mask for all steps, drawn before the loop
        for_input, for_state = jax.random.split(key)
        on_input = mask(for_input, DROPOUT, shape)
        on_state = mask(for_state, RECURRENT_DROPOUT, shape)

    def step(state, now):
        x, is_word = now
        heard = (x * on_input) @ params["kernel"] + params["bias"]
        new = jnp.tanh(heard + (state * on_state) @ params["recurrent_kernel"])
        return jnp.where(is_word[:, None], new, state), None  # padding changes nothing

    by_time = params["embedding"][tokens].swapaxes(0, 1), (tokens != 0).T
    state, _ = jax.lax.scan(step, jnp.zeros(shape), by_time)
    return (state @ params["dense"] + params["dense_bias"])[:, 0]  # logits


def loss_of(params, x, y, key):
    return optax.sigmoid_binary_cross_entropy(model(params, x, key), y).mean()


@jax.jit
def update(params, state, x, y, key):
    changes, state = optimizer.update(jax.grad(loss_of)(params, x, y, key), state)
    return optax.apply_updates(params, changes), state


def evaluate(params, x, y):  # loss and accuracy, without masks
    logits = jnp.concatenate([model(params, x[i : i + 500]) for i in range(0, len(x), 500)])
    return optax.sigmoid_binary_cross_entropy(logits, y).mean(), ((logits > 0) == y).mean()


# Training, with a fifth of the reviews held out.
optimizer = optax.adam(1e-3)
state, best, waited, key = optimizer.init(params), float("inf"), 0, keys[4]
for epoch in range(EPOCHS):
    rng.shuffle(kept)
    for i in range(0, len(kept), 64):
        some = kept[i : i + 64]
        key, for_masks = jax.random.split(key)  # new masks for every batch
        params, state = update(params, state, x[some], y[some], for_masks)
    loss, accuracy = evaluate(params, x[held_out], y[held_out])
    print(f"epoch {epoch + 1}: loss {loss:.3f}, accuracy {accuracy:.3f} on validation")
    if loss < best:
        best, waited, best_params = loss, 0, params  # arrays never change: no copy
    elif (waited := waited + 1) == PATIENCE:
        break

# Evaluation, once.
print(f"accuracy {evaluate(best_params, x_test, y_test)[1]:.3f} on the test reviews")

# Saving, loading, and a review of one's own.
np.savez("dropout.npz", **best_params)
params = dict(np.load("dropout.npz"))
rank = json.loads(file("imdb_word_index.json").read_text())


def probability(text):
    """That a text is a good review."""
    words = re.findall(r"[a-z0-9']+", text.lower())
    return jax.nn.sigmoid(model(params, padded([[rank.get(word, VOCABULARY) for word in words]])))[
        0
    ]


for text in (
    "A wonderful film, moving and beautiful.",
    "Boring, a waste of time.",
):
    print(f"{probability(text):.2f}  {text}")
