"""What an epoch costs: textbook Keras, the fast path on TensorFlow and on JAX, NumPy and PyTorch, taking turns.

Seconds of the fastest epoch of all rounds; the first epoch of a process, which compiles, is told apart.
"""

from __future__ import annotations

from ...networks.architectures import ARCHITECTURES
from ..study import Picture, Study

PATHS = ("textbook", "fast, TensorFlow", "fast, JAX", "NumPy", "PyTorch")
USUAL = {"architecture": "simple_rnn", "maxlen": 500, "units": 32, "batch_size": 128}
SWEEPS = {"maxlen": (100, 250, 1000), "units": (16, 64, 128), "batch_size": (32, 512)}
NETWORKS = [USUAL | {"architecture": name} for name in ARCHITECTURES]
NETWORKS += [USUAL | {key: value} for key, values in SWEEPS.items() for value in values]


def applies(path, network):
    """NumPy knows SimpleRNN; JAX and PyTorch join for the architectures, not for the sweeps, PyTorch where it has the same network."""
    name = network["architecture"]
    if path in ("fast, JAX", "PyTorch") and network | {"architecture": "simple_rnn"} != USUAL:
        return False
    if path == "NumPy":
        return name == "simple_rnn"
    return path != "PyTorch" or name not in ("dense", "conv", "dropout")


STUDY = Study(
    question="How long does an epoch take in Keras, on the fast path, in NumPy and in PyTorch?",
    chapter=11,
    cases=lambda rows: [network | {"path": path} for network in NETWORKS for path in PATHS if applies(path, network)],
    settings={"reviews": 2500, "rounds": 2},
    picture=Picture("seconds", by=("architecture", "path"), log=True),
    limits="One machine with two shared cores: on another one the ratios differ.",
    command="python bench/training.py --record",
)
