"""What passes between the grader and a sandbox: length-prefixed JSON with plain values and arrays, nothing that could run.

This file is also used inside the sandbox, where only it, sandbox.py and NumPy are sure to be there.
"""

import base64
import json
import struct
import time
from typing import Any

import numpy as np

LIMIT = 64 * 2**20  # bytes in a message
ARRAY_KINDS = "biufcSU"  # numbers, booleans and text; no Python objects


class WireError(ValueError):
    """A message that is too long, cut short or not in this format."""


def encode(value: Any, handle=None) -> Any:
    """Turn a value into what JSON can hold; `handle(value)` gives a number to anything that is not plain data."""
    if value is None or isinstance(value, (bool, int, float, str)) and type(value) in (bool, int, float, str):
        return value
    if type(value) is complex:
        return {"complex": [value.real, value.imag]}
    if type(value) in (list, tuple):
        return {type(value).__name__: [encode(item, handle) for item in value]}  # pyright: ignore[reportGeneralTypeIssues]
    if type(value) is dict:
        return {"dict": [[encode(key, handle), encode(item, handle)] for key, item in value.items()]}
    if isinstance(value, (np.ndarray, np.generic)) or (hasattr(value, "__array__") and hasattr(value, "dtype")):
        array = np.asarray(value)
        if array.dtype.kind not in ARRAY_KINDS:
            raise WireError(f"an array of {array.dtype} is not an array of numbers")
        return {
            "scalar" if isinstance(value, np.generic) else "array": [
                array.dtype.str,
                list(array.shape),
                base64.b64encode(np.ascontiguousarray(array).tobytes()).decode(),
            ]
        }
    if handle is None:
        raise WireError(
            f"a {type(value).__name__} cannot be passed to student code; pass numbers, text, lists, dicts or arrays"
        )
    return {"handle": [handle(value), type(value).__name__]}


def decode(value, handle) -> Any:
    """The value that `encode` was given; `handle(number, type name)` stands for what was not plain data."""
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "complex":
        return complex(*content)
    if kind == "list":
        return [decode(item, handle) for item in content]
    if kind == "tuple":
        return tuple(decode(item, handle) for item in content)
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


def receive(channel, deadline=None):
    """Wait for a message, until `deadline` on the monotonic clock if one is given.

    Raises `EOFError` where the other side is gone, `TimeoutError` at the deadline, `WireError` for nonsense.
    """
    (size,) = struct.unpack("!I", _exactly(channel, 4, deadline))
    if size > LIMIT:
        raise WireError("a message that is too long")
    try:
        return json.loads(_exactly(channel, size, deadline))
    except (ValueError, RecursionError) as error:
        raise WireError("a message that is not JSON") from error


def _exactly(channel, size, deadline):
    parts = bytearray()
    while len(parts) < size:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            channel.settimeout(left)
        try:
            part = channel.recv(min(size - len(parts), 2**20))
        except ConnectionError:
            part = b""
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
