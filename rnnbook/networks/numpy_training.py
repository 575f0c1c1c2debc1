"""A SimpleRNN that learns to judge reviews, in NumPy: everything Keras does, and nothing hidden.

    weights, history = train(reviews.load(), epochs=5)

The network is Embedding → SimpleRNN → Dense(1, sigmoid), trained with binary cross-entropy and RMSprop:

    Z_{i+1} = tanh(W Z_i + U E[token_i] + b),    p = sigmoid(V Z_last + c)

E (num_words, embedding), U (units, embedding), W (units, units), b (units,), V (1, units), c (1,). Three things make
it several times faster than the same network in Keras, and none changes the mathematics:

- U E[token] + b is the same wherever a word occurs, so it is computed once a step for the whole vocabulary, then
  looked up;
- reviews of similar length share a batch, so little padding is read;
- states lie time first, (timesteps + 1, batch, units), in memory that every batch uses again.

The matrices are small. Set OPENBLAS_NUM_THREADS=1 before Python starts: a second thread costs more than it brings.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from ..errors import CourseError
from .reference import orthogonal, sigmoid

if TYPE_CHECKING:
    from .. import shapes as of


def initial_weights(num_words, embedding, units, rng) -> of.Weights:
    """As Keras draws them: uniform E, Glorot-uniform U and V, orthogonal W, zero biases; float32."""
    glorot_U, glorot_V = np.sqrt(6 / (embedding + units)), np.sqrt(6 / (units + 1))
    weights = {
        "E": rng.uniform(-0.05, 0.05, (num_words, embedding)),
        "U": rng.uniform(-glorot_U, glorot_U, (units, embedding)),
        "W": orthogonal(rng, units),
        "b": np.zeros(units),
        "V": rng.uniform(-glorot_V, glorot_V, (1, units)),
        "c": np.zeros(1),
    }
    return {name: np.ascontiguousarray(value, np.float32) for name, value in weights.items()}


def forward(weights: of.Weights, tokens: of.Tokens, Z: of.Memory, mask_zero=True) -> of.Logits:
    """Fills Z (timesteps + 1, batch, units) with the states for tokens (timesteps, batch); returns the logits (batch,)."""
    E, U, W, b, V, c = (weights[letter] for letter in "EUWbVc")
    A = E @ U.T + b  # the input projection of every word there is
    if mask_zero:
        A[0] = 0  # padding comes first, where Z = 0: tanh(W 0 + 0) = 0, so the state waits
    Z[0] = 0
    np.take(A, tokens, axis=0, out=Z[1:], mode="clip")
    WZ, WT = np.empty_like(Z[0]), np.ascontiguousarray(W.T)
    for i in range(len(tokens)):
        np.dot(Z[i], WT, out=WZ)
        WZ += Z[i + 1]
        np.tanh(WZ, out=Z[i + 1])
    return Z[-1] @ V[0] + c


def gradients(
    weights: of.Weights, tokens: of.Tokens, labels: of.Labels, Z: of.Memory, alpha: of.Slopes, mask_zero=True
) -> tuple[of.Weights, of.Logits]:
    """Loss gradients of all weights by backpropagation through time, and the logits.

    tokens (timesteps, batch), labels (batch,); Z and alpha (timesteps + 1, batch, units) and (timesteps, batch, units)
    are working memory. The equations are those of `reference.backpropagation_through_time`.
    """
    E, U, W, b, V, c = (weights[letter] for letter in "EUWbVc")
    # 1. Forward: all states, kept in Z for the way back, and what the loss says of each logit.
    logits = forward(weights, tokens, Z, mask_zero)
    dY = (sigmoid(logits) - labels) / len(labels)  # slope of the mean binary cross-entropy
    # 2. The slope of tanh at every step, in one go; step 3 turns it into alpha, the slope of the loss.
    np.multiply(Z[1:], Z[1:], out=alpha)
    np.subtract(1, alpha, out=alpha)
    # 3. Back through time, last step first: only this chain has to wait.
    dZ = np.outer(dY, V)
    for i in reversed(range(len(tokens))):
        alpha[i] *= dZ
        np.dot(alpha[i], W, out=dZ)
    # 4. All weights: each gradient is one product over all steps and samples.
    alpha = alpha.reshape(-1, len(W))
    dA = one_hot(tokens.ravel(), len(E)).T @ alpha  # what each word's projection is to blame for, over all its uses
    if mask_zero:
        dA[0] = 0
    return {
        "E": dA @ U,
        "U": dA.T @ E,
        "W": alpha.T @ Z[:-1].reshape(alpha.shape),
        "b": dA.sum(axis=0),
        "V": dY[None] @ Z[-1],
        "c": dY.sum(keepdims=True),
    }, logits


def one_hot(tokens: of.Row, num_words):
    """Sparse (len(tokens), num_words): row k has its 1 in column tokens[k], so that `one_hot(tokens) @ E` is E[tokens]."""
    n = len(tokens)
    return csr_array(
        (np.ones(n, np.float32), tokens.astype(np.int32), np.arange(n + 1, dtype=np.int32)), (n, num_words)
    )


def rmsprop(weights: of.Weights, gradients: of.Weights, velocity: of.Weights, learning_rate, rho=0.9, epsilon=1e-7):
    """One step of RMSprop (Tieleman & Hinton, 2012), in place, as in Keras with dense gradients.

    With TensorFlow's sparse gradients, Keras squares every occurrence of a word by itself, so there E moves a little
    differently.
    """
    for name, g in gradients.items():
        v = velocity[name]
        v *= rho
        v += (1 - rho) * g * g
        weights[name] -= learning_rate * g / np.sqrt(v + epsilon)


def batches(X: of.Padded, lengths: of.Lengths, batch_size, rng=None, jitter=60):
    """Batches of similar length: yields row numbers (batch,) and their tokens (timesteps, batch), time first.

    X (samples, maxlen) is padded in front, so a batch is cut to its longest review. With rng, for training, lengths
    are blurred by ±jitter words, so that batches differ from epoch to epoch, and batches come in random order.
    """
    if rng is None:
        order = np.argsort(lengths, kind="stable")
    else:
        order = np.argsort(lengths + rng.uniform(-jitter, jitter, len(lengths)))
    parts = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    if rng is not None:
        parts = [parts[i] for i in rng.permutation(len(parts))]
    for rows in parts:
        yield rows, np.ascontiguousarray(X[rows, -lengths[rows].max() :].T)


def evaluate(
    weights: of.Weights, X: of.Padded, lengths: of.Lengths, labels: of.AllLabels, memory: of.TwoMemories, mask_zero=True
):
    """Binary cross-entropy and accuracy."""
    logits = np.empty(len(labels), np.float32)
    for rows, tokens in batches(X, lengths, memory.shape[2]):
        logits[rows] = forward(weights, tokens, memory[0, : len(tokens) + 1, : len(rows)], mask_zero)
    return loss_and_accuracy(logits, labels)


def loss_and_accuracy(logits: of.AllLabels, labels: of.AllLabels):
    """Mean binary cross-entropy, from logits so that no logarithm of 0 occurs, and accuracy."""
    loss = np.maximum(logits, 0) - logits * labels + np.log1p(np.exp(-np.abs(logits)))
    return float(loss.mean()), float(((logits > 0) == labels).mean())


def train(
    corpus,
    epochs=5,
    units=32,
    embedding=32,
    maxlen=500,
    batch_size=128,
    learning_rate=0.001,
    seed=0,
    mask_zero=True,
    validation_split=0.2,
):
    """Trains on corpus.train, the last validation_split of it held out as in Keras.

    corpus: what `rnnbook.reviews.load` returns. With mask_zero, padding is passed over; without, it is read like a word,
    as in the plain Keras model. Returns the weights and a history: for every epoch loss, accuracy, val_loss,
    val_accuracy and seconds. One seed gives one result. Raises CourseError.
    """
    for name, value in dict(
        epochs=epochs, units=units, embedding=embedding, maxlen=maxlen, batch_size=batch_size
    ).items():
        if not isinstance(value, (int, np.integer)) or value < 1:
            raise CourseError(f"{name} is {value!r}: it must be a whole number, at least 1.")
    if not 0 < validation_split < 1:
        raise CourseError(f"validation_split is {validation_split!r}: it must be a number between 0 and 1.")
    n = len(corpus.train.split(validation_split)[0])
    rng = np.random.default_rng(seed)
    weights = initial_weights(corpus.num_words, embedding, units, rng)
    velocity = {name: np.zeros_like(value) for name, value in weights.items()}
    memory = np.empty((2, maxlen + 1, batch_size, units), np.float32)
    X, y = corpus.train.padded(maxlen).astype(np.uint16), corpus.train.labels.astype(np.float32)
    lengths = np.minimum(corpus.train.lengths, maxlen)
    logits = np.empty(n, np.float32)
    history = {name: [] for name in ("loss", "accuracy", "val_loss", "val_accuracy", "seconds")}
    for _ in range(epochs):
        start = time.perf_counter()
        for rows, tokens in batches(X[:n], lengths[:n], batch_size, rng):
            Z, alpha = memory[:, : len(tokens) + 1, : len(rows)]
            G, logits[rows] = gradients(weights, tokens, y[rows], Z, alpha[1:], mask_zero)
            rmsprop(weights, G, velocity, learning_rate)
        results = loss_and_accuracy(logits, y[:n]) + evaluate(weights, X[n:], lengths[n:], y[n:], memory, mask_zero)
        for name, value in zip(history, (*results, time.perf_counter() - start)):
            history[name].append(value)
    return weights, history
