"""The code behind the course: data, reference recurrences, Keras models, recorded runs, figures and widgets."""

__version__ = "0.1.0"
