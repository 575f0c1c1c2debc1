"""A trained network reads a review, word by word, in front of the reader."""

import functools

import numpy as np
import traitlets as T

from .. import reviews
from ..networks import weights
from .live import Live
from .picture import Svg

REVIEWS = {
    "A late turn": "The first hour is slow and the jokes fall flat. I nearly left. But then the story turns, "
    "the actors come alive, and the last scene is wonderful.",
    "Praise, then plot": "A wonderful film, one of the best I have seen this year. The camera follows two brothers from their village "
    "to the coast. They meet a fisherman, argue about a boat, and sleep in a barn. In the morning it rains, "
    "and they walk on along the road until they reach the harbor.",
    "Plot, then praise": "The camera follows two brothers from their village to the coast. They meet a fisherman, argue about a boat, "
    "and sleep in a barn. In the morning it rains, and they walk on along the road until they reach the harbor. "
    "A wonderful film, one of the best I have seen this year.",
    "Not good": "This is not a good film. It is not funny, not exciting, and I would not recommend it to anyone.",
    "Irony": "Oh great, another masterpiece about a man who stares at the sea. I loved every minute of looking at my watch.",
}


class ReviewReader(Live):
    """Type or pick a review and watch a trained network change its mind.

    `architecture` is one of `rnnbook.networks.weights.ARCHITECTURES`, `text` the review, `step` how many words have been read.
    The weights are loaded when the reader asks for them.
    """

    architecture = T.Enum(weights.ARCHITECTURES, "simple_rnn").tag(sync=True)
    text = T.Unicode(REVIEWS["A late turn"]).tag(sync=True)
    step = T.Int(0, min=0).tag(sync=True)
    reviews = T.List([list(item) for item in REVIEWS.items()]).tag(sync=True)

    @classmethod
    def assets(cls):
        return *weights.ARCHITECTURES, "words"

    @classmethod
    def asset(cls, name):
        return weights.content(name)

    def reading(self):
        """Return the words of the text, and the probabilities (words + 1,) after each number of them."""
        words = reviews.tokenize(self.text)
        return words, _answers(self.architecture, tuple(words))

    def alt_text(self):
        words, p = self.reading()
        return (
            f"The trained network {self.architecture} reads a review of {len(words)} words. The probability that it is positive "
            f"starts at {p[0]:.2f}, lies between {p.min():.2f} and {p.max():.2f}, and ends at {p[-1]:.2f}."
        )

    def picture(self):
        words, p = self.reading()
        svg = Svg(680, 260)
        at = svg.axes(
            48,
            40,
            610,
            180,
            (0, max(1, len(words))),
            (0, 1),
            f"Probability of a positive review after each word ({self.architecture})",
            "words read",
        )
        svg.line([at(0, 0.5), at(max(1, len(words)), 0.5)], "line", 1, "4 4")
        svg.line([at(i, value) for i, value in enumerate(p)], "y", 2)
        return svg.svg()


@functools.cache
def _answers(architecture, words):
    network = weights.load(architecture)
    row = {word: i for i, word in enumerate(network["words"])}
    tokens = [reviews.START] + [row.get(word, reviews.OOV) for word in words]
    return np.array([weights.probabilities(network, [tokens[: i + 1]])[0] for i in range(len(tokens))])
