"""Does a version of Keras keep its dropout mask over the timesteps? Run eagerly, and inside a graph as `fit` does.

state_kept, input_kept: is the mask of the state, of the input, the same at all steps? trace: the first four states of four units,
a row a unit, without input, as chapter 7 prints them.
"""

from __future__ import annotations

from ..study import Picture, Study

LIBRARIES = ("keras", "tf_keras")  # Keras 3, and Keras 2

STUDY = Study(
    question="Do Keras 2 and Keras 3 keep one dropout mask for all timesteps?",
    chapter=7,
    cases=lambda rows: [{"library": library} for library in LIBRARIES],
    picture=Picture("state_kept", by=("library", "mode")),
    limits="One version of each library, on TensorFlow.",
    command="python bench/masks.py --record",
)
