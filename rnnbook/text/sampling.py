"""From logits to the next character: temperature (Ackley et al., 1985) and top-p, or nucleus (Holtzman et al., 2020)."""

from __future__ import annotations

import numpy as np

from . import TextError, decode, encode


def probabilities(logits, temperature=1.0, top_p=1.0):
    """softmax(logits / temperature), (…, characters), cut to the nucleus: the fewest likely characters that hold top_p together.

    temperature 0 gives all to the likeliest character. Raises TextError for a negative temperature or a top_p outside (0, 1].
    """
    if temperature < 0 or not 0 < top_p <= 1:
        raise TextError(f"temperature is {temperature} and top_p {top_p}: use 0 or more, and more than 0 up to 1.")
    logits = np.asarray(logits, float)
    if temperature == 0:
        return np.eye(logits.shape[-1])[logits.argmax(axis=-1)]
    p = np.exp((logits - logits.max(axis=-1, keepdims=True)) / temperature)
    p /= p.sum(axis=-1, keepdims=True)
    order = np.argsort(-p, axis=-1, kind="stable")
    ranked = np.take_along_axis(p, order, axis=-1)
    before = np.cumsum(ranked, axis=-1) - ranked  # what the likelier ones hold: below top_p, this one is needed as well
    kept = np.zeros(p.shape, bool)
    np.put_along_axis(kept, order, before < top_p, axis=-1)
    p = np.where(kept, p, 0)
    return p / p.sum(axis=-1, keepdims=True)


def draw(p, rng):
    """One id from each distribution p (batch, characters): (batch,)."""
    edges = np.cumsum(p, axis=-1)
    return (rng.random((len(p), 1)) * edges[:, -1:] >= edges).sum(axis=-1).clip(max=p.shape[-1] - 1)


def write(model, first, length, temperature=1.0, top_p=1.0, rng=None):
    """Let a model go on after the text ``first`` for ``length`` characters, each of them read before the next is drawn.

    model: has ``start(batch)`` → state and ``step(ids (batch,), state)`` → (logits (batch, characters), state), such as
    `networks.characters.Trained` and `ngrams.KneserNey`.
    """
    rng = rng or np.random.default_rng()
    state, written = model.start(1), []
    for i in encode(first):
        logits, state = model.step(np.array([i]), state)
    for _ in range(length):
        written.append(draw(probabilities(logits, temperature, top_p), rng))
        logits, state = model.step(written[-1], state)
    return decode(np.concatenate(written)) if written else ""
