"""Arrays by their shapes, to annotate with; the letters are those of the text.

Type checkers read this module, and while the tests run every call of an annotated function is checked by it (`tests/checked_shapes.py`).
The course itself never imports it when it runs, so a reader needs no package for it.
"""

from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int32, Int64, Integer, Num, UInt8, UInt16

Array = np.ndarray

# One step, and a whole sequence. Z_0 stands in front, so there is one state more than there are inputs.
Inputs = Num[Array, "batch features"]
Sequences = Num[Array, "batch timesteps features"]
State = Num[Array, "batch units"]
States = Num[Array, "batch timesteps+1 units"]
StatesOfLayers = Num[Array, "batch timesteps+1 _"]  # every layer may have units of its own
BothStates = Num[Array, "batch timesteps both"]
AnyStates = Num[Array, "*any units"]
Outputs = Num[Array, "*any outputs"]
Norms = Num[Array, "states"]
Projection = Num[Array, "batch gates"]

U = Num[Array, "units features"]
W = Num[Array, "units units"]
b = Num[Array, "units"] | float
V = Num[Array, "outputs units"]
c = Num[Array, "outputs"] | float
Layer = tuple[Array, Array, Array]  # (U, W, b): checked where `rollout` gets them

# An LSTM has four gates, a GRU three; of a whole rollout, where no state says how many units there are, their sum.
FourU = Num[Array, "4*units features"]
FourW = Num[Array, "4*units units"]
FourB = Num[Array, "4*units"]
ThreeU = Num[Array, "3*units features"]
ThreeW = Num[Array, "3*units units"]
ThreeB = Num[Array, "2 3*units"]
GatesU = Num[Array, "gates features"]
GatesW = Num[Array, "gates units"]
GatesB = Num[Array, "gates"]
TwoGatesB = Num[Array, "2 gates"]

Mask = Bool[Array, "batch timesteps"]
InputMask = Num[Array, "batch features"] | Num[Array, "batch timesteps features"]  # one for all steps, or one a step
StateMask = Num[Array, "batch units"] | Num[Array, "batch timesteps units"]
Gradients = dict[str, Num[Array, "..."]]
Scalars = Num[Array, "..."] | float

# NumPy training: time first, tokens in place of features.
Weights = dict[str, Float[Array, "..."]]
Tokens = Integer[Array, "timesteps batch"]
Row = Integer[Array, "tokens"]
Labels = Float[Array, "batch"]
Logits = Float[Array, "batch"]
Memory = Float[Array, "timesteps+1 batch units"]
Slopes = Float[Array, "timesteps batch units"]
TwoMemories = Float[Array, "2 longest most units"]
Padded = Integer[Array, "samples maxlen"]
Lengths = Integer[Array, "samples"]
AllLabels = Float[Array, "samples"]

# Reviews, laid end to end.
ReviewTokens = UInt16[Array, "tokens"]
Offsets = Int64[Array, "bounds"]
ReviewLabels = UInt8[Array, "samples"]
ReviewLengths = Int64[Array, "samples"]
PaddedReviews = Int32[Array, "samples {maxlen}"]
OneReview = UInt16[Array, "words"]
WordVectors = Float[Array, "words _"]
KnownWords = Bool[Array, "words"]

# The fast path: tensors of Keras's backend, features first. While a step is traced, a size may be unknown; it fits any.
Projected = list[Float[Any, "timesteps units batch"]]
RecurrentKernels = list[Float[Any, "units units"]]
StateBiases = list[Float[Any, "units"]]
FastMask = Bool[Any, "timesteps 1 batch"] | None
FastStates = Float[Any, "timesteps units batch"] | Float[Any, "units batch"]
DrawnMask = Bool[Array, "{timesteps} _ _ {batch}"]
