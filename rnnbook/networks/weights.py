"""Trained weights, small enough to ship: for the reader's browser, and for chapters that look inside a network.

One file a network, `rnnbook/networks/trained/NAME.bin`, and the vocabulary in `rnnbook/networks/trained/words.bin`. A file is one
raw DEFLATE stream (RFC 1951) of: the length of the header (4 bytes, little-endian), the header (JSON, padded with
blanks to a multiple of 4), then the arrays. The header says where each array lies and how it is stored:

- `float32`: as it is;
- `int8-sqrt`: q = round(127 sign(x) √(|x| / scale)), so x ≈ sign(q) scale (q / 127)². Most word vectors stay
  near their small start and a few grow large; the square root spends its 255 levels where the numbers are.
- `int8`: x ≈ scale q / 127. "R" holds what rounding took from the first 500 rows of "E", the most frequent words.
"""

import functools
import json
import struct
import zlib
from pathlib import Path

import numpy as np

from ..errors import CourseError
from . import architectures, reference

FOLDER = Path(__file__).parent / "trained"
ARCHITECTURES = tuple(a.name for a in architectures.ARCHITECTURES.values() if a.shipped)
REFINED = 500  # rows
LARGEST = 450_000  # bytes of one file once it is text (base64), as a static page loads it
_ROLLOUTS = {
    "simple_rnn": reference.rollout,
    "lstm": lambda *args: reference.lstm_rollout(*args)[0],
    "gru": reference.gru_rollout,
}


class WeightsError(CourseError):
    """Weights that are missing, damaged or do not fit."""


def pack(arrays, about):
    """Return `arrays` (name -> ndarray) and the dictionary `about` as the bytes of one file; "E" becomes int8."""
    header, payload = {"about": about, "arrays": {}}, b""
    rounded = _rounded(arrays["E"])
    arrays = arrays | {"R": arrays["E"][:REFINED] - _value(*rounded)[:REFINED]}
    for name, array in arrays.items():
        entry = {"shape": list(array.shape), "offset": len(payload)}
        if name == "E":
            stored, entry["scale"] = rounded
            entry["kind"] = "int8-sqrt"
        elif name == "R":
            entry |= {"kind": "int8", "scale": float(np.abs(array).max()) or 1.0}
            stored = np.round(127 * array / entry["scale"]).astype(np.int8)
        else:
            entry["kind"] = "float32"
            stored = array.astype("<f4")
        header["arrays"][name] = entry
        payload += stored.tobytes()
        payload += b"\0" * (-len(payload) % 4)
    text = json.dumps(header, sort_keys=True).encode()
    text += b" " * (-len(text) % 4)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(struct.pack("<I", len(text)) + text + payload) + packer.flush()


def _rounded(array):
    scale = float(np.abs(array).max()) or 1.0
    return np.round(127 * np.sign(array) * np.sqrt(np.abs(array) / scale)).astype(np.int8), scale


def _value(stored, scale):
    q = stored.astype(np.float32) / 127
    return np.sign(q) * scale * q**2


def unpack(content):
    """Return (arrays, about) from the bytes of a file. Raises WeightsError where they are not such a file."""
    try:
        raw = zlib.decompress(content, -15)
        start = 4 + struct.unpack("<I", raw[:4])[0]
        header = json.loads(raw[4:start])
        arrays = {}
        for name, entry in header["arrays"].items():
            count = int(np.prod(entry["shape"]))
            array = np.frombuffer(raw, "<f4" if entry["kind"] == "float32" else np.int8, count, start + entry["offset"])
            if entry["kind"] == "int8-sqrt":
                array = _value(array, entry["scale"])
            elif entry["kind"] == "int8":
                array = entry["scale"] * array.astype(np.float32) / 127
            arrays[name] = array.astype(np.float32).reshape(entry["shape"])
        refinement = arrays.pop("R")
        arrays["E"][: len(refinement)] += refinement
        return arrays, header["about"]
    except (zlib.error, struct.error, KeyError, ValueError, TypeError) as error:
        raise WeightsError(
            f"These are no trained weights, or they are damaged: {error}. Make them again with `python -m rnnbook export`."
        ) from None


def content(name):
    """Return the bytes of a shipped file: an architecture's name, or "words". Raises WeightsError where there is none."""
    try:
        return (FOLDER / f"{name}.bin").read_bytes()
    except OSError:
        raise WeightsError(
            f"No trained weights of {name!r} are shipped; there are {', '.join(ARCHITECTURES)}."
        ) from None


@functools.cache
def words():
    """Return the vocabulary as a tuple: the word at each row of E, with the three special rows in brackets."""
    return tuple(zlib.decompress(content("words"), -15).decode().split("\n"))


def load(architecture):
    """Return a trained network as a dictionary.

    `E` (num_words, embedding), `layers`: one dictionary a recurrent layer with `cell`, `U`, `W`, `b` (and for a
    bidirectional layer `backward` with its own `U`, `W`, `b`), `V` (1, states), `c` (1,), `words` as above, and `about`.
    Letters and shapes as in `rnnbook.networks.reference`. Raises WeightsError.
    """
    arrays, about = unpack(content(architecture))
    return assembled(arrays, about) | {"words": words(), "about": about}


def assembled(arrays, config):
    """`E`, `layers`, `V` and `c` as `load` gives them, from our arrays (`from_keras`) and the settings `config`."""
    layers = []
    for level in range(config["depth"]):
        layer = {"cell": config["cell"], **{k: arrays[f"{k}{level}"] for k in "UWb"}}
        if config["bidirectional"]:
            layer["backward"] = {k: arrays[f"{k}{level}_backward"] for k in "UWb"}
        layers.append(layer)
    return {"E": arrays["E"], "layers": layers, "V": arrays["V"], "c": arrays["c"]}


def probabilities(network, tokens):
    """Return the network's answer for reviews of equal length, tokens (batch, timesteps): probabilities (batch,).

    A network trained without a mask has read padding before every review, so padding is put in front here as well.
    """
    tokens = np.asarray(tokens)
    about = network["about"]
    if not about["mask_zero"] and tokens.shape[1] < about["maxlen"]:
        tokens = np.pad(tokens, ((0, 0), (about["maxlen"] - tokens.shape[1], 0)))
    X = network["E"][tokens]
    for layer in network["layers"]:
        roll = _ROLLOUTS[layer["cell"]]
        Z = roll(X, layer["U"], layer["W"], layer["b"])[:, 1:]
        if "backward" in layer:
            backward = layer["backward"]
            back = roll(X[:, ::-1], backward["U"], backward["W"], backward["b"])[:, 1:]
            last = np.concatenate([Z[:, -1], back[:, -1]], axis=-1)
            Z = np.concatenate([Z, back[:, ::-1]], axis=-1)
        else:
            last = Z[:, -1]
        X = Z
    return np.asarray(reference.sigmoid(reference.output_map(last, network["V"], network["c"])))[:, 0]


def verdicts(network, some, change=None, maxlen=500):
    """Which Reviews a network calls positive, from their last maxlen words, (samples,) bool.

    change: what is done to the token ids (samples, timesteps) before the network reads them.
    """
    lengths = np.minimum(some.lengths, maxlen)
    positive = np.zeros(len(some), bool)
    for length in np.unique(lengths):  # reviews of one length need no padding
        index = np.flatnonzero(lengths == length)
        tokens = np.stack([some[i][-maxlen:] for i in index])
        positive[index] = probabilities(network, change(tokens) if change else tokens) > 0.5
    return positive


def masked_probabilities(network, tokens, masks, rate, seed=0):
    """What a SimpleRNN of one layer answers under dropout masks, (masks, batch) float32.

    tokens (batch, timesteps): padded in front; padding leaves the state alone. Each answer has its own masks of input and
    state, one draw for all timesteps, as in training (equation 7.1 of chapter 7); rate 0 is the whole network.
    """
    layer, rng = network["layers"][0], np.random.default_rng(seed)
    order, found = np.argsort((tokens != 0).sum(axis=1), kind="stable"), np.zeros((masks, len(tokens)), "float32")
    for index in np.array_split(order, -(-len(order) // 100)):  # reviews of like length: few steps are padding
        read = tokens[index][:, (tokens[index] != 0).any(axis=0)]
        columns = masks * len(index)
        M, N = (
            (rng.random((size, columns), dtype="float32") >= rate) / np.float32(1 - rate)
            for size in (layer["U"].shape[1], layer["W"].shape[1])
        )
        Z = np.zeros((layer["W"].shape[0], columns), "float32")
        for step in read.T:
            X = np.tile(network["E"][step].T, masks)
            new = np.tanh(layer["U"] @ (X * M) + layer["W"] @ (Z * N) + layer["b"][:, None])
            Z = np.where(np.tile(step != 0, masks), new, Z)
        found[:, index] = np.reshape(reference.sigmoid(network["V"] @ Z + network["c"][:, None]), (masks, -1))
    return found


def from_keras(arrays, config):
    """Return our arrays from `model.get_weights()` of a recurrent classifier with the settings `config`."""
    arrays = list(arrays)
    ours = {"E": arrays.pop(0)}
    for level in range(config["depth"]):
        for suffix in ("", "_backward")[: 2 if config["bidirectional"] else 1]:
            kernel, recurrent_kernel, bias = arrays[:3]
            del arrays[:3]
            ours |= {f"U{level}{suffix}": kernel.T, f"W{level}{suffix}": recurrent_kernel.T, f"b{level}{suffix}": bias}
    kernel, bias = arrays
    return ours | {"V": kernel.T, "c": bias}


def pack_words(word_index, num_words):
    """Return the bytes of the vocabulary: the words of the first `num_words` rows by rank."""
    rows = ["<padding>", "<start>", "<unknown>", "<unused>"] + [""] * (num_words - 4)
    for word, rank in word_index.items():
        if rank + 3 < num_words:
            rows[rank + 3] = word.replace("\n", " ")
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress("\n".join(rows).encode()) + packer.flush()
