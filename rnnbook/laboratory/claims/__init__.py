"""Claims that check themselves: every sentence that says A is better, later or faster than B follows from recorded data.

from rnnbook.laboratory import claims
claims.decide()["lstm-against-simple-rnn"].sentence

A claim is one entry in ``studies/NAME.toml``. The data choose its verdict, the verdict chooses its sentence, and
``python -m rnnbook claims --write`` puts the sentence where a notebook has ``<span data-claim="ID"></span>``.
"""

from .decide import Decision, decide
from .entry import Claim, ClaimError, entries

__all__ = ["Claim", "ClaimError", "Decision", "decide", "entries"]
