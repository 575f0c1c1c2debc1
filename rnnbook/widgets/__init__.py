"""The course's live widgets; each is the last expression of a cell, as in ``StateSpace()``. See live.py for how they work."""

from .dropout_masks import DropoutMasks
from .forecaster import Forecaster
from .gates import Gates
from .gradient_flow import GradientFlow
from .hyperparameter_lab import HyperparameterLab
from .playground import Playground
from .quiz import Quiz
from .review_reader import ReviewReader
from .sequence_tensor import SequenceTensor
from .state_space import StateSpace
from .training_race import TrainingRace
from .unfold import Unfold
from .writer import Writer

__all__ = [
    "DropoutMasks",
    "Forecaster",
    "Gates",
    "GradientFlow",
    "HyperparameterLab",
    "Playground",
    "Quiz",
    "ReviewReader",
    "SequenceTensor",
    "StateSpace",
    "TrainingRace",
    "Unfold",
    "Writer",
]
