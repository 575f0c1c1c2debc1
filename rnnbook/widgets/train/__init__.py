"""Networks that train in the page: the engine in JavaScript and WebAssembly, and what it trains on.

`network.js` and `layer.js` are the network, `kernels.js` its arithmetic (`simd.ts` the same for WebAssembly),
`tasks.js` what it learns, `worker.js` one training in a thread of its own. The page loads all of it as one asset
when a reader starts to train, see `asset`.
"""

import base64
import functools
import re
from pathlib import Path

HERE = Path(__file__).parent
ASSETS = ("train-engine", "train-text", "train-births", "train-cat", "train-reviews")
REVIEWS, WORDS = 1200, 40


@functools.cache
def asset(name):
    """Return what the page loads under `name`, as bytes. Raises KeyError for another name.

    The text is Shakespeare's Sonnets; the cat Eadweard Muybridge's collotype of 1887 (digital image courtesy of the
    Getty's Open Content Program), 24 frames of 26 by 40 grey values; the reviews are the last 40 words
    of what the generator of `rnnbook.reviews` makes. Births a day: see `rnnbook.series`.
    """
    if name == "train-engine":
        from ..live import bundle

        simd = base64.b64encode((HERE / "simd.wasm").read_bytes()).decode()
        text = "".join(bundle(HERE / "worker.js"))
        text = re.sub(r"^ +", "", re.sub(r"/\*\* [^\n]*?\*/ ?", "", text), flags=re.M)  # types and indentation
        return f'self.SIMD = "{simd}";\n{text}'.encode()
    if name == "train-text":
        return (HERE / "data" / "shakespeare.txt").read_bytes()
    if name == "train-cat":
        return (HERE / "data" / "cat.u8").read_bytes()
    if name == "train-births":
        from ... import series

        return series.births().to_numpy().astype("<u2").tobytes()
    if name == "train-reviews":
        from ...reviews import sample

        texts, labels = sample.write(REVIEWS, seed=14)
        ends = (" ".join(text.split()[-WORDS:]) for text in texts)
        return "".join(f"{label} {text}\n" for text, label in zip(ends, labels)).encode()
    raise KeyError(name)
