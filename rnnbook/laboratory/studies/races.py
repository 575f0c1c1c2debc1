"""What the races of chapters 7, 8 and 9 come to, by either kind of kernels; a row a network and seed.

loss: on one batch of new sequences, many_loss: on many; many_blind: the loss of the best blind guess on those; first, fiftieth,
last: the length of the gradient at the first timestep as a part of that at the last, at these updates.
"""

from __future__ import annotations

from ..study import Picture, Study

SEEDS = [1, 2, 3, 101, 102, 103]  # those of the races in the page, and three more
BATCHES = 32  # of 32 new sequences each
TIMESTEPS = {"masks": (10, 20, 50), "adding": (10, 50, 100), "lag": (20, 50, 100)}
KERNELS = ("WebAssembly", "fused")  # of browsers without and with relaxed SIMD: they round differently

STUDY = Study(
    question="How do the races in the page end?",
    chapter=9,
    cases=lambda rows: [
        {"race": race, "timesteps": timesteps, "kernels": kernels}
        for race, several in TIMESTEPS.items()
        for timesteps in several
        for kernels in KERNELS
    ],
    settings={"many": 32 * BATCHES},
    picture=Picture("loss", by=("race", "network"), over="timesteps", log=True),
    limits="Six seeds a network, and one batch size, rate and number of updates: those of the page.",
    command="python bench/races.py --record",
)
