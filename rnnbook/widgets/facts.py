"""What Python hands to the widgets' JavaScript, so that it is written down once: see facts.js and tokenize.js, which `live.bundle` fills in."""

from ..figures import palette
from ..networks import architectures
from ..reviews import corpus

# The settings that HyperparameterLab lets a reader choose, with their usual values, in the order in which they are shown.
# Its runs keep 200 words, where a run costs less than half of what it costs at 500.
CHOSEN = ("units", "depth", "bidirectional", "dropout", "recurrent_dropout", "learning_rate")
LAB = {name: architectures.USUAL[name] for name in CHOSEN} | {"maxlen": 200}


def tokenizer():
    """The rule by which a text falls into words, for tokenize.js."""
    return {"apostrophe": corpus.APOSTROPHE, "between": corpus.BETWEEN_WORDS_IN_JAVASCRIPT}


def facts():
    """The palette, the networks whose weights are shipped with their labels, and the lab's usual settings."""
    shipped = [[a.name, a.short or a.label] for a in architectures.ARCHITECTURES.values() if a.shipped]
    return {
        "light": palette.LIGHT,
        "dark": palette.DARK,
        "letters": palette.LETTERS,
        "networks": shipped,
        "usual": LAB,
    }
