"""What passes between the grader and a sandbox: length-prefixed JSON with plain values and arrays, nothing that could run.

This file is also used inside the sandbox, where only it, serve.py and NumPy are sure to be there.
"""

import base64
import collections
import collections.abc
import json
import numbers
import struct
import time
from typing import Any

import numpy as np

LIMIT = 64 * 2**20  # bytes in a message
PARTS = 2_000_000  # values in a message; a list of short lists takes thirty times its text in memory
ARRAY_KINDS = "biufcSU"  # numbers, booleans and text; no Python objects
COLLECTIONS = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
PLAIN: tuple[Any, ...] = (int, float, str)
SEQUENCES = (
    collections.deque,
    range,
    collections.abc.Sequence,
    collections.abc.KeysView,
    collections.abc.ValuesView,
    collections.abc.ItemsView,
)


class WireError(ValueError):
    """A message that is too long, cut short or not in this format."""


def encode(value: Any, handle=None) -> Any:
    """Turn a value into what JSON can hold; `handle(value)` gives a number to anything that is not plain data.

    A value counts as what its type derives from: a named tuple is a tuple, a `defaultdict` a dict, a Keras or JAX array
    an array of NumPy.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, (np.ndarray, np.generic)) or _is_array(value):
        return _encode_array(value, handle)
    if isinstance(value, (list, tuple)):
        kind: Any = list if isinstance(value, list) else tuple
        return {kind.__name__: [encode(item, handle) for item in kind.__iter__(value)]}
    if isinstance(value, (dict, collections.abc.Mapping)):
        pairs = dict.items(value) if isinstance(value, dict) else value.items()
        return {"dict": [[encode(key, handle), encode(item, handle)] for key, item in pairs]}
    for base in PLAIN:
        if isinstance(value, base):
            return base.__add__(value, base())  # the plain value, whatever the type derived from it says
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Number):  # a Fraction, a Decimal
        return float(value)  # pyright: ignore[reportArgumentType]
    if isinstance(value, (set, frozenset)):
        return {"set" if isinstance(value, set) else "frozenset": [encode(item, handle) for item in value]}
    if isinstance(value, collections.UserString):
        return str(value)
    if isinstance(value, SEQUENCES) and not isinstance(value, (bytes, bytearray, memoryview)):
        return {"list": [encode(item, handle) for item in value]}
    if handle is None:
        raise WireError(
            f"a {type(value).__name__} cannot be passed to student code; pass numbers, text, lists, dicts or arrays"
        )
    return {"handle": [handle(value), type(value).__name__]}


def _is_array(value):
    """Whether it is an array of another library, which NumPy can read."""
    return not isinstance(value, type) and hasattr(type(value), "__array__")


def _encode_array(value, handle):
    array = np.asarray(value)
    if array.dtype.kind == "V" and array.dtype.names is None:  # bfloat16 and its like
        array = array.astype(np.float32)
    if array.dtype.kind == "O":  # one of lists, or of numbers of Python
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError):
            return encode(array.tolist(), handle)
    if array.dtype.kind not in ARRAY_KINDS:
        raise WireError(f"an array of {array.dtype} is not an array of numbers")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    content = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    return {"scalar" if isinstance(value, np.generic) else "array": [array.dtype.str, list(array.shape), content]}


def decode(value, handle) -> Any:
    """The value that `encode` was given; `handle(number, type name)` stands for what was not plain data."""
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "complex":
        return complex(*content)
    if kind in COLLECTIONS:
        return COLLECTIONS[kind](decode(item, handle) for item in content)
    if kind == "dict":
        return {decode(key, handle): decode(item, handle) for key, item in content}
    if kind in ("array", "scalar"):
        dtype = np.dtype(content[0])
        if dtype.kind not in ARRAY_KINDS or dtype.subdtype or dtype.names:
            raise WireError("an array of unknown type")
        array = np.frombuffer(base64.b64decode(content[2]), dtype).reshape(content[1]).copy()
        return array[()] if kind == "scalar" else array
    if kind == "handle":
        return handle(int(content[0]), str(content[1])[:100])
    raise WireError("a value of unknown kind")


def send(channel, message):
    """Send a message of plain JSON."""
    data = json.dumps(message).encode()
    if len(data) > LIMIT:
        raise WireError(f"a value of {len(data) / 2**20:.0f} MiB is too large")
    channel.sendall(struct.pack("!I", len(data)) + data)


def receive(channel, watch=None, every=0.1):
    """Wait for a message. Meanwhile `watch(waiting)` is called every tenth of a second; what it raises ends the waiting.

    `waiting` is whether nothing at all has come since.

    Raises `EOFError` where the other side is gone, `WireError` for nonsense.
    """
    (size,) = struct.unpack("!I", _exactly(channel, 4, watch, every))
    if size > LIMIT:
        raise WireError("a message that is too long")
    data = _exactly(channel, size, watch, every)
    if data.count(b",") > PARTS or data.count(b"[") > PARTS or data.count(b"{") > PARTS:
        raise WireError("a message of too many parts")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise WireError("a message that is not JSON") from error


def _exactly(channel, size, watch, every):
    parts = bytearray()
    if watch:
        channel.settimeout(every)
    last = time.monotonic()
    while len(parts) < size:
        try:
            part = channel.recv(min(size - len(parts), 2**20))
        except TimeoutError:
            part = None
        except ConnectionError:
            part = b""
        if part == b"":
            raise EOFError
        parts += part or b""
        if watch and (part is None or time.monotonic() - last > every):  # a slow drip is watched as well
            last = time.monotonic()
            watch(part is None)
    return bytes(parts)
