"""The live training of chapter 4 on JAX, on the way from the cell in the chapter to how runs are recorded; see `live`."""

from __future__ import annotations

from .live import study_of

STUDY = study_of(
    ("model.fit on JAX", "compiled step on JAX", "compiled step on JAX, batches by length"),
    "Does the backend, the compiled step, or a batch of one length change where a run ends?",
    "jax",
)
