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
EPOCHS = 4
PATIENCE = 2  # epochs without a better validation loss, then training stops
rng, keys = np.random.default_rng(1), jax.random.split(jax.random.key(1), 6)


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
x, y, x_test, y_test = (
    padded(data["x_train"]),
    data["y_train"],
    padded(data["x_test"]),
    data["y_test"],
)
held_out, kept = np.split(rng.permutation(len(x)), [len(x) // 5])

# Network: 324,225 parameters.
glorot, orthogonal = (
    jax.nn.initializers.glorot_uniform(),
    jax.nn.initializers.orthogonal(),
)
params = {
    "embedding": 0.03 * jax.random.normal(keys[0], (VOCABULARY, 32)),
    "kernels": jnp.stack([glorot(key, (32, 32)) for key in keys[1:3]]),  # forward, backward
    "recurrent_kernels": jnp.stack([orthogonal(key, (32, 32)) for key in keys[3:5]]),
    "biases": jnp.zeros((2, 32)),
    "dense": glorot(keys[5], (64, 1)),
    "dense_bias": jnp.zeros(1),
}


@jax.jit
def model(params, tokens):
    by_time = params["embedding"][tokens].swapaxes(0, 1), (tokens != 0).T
    last = []
    for direction in (0, 1):  # forward, backward
        kernel, recurrent_kernel = (
            params["kernels"][direction],
            params["recurrent_kernels"][direction],
        )

        def step(state, now):
            x, is_word = now
            new = jnp.tanh(x @ kernel + state @ recurrent_kernel + params["biases"][direction])
            return jnp.where(is_word[:, None], new, state), None  # padding changes nothing

        start = jnp.zeros((len(tokens), 32))
        last.append(jax.lax.scan(step, start, by_time, reverse=direction == 1)[0])
    return (jnp.concatenate(last, axis=1) @ params["dense"] + params["dense_bias"])[:, 0]  # logits


def loss_of(params, x, y):
    return optax.sigmoid_binary_cross_entropy(model(params, x), y).mean()


@jax.jit
def update(params, state, x, y):
    changes, state = optimizer.update(jax.grad(loss_of)(params, x, y), state)
    return optax.apply_updates(params, changes), state


def evaluate(params, x, y):  # loss and accuracy
    logits = jnp.concatenate([model(params, x[i : i + 500]) for i in range(0, len(x), 500)])
    return optax.sigmoid_binary_cross_entropy(logits, y).mean(), ((logits > 0) == y).mean()


# Training, with a fifth of the reviews held out.
optimizer = optax.adam(1e-3)
state, best, waited = optimizer.init(params), float("inf"), 0
for epoch in range(EPOCHS):
    rng.shuffle(kept)
    for i in range(0, len(kept), 128):
        some = kept[i : i + 128]
        params, state = update(params, state, x[some], y[some])
    loss, accuracy = evaluate(params, x[held_out], y[held_out])
    print(f"epoch {epoch + 1}: loss {loss:.3f}, accuracy {accuracy:.3f} on validation")
    if loss < best:
        best, waited, best_params = loss, 0, params  # arrays never change: no copy
    elif (waited := waited + 1) == PATIENCE:
        break

# Evaluation, once.
print(f"accuracy {evaluate(best_params, x_test, y_test)[1]:.3f} on the test reviews")

# Saving, loading, and a review of one's own.
np.savez("both_ends.npz", **best_params)
params = dict(np.load("both_ends.npz"))
rank = json.loads(file("imdb_word_index.json").read_text())


def probability(text):
    """That a text is a good review."""
    words = re.findall(r"[a-z0-9']+", text.lower())
    return jax.nn.sigmoid(model(params, padded([[rank.get(word, VOCABULARY) for word in words]])))[
        0
    ]


for text in (
    "A wonderful film, moving and beautiful.",
    "Boring, badly acted, a waste of time.",
):
    print(f"{probability(text):.2f}  {text}")
