"""Networks that train in the page: the engine in JavaScript and WebAssembly, and what it trains on.

`network.js` and `layer.js` are the network, `kernels.js` its arithmetic (`simd.ts` the same for WebAssembly),
`tasks.js` what it learns, `worker.js` one training in a thread of its own. All of it, and the page's own part of it,
comes when a reader asks for it, see `asset`.
"""

import functools
import subprocess
import zlib
from pathlib import Path

HERE = Path(__file__).parent
# What each part of the page builds on: the widget that loads it, and the parts before it.
_KIT = ("$kit",)
_PAGE = (*_KIT, "$settings", "$playground_training", "$playground_pictures", "$playground_answers")
PARTS = {
    "train-page": ("playground_core.js", _KIT),
    "train-playground": ("playground_page.js", _PAGE),
    "train-race": ("training_race_page.js", _PAGE),
    "train-lab": ("lab_page.js", _PAGE),
    "train-experiments": ("playground_experiments.js", _PAGE),
    "train-own-data": ("playground_own_data.js", _PAGE),
    "train-take-along": ("playground_take_along.js", _PAGE),
}
CODE = ("train-engine", "train-plain", *PARTS)
KERNELS = {"train-fused": "fused.wasm", "train-simd": "simd.wasm"}
DATA = (*KERNELS, "train-text", "train-births", "train-cat", "train-reviews")
ASSETS = (*CODE, *DATA)
REVIEWS, WORDS = 1200, 40


@functools.cache
def asset(name):
    """Return what the page loads under `name`, one of `ASSETS`: code as a text, data as bytes. Raises KeyError for another name.

    The text is Shakespeare's Sonnets; the cat Eadweard Muybridge's collotype of 1887 (digital image courtesy of the
    Getty's Open Content Program), 24 frames of 26 by 40 grey values; the reviews are the last 40 words
    of what the generator of `rnnbook.reviews` makes. Births a day: see `rnnbook.series`. The kernels are deflated,
    since a script carries them as base64, which no server can compress.
    """
    if name in CODE:
        return _code(name)
    if name in KERNELS:
        return zlib.compress((HERE / KERNELS[name]).read_bytes(), 9)
    if name == "train-text":
        return (HERE / "data" / "shakespeare.txt").read_bytes()
    if name == "train-cat":
        from ...series import frames

        return frames.grey().tobytes()
    if name == "train-births":
        from ... import series

        return series.births().to_numpy().astype("<u2").tobytes()
    if name == "train-reviews":
        from ...reviews import sample

        texts, labels = sample.write(REVIEWS, seed=14)
        ends = (" ".join(text.split()[-WORDS:]) for text in texts)
        return "".join(f"{label} {text}\n" for text, label in zip(ends, labels)).encode()
    raise KeyError(name)


def _code(name):
    from ..live import bundle, part

    if name in PARTS:
        file, given = PARTS[name]
        return part(HERE.parent / file, given)
    return "".join(bundle(HERE / {"train-engine": "worker.js", "train-plain": "plain.js"}[name]))


def node_flags(node):
    """The options with which Node runs fused.wasm: none since relaxed SIMD is on by itself, one before."""
    known = subprocess.run([node, "--v8-options"], capture_output=True, text=True, check=True).stdout
    flag = "--experimental-wasm-relaxed-simd"
    return [flag] if flag in known else []
