"""From sentences to the batch tensor: tokens, vocabulary, padding, truncation, and what is lost on the way."""

import traitlets as T

from ..reviews import lengths, tokenize
from .live import Live
from .picture import Svg

SENTENCES = """I expected to hate this film but the ending was wonderful
Great music, great cast, and still a terrible film
What a joy
Two hours of my life are gone"""


class SequenceTensor(Live):
    """Type sentences and watch them become a batch of token sequences, then set maxlen on the real reviews.

    Settings: `text`, one review a line; `maxlen`, `padding` and `truncating` ("pre" or "post") as in
    `keras.utils.pad_sequences`; `num_words`, the size of the vocabulary in tokens; `reviews_maxlen`, the maxlen
    applied to the recorded lengths of the IMDB training reviews.
    """

    text = T.Unicode(SENTENCES).tag(sync=True)
    maxlen = T.Int(8, min=1, max=20).tag(sync=True)
    padding = T.Enum(["pre", "post"], "pre").tag(sync=True)
    truncating = T.Enum(["pre", "post"], "pre").tag(sync=True)
    num_words = T.Int(2000, min=50, max=2000).tag(sync=True)
    reviews_maxlen = T.Int(500, min=10, max=1500).tag(sync=True)
    recorded = T.Dict().tag(sync=True)

    def __init__(self, **settings):
        super().__init__(recorded=lengths.recorded(), **settings)

    def rows(self):
        """Return the tokens of each line before padding, as `rnnbook.reviews.encode` gives them; (samples,) lists."""
        rank = {word: i for i, word in enumerate(self.recorded["list"].split(), start=1)}
        rows = []
        for line in self.text.splitlines():
            words = tokenize(line)
            tokens = [rank.get(word, self.num_words) + 3 for word in words]
            if words:
                rows.append([1] + [token if token < self.num_words else 2 for token in tokens])
        return rows

    def alt_text(self):
        return f"A batch of {len(self.rows())} sentences as token sequences of length {self.maxlen}; short ones are padded with zeros, long ones lose words."

    def picture(self):
        rows = self.rows()[:6]
        width = min(62, 620 / self.maxlen)
        svg = Svg(680, 70 + 40 * len(rows)).text(
            24, 32, f"Batch of shape ({len(self.rows())}, {self.maxlen})", bold=True
        )
        for i, tokens in enumerate(rows):
            kept = tokens[-self.maxlen :] if self.truncating == "pre" else tokens[: self.maxlen]
            zeros = [0] * (self.maxlen - len(kept))
            for j, token in enumerate(zeros + kept if self.padding == "pre" else kept + zeros):
                svg.rect(
                    24 + j * width,
                    48 + 40 * i,
                    width - 4,
                    34,
                    "#f3f5f8" if token == 0 else "#dcebfb",
                    "line" if token == 0 else "x",
                )
                svg.text(
                    24 + j * width + width / 2 - 2, 70 + 40 * i, str(token), "muted" if token == 0 else "ink", "middle"
                )
        return svg.svg()
