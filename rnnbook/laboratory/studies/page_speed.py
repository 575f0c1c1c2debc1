"""How fast a network trains in the page: WebAssembly and JavaScript beside NumPy and Keras, one thread, batch for batch.

A row a round: sequence-steps a second of processor time; a step is one timestep of one sequence, forward, backward and its share
of the update.
"""

from __future__ import annotations

from ..study import Picture, Study

UNITS, BATCH, TIMESTEPS = 32, 32, 50
NETWORKS = {"simple_rnn": f"SimpleRNN({UNITS})", "lstm": f"LSTM({UNITS})"}
WAYS = ("WASM", "JavaScript", "NumPy", "Keras")

STUDY = Study(
    question="How fast does a network train in the page, beside NumPy and Keras?",
    chapter=11,
    cases=lambda rows: [{"network": network, "by": by} for network in NETWORKS.values() for by in WAYS],
    settings={"batch": BATCH, "timesteps": TIMESTEPS},
    picture=Picture("steps_per_processor_second", by=("network", "by"), log=True),
    limits="One machine, one thread, small networks: on another machine the ratios differ.",
    command="python bench/page.py --record",
)
